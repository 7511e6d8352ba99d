"""What telemetry does when it hears of something elsewhere."""

from guildhall.core import events
from guildhall.core.audit.services import record
from guildhall.core.events import Event
from guildhall.modules.telemetry.models import Datasource


@events.subscribe("accounts.user_deactivated", name="telemetry.disable_personal_datasources")
def disable_personal_datasources(event: Event) -> None:
    """Cut the devices of the personal organization; those of other organizations belong to these."""
    personal = Datasource.objects.filter(organization__personal_owner=event.data["user_id"], enabled=True)
    for datasource in personal.select_for_update(of=("self",)).order_by("pk"):
        # A trigger counts up the version of the rights, by which open connections are cut.
        datasource.enabled = False
        datasource.save(update_fields=["enabled"])
        record(
            "datasource.changed",
            actor=None,
            organization_id=datasource.organization_id,
            subject=datasource,
            details={"username": datasource.username, "changed": ["enabled"], "enabled": False},
        )
