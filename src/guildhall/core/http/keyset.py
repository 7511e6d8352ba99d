"""Pages of a list, forwards and backwards, by the values of the rows at their ends; none costs more than the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from guildhall.core.errors import InvalidInputError
from guildhall.core.http import wire

Row = TypeVar("Row", bound=Model)
_BACKWARDS: Final = "-"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursors of the pages beside it; empty where there is none."""

    rows: list[Row]
    previous: str = ""
    following: str = ""


def reversed_order(order: Sequence[str]) -> tuple[str, ...]:
    """The same fields the other way round."""
    return tuple(name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order)


def page_of(rows: QuerySet[Row], order: Sequence[str], *, cursor: str, size: int) -> Page[Row]:
    """The page at the cursor, or the first. `order` ends in something unique, and none of its fields is ever null.

    Raises:
        InvalidInputError: this is not a cursor of such a list.
    """
    is_backwards = cursor.startswith(_BACKWARDS)
    direction = reversed_order(order) if is_backwards else tuple(order)
    if cursor:
        values = wire.decode_cursor(cursor.removeprefix(_BACKWARDS), len(direction))
        rows = behind(rows, direction, values)
    found = list(rows.order_by(*direction)[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if is_backwards:
        found.reverse()
        has_previous, has_following = has_more, True
    else:
        has_previous, has_following = bool(cursor), has_more
    if not found:
        return Page([])
    return Page(
        found,
        previous=_BACKWARDS + cursor_at(found[0], order) if has_previous else "",
        following=cursor_at(found[-1], order) if has_following else "",
    )


def cursor_at(row: Any, order: Sequence[str]) -> str:
    """The cursor of the page behind this row, which is a model's or a dict."""
    return wire.encode_cursor([_value(row, name.removeprefix("-")) for name in order])


def _value(row: Any, name: str) -> Any:
    value = row[name] if isinstance(row, dict) else reduce(getattr, name.split("__"), row)
    return str(value) if isinstance(value, UUID) else value


def behind(rows: QuerySet[Row], order: Sequence[str], values: Sequence[Any]) -> QuerySet[Row]:
    """The rows that come behind these values of the order's fields.

    Raises:
        InvalidInputError: they are no values of these fields.
    """
    condition = Q()
    equal: dict[str, Any] = {}
    for name, value in zip(order, values, strict=True):
        field, comparison = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
        condition |= Q(**equal, **{f"{field}__{comparison}": value})
        equal[field] = value
    # Says nothing new, but what an index can begin at; without it the database reads every page before this one.
    first, comparison = order[0].removeprefix("-"), "lte" if order[0].startswith("-") else "gte"
    try:
        return rows.filter(condition, **{f"{first}__{comparison}": values[0]})
    except (ValidationError, ValueError, TypeError) as error:
        raise InvalidInputError(fields={"cursor": ["This is not a cursor of this list."]}) from error
