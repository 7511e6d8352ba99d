"""Pure rules of tasks: their states, who sees and who may do what, and the variables of templates. No Django."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID


class Status(StrEnum):
    BACKLOG = "backlog"
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    IN_REVIEW = "in_review"
    BLOCKED = "blocked"
    DONE = "done"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


#: Nothing is left to do in these; such a task is never overdue.
CLOSED: Final = frozenset({Status.DONE, Status.CANCELLED})
OPEN: Final = frozenset(Status) - CLOSED


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in one organization. `projects` are those in which he holds any role."""

    user_id: UUID
    is_member: bool = False
    is_admin: bool = False
    moderated: frozenset[UUID] = field(default_factory=frozenset)
    projects: frozenset[UUID] = field(default_factory=frozenset)
    teams: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def audience(self) -> list[UUID]:
        """Whatever of a task's audience lets him see it: himself, his teams, the projects that he moderates."""
        return [self.user_id, *sorted(self.teams), *sorted(self.moderated)]


def may_see(standing: Standing, audience: Iterable[UUID]) -> bool:
    """Admins see all tasks; others what they created, are assigned to, what is their team's or of their project."""
    return standing.is_admin or (standing.is_member and not set(standing.audience).isdisjoint(audience))


def may_create(standing: Standing, project_id: UUID | None) -> bool:
    """Every member may create tasks, and put them into projects in which he has a role."""
    return standing.is_admin or (standing.is_member and (project_id is None or project_id in standing.projects))


def may_delete(standing: Standing, *, created_by_id: UUID | None, project_id: UUID | None) -> bool:
    """Whoever sees a task may change it; it is deleted by admins, its project's moderators, and who created it."""
    return standing.is_admin or (
        standing.is_member and (created_by_id == standing.user_id or project_id in standing.moderated)
    )


def may_edit_comment(standing: Standing, *, author_id: UUID | None) -> bool:
    """Words are changed by nobody but their author."""
    return standing.is_member and author_id == standing.user_id


def may_delete_comment(standing: Standing, *, author_id: UUID | None, project_id: UUID | None) -> bool:
    """Comments are deleted by their author, by admins, and by moderators of the task's project."""
    return standing.is_admin or (
        standing.is_member and (author_id == standing.user_id or project_id in standing.moderated)
    )


def may_curate(standing: Standing) -> bool:
    """Tags are renamed and deleted, and templates written, by admins and moderators."""
    return standing.is_admin or bool(standing.moderated)


def may_change_view(standing: Standing, *, owner_id: UUID, is_shared: bool) -> bool:
    """Saved views are changed by whoever saved them; shared ones also by those who look after tags and templates."""
    return standing.is_member and (owner_id == standing.user_id or (is_shared and may_curate(standing)))


def is_due(*, status: str, due_date: datetime, now: datetime) -> bool:
    """Whether a task in this state has missed its date."""
    return status not in CLOSED and due_date < now


_VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,39})\s*\}\}")


def variables_in(*texts: str) -> list[str]:
    """The names of the variables in these texts, in the order in which they are met first."""
    return list(dict.fromkeys(name for text in texts for name in _VARIABLE.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables' values, taken as they are: what looks like a variable in a value stays.

    Raises:
        KeyError: a variable has no value.
    """
    return _VARIABLE.sub(lambda found: values[found[1]], text)
