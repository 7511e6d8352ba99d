"""What lists, board and calendar show of tasks: each with its people and tags, read at once for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guildhall.core.accounts.models import User
from guildhall.modules.tasks import policy, selectors
from guildhall.modules.tasks.models import Tag, Task


@dataclass(frozen=True, slots=True)
class Row:
    """A task with what stands beside its title; where it was searched for, with what was found, as HTML."""

    task: Task
    people: Sequence[User]
    tags: Sequence[Tag]
    is_late: bool
    title_html: str = ""
    snippet_html: str = ""


def rows_of(
    tasks: Iterable[Task],
    *,
    now: datetime,
    tags: Iterable[Tag] | None = None,
    known: Iterable[User] = (),
    found: Mapping[int, tuple[str, str]] | None = None,
) -> list[Row]:
    """The rows of these tasks; two queries at most, however many there are: one for tags unless all are given, one for
    people who are not among those `known`. `found` holds marked titles and snippets by the tasks' keys.
    """
    wanted = list(tasks)
    people: dict[UUID, User] = {person.pk: person for person in known}
    if any(key not in people for task in wanted for key in task.assignee_ids):
        people |= selectors.people_of(wanted)
    named = selectors.tags_of(wanted) if tags is None else {tag.pk: tag for tag in tags}
    return [
        Row(
            task,
            [people[key] for key in task.assignee_ids if key in people],
            sorted((named[key] for key in task.tag_ids if key in named), key=lambda tag: tag.name.casefold()),
            policy.is_due(status=task.status, due_date=task.due_date, now=now),
            *(found or {}).get(task.pk, ()),
        )
        for task in wanted
    ]
