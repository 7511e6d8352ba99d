"""The history of a task as sentences: who changed what, with the names of what the rows keep by key."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.text import get_text_list
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Project, Team
from guildhall.modules.tasks.models import Tag, Task, TaskHistory
from guildhall.modules.tasks.models.fields import PRIORITY_CHOICES, STATUS_CHOICES
from guildhall.modules.tasks.models.history import COMMENT, CREATED

_WORDS: Final = dict([*STATUS_CHOICES, *PRIORITY_CHOICES])


@dataclass(frozen=True, slots=True)
class Told:
    """What one call did, as sentences whose subject is the actor."""

    actor: User | None
    at: datetime
    sentences: Sequence[str]


class Names:
    """The names of everything that some rows of history refer to; a query for each kind that they do."""

    def __init__(self, rows: Iterable[TaskHistory], reader: User) -> None:
        keys: dict[str, set[Any]] = defaultdict(set)
        for row in rows:
            for value in (row.old, row.new):
                if row.field in _KINDS and value:
                    keys[row.field].update(value if isinstance(value, list) else [value])
        self._names: dict[str, dict[str, str]] = {}
        for field, wanted in keys.items():
            found = _KINDS[field](reader, wanted)
            self._names[field] = {str(key): name for key, name in found}

    def of(self, field: str, value: Any) -> str:
        """The name of what has this key, or words for what is gone or hidden."""
        return self._names.get(field, {}).get(str(value)) or gettext("something that is gone")


def _people(_reader: User, keys: set[Any]) -> Iterable[tuple[Any, str]]:
    return ((person.pk, str(person)) for person in User.objects.filter(pk__in=[UUID(key) for key in keys]))


def _tags(reader: User, keys: set[Any]) -> Iterable[tuple[Any, str]]:
    return ((tag.pk, tag.name) for tag in Tag.objects.visible_to(reader).filter(pk__in=keys))


def _projects(reader: User, keys: set[Any]) -> Iterable[tuple[Any, str]]:
    return ((project.pk, project.name) for project in Project.objects.visible_to(reader).filter(pk__in=keys))


def _teams(reader: User, keys: set[Any]) -> Iterable[tuple[Any, str]]:
    return ((team.pk, team.name) for team in Team.objects.visible_to(reader).filter(pk__in=keys))


def _tasks(reader: User, keys: set[Any]) -> Iterable[tuple[Any, str]]:
    return (
        (task.pk, str(task)) for task in Task.objects.visible_to(reader).filter(pk__in=keys).only("number", "title")
    )


_KINDS: Final[Mapping[str, Callable[[User, set[Any]], Iterable[tuple[Any, str]]]]] = {
    "assigned_to": _people,
    "tags": _tags,
    "project": _projects,
    "team": _teams,
    "parent_task": _tasks,
}


def told(rows: Sequence[TaskHistory], reader: User) -> list[Told]:
    """The rows as sentences, those of one call together, in the order of the rows."""
    names = Names(rows, reader)
    calls: dict[UUID, list[TaskHistory]] = defaultdict(list)
    for row in rows:
        calls[row.change].append(row)
    return [
        Told(found[0].actor, found[0].at, [sentence(row, names) for row in sorted(found, key=lambda row: row.pk)])
        for found in calls.values()
    ]


def _moment(value: Any) -> str:
    moment = parse_datetime(str(value))
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else str(value)


def _hours(value: Any) -> str:
    text = str(value)
    return number_format(text.rstrip("0").rstrip(".") if "." in text else text)


_SHOWN: Final[Mapping[str, Callable[[Any], str]]] = {
    "status": lambda value: str(_WORDS.get(value, value)),
    "priority": lambda value: str(_WORDS.get(value, value)),
    "due_date": _moment,
    "estimated_hours": _hours,
    "actual_hours": _hours,
}


def shown(field: str, value: Any, names: Names) -> str:
    """A value as people read it."""
    if value in (None, "", []):
        return gettext("nothing")
    if isinstance(value, list):
        return get_text_list(sorted(names.of(field, key) for key in value), gettext("and"))
    if field in _KINDS:
        return names.of(field, value)
    return _SHOWN.get(field, str)(value)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a field that has another value, one where there was none, and none where there was one."""

    changed: str
    given: str = ""
    taken: str = ""


_SAID: Final[Mapping[str, _Said]] = {
    CREATED: _Said(_("created the task")),
    COMMENT: _Said(_("edited a comment"), _("wrote a comment"), _("deleted a comment")),
    "title": _Said(_("renamed it from “%(old)s” to “%(new)s”")),
    "description": _Said(
        _("rewrote the description"), _("wrote a description"), _("took the description away")
    ),
    "status": _Said(_("changed the status from %(old)s to %(new)s")),
    "priority": _Said(_("changed the priority from %(old)s to %(new)s")),
    "due_date": _Said(_("moved the date from %(old)s to %(new)s")),
    "estimated_hours": _Said(_("changed the estimate from %(old)s to %(new)s hours")),
    "actual_hours": _Said(
        _("corrected the hours of work from %(old)s to %(new)s"), _("noted %(new)s hours of work"),
        _("took the hours of work away"),
    ),
    "metadata": _Said(_("changed the metadata")),
    "project": _Said(
        _("moved it from the project %(old)s to %(new)s"), _("moved it to the project %(new)s"),
        _("took it out of the project %(old)s"),
    ),
    "team": _Said(
        _("moved it from the team %(old)s to %(new)s"), _("gave it to the team %(new)s"),
        _("took it from the team %(old)s"),
    ),
    "parent_task": _Said(
        _("moved it from %(old)s to %(new)s"), _("put it below %(new)s"), _("took it out of %(old)s")
    ),
    "is_archived": _Said("", _("archived it"), _("took it out of the archive")),
    "is_overdue": _Said("", _("noted that its date is missed"), _("noted that its date is not missed any more")),
    "deleted_at": _Said("", _("deleted it"), _("brought it back")),
}  # fmt: skip
#: Of fields that hold several things, what is said of those that came and of those that went.
_CAME_AND_WENT: Final = {
    "assigned_to": (_("assigned it to %(names)s"), _("took it from %(names)s")),
    "tags": (_("added the tag %(names)s"), _("took the tag %(names)s away")),
}


def sentence(row: TaskHistory, names: Names) -> str:
    """What a row says, without who did it."""
    if row.field in _CAME_AND_WENT:
        return _differing(row, names)
    said = _SAID[row.field]
    phrase = said.changed
    if said.given and not row.old:
        phrase = said.given
    elif said.taken and not row.new:
        phrase = said.taken
    if row.field == CREATED:
        return gettext(phrase)
    return gettext(phrase) % {"old": shown(row.field, row.old, names), "new": shown(row.field, row.new, names)}


def _differing(row: TaskHistory, names: Names) -> str:
    """Who or what came and went, in one sentence."""
    before, after = list(row.old or []), list(row.new or [])
    came = [key for key in after if key not in before]
    went = [key for key in before if key not in after]
    parts = []
    for phrase, keys in zip(_CAME_AND_WENT[row.field], (came, went), strict=True):
        if keys:
            listed = get_text_list(sorted(names.of(row.field, key) for key in keys), gettext("and"))
            parts.append(gettext(phrase) % {"names": listed})
    return get_text_list(parts, gettext("and"))
