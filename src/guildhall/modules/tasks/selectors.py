"""Reads: how somebody stands, which tasks he sees, and what belongs to a task."""

from bisect import bisect_right
from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization, RoleAssignment, Team
from guildhall.core.organizations.policy import Role
from guildhall.modules.tasks.models import (
    Comment,
    DefaultView,
    SavedView,
    Tag,
    Task,
    TaskAssignment,
    TaskHistory,
    TaskTemplate,
)
from guildhall.modules.tasks.models.tasks import unweighed
from guildhall.modules.tasks.policy import OPEN, Standing

Name = TypeVar("Name", bound=Hashable)


def standing_of(user: User, organization_id: UUID) -> Standing:
    """How the user stands in the organization now; one query."""
    if user.is_superuser:
        return Standing(user.pk, is_member=True, is_admin=True)
    own_teams = user.teams.filter(organization_id=organization_id).values("pk")
    held: list[tuple[str, UUID | None, list[UUID]]] = list(
        RoleAssignment.objects.filter(user_id=user.pk, organization_id=organization_id)
        .annotate(own_teams=ArraySubquery(own_teams))
        .values_list("role", "project_id", "own_teams")
    )
    if not held:
        return Standing(user.pk)
    if any(role == Role.ADMIN for role, _project, _teams in held):
        return Standing(user.pk, is_member=True, is_admin=True)
    return Standing(
        user.pk,
        is_member=True,
        moderated=frozenset(project for role, project, _teams in held if role == Role.MODERATOR and project),
        projects=frozenset(project for _role, project, _teams in held if project),
        teams=frozenset(held[0][2]),
    )


def tasks_in(organization_id: UUID, standing: Standing, *, assignees: Collection[UUID] = ()) -> QuerySet[Task]:
    """The tasks of one organization that are not deleted and that somebody who stands so sees, archived ones too.

    Where no others are asked for than those of `assignees`, more than that may be left out: who asks for their own
    tasks is not helped by an index of all that they see.
    """
    rows = Task.objects.filter(organization_id=organization_id, deleted_at__isnull=True)
    if standing.is_admin:
        return rows
    if not standing.is_member:
        return rows.none()
    if assignees and set(assignees) <= set(standing.audience):
        return rows.filter(unweighed(Q(audience__overlap=list(assignees))))
    return rows.filter(audience__overlap=list(standing.audience))


def tasks_for(user: User, organization: Organization) -> QuerySet[Task]:
    """The tasks of one organization that the user sees; lists add `listed()` or `archived()`."""
    return tasks_in(organization.pk, standing_of(user, organization.pk))


def task_for(user: User, task_id: int) -> Task | None:
    """The task if the user sees it, with project, team, parent and creator."""
    rows = Task.objects.visible_to(user).select_related("organization", "project", "team", "parent_task", "created_by")
    return rows.filter(pk=task_id).first()


def open_tasks_of(user: User, organization: Organization) -> QuerySet[Task]:
    """The open tasks of one organization that are assigned to the user."""
    rows = tasks_for(user, organization).filter(is_archived=False, status__in=sorted(OPEN))
    # The audience has the index, the other column tells apart from others in it.
    return rows.filter(audience__overlap=[user.pk], assignee_ids__overlap=[user.pk])


def subtasks_of(user: User, task: Task) -> QuerySet[Task]:
    """The parts of a task that the user sees, the oldest first."""
    return Task.objects.visible_to(user).filter(parent_task=task).order_by("number")


def assignees_of(task: Task) -> list[User]:
    """Who works on the task, in the order in which they were assigned."""
    found = User.objects.in_bulk(task.assignee_ids)
    return [found[user_id] for user_id in task.assignee_ids if user_id in found]


def first_of_spans(
    rows: QuerySet[Task], spans: Mapping[Name, tuple[datetime, datetime]], *, each: int, most: int
) -> tuple[dict[Name, list[int]], bool]:
    """For each of the spans of time, which follow on one another: the keys of the tasks that are due in it, and True.

    Where that are more than `most`, only the first of each span, `each` of them, and False. Two or three queries. To
    number all tasks of a month would mean to read all of them.
    """
    if not spans:
        return {}, True
    begins, ends = zip(*spans.values(), strict=True)
    dated = rows.filter(due_date__gte=min(begins), due_date__lt=max(ends)).order_by("due_date", "pk")
    first = list(dated.values_list("pk", "due_date")[: most + 1])
    if len(first) > most:
        return _first_of_each(rows, spans, each), False
    found: dict[Name, list[int]] = {}
    names = list(spans)
    for key, due_date in first:
        place = bisect_right(begins, due_date) - 1
        if due_date < ends[place]:
            found.setdefault(names[place], []).append(key)
    return found, True


