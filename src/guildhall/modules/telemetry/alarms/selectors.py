"""Reads of alarm rules and episodes."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from guildhall.core.accounts.models import User
from guildhall.modules.telemetry.alarms.models import AlarmEpisode, AlarmRule


def rules_for(user: User, *, organization_id: UUID | None = None) -> QuerySet[AlarmRule]:
    """The alarm rules that the user sees, with their datapoints."""
    rows = AlarmRule.objects.visible_to(user).select_related("datapoint__project", "datapoint__object")
    return rows if organization_id is None else rows.filter(datapoint__organization_id=organization_id)


def alarms_for(
    user: User,
    *,
    organization_id: UUID | None = None,
    is_open: bool | None = None,
    on_since: datetime | None = None,
) -> QuerySet[AlarmEpisode]:
    """The alarms that the user sees, with their rules and datapoints: those that are on, or over, or both, and only
    those that were on at `on_since` or later.
    """
    rows = AlarmEpisode.objects.visible_to(user).select_related(
        "rule__datapoint__project", "rule__datapoint__object", "acknowledged_by"
    )
    if organization_id is not None:
        rows = rows.filter(rule__datapoint__organization_id=organization_id)
    if is_open is not None:
        rows = rows.filter(ended_at__isnull=is_open)
    if on_since is not None:
        rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=on_since))
    return rows
