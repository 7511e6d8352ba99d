"""The alarms that are on, for the home page."""

from collections.abc import Iterator
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.shell import AttentionItem, Urgency
from guildhall.modules.telemetry.alarms import selectors
from guildhall.modules.telemetry.alarms.policy import Severity

SHOWN: Final = 20
URGENCY: Final = {
    Severity.INFO: Urgency.INFO,
    Severity.WARNING: Urgency.WARNING,
    Severity.CRITICAL: Urgency.ERROR,
}


def open_alarms(user: User, organization: Organization) -> Iterator[AttentionItem]:
    """The newest alarms that are on and that nobody looks after."""
    rows = selectors.alarms_for(user, organization_id=organization.pk, is_open=True).filter(acknowledged_at=None)
    for episode in rows.order_by("-started_at", "-pk")[:SHOWN]:
        datapoint = episode.rule.datapoint
        place = f"{datapoint.project} / {datapoint.object}" if datapoint.object else str(datapoint.project)
        yield AttentionItem(
            title=_("%(datapoint)s: %(rule)s") % {"datapoint": datapoint.name, "rule": episode.rule.name},
            detail=place,
            url=reverse("telemetry:alarm-rule", args=[episode.rule_id]),
            urgency=URGENCY[Severity(episode.rule.severity)],
            icon="bell-ring",
        )
