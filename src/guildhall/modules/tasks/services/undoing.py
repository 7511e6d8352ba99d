"""Taking back a deletion, as long as nothing was cleaned up for good."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from guildhall.core.accounts.models import User
from guildhall.core.errors import NotAllowedError, NotFoundError
from guildhall.modules.tasks import policy, selectors
from guildhall.modules.tasks.history import as_json
from guildhall.modules.tasks.models import Task, TaskHistory
from guildhall.modules.tasks.services import changing
from guildhall.modules.tasks.services.changing import Change


@transaction.atomic
def undelete_task(*, actor: User, task_id: int) -> Task:
    """Bring back a deleted task, and put its parts below it again that stand on their own since. Safe to repeat.

    Raises:
        NotFoundError: there is none, or the actor would not see it.
        NotAllowedError: he could not have deleted it.
    """
    deletion = Task.objects.filter(pk=task_id).values_list("organization_id", "deleted_at").first()
    if deletion is None:
        raise NotFoundError
    parts = _parts_before(task_id, *deletion)
    # With its parts, in the order of the keys, as everybody does who locks several.
    rows = Task.objects.filter(pk__in=[task_id, *parts]).select_related("organization").order_by("pk")
    locked = {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}
    task = locked.pop(task_id, None)
    standing = selectors.standing_of(actor, deletion[0])
    if task is None or not policy.may_see(standing, task.audience):
        raise NotFoundError
    if not policy.may_delete(standing, created_by_id=task.created_by_id, project_id=task.project_id):
        raise NotAllowedError
    now = timezone.now()
    changing.carry_out(Change(fields={"deleted_at": None}), [task], actor=actor, now=now)
    orphans = [part for part in locked.values() if part.deleted_at is None and part.parent_task_id is None]
    if orphans:
        changing.carry_out(Change(fields={"parent_task": task}), orphans, actor=actor, now=now)
    return task


def _parts_before(task_id: int, organization_id: UUID, deleted_at: datetime | None) -> list[int]:
    """The tasks that lost their parent when it was deleted: both were written at the same time."""
    if deleted_at is None:
        return []
    rows = TaskHistory.objects.filter(
        organization_id=organization_id, at=deleted_at, field="parent_task", old=as_json(task_id)
    )
    return list(rows.values_list("task_id", flat=True))
