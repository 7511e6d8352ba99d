"""How locked tasks are changed: fields, people and tags at once, with their history and events. Asks no rights."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError
from guildhall.core.events import EventData
from guildhall.core.validation import clean_or_raise
from guildhall.modules.tasks import events, history, policy, selectors
from guildhall.modules.tasks.errors import ParentCycleError
from guildhall.modules.tasks.history import Step
from guildhall.modules.tasks.models import Tag, Task, TaskAssignment, TaskTag
from guildhall.modules.tasks.policy import Status

#: Fields of the task's own row that a caller may change.
CHANGEABLE: Final = frozenset(
    {
        "title", "description", "status", "priority", "due_date", "estimated_hours", "actual_hours", "parent_task",
        "project", "team", "metadata",
    }
)  # fmt: skip
#: What history and events are told of, but whose text is too long for every reader of events.
_LONG: Final = frozenset({"description"})


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of tasks: values of fields, and whom and which tags to add and take away.

    `assignees` and `tags`, where they are given, say who and which shall be there afterwards.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    assignees: Collection[User] | None = None
    add_assignees: Collection[User] = ()
    remove_assignees: Collection[User] = ()
    tags: Collection[Tag] | None = None
    add_tags: Collection[Tag] = ()
    remove_tags: Collection[Tag] = ()


def carry_out(change: Change, tasks: Sequence[Task], *, actor: User | None, now: datetime) -> list[Step]:
    """Change these tasks of one organization, which the caller has locked in the order of their keys; returns a step
    for each that is different afterwards.

    Raises:
        InvalidInputError: a value is not acceptable, or somebody is no member.
        ParentCycleError: a task would be above itself.
    """
    for organization_id in {task.organization_id for task in tasks}:
        _require_members(organization_id, [*(change.assignees or ()), *change.add_assignees], change, tasks)
        require_tags_of(organization_id, [*(change.tags or ()), *change.add_tags])
    steps = []
    for task in tasks:
        before = history.state_of(task)
        for name, value in change.fields.items():
            setattr(task, name, value)
        _settle(task, before, now)
        task.assignee_ids = _combined(
            task.assignee_ids, _keys(change.assignees), _keys(change.add_assignees), _keys(change.remove_assignees)
        )
        task.tag_ids = sorted(
            _combined(task.tag_ids, _keys(change.tags), _keys(change.add_tags), _keys(change.remove_tags))
        )
        clean(task)
        steps.append(Step(task, before, history.state_of(task)))
    steps = [step for step in steps if step.changed]
    if steps:
        _store(steps, actor, now)
    return steps


def clean(task: Task) -> None:
    """Let the model's validators look at the task; what has to be unique is told by the database."""
    clean_or_raise(task, exclude=["number"], validate_unique=False, validate_constraints=False)


def _keys(rows: Iterable[Any] | None) -> list[Any] | None:
    return None if rows is None else list(dict.fromkeys(row.pk for row in rows))


def _combined(
    present: list[Any], exactly: list[Any] | None, add: list[Any] | None, remove: list[Any] | None
) -> list[Any]:
    """Those that stay, in their order, and behind them the new ones."""
    if exactly is not None:
        present = [key for key in present if key in exactly] + [key for key in exactly if key not in present]
    gone = set(remove or ())
    return [key for key in dict.fromkeys([*present, *(add or ())]) if key not in gone]


def _settle(task: Task, before: Mapping[str, Any], now: datetime) -> None:
    """What follows from a change: since when it is archived, and that what is done or has another date is not overdue
    any more; the job that looks hourly says so again if need be.
    """
    if task.is_archived != before["is_archived"]:
        task.archived_at = now if task.is_archived else None
    moved = history.as_json(task.due_date) != before["due_date"]
    if task.is_overdue and (moved or task.status in policy.CLOSED):
        task.is_overdue = False


def _require_members(organization_id: UUID, people: Iterable[User], change: Change, tasks: Sequence[Task]) -> None:
    """Whoever is assigned belongs to the organization; who was assigned before and left since may stay."""
    wanted = {person.pk for person in people}
    if change.assignees is not None and wanted:
        wanted = {key for key in wanted if any(key not in task.assignee_ids for task in tasks)}
    require_members(organization_id, wanted)


def require_members(organization_id: UUID, wanted: Collection[UUID]) -> None:
    """Refuse whoever does not belong to the organization, or whose account is closed.

    Raises:
        InvalidInputError: on `assigned_to`.
    """
    if wanted and set(wanted) - selectors.members_among(organization_id, wanted):
        raise InvalidInputError(fields={"assigned_to": [_("Tasks are assigned to members of the organization only.")]})


def require_tags_of(organization_id: UUID, tags: Iterable[Tag]) -> None:
    """Refuse another organization's tags.

    Raises:
        InvalidInputError: on `tags`.
    """
    if any(tag.organization_id != organization_id for tag in tags):
        raise InvalidInputError(fields={"tags": [_("This tag belongs to another organization.")]})


