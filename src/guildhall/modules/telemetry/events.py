"""What happens in telemetry that others may want to know of; samples are told in other ways."""

from uuid import UUID

from django.db import connection

from guildhall.core import events
from guildhall.core.accounts.models import User
from guildhall.modules.telemetry.models import Configuration


class ConfigurationChanged(events.EventData, type="telemetry.configuration_changed"):
    """A configuration document has a new version; `path` names the section where only one was changed."""

    configuration_id: UUID
    project_id: UUID
    object_id: UUID | None = None
    document_version: int
    path: str = ""


class ConfigurationDeleted(events.EventData, type="telemetry.configuration_deleted"):
    configuration_id: UUID
    project_id: UUID
    object_id: UUID | None = None


def tell(data: events.EventData, *, actor: User, configuration: Configuration) -> None:
    """Append an event of this configuration to the caller's transaction."""
    events.append(
        connection,
        data,
        subject=f"configuration/{configuration.pk}",
        organization_id=configuration.organization_id,
        actor_id=actor.pk,
    )
