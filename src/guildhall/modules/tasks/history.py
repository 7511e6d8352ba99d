"""What of a task is history: its fields as JSON, the rows that tell how they changed, and the way back from these."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from guildhall.core.accounts.models import User
from guildhall.modules.tasks.models import Task, TaskHistory
from guildhall.modules.tasks.models.history import CREATED

#: Every field that a service changes, under the name by which history, events and the API know it.
FIELDS: Final[Mapping[str, str]] = {
    "title": "title",
    "description": "description",
    "status": "status",
    "priority": "priority",
    "due_date": "due_date",
    "estimated_hours": "estimated_hours",
    "actual_hours": "actual_hours",
    "parent_task": "parent_task_id",
    "project": "project_id",
    "team": "team_id",
    "metadata": "metadata",
    "assigned_to": "assignee_ids",
    "tags": "tag_ids",
    "is_archived": "is_archived",
    "is_overdue": "is_overdue",
    "deleted_at": "deleted_at",
}
_CENTS: Final = Decimal("0.01")


def as_json(value: Any) -> Any:
    """A field's value as history keeps it: times in UTC, hours with two digits, keys as they are written."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return str(value.quantize(_CENTS))
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value


def state_of(task: Task) -> dict[str, Any]:
    """All fields of the task as history keeps them. Whom it is assigned to and its tags have no order there."""
    state = {name: as_json(getattr(task, attribute)) for name, attribute in FIELDS.items()}
    state["assigned_to"] = sorted(state["assigned_to"])
    state["tags"] = sorted(state["tags"])
    return state


@dataclass(frozen=True, slots=True)
class Step:
    """What one call did to one task: its states before and after; None before it was created."""

    task: Task
    before: dict[str, Any] | None
    after: dict[str, Any]

    @property
    def changed(self) -> list[str]:
        """The fields that differ, in the order of FIELDS."""
        if self.before is None:
            return [*self.after]
        return [name for name in self.after if self.before[name] != self.after[name]]

    @property
    def old(self) -> dict[str, Any]:
        return {} if self.before is None else {name: self.before[name] for name in self.changed}

    @property
    def new(self) -> dict[str, Any]:
        return {name: self.after[name] for name in self.changed}


def rows_of(step: Step, *, actor: User | None, change: UUID, at: datetime) -> list[TaskHistory]:
    """The rows that tell of a step, not yet stored: one for a new task, else one a changed field."""
    common: dict[str, Any] = {
        "change": change,
        "organization_id": step.task.organization_id,
        "task_id": step.task.pk,
        "number": step.task.number,
        "title": step.task.title,
        "actor": actor,
        "at": at,
    }
    if step.before is None:
        return [TaskHistory(**common, field=CREATED, old=None, new=step.after)]
    return [TaskHistory(**common, field=name, old=step.before[name], new=step.after[name]) for name in step.changed]


def write(steps: Sequence[Step], *, actor: User | None, at: datetime) -> UUID:
    """Store the rows of all steps of one call; returns what they have in common. A part of a service's transaction."""
    change = uuid4()
    rows = [row for step in steps for row in rows_of(step, actor=actor, change=change, at=at)]
    TaskHistory.objects.bulk_create(rows, batch_size=1000)
    return change


def write_word(task: Task, *, field: str, old: Any, new: Any, actor: User | None, at: datetime) -> None:
    """Store that something beside the task's own fields changed, such as a comment."""
    TaskHistory.objects.create(
        organization_id=task.organization_id,
        task_id=task.pk,
        number=task.number,
        title=task.title,
        actor=actor,
        at=at,
        field=field,
        old=old,
        new=new,
    )


def replay(rows: Iterable[TaskHistory]) -> dict[str, Any]:
    """The state of a task by its history, whose rows come in their order; empty without a beginning."""
    state: dict[str, Any] = {}
    for row in rows:
        if row.field == CREATED:
            state = dict(row.new or {})
        elif row.field in FIELDS:
            state[row.field] = row.new
    return state
