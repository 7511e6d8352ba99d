"""What an address asks of a list, board or calendar: read leniently, since people edit and keep addresses."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from guildhall.modules.tasks import filters
from guildhall.modules.tasks.filters import NONE, ORDERS, TaskFilter
from guildhall.modules.tasks.models.fields import EARLIEST, LATEST
from guildhall.modules.tasks.policy import CLOSED, OPEN, Priority, Standing, Status

#: Which part of the tasks is looked at, where no status is asked for.
STATES: Final = {"open": _("Open"), "closed": _("Closed"), "all": _("All"), "archived": _("Archived")}
DEFAULT_STATE: Final = "open"
#: What stands for a stretch of time that moves with the day.
DUE: Final = {"overdue": _("Overdue"), "today": _("Due today"), "week": _("Due within a week")}
DEFAULT_ORDERING: Final = "due_date"
LONGEST_SEARCH: Final = 200
MOST_VALUES: Final = 50
#: More than these are no key of anything.
MOST_DIGITS: Final = 18
#: The parameters that narrow a list; paging, order and state are none of them.
NARROWING: Final = (
    "search", "status", "priority", "assignee", "creator", "tag", "team", "project", "parent", "due", "due_after",
    "due_before",
)  # fmt: skip
#: What makes up a saved view.
KEPT: Final = ("state", *NARROWING, "ordering")
#: Which saved view one set out from; it stays in the address while one narrows and orders anew.
VIEW: Final = "view"


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def day_of(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and EARLIEST.date() < day < LATEST.date() else None


def beginning_of(day: date) -> datetime:
    """The first moment of the day in the reader's time zone."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


@dataclass(frozen=True, slots=True)
class Asked:
    """A cleaned query: only known parameters with acceptable values, each as often as it makes sense."""

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, query: QueryDict) -> "Asked":
        """What the query asks for; what makes no sense is left out."""
        values: dict[str, tuple[str, ...]] = {}
        for name in (*KEPT, VIEW):
            accept = _ACCEPTED[name]
            given = dict.fromkeys(text.strip() for text in query.getlist(name)[:MOST_VALUES])
            found = tuple(text for text in given if text and accept(text))
            if found:
                values[name] = found if name in _SEVERAL else found[-1:]
        return cls(values)

    def first(self, name: str, default: str = "") -> str:
        """The only value of a parameter."""
        return self.values.get(name, (default,))[0]

    @property
    def state(self) -> str:
        return self.first("state", "all" if "status" in self.values else DEFAULT_STATE)

    @property
    def ordering(self) -> str:
        """The order that is asked for; what is searched for comes by rank, which is none of them, unless one is."""
        return self.first("ordering", "" if self.first("search") else DEFAULT_ORDERING)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the state is asked for."""
        return any(name in self.values for name in NARROWING)

    def query(self, changed: Mapping[str, Iterable[str]] | None = None) -> str:
        """The query string, with other values for some parameters; none takes a parameter away. It is never empty, as
        an address without one asks for somebody's default view.
        """
        query = QueryDict(mutable=True)
        for name in (*KEPT, VIEW, "cursor"):
            for value in (changed or {}).get(name, self.values.get(name, ())):
                query.appendlist(name, value)
        return query.urlencode() or f"state={DEFAULT_STATE}"

    @property
    def kept(self) -> str:
        """The query string of what makes up a saved view."""
        return self.query({VIEW: ()})

    def without(self, name: str, value: str) -> str:
        """The query string without one value of a parameter."""
        return self.query({name: [kept for kept in self.values.get(name, ()) if kept != value]})

    def filter(self, standing: Standing, *, language: str, now: datetime) -> TaskFilter:
        """What it means for somebody who stands so, at this time in his time zone."""
        state = self.state
        statuses = self.values.get("status", ())
        if not statuses and state in _OF_STATE:
            statuses = _OF_STATE[state]
        after, before = self._due(now)
        return TaskFilter(
            status=tuple(statuses),
            priority=self.values.get("priority", ()),
            assignee=filters.for_person(_or_none(self.values.get("assignee", ()), _key, spared={"me"}), standing),
            creator=self._creators(standing),
            tag=_or_none(self.values.get("tag", ()), _number),
            team=_or_none(self.values.get("team", ()), _key),
            project=_or_none(self.values.get("project", ()), _key),
            parent=_or_none(self.values.get("parent", ()), _number),
            due_after=after,
            due_before=before,
            archived=state == "archived",
            search=self.first("search"),
            language=language,
        )  # fmt: skip

    def _creators(self, standing: Standing) -> tuple[UUID, ...]:
        given = _or_none(self.values.get("creator", ()), _key, spared={"me"})
        return tuple(key for key in filters.for_person(given, standing) if isinstance(key, UUID))

    def _due(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        today = timezone.localtime(now).date()
        first, last = day_of(self.first("due_after")), day_of(self.first("due_before"))
        after = beginning_of(first) if first else None
        before = beginning_of(last + timedelta(days=1)) if last else None
        match self.first("due"):
            case "overdue":
                before = min(before or now, now)
            case "today":
                after, before = beginning_of(today), beginning_of(today + timedelta(days=1))
            case "week":
                after, before = beginning_of(today), beginning_of(today + timedelta(days=7))
        return after, before


_OF_STATE: Final = {
    "open": tuple(status.value for status in Status if status in OPEN),
    "closed": tuple(status.value for status in Status if status in CLOSED),
}
_SEVERAL: Final = frozenset({"status", "priority", "assignee", "creator", "tag", "team", "project", "parent"})


def _or_none(values: Iterable[str], read: Callable[[str], Any], *, spared: Iterable[str] = ()) -> tuple[Any, ...]:
    return tuple(value if value == NONE or value in set(spared) else read(value) for value in values)


def _is_person(text: str) -> bool:
    return text in {"me", NONE} or _key(text) is not None


def _is_key(text: str) -> bool:
    return text == NONE or _key(text) is not None


def _is_number(text: str) -> bool:
    return text == NONE or _number(text) is not None


_ACCEPTED: Final[Mapping[str, Callable[[str], bool]]] = {
    "state": STATES.__contains__,
    "search": lambda text: len(text) <= LONGEST_SEARCH and "\0" not in text,
    "status": list(Status).__contains__,
    "priority": list(Priority).__contains__,
    "assignee": _is_person,
    "creator": lambda text: text != NONE and _is_person(text),
    "tag": _is_number,
    "team": _is_key,
    "project": _is_key,
    "parent": _is_number,
    "due": DUE.__contains__,
    "due_after": lambda text: day_of(text) is not None,
    "due_before": lambda text: day_of(text) is not None,
    "ordering": lambda text: text.removeprefix("-") in ORDERS,
    VIEW: lambda text: _number(text) is not None,
}
