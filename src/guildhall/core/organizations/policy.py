"""Who may do what, as one table: resource × action → roles. Pure; modules add their rows with `register`.

A role is held in a scope: `admin` in an organization, `moderator` in a project, `user` in an object. A role counts for
a thing when its scope covers the place where the thing is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    ADMIN = "admin"
    MODERATOR = "moderator"
    USER = "user"


class Action(StrEnum):
    VIEW = "view"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    MANAGE = "manage"


ADMINS = frozenset({Role.ADMIN})
MODERATORS = frozenset({Role.ADMIN, Role.MODERATOR})
EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: an organization, or a project of it, or an object of that."""

    organization_id: UUID
    project_id: UUID | None = None
    object_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that somebody holds, with its scope."""

    role: Role
    organization_id: UUID
    project_id: UUID | None = None
    object_id: UUID | None = None

    def covers(self, place: Place) -> bool:
        """Whether the scope of this role includes the place."""
        if self.organization_id != place.organization_id:
            return False
        if self.role is Role.ADMIN:
            return True
        if self.role is Role.MODERATOR:
            return self.project_id == place.project_id
        return self.object_id == place.object_id


_TABLE: dict[str, dict[Action, frozenset[Role]]] = {
    "organization": {
        Action.EDIT: ADMINS,
        Action.DELETE: ADMINS,
    },
    "member": {Action.MANAGE: ADMINS},
    "project_member": {Action.VIEW: MODERATORS, Action.MANAGE: MODERATORS},
    "audit": {Action.VIEW: ADMINS},
    "invite": {Action.VIEW: ADMINS, Action.MANAGE: ADMINS},
    "team": {Action.MANAGE: ADMINS},
    "project": {Action.CREATE: ADMINS, Action.EDIT: MODERATORS, Action.DELETE: ADMINS},
    "object": {Action.CREATE: MODERATORS, Action.EDIT: MODERATORS, Action.DELETE: MODERATORS},
}


def register(resource: str, rows: Mapping[Action, Iterable[Role]]) -> None:
    """Add a module's resource to the table.

    Raises:
        ValueError: the resource has other rows already. The same rows again are fine.
    """
    table = {action: frozenset(roles) for action, roles in rows.items()}
    if _TABLE.setdefault(resource, table) != table:
        raise ValueError(f"The policy table has other rows for {resource!r} already.")


def rows() -> dict[str, dict[Action, frozenset[Role]]]:
    """A copy of the table, for documentation and tests."""
    return {resource: dict(actions) for resource, actions in _TABLE.items()}


def allows(grants: Iterable[Grant], resource: str, action: Action, place: Place) -> bool:
    """Whether one of these roles may do this to a resource at this place.

    Raises:
        KeyError: the table has no such row; a missing rule is a defect, never a permission.
    """
    roles = _TABLE[resource][action]
    return any(grant.role in roles and grant.covers(place) for grant in grants)


def may_grant(grants: Iterable[Grant], role: Role, place: Place) -> bool:
    """Whether somebody with these roles may give (or take) this role there: nobody hands out more than he has."""
    held = tuple(grants)
    if role is Role.ADMIN:
        return allows(held, "member", Action.MANAGE, Place(place.organization_id))
    return allows(held, "project_member", Action.MANAGE, place)
