"""Counts of a filtered list of tasks, by what they can be told apart."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Func, QuerySet

from guildhall.modules.tasks.models import Task
from guildhall.modules.tasks.policy import Priority, Status

#: So many tasks are counted one by one; of longer lists, those that came last.
MOST_COUNTED_ONE_BY_ONE: Final = 3_000
#: What an index counts ahead.
_KINDS: Final = ("status_rank", "priority_rank", "is_overdue", "project_id", "team_id")


@dataclass(frozen=True, slots=True)
class Facets:
    """How many tasks of a list there are, of each kind. Under None are those that have no project or team.

    `assignee` and `tag` are None where a list is so long that only what an index holds is counted. Where not even an
    index helps, `is_whole` is False, and the newest MOST_COUNTED_ONE_BY_ONE tasks are counted.
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


def facets_of(rows: QuerySet[Task], *, by_index: bool) -> Facets:
    """The counts of this list, which is not yet ordered; two queries at most.

    `by_index` where nothing but _KINDS tells its tasks from the others of the organization.
    """
    if by_index:
        counted = list(rows.order_by().values_list(*_KINDS).annotate(count=Count("*")))
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


def counts_by_status(rows: QuerySet[Task]) -> dict[str, int]:
    """How many of the tasks are in each status that any is in; one query."""
    statuses = list(Status)
    found = rows.order_by().values_list("status_rank").annotate(count=Count("*"))
    return {str(statuses[rank]): count for rank, count in found}


def counts_by_tag(rows: QuerySet[Task]) -> dict[int, int]:
    """How many of the tasks have each tag; one query."""
    found = rows.order_by().annotate(one=Func(F("tag_ids"), function="unnest")).values("one").annotate(count=Count("*"))
    return dict(found.values_list("one", "count"))
