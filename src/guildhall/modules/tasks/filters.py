"""Which tasks of an organization a list holds, and in which order; the same for the API, the pages and the facets."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet

from guildhall.modules.tasks import search
from guildhall.modules.tasks.models import Task, TaskTally
from guildhall.modules.tasks.models.tasks import unweighed
from guildhall.modules.tasks.policy import Priority, Standing, Status

#: In a filter by a key: tasks that have none.
NONE: Final = "none"
#: Choosable orders, each ending in something unique. An index stands behind every one, and runs both ways.
ORDERS: Final[dict[str, tuple[str, ...]]] = {
    "created_at": ("created_at", "id"),
    "updated_at": ("updated_at", "id"),
    "due_date": ("due_date", "id"),
    "priority": ("priority_rank", "id"),
    "status": ("status_rank", "-created_at", "-id"),
    "title": ("title_key", "id"),
    "number": ("number", "id"),
}
DEFAULT_ORDER: Final = "-created_at"

_STATUS_RANKS: Final = {status.value: rank for rank, status in enumerate(Status)}
_PRIORITY_RANKS: Final = {priority.value: rank for rank, priority in enumerate(Priority)}


def order_of(name: str) -> tuple[str, ...]:
    """The fields by which a list is ordered, for a name of ORDERS or one with a leading `-`.

    Raises:
        KeyError: there is no such order.
    """
    fields = ORDERS[name.removeprefix("-")]
    if not name.startswith("-"):
        return fields
    return tuple(part.removeprefix("-") if part.startswith("-") else f"-{part}" for part in fields)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What is asked of a list. Several values of one kind mean any of them; of different kinds, all.

    Instead of a key, `NONE` asks for tasks without one. `archived` None asks for both kinds.
    """

    status: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    assignee: tuple[UUID | str, ...] = ()
    creator: tuple[UUID, ...] = ()
    tag: tuple[int | str, ...] = ()
    team: tuple[UUID | str, ...] = ()
    project: tuple[UUID | str, ...] = ()
    parent: tuple[int | str, ...] = ()
    due_after: datetime | None = None
    due_before: datetime | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    overdue: bool | None = None
    archived: bool | None = False
    metadata: tuple[tuple[str, str], ...] = ()
    search: str = ""
    #: Of the organization, whose words are searched for.
    language: str = ""

    @property
    def assignees(self) -> tuple[UUID, ...]:
        """The people one of whom each task that is asked for is assigned to; empty where it may be to anybody else."""
        people = tuple(person for person in self.assignee if isinstance(person, UUID))
        return people if len(people) == len(self.assignee) else ()

    def tally(self, organization_id: UUID, standing: Standing) -> QuerySet[TaskTally] | None:
        """The counts of what is asked for, where all of the organization is seen and only kinds are told apart."""
        rest = replace(self, status=(), priority=(), project=(), team=(), overdue=None, language="")
        if not standing.is_admin or rest != TaskFilter():
            return None
        rows = TaskTally.objects.filter(organization_id=organization_id)
        for condition in self._conditions():
            rows = rows.filter(condition)
        return rows

    def apply(self, rows: QuerySet[Task], *, in_order: bool = False, newest: int | None = None) -> QuerySet[Task]:
        """Those of the tasks that are asked for. Where a page of them is read `in_order`, words cost one query now.

        So they do where it is enough to know so many of the `newest` that hold the words, and one more.
        """
        rows = rows.filter(deleted_at__isnull=True)
        if self.archived is not None:
            rows = rows.filter(is_archived=self.archived)
        for condition in self._conditions():
            rows = rows.filter(condition)
        if self.search and newest is not None:
            rows = rows.filter(pk__in=search.newest_holding(rows, self.search, self.language, most=newest + 1))
        elif self.search:
            rows = rows.filter(search.holding(self.search, self.language, look_ahead=in_order))
        return rows

    def _conditions(self) -> Iterator[Q]:
        if self.status:
            yield Q(status_rank__in=sorted(_STATUS_RANKS[value] for value in self.status))
        if self.priority:
            yield Q(priority_rank__in=sorted(_PRIORITY_RANKS[value] for value in self.priority))
        if self.assignee:
            yield self._assignee()
        if self.creator:
            yield _of_audience(list(self.creator), Q(created_by__in=self.creator))
        if self.tag:
            yield _in_array("tag_ids", self.tag)
        for name, column in (("team", "team"), ("project", "project"), ("parent", "parent_task")):
            if getattr(self, name):
                yield _by_key(column, getattr(self, name))
        yield from self._times()
        if self.overdue is not None:
            yield Q(is_overdue=self.overdue)
        for key, value in self.metadata:
            yield _has_metadata(key, value)

    def _times(self) -> Iterator[Q]:
        for name, column in (("due", "due_date"), ("created", "created_at"), ("updated", "updated_at")):
            after, before = getattr(self, f"{name}_after"), getattr(self, f"{name}_before")
            if after is not None:
                yield Q(**{f"{column}__gte": after})
            if before is not None:
                yield Q(**{f"{column}__lt": before})

    def _assignee(self) -> Q:
        people = [person for person in self.assignee if isinstance(person, UUID)]
        condition = _of_audience(people, Q(assignee_ids__overlap=people)) if people else Q(pk__in=[])
        return condition | Q(assignee_ids=[]) if NONE in self.assignee else condition


def _of_audience(people: list[UUID], condition: Q) -> Q:
    """The audience has the index, the condition tells apart from others in it."""
    return Q(audience__overlap=people) & Q(unweighed(condition))


def _in_array(column: str, values: tuple[Any, ...]) -> Q:
    keys = [value for value in values if value != NONE]
    condition = Q(**{f"{column}__overlap": keys}) if keys else Q(pk__in=[])
    return condition | Q(**{column: []}) if NONE in values else condition


def _by_key(column: str, values: tuple[Any, ...]) -> Q:
    keys = [value for value in values if value != NONE]
    condition = Q(**{f"{column}__in": keys})
    return condition | Q(**{f"{column}__isnull": True}) if NONE in values else condition


def _has_metadata(key: str, value: str) -> Q:
    """That the key has this value, as text or as the number, boolean or null that the text writes."""
    condition = Q(metadata__contains={key: value})
    try:
        written = orjson.loads(value)
    except orjson.JSONDecodeError:
        return condition
    return condition | Q(metadata__contains={key: written}) if not isinstance(written, str) else condition


def for_person(values: tuple[UUID | str, ...], standing: Standing) -> tuple[UUID | str, ...]:
    """The values with the person himself where `me` stands."""
    return tuple(standing.user_id if value == "me" else value for value in values)
