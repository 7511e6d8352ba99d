"""Counts of a filtered list of tasks, by what they can be told apart."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast

from guildhall.modules.tasks.models import Task
from guildhall.modules.tasks.policy import Priority, Status

#: In longer lists people and tags are not counted: of these a task has several, and no index counts them ahead.
MOST_COUNTED_ONE_BY_ONE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Facets:
    """How many tasks of a list there are, of each kind. Under None are those that have no project or team.

    `assignee` and `tag` are None where the list is longer than MOST_COUNTED_ONE_BY_ONE.
    """

    total: int
    overdue: int
    status: dict[str, int]
    priority: dict[str, int]
    project: dict[UUID | None, int] = field(default_factory=dict)
    team: dict[UUID | None, int] = field(default_factory=dict)
    assignee: dict[UUID, int] | None = None
    tag: dict[int, int] | None = None


def facets_of(rows: QuerySet[Task]) -> Facets:
    """The counts of this list, which is not yet ordered; two queries at most."""
    statuses, priorities = list(Status), list(Priority)
    status = Counter[str](dict.fromkeys(statuses, 0))
    priority = Counter[str](dict.fromkeys(priorities, 0))
    project, team = Counter[UUID | None](), Counter[UUID | None]()
    overdue = 0
    kinds = ("status_rank", "priority_rank", "is_overdue", "project_id", "team_id")
    # Every column stands in one index, so that the rows themselves are not read.
    for a_status, a_priority, is_overdue, a_project, a_team, count in (
        rows.order_by().values_list(*kinds).annotate(count=Count("*"))
    ):
        status[statuses[a_status]] += count
        priority[priorities[a_priority]] += count
        overdue += count if is_overdue else 0
        project[a_project] += count
        team[a_team] += count
    total = sum(status.values())
    assignee, tag = _counted(rows) if total <= MOST_COUNTED_ONE_BY_ONE else (None, None)
    return Facets(
        total=total,
        overdue=overdue,
        status={**status},
        priority={**priority},
        project=dict(project.most_common()),
        team=dict(team.most_common()),
        assignee=assignee,
        tag=tag,
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


def _counted(rows: QuerySet[Task]) -> tuple[dict[UUID, int], dict[int, int]]:
    """How many of the tasks each person and each tag has, the most frequent first; one query."""
    parts = [
        rows.order_by()
        .annotate(kind=Value(kind), one=Cast(Func(F(column), function="unnest"), TextField()))
        .values("kind", "one")
        .annotate(count=Count("*"))
        .values_list("kind", "one", "count")
        for kind, column in (("assignee", "assignee_ids"), ("tag", "tag_ids"))
    ]
    people, tags = Counter[UUID](), Counter[int]()
    for kind, one, count in sorted(parts[0].union(parts[1], all=True), key=lambda row: row[1]):
        if kind == "assignee":
            people[UUID(one)] = count
        else:
            tags[int(one)] = count
    return dict(people.most_common()), dict(tags.most_common())
