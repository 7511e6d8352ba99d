"""What happens to tasks. The subject is `task/<id>`, or that of the tag or template, so each one's come in order."""

from typing import Any
from uuid import UUID

from django.db import connection

from guildhall.core import events
from guildhall.core.accounts.models import User
from guildhall.modules.tasks.models import Tag, Task, TaskTemplate


class TaskCreated(events.EventData, type="tasks.task_created"):
    """A task is there; `state` holds its fields, but for the description."""

    task_id: int
    number: int
    title: str
    state: dict[str, Any]


class TaskChanged(events.EventData, type="tasks.task_changed"):
    """Fields of a task have other values. `before` and `after` hold them, but for the description's text."""

    task_id: int
    number: int
    title: str
    changed: list[str]
    before: dict[str, Any]
    after: dict[str, Any]


class TaskAssigned(events.EventData, type="tasks.task_assigned"):
    """Other people than before work on a task."""

    task_id: int
    added: list[UUID]
    removed: list[UUID]


class TaskCompleted(events.EventData, type="tasks.task_completed"):
    """A task is done."""

    task_id: int


class TaskOverdue(events.EventData, type="tasks.task_overdue"):
    """A task has missed its date; told once for each date that it misses."""

    task_id: int
    due_date: str


class TaskDeleted(events.EventData, type="tasks.task_deleted"):
    """A task is gone for everybody; `for_good`: its rows too."""

    task_id: int
    number: int
    title: str
    for_good: bool = False


class TaskRestored(events.EventData, type="tasks.task_restored"):
    """A deleted task is there again; its parts tell of their parent themselves."""

    task_id: int
    number: int
    title: str


class CommentAdded(events.EventData, type="tasks.comment_added"):
    task_id: int
    comment_id: int


class CommentEdited(events.EventData, type="tasks.comment_edited"):
    task_id: int
    comment_id: int


class CommentDeleted(events.EventData, type="tasks.comment_deleted"):
    task_id: int
    comment_id: int


class TagCreated(events.EventData, type="tasks.tag_created"):
    tag_id: int
    name: str


class TagChanged(events.EventData, type="tasks.tag_changed"):
    tag_id: int
    changed: list[str]


class TagDeleted(events.EventData, type="tasks.tag_deleted"):
    tag_id: int
    name: str


class TemplateCreated(events.EventData, type="tasks.template_created"):
    template_id: int
    name: str


class TemplateChanged(events.EventData, type="tasks.template_changed"):
    template_id: int
    changed: list[str]


class TemplateDeleted(events.EventData, type="tasks.template_deleted"):
    template_id: int
    name: str


def subject_of(thing: Task | Tag | TaskTemplate) -> str:
    """Under which subject its events stand."""
    kind = "task" if isinstance(thing, Task) else "tag" if isinstance(thing, Tag) else "task-template"
    return f"{kind}/{thing.pk}"


def tell(data: events.EventData, *, actor: User | None, about: Task | Tag | TaskTemplate) -> None:
    """Append an event to the caller's transaction. Who tells of several does so in the order of `subject_of`."""
    events.append(
        connection,
        data,
        subject=subject_of(about),
        organization_id=about.organization_id,
        actor_id=actor.pk if actor is not None else None,
    )
