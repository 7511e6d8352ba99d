"""What lists, board and calendar show of tasks: each with its people and tags, read at once for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guildhall.core.accounts.models import User
from guildhall.modules.tasks import policy, selectors
from guildhall.modules.tasks.models import Tag, Task


@dataclass(frozen=True, slots=True)
class Row:
    """A task with what stands beside its title."""

    task: Task
    people: Sequence[User]
    tags: Sequence[Tag]
    is_late: bool


def rows_of(tasks: Iterable[Task], *, now: datetime) -> list[Row]:
    """The rows of these tasks; two queries, however many there are."""
    found = list(tasks)
    people: dict[UUID, User] = selectors.people_of(found)
    tags: dict[int, Tag] = selectors.tags_of(found)
    return [
        Row(
            task,
            [people[key] for key in task.assignee_ids if key in people],
            sorted((tags[key] for key in task.tag_ids if key in tags), key=lambda tag: tag.name.casefold()),
            policy.is_due(status=task.status, due_date=task.due_date, now=now),
        )
        for task in found
    ]
