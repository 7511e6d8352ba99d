"""What is done to tasks without anybody asking: noting what is overdue, clearing the archive, ending assignments."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from guildhall.modules.tasks import events, history, mail
from guildhall.modules.tasks.models import Task, TaskAssignment
from guildhall.modules.tasks.models.mail import MailKind
from guildhall.modules.tasks.models.tasks import LISTED
from guildhall.modules.tasks.policy import OPEN
from guildhall.modules.tasks.services import changing
from guildhall.modules.tasks.services.changing import Change

BATCH: Final = 200
ARCHIVE_KEPT: Final = timedelta(days=30)
#: The field of history under which it stands that the row is gone.
PURGED: Final = "purged"

#: Of an organization whose tally has so many more rows than kinds, they are added up.
LONG_TALLY: Final = 500
_ADD_UP: Final = """
WITH gone AS (
    DELETE FROM tasks_tasktally
    WHERE organization_id IN (
        SELECT organization_id FROM tasks_tasktally GROUP BY 1
        HAVING count(*) > %s + count(DISTINCT (status_rank, priority_rank, is_overdue, project_id, team_id))
    )
    RETURNING *
)
INSERT INTO tasks_tasktally (organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, tasks)
SELECT organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, sum(tasks)
FROM gone GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(tasks) <> 0
"""
_STALE: Final = """
SELECT s.task_id FROM tasks_searchentry s
JOIN organizations_organization o ON o.id = s.organization_id
WHERE s.config <> tasks_config_of(o.language) LIMIT %s
"""


def mark_overdue(now: datetime) -> int:
    """Note on every open task that has missed its date that it did, in batches; returns how many. Safe to repeat."""
    total = 0
    while True:
        with transaction.atomic():
            late = Task.objects.filter(LISTED, is_overdue=False, status__in=sorted(OPEN), due_date__lt=now)
            # Whoever holds one of them changes it just now; the next round sees what became of it.
            chosen = late.order_by("due_date", "pk").select_for_update(of=("self",), no_key=True, skip_locked=True)
            tasks = sorted(chosen[:BATCH], key=lambda task: task.pk)
            changing.carry_out(Change(fields={"is_overdue": True}), tasks, actor=None, now=now)
        total += len(tasks)
        if len(tasks) < BATCH:
            return total


def remind_of_due_dates(now: datetime) -> int:
    """Queue a mail to everybody who has a task that is due within a day; returns how many. Once for each date."""
    soon = Task.objects.filter(
        LISTED, is_overdue=False, status__in=sorted(OPEN), due_date__gte=now, due_date__lt=now + mail.DUE_SOON
    ).exclude(assignee_ids=[])
    queued = 0
    for task in soon.order_by("due_date", "pk").iterator(chunk_size=BATCH):
        cause = f"{task.pk} {history.as_json(task.due_date)}"
        with transaction.atomic():
            queued += mail.queue(MailKind.DUE_SOON, cause=cause, people=task.assignee_ids, task=task)
    return queued


def purge_archive(now: datetime) -> int:
    """Delete for good what was archived longer ago than ARCHIVE_KEPT, in batches; returns how many tasks.

    History keeps their numbers and titles. Parts of them that are not archived stand on their own from then on.
    """
    total = 0
    while True:
        with transaction.atomic():
            old = Task.objects.filter(is_archived=True, archived_at__lt=now - ARCHIVE_KEPT).order_by("archived_at")
            keys = [task.pk for task in old.only("pk").select_for_update(no_key=True, skip_locked=True)[:BATCH]]
            purge(keys, now)
        total += len(keys)
        if len(keys) < BATCH:
            return total


def purge(keys: Collection[int], now: datetime) -> None:
    """Delete these tasks for good. A part of the caller's transaction."""
    parts = Task.objects.alive().filter(parent_task__in=keys).exclude(pk__in=keys).order_by("pk")
    orphans = list(parts.select_for_update(of=("self",), no_key=True))
    changing.carry_out(Change(fields={"parent_task": None}), orphans, actor=None, now=now)
    tasks = list(Task.objects.filter(pk__in=keys).order_by("pk"))
    for task in sorted(tasks, key=events.subject_of):
        history.write_word(task, field=PURGED, old=None, new=True, actor=None, at=now)
        told = events.TaskDeleted(task_id=task.pk, number=task.number, title=task.title, for_good=True)
        events.tell(told, actor=None, about=task)
    Task.objects.filter(pk__in=keys).delete()


@transaction.atomic
def end_assignments(user_id: UUID, organization_id: UUID | None = None) -> int:
    """Relieve somebody who is gone of all open tasks, in one organization or everywhere; returns of how many."""
    held = TaskAssignment.objects.filter(user_id=user_id, removed_at__isnull=True)
    if organization_id is not None:
        held = held.filter(task__organization_id=organization_id)
    chosen = Task.objects.alive().filter(pk__in=held.values("task_id")).order_by("pk")
    tasks = list(chosen.select_for_update(of=("self",), no_key=True))
    people = [assignment.user for assignment in held.select_related("user")[:1]]
    changing.carry_out(Change(remove_assignees=people), tasks, actor=None, now=timezone.now())
    return len(tasks)


@transaction.atomic
def leave_team(team_id: UUID) -> None:
    """Let no task belong to this team any more."""
    tasks = list(Task.objects.filter(team_id=team_id).order_by("pk").select_for_update(of=("self",), no_key=True))
    changing.carry_out(Change(fields={"team": None}), tasks, actor=None, now=timezone.now())


def add_up_tallies() -> None:
    """Make one row of each kind of the tallies that have become long. Safe to repeat, and while others write."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ADD_UP, [LONG_TALLY])


def index_anew() -> int:
    """Write the search entries anew whose organization has another language now, in batches; returns how many."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_STALE, [BATCH])
            keys = [key for (key,) in cursor.fetchall()]
            if keys:
                cursor.execute("SELECT tasks_lock(%s::bigint[]), tasks_index(%s::bigint[])", [sorted(keys)] * 2)
        total += len(keys)
        if len(keys) < BATCH:
            return total
