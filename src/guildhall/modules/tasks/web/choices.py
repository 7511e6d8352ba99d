"""What of an organization its tasks can be narrowed to, as choices for forms and as chips for what was chosen."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization, Project, Team
from guildhall.core.organizations.selectors import members_of
from guildhall.modules.tasks import selectors
from guildhall.modules.tasks.filters import NONE
from guildhall.modules.tasks.models import Tag, Task
from guildhall.modules.tasks.models.fields import PRIORITY_CHOICES, STATUS_CHOICES
from guildhall.modules.tasks.web.asked import DUE, Asked, day_of

#: Under which words a parameter is known to people.
NAMES: Final[Mapping[str, str | Promise]] = {
    "search": _("Search"),
    "status": _("Status"),
    "priority": _("Priority"),
    "assignee": _("Assigned to"),
    "creator": _("Created by"),
    "tag": _("Tag"),
    "team": _("Team"),
    "project": _("Project"),
    "parent": _("Part of"),
    "due": _("Due"),
    "due_after": _("Due from"),
    "due_before": _("Due until"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that a list is narrowed to, and the query without it."""

    name: str
    label: str
    value: str
    without: str


class Choices:
    """The people, tags, teams and projects of an organization, read when they are asked for: two queries for all."""

    def __init__(self, actor: User, organization: Organization) -> None:
        self.actor = actor
        self.organization = organization

    @cached_property
    def people(self) -> list[User]:
        return list(members_of(self.organization).prefetch_related(None))

    @property
    def tags(self) -> list[Tag]:
        return self._named["tag"]

    @property
    def teams(self) -> list[Team]:
        return self._named["team"]

    @property
    def projects(self) -> list[Project]:
        return self._named["project"]

    @cached_property
    def _named(self) -> dict[str, list[Any]]:
        """The rows with their names and nothing else, but for the colours of tags."""
        sources: dict[str, QuerySet[Any]] = {
            "tag": selectors.tags_for(self.actor, self.organization).annotate(extra=F("color")),
            "team": selectors.teams_for(self.actor, self.organization).annotate(extra=Value("")),
            "project": Project.objects.visible_to(self.actor)
            .filter(organization=self.organization)
            .annotate(extra=Value("")),
        }
        parts = [
            rows.order_by()
            .annotate(kind=Value(kind), key=Cast("pk", TextField()))
            .values_list("kind", "key", "name", "extra")
            for kind, rows in sources.items()
        ]
        found: dict[str, list[Any]] = {kind: [] for kind in sources}
        for kind, key, name, extra in sorted(parts[0].union(*parts[1:], all=True), key=lambda row: row[2].casefold()):
            fields = {"name": name, "organization_id": self.organization.pk}
            if kind == "tag":
                found[kind].append(Tag(pk=int(key), color=extra, **fields))
            else:
                found[kind].append((Team if kind == "team" else Project)(pk=UUID(key), **fields))
        return found

    def of(self, name: str) -> list[tuple[str, str]]:
        """The values of a parameter with their words."""
        return _VALUES[name](self) if name in _VALUES else []

    def chips(self, asked: Asked) -> Iterator[Chip]:
        """A chip for each value that is asked for."""
        for name, label in NAMES.items():
            values = asked.values.get(name, ())
            words = dict(self.of(name)) if values else {}
            for value in values:
                yield Chip(name, str(label), self._word(name, value, words), asked.without(name, value))

    def _word(self, name: str, value: str, words: Mapping[str, str]) -> str:
        if name in {"due_after", "due_before"}:
            day = day_of(value)
            return date_format(day, "SHORT_DATE_FORMAT") if day else value
        if name == "parent" and value != NONE:
            parent = Task.objects.visible_to(self.actor).filter(pk=value).first()
            return str(parent) if parent else gettext("something that you can't see")
        if name == "search":
            return value
        return words.get(value, gettext("something that you can't see") if value != NONE else gettext("nothing"))


def _named(things: list[Any]) -> list[tuple[str, str]]:
    return [(str(thing.pk), str(thing)) for thing in things]


def _worded(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in choices]


_VALUES: Final[Mapping[str, Callable[[Choices], list[tuple[str, str]]]]] = {
    "status": lambda _all: _worded(STATUS_CHOICES),
    "priority": lambda _all: _worded(reversed(PRIORITY_CHOICES)),
    "assignee": lambda every: [("me", gettext("Me")), (NONE, gettext("Nobody")), *_named(every.people)],
    "creator": lambda every: [("me", gettext("Me")), *_named(every.people)],
    "tag": lambda every: [*_named(every.tags), *([(NONE, gettext("No tag"))] if every.tags else [])],
    "team": lambda every: [*_named(every.teams), *([(NONE, gettext("No team"))] if every.teams else [])],
    "project": lambda every: [*_named(every.projects), (NONE, gettext("No project"))],
    "due": lambda _all: _worded(DUE.items()),
}
