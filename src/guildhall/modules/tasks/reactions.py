"""What the tracker does when it hears of something: it queues mails, and ends what is open for people who are gone."""

from typing import Any
from uuid import UUID

from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from guildhall.core import events
from guildhall.core.events import Event
from guildhall.core.organizations.models import RoleAssignment, Team
from guildhall.core.queue import enqueue_on_commit
from guildhall.modules.tasks import mail, upkeep
from guildhall.modules.tasks.models import Task
from guildhall.modules.tasks.models.mail import MailKind

INDEX_JOB = "guildhall.modules.tasks.jobs.index_anew"


def _task(event: Event) -> Task | None:
    return Task.objects.filter(pk=event.data["task_id"], deleted_at__isnull=True).first()


def _concerned(task: Task) -> list[UUID]:
    """Who works on it and who asked for it."""
    return [*task.assignee_ids, *([task.created_by_id] if task.created_by_id is not None else [])]


@events.subscribe("tasks.task_assigned", name="tasks.mail_assigned")
def mail_assigned(event: Event) -> None:
    """Tell people that they were given a task."""
    task = _task(event)
    if task is not None:
        people = [UUID(key) for key in event.data["added"]]
        mail.queue(MailKind.ASSIGNED, cause=str(event.id), people=people, task=task, actor_id=event.actor_id)


@events.subscribe("tasks.comment_added", name="tasks.mail_commented")
def mail_commented(event: Event) -> None:
    """Tell whom the task concerns that somebody said something."""
    task = _task(event)
    if task is not None:
        people = _concerned(task)
        mail.queue(MailKind.COMMENTED, cause=str(event.id), people=people, task=task, actor_id=event.actor_id)


@events.subscribe("tasks.task_completed", name="tasks.mail_completed")
def mail_completed(event: Event) -> None:
    """Tell whom the task concerns that it is done."""
    task = _task(event)
    if task is not None:
        people = _concerned(task)
        mail.queue(MailKind.COMPLETED, cause=str(event.id), people=people, task=task, actor_id=event.actor_id)


@events.subscribe("tasks.task_overdue", name="tasks.mail_overdue")
def mail_overdue(event: Event) -> None:
    """Tell who works on the task, or who asked for it where nobody does."""
    task = _task(event)
    if task is not None:
        # Of the date and not of the event, so that a date that is missed is told of once.
        cause = f"{task.pk} {event.data['due_date']}"
        mail.queue(MailKind.OVERDUE, cause=cause, people=task.assignee_ids or _concerned(task), task=task)


@events.subscribe("accounts.user_deactivated", name="tasks.end_assignments_of_deactivated")
def end_assignments_of_deactivated(event: Event) -> None:
    """Nobody works as this user any more."""
    upkeep.end_assignments(UUID(event.data["user_id"]))


@events.subscribe("organizations.role_revoked", name="tasks.end_assignments_of_former_member")
def end_assignments_of_former_member(event: Event) -> None:
    """Who has left an organization works on its tasks no more."""
    user_id = UUID(event.data["user_id"])
    assert event.organization_id is not None
    if not RoleAssignment.objects.filter(user_id=user_id, organization_id=event.organization_id).exists():
        upkeep.end_assignments(user_id, event.organization_id)


@events.subscribe("accounts.user_erased", name="tasks.purge_personal_tasks")
def purge_personal_tasks(event: Event) -> None:
    """What somebody kept for himself goes with him."""
    personal = Task.objects.filter(organization__personal_owner=event.data["user_id"])
    upkeep.purge([task.pk for task in personal.only("pk").order_by("pk").select_for_update()], timezone.now())


@events.subscribe("organizations.organization_changed", name="tasks.index_in_another_language")
def index_in_another_language(event: Event) -> None:
    """Words of another language are searched for in another way."""
    if "language" in event.data["changed"]:
        enqueue_on_commit(INDEX_JOB)


@receiver(pre_delete, sender=Team, dispatch_uid="tasks.leave_deleted_team")
def leave_deleted_team(instance: Team, origin: Any, **_: Any) -> None:
    """Tasks of a team that is deleted say so in their history. An event would come when none of them knows any more.

    Where the whole organization is deleted, its tasks go too.
    """
    if origin is instance:
        upkeep.leave_team(instance.pk)
