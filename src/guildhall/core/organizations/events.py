"""What happens in organizations. The subject of all of these is `organization/<id>`, so they come in order."""

from uuid import UUID

from django.db import connection

from guildhall.core import events
from guildhall.core.accounts.models import User


class OrganizationCreated(events.EventData, type="organizations.organization_created"):
    name: str


class OrganizationChanged(events.EventData, type="organizations.organization_changed"):
    changed: list[str]


class OrganizationDeleted(events.EventData, type="organizations.organization_deleted"):
    name: str


class ProjectCreated(events.EventData, type="organizations.project_created"):
    project_id: UUID
    name: str


class ProjectChanged(events.EventData, type="organizations.project_changed"):
    project_id: UUID
    changed: list[str]


class ProjectDeleted(events.EventData, type="organizations.project_deleted"):
    project_id: UUID
    name: str


class ObjectCreated(events.EventData, type="organizations.object_created"):
    project_id: UUID
    object_id: UUID
    name: str


class ObjectChanged(events.EventData, type="organizations.object_changed"):
    project_id: UUID
    object_id: UUID
    changed: list[str]


class ObjectDeleted(events.EventData, type="organizations.object_deleted"):
    project_id: UUID
    object_id: UUID
    name: str


class RoleGranted(events.EventData, type="organizations.role_granted"):
    """Somebody holds a role now, by a colleague's hand or by an invite code."""

    user_id: UUID
    role: str
    project_id: UUID | None = None
    object_id: UUID | None = None


class RoleRevoked(events.EventData, type="organizations.role_revoked"):
    """Somebody lost a role, or left."""

    user_id: UUID
    role: str
    project_id: UUID | None = None
    object_id: UUID | None = None


class InviteCreated(events.EventData, type="organizations.invite_created"):
    invite_id: UUID
    role: str


class InviteRotated(events.EventData, type="organizations.invite_rotated"):
    invite_id: UUID


class InviteRevoked(events.EventData, type="organizations.invite_revoked"):
    invite_id: UUID


class TeamCreated(events.EventData, type="organizations.team_created"):
    team_id: UUID
    name: str


class TeamChanged(events.EventData, type="organizations.team_changed"):
    team_id: UUID
    changed: list[str]


class TeamDeleted(events.EventData, type="organizations.team_deleted"):
    team_id: UUID
    name: str


def tell(data: events.EventData, *, actor: User, organization_id: UUID) -> None:
    """Append an event of this organization to the caller's transaction."""
    events.append(
        connection,
        data,
        subject=f"organization/{organization_id}",
        organization_id=organization_id,
        actor_id=actor.pk,
    )
