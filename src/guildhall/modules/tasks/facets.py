"""Counts of a filtered list of tasks, by what they can be told apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Func, QuerySet, Sum

from guildhall.modules.tasks.models import Task, TaskTally
from guildhall.modules.tasks.policy import Priority, Status

#: So many tasks are counted one by one; of longer lists, those that came last.
MOST_COUNTED_ONE_BY_ONE: Final = 500
#: So many tasks are counted in each status where no tally does it.
MOST_COUNTED_IN_STATUS: Final = 250
#: What a tally counts ahead.
_KINDS: Final = ("status_rank", "priority_rank", "is_overdue", "project_id", "team_id")


@dataclass(frozen=True, slots=True)
class Facets:
    """How many tasks of a list there are, of each kind. Under None are those that have no project or team.

    `assignee` and `tag` are None where a list is so long that only what a tally holds is counted. Where not even a
    tally helps, `is_whole` is False, and the newest MOST_COUNTED_ONE_BY_ONE tasks are counted.
    """

    total: int
    overdue: int
    status: dict[str, int]
    priority: dict[str, int]
    project: dict[UUID | None, int] = field(default_factory=dict)
    team: dict[UUID | None, int] = field(default_factory=dict)
    assignee: dict[UUID, int] | None = None
    tag: dict[int, int] | None = None
    is_whole: bool = True


def facets_of(rows: QuerySet[Task], *, tally: QuerySet[TaskTally] | None = None) -> Facets:
    """The counts of this list, which is not yet ordered; two queries at most. `tally`: see `TaskFilter.tally`."""
    if tally is not None:
        counted = list(tally.values_list(*_KINDS).annotate(count=Sum("tasks")).exclude(count=0))
        if sum(row[-1] for row in counted) > MOST_COUNTED_ONE_BY_ONE:
            return _facets(counted)
    newest = rows.order_by("-created_at", "-pk").values_list(*_KINDS, "assignee_ids", "tag_ids")
    found = list(newest[: MOST_COUNTED_ONE_BY_ONE + 1])
    is_whole = len(found) <= MOST_COUNTED_ONE_BY_ONE
    found = found[:MOST_COUNTED_ONE_BY_ONE]
    people = Counter[UUID](person for row in found for person in row[-2])
    tags = Counter[int](tag for row in found for tag in row[-1])
    return _facets([(*row[:-2], 1) for row in found], people=people, tags=tags, is_whole=is_whole)


def _facets(
    counted: list[tuple[Any, ...]],
    *,
    people: Counter[UUID] | None = None,
    tags: Counter[int] | None = None,
    is_whole: bool = True,
) -> Facets:
    """From rows of _KINDS with how many tasks are of each."""
    statuses, priorities = list(Status), list(Priority)
    status = Counter[str](dict.fromkeys(statuses, 0))
    priority = Counter[str](dict.fromkeys(priorities, 0))
    project, team = Counter[UUID | None](), Counter[UUID | None]()
    overdue = 0
    for a_status, a_priority, is_overdue, a_project, a_team, count in counted:
        status[statuses[a_status]] += count
        priority[priorities[a_priority]] += count
        overdue += count if is_overdue else 0
        project[a_project] += count
        team[a_team] += count
    return Facets(
        total=sum(status.values()),
        overdue=overdue,
        status={**status},
        priority={**priority},
        project=dict(project.most_common()),
        team=dict(team.most_common()),
        assignee=None if people is None else dict(people.most_common()),
        tag=None if tags is None else dict(tags.most_common()),
        is_whole=is_whole,
    )


def counts_by_status(rows: QuerySet[Task], *, tally: QuerySet[TaskTally] | None = None) -> dict[str, int]:
    """How many of the tasks are in each status that any is in; one query.

    Without a `tally` (see `TaskFilter.tally`) counting ends at MOST_COUNTED_IN_STATUS and one more.
    """
    statuses = [str(status) for status in Status]
    if tally is not None:
        found = tally.values_list("status_rank").annotate(count=Sum("tasks")).exclude(count=0)
        return {statuses[rank]: count for rank, count in found}
    # In the order of an index, so that none is read further than it is counted.
    first = [
        rows.filter(status_rank=rank).order_by("-created_at", "-pk").values("pk")[: MOST_COUNTED_IN_STATUS + 1]
        for rank in range(len(statuses))
    ]
    counts = zip(statuses, _numbers_of(first), strict=True)
    return {status: count for status, count in counts if count}


def _numbers_of(queries: Sequence[QuerySet[Task, Any]]) -> tuple[int, ...]:
    """How many rows each of them has, in one query."""
    parts: list[str] = []
    parameters: list[Any] = []
    for query in queries:
        try:
            statement, given = query.query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            parts.append("0")
        else:
            parts.append(f"(SELECT count(*) FROM ({statement}) counted)")  # noqa: S608 — Django's own.
            parameters += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        counts: tuple[int, ...] = cursor.fetchone()
    return counts


def counts_by_tag(rows: QuerySet[Task]) -> dict[int, int]:
    """How many of the tasks have each tag; one query."""
    found = rows.order_by().annotate(one=Func(F("tag_ids"), function="unnest")).values("one").annotate(count=Count("*"))
    return dict(found.values_list("one", "count"))