def _first_of_each(
    rows: QuerySet[Task], spans: Mapping[Name, tuple[datetime, datetime]], each: int
) -> dict[Name, list[int]]:
    """The first keys of each span, which is read by the index of dates and no further than needed."""
    begin, end = (RawSQL(f"span.{name}", [], output_field=DateTimeField()) for name in ("begins", "ends"))  # noqa: S611
    first = rows.filter(due_date__gte=begin, due_date__lt=end).order_by("due_date", "pk").values("pk")[:each]
    try:
        statement, parameters = first.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return {}
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # The planner does not know how short the spans are, and would gather all of a tag's tasks for every one.
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            f"SELECT ARRAY({statement}) FROM unnest(%s::timestamptz[], %s::timestamptz[])"  # noqa: S608 — Django's.
            " WITH ORDINALITY span (begins, ends, place) ORDER BY place",
            [*parameters, [begin for begin, _end in spans.values()], [end for _begin, end in spans.values()]],
        )
        found = cursor.fetchall()
        cursor.execute("SET LOCAL enable_bitmapscan = on")
    return {name: keys for name, (keys,) in zip(spans, found, strict=True) if keys}


def people_of(tasks: Iterable[Task]) -> dict[UUID, User]:
    """Everybody whom these tasks are assigned to, by key; one query for a whole page."""
    return User.objects.in_bulk({user_id for task in tasks for user_id in task.assignee_ids})


def tags_of(tasks: Iterable[Task]) -> dict[int, Tag]:
    """All tags of these tasks, by key; one query for a whole page."""
    return Tag.objects.in_bulk({tag_id for task in tasks for tag_id in task.tag_ids})


def assignments_of(task: Task) -> QuerySet[TaskAssignment]:
    """Who was assigned to the task and relieved of it, by whom and when."""
    rows = TaskAssignment.objects.filter(task=task).select_related("user", "assigned_by", "removed_by")
    return rows.order_by("assigned_at", "pk")


def comments_of(task: Task) -> QuerySet[Comment]:
    """What was said about the task, the oldest first."""
    return Comment.objects.filter(task=task, deleted_at__isnull=True).select_related("author").order_by(
        "created_at", "pk"
    )  # fmt: skip


def history_of(task: Task) -> QuerySet[TaskHistory]:
    """What was done to the task, the newest first."""
    return TaskHistory.objects.filter(task_id=task.pk).select_related("actor").order_by("-pk")


def tags_for(user: User, organization: Organization) -> QuerySet[Tag]:
    """The tags of an organization to which the user belongs."""
    return Tag.objects.visible_to(user).filter(organization=organization).order_by("name", "pk")


def teams_for(user: User, organization: Organization) -> QuerySet[Team]:
    """The teams of an organization to which the user belongs."""
    return Team.objects.visible_to(user).filter(organization=organization).order_by("name", "pk")


def templates_for(user: User, organization: Organization) -> QuerySet[TaskTemplate]:
    """The templates of an organization to which the user belongs, with their tags and people."""
    rows = TaskTemplate.objects.visible_to(user).filter(organization=organization)
    return rows.select_related("project", "team").prefetch_related("tags", "assignees").order_by("name", "pk")


def views_for(user: User, organization: Organization) -> QuerySet[SavedView]:
    """The saved views of an organization that the user may use, each with `is_default`: that he begins with it."""
    begun = DefaultView.objects.filter(view=OuterRef("pk"), user=user)
    rows: QuerySet[SavedView] = SavedView.objects.visible_to(user).filter(organization=organization)
    return rows.annotate(is_default=Exists(begun)).select_related("owner").order_by("name", "pk")


def members_among(organization_id: UUID, users: Collection[UUID]) -> set[UUID]:
    """Those of the users who belong to the organization and whose accounts are open."""
    return set(
        RoleAssignment.objects.filter(
            organization_id=organization_id, user_id__in=users, user__is_active=True
        ).values_list("user_id", flat=True)
    )