def _store(steps: Sequence[Step], actor: User | None, now: datetime) -> None:
    own = {name for step in steps for name in step.changed} - {"assigned_to", "tags"}
    columns = [*sorted(own), *(["archived_at"] if "is_archived" in own else []), "version", "updated_at"]
    for step in steps:
        step.task.raise_version()
        step.task.updated_at = now
    save_rows([step.task for step in steps], columns)
    _store_people(steps, actor, now)
    _store_tags(steps)
    history.write(steps, actor=actor, at=now)
    tell(steps, actor=actor)


def save_rows(tasks: Sequence[Task], columns: list[str]) -> None:
    """Save these columns; one statement however many tasks there are.

    Raises:
        ParentCycleError: the database found that a task would be above itself.
    """
    try:
        with transaction.atomic():
            if len(tasks) == 1:
                tasks[0].save(update_fields=columns)
            else:
                Task.objects.bulk_update(tasks, columns, batch_size=500)
    except IntegrityError as error:
        raise as_own_error(error) from error


def as_own_error(error: IntegrityError) -> Exception:
    """What the caller is told of what the database refused; what is nobody's fault but ours stays as it is."""
    if "task_parent_cycle" in str(error) or "above itself" in str(error):
        return ParentCycleError(fields={"parent_task": [_("A task can't be a part of itself.")]})
    return error


def _store_people(steps: Sequence[Step], actor: User | None, now: datetime) -> None:
    added, gone = [], []
    for step in steps:
        if "assigned_to" not in step.changed:
            continue
        before = set() if step.before is None else set(step.before["assigned_to"])
        added += [
            TaskAssignment(task=step.task, user_id=user_id, assigned_by=actor, assigned_at=now)
            for user_id in step.task.assignee_ids
            if str(user_id) not in before
        ]
        gone += [(step.task.pk, key) for key in before - set(step.after["assigned_to"])]
    for task_id, user_id in gone:
        open_ones = TaskAssignment.objects.filter(task_id=task_id, user_id=user_id, removed_at__isnull=True)
        open_ones.update(removed_at=now, removed_by=actor)
    TaskAssignment.objects.bulk_create(added)


def _store_tags(steps: Sequence[Step]) -> None:
    added, gone = [], []
    for step in steps:
        if "tags" not in step.changed:
            continue
        before = set() if step.before is None else set(step.before["tags"])
        added += [
            TaskTag(task=step.task, tag_id=tag_id, organization_id=step.task.organization_id)
            for tag_id in step.after["tags"]
            if tag_id not in before
        ]
        gone += [(step.task.pk, tag_id) for tag_id in before - set(step.after["tags"])]
    for task_id, tag_id in gone:
        TaskTag.objects.filter(task_id=task_id, tag_id=tag_id).delete()
    TaskTag.objects.bulk_create(added)


def store_new(tasks: Sequence[Task], *, actor: User | None, now: datetime) -> None:
    """Store what belongs to new tasks whose rows are there: people, tags, history and events."""
    steps = [Step(task, None, history.state_of(task)) for task in tasks]
    _store_people(steps, actor, now)
    _store_tags(steps)
    history.write(steps, actor=actor, at=now)
    tell(steps, actor=actor)


def tell(steps: Iterable[Step], *, actor: User | None) -> None:
    """Append the events of these steps, subject by subject in the order that the outbox asks for."""
    for step in sorted(steps, key=lambda step: events.subject_of(step.task)):
        for data in _events_of(step):
            events.tell(data, actor=actor, about=step.task)


def _events_of(step: Step) -> Iterable[EventData]:
    task = step.task
    common: dict[str, Any] = {"task_id": task.pk, "number": task.number, "title": task.title}
    if step.before is None:
        yield events.TaskCreated(**common, state=_short(step.after))
    elif "deleted_at" in step.changed:
        yield events.TaskDeleted(**common) if task.deleted_at is not None else events.TaskRestored(**common)
        return
    else:
        yield events.TaskChanged(**common, changed=step.changed, before=_short(step.old), after=_short(step.new))
    if "assigned_to" in step.changed:
        before = set() if step.before is None else set(step.before["assigned_to"])
        after = set(step.after["assigned_to"])
        added, removed = sorted(after - before), sorted(before - after)
        if added or removed:
            yield events.TaskAssigned(task_id=task.pk, added=added, removed=removed)
    if step.before is not None and "status" in step.changed and task.status == Status.DONE:
        yield events.TaskCompleted(task_id=task.pk)
    if step.before is not None and "is_overdue" in step.changed and task.is_overdue:
        yield events.TaskOverdue(task_id=task.pk, due_date=step.after["due_date"])


def _short(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in _LONG}
