"""What the parameters of a list ask for, and the rows that a body names by their ids."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError
from guildhall.core.http.drf import visible_or_field_error
from guildhall.core.organizations.models import Project, Team
from guildhall.core.validation import is_storable
from guildhall.modules.tasks.api.rows import COLUMNS
from guildhall.modules.tasks.api.serializers import MAX_ID
from guildhall.modules.tasks.filters import DEFAULT_ORDER, NONE, ORDERS, TaskFilter, for_person
from guildhall.modules.tasks.models import PRIORITY_CHOICES, STATUS_CHOICES, Tag, Task
from guildhall.modules.tasks.policy import Standing

MOST_VALUES: Final = 50
LONGEST_PARAMETER: Final = 2000
_TIMES: Final = tuple(f"{name}_{side}" for name in ("due", "created", "updated") for side in ("after", "before"))


def _parameter(name: str, description: str, **options: Any) -> OpenApiParameter:
    return OpenApiParameter(name, options.pop("type", str), description=description, **options)


FILTERS: Final = [
    _parameter("organization", "The caller's active one by default.", type=UUID),
    _parameter("status", f"One or several, by commas: {', '.join(value for value, _label in STATUS_CHOICES)}."),
    _parameter("priority", f"One or several, by commas: {', '.join(value for value, _label in PRIORITY_CHOICES)}."),
    _parameter("assignee", "Ids of users, `me`, or `none` for tasks of nobody; several by commas."),
    _parameter("creator", "Ids of users, or `me`; several by commas."),
    _parameter("tag", "Ids of tags, or `none`; several by commas mean any of them."),
    _parameter("team", "Ids of teams, or `none`; several by commas."),
    _parameter("project", "Ids of projects, or `none`; several by commas."),
    _parameter("parent", "Ids of tasks, or `none` for tasks that are no part of another; several by commas."),
    *(
        _parameter(
            name,
            "The first time, included." if name.endswith("after") else "The last time, not included.",
            type={"type": "string", "format": "date-time"},
        )
        for name in _TIMES
    ),
    _parameter("overdue", "Only tasks that missed their date, or only others.", type=bool),
    _parameter("archived", "Archived tasks instead of the others.", type=bool),
    _parameter("metadata", "`key=value`: tasks whose metadata has this value; may be repeated.", many=True),
    _parameter("search", "Words that title, description, tags or comments hold; as search engines take them."),
]
ORDERING: Final = _parameter(
    "ordering", "By which field; `-` in front turns it around.", enum=[*ORDERS, *(f"-{name}" for name in ORDERS)],
    default=DEFAULT_ORDER,
)  # fmt: skip
FIELDS: Final = _parameter("fields", "Only these fields of each task, by commas.")


def filter_of(query: Mapping[str, Any], standing: Standing) -> TaskFilter:
    """What the parameters of a list ask for.

    Raises:
        InvalidInputError: with every parameter at fault.
    """
    reader = _Reader(query)
    people = reader.several("assignee", _uuid, "me", NONE)
    creators = reader.several("creator", _uuid, "me")
    found = TaskFilter(
        status=reader.several("status", _one_of(STATUS_CHOICES)),
        priority=reader.several("priority", _one_of(PRIORITY_CHOICES)),
        assignee=for_person(people, standing),
        creator=tuple(key for key in for_person(creators, standing) if isinstance(key, UUID)),
        tag=reader.several("tag", _key, NONE),
        team=reader.several("team", _uuid, NONE),
        project=reader.several("project", _uuid, NONE),
        parent=reader.several("parent", _key, NONE),
        overdue=reader.one("overdue", serializers.BooleanField()),
        archived=bool(reader.one("archived", serializers.BooleanField())),
        metadata=reader.pairs("metadata"),
        search=reader.text("search"),
        **{name: reader.one(name, serializers.DateTimeField()) for name in _TIMES},
    )
    reader.finish()
    return found


def fields_of(query: Mapping[str, Any]) -> list[str]:
    """Which fields of each row are asked for; all of them without the parameter.

    Raises:
        InvalidInputError: there is no such field.
    """
    given = query.get("fields", "")
    if not given:
        return [*COLUMNS]
    reader = _Reader(query)
    names = reader.several("fields", _one_of([(name, name) for name in COLUMNS]))
    reader.finish()
    return [*dict.fromkeys(names)]


def ordering_of(query: Mapping[str, Any]) -> str:
    """The name of the order that is asked for.

    Raises:
        InvalidInputError: there is no such order.
    """
    given: str = query.get("ordering") or DEFAULT_ORDER
    if given.removeprefix("-") not in ORDERS:
        raise InvalidInputError(fields={"ordering": [_("Choose one of: %(names)s.") % {"names": ", ".join(ORDERS)}]})
    return given


def _uuid(text: str) -> UUID:
    return UUID(text)


def _key(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:20]) <= MAX_ID:
        raise ValueError(text)
    return int(text)


def _one_of(choices: Sequence[tuple[str, Any]]) -> Callable[[str], str]:
    known = {value for value, _label in choices}

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return read


class _Reader:
    """Reads parameters and gathers what is wrong with them."""

    def __init__(self, query: Mapping[str, Any]) -> None:
        self._query = query
        self._problems: dict[str, list[str]] = {}

    def several(self, name: str, read: Callable[[str], Any], *words: str) -> tuple[Any, ...]:
        """Values by commas, each one of the words or what `read` makes of it."""
        given: str = self._query.get(name, "")
        parts = [part.strip() for part in given[:LONGEST_PARAMETER].split(",") if part.strip()]
        found: tuple[Any, ...] = ()
        is_short = len(given) <= LONGEST_PARAMETER and len(parts) <= MOST_VALUES
        with suppress(ValueError):
            found = tuple(part if part in words else read(part) for part in parts)
        if not is_short or len(found) < len(parts):
            self._problems[name] = [_("There is something that can't be filtered by.")]
        return found

    def one(self, name: str, kind: serializers.Field[Any, Any, Any, Any]) -> Any:
        given = self._query.get(name, "")
        if not given:
            return None
        try:
            return kind.run_validation(given)
        except serializers.ValidationError as error:
            self._problems[name] = [str(detail) for detail in error.detail]
            return None

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        given: list[str] = getattr(self._query, "getlist", lambda _name: [])(name)
        found = [tuple(part.partition("=")[::2]) for part in given if part]
        if len(found) > MOST_VALUES or any(
            "=" not in part or not is_storable(part) or "\\u0000" in part or len(part) > LONGEST_PARAMETER
            for part in given
            if part
        ):
            self._problems[name] = [_("Write key=value.")]
            return ()
        return tuple((key, value) for key, value in found)

    def text(self, name: str) -> str:
        given: str = self._query.get(name, "").strip()
        if len(given) > LONGEST_PARAMETER or not is_storable(given):
            self._problems[name] = [_("This can't be searched for.")]
            return ""
        return given

    def finish(self) -> None:
        if self._problems:
            raise InvalidInputError(fields=self._problems)


def people_by(actor: User, keys: Sequence[UUID], field: str) -> list[User]:
    """The users with these ids, in this order.

    Raises:
        InvalidInputError: on the field, if the actor does not see one of them.
    """
    found = User.objects.visible_to(actor).in_bulk(keys)
    missing = [key for key in keys if key not in found]
    if missing:
        visible_or_field_error(User.objects.none(), missing[0], field)
    return [found[key] for key in dict.fromkeys(keys)]


def tags_by(actor: User, keys: Sequence[int], field: str) -> list[Tag]:
    """The tags with these ids.

    Raises:
        InvalidInputError: on the field, if the actor does not see one of them.
    """
    found = list(Tag.objects.visible_to(actor).filter(pk__in=keys))
    if len(found) < len(set(keys)):
        raise InvalidInputError(fields={field: [_("There is no such thing, or you can't see it.")]})
    return found


def resolved(actor: User, given: dict[str, Any]) -> dict[str, Any]:
    """A body's values with rows in the place of the ids that name them; named as services name them.

    Raises:
        InvalidInputError: on each field that names what the actor does not see.
    """
    values = dict(given)
    if values.get("project") is not None:
        values["project"] = visible_or_field_error(Project.objects.visible_to(actor), values["project"], "project")
    if values.get("team") is not None:
        values["team"] = visible_or_field_error(Team.objects.visible_to(actor), values["team"], "team")
    if values.get("parent_task") is not None:
        parent = Task.objects.visible_to(actor).filter(pk=values["parent_task"]).first()
        if parent is None:
            raise InvalidInputError(fields={"parent_task": [_("There is no such thing, or you can't see it.")]})
        values["parent_task"] = parent
    for name in ("assigned_to", "add_assigned_to", "remove_assigned_to"):
        if name in values:
            values[name.replace("assigned_to", "assignees")] = people_by(actor, values.pop(name), name)
    for name in ("tags", "add_tags", "remove_tags"):
        if name in values:
            values[name] = tags_by(actor, values[name], name)
    return values
