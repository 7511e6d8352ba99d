"""That alarms were raised and cleared, for whoever wants to know.

The events of a rule alternate, and the last one says how things are. One that began and ended long ago, and was found
late, is recorded but not told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import connection

from guildhall.core import events
from guildhall.modules.telemetry.alarms.models import AlarmEpisode, AlarmRule


class AlarmRaised(events.EventData, type="telemetry.alarm_raised"):
    """A rule's condition has held for the rule's duration. `value` is the worst until now, where there is one."""

    rule_id: UUID
    datapoint_id: int
    project_id: UUID
    object_id: UUID | None = None
    name: str
    kind: str
    severity: str
    started_at: datetime
    value: float | None = None


class AlarmCleared(events.EventData, type="telemetry.alarm_cleared"):
    """An alarm is over; or `withdrawn`, as samples that came late or were deleted show that it never was."""

    rule_id: UUID
    datapoint_id: int
    project_id: UUID
    object_id: UUID | None = None
    name: str
    kind: str
    severity: str
    started_at: datetime
    ended_at: datetime | None = None
    value: float | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An event that is to be appended, and of which rule."""

    rule: AlarmRule
    data: AlarmRaised | AlarmCleared

    @classmethod
    def raised(cls, rule: AlarmRule, episode: AlarmEpisode) -> Self:
        """That this alarm is on."""
        return cls(rule, AlarmRaised(**_common(rule, episode)))

    @classmethod
    def cleared(cls, rule: AlarmRule, episode: AlarmEpisode, *, is_withdrawn: bool = False) -> Self:
        """That this alarm is over, or never was."""
        return cls(rule, AlarmCleared(**_common(rule, episode), ended_at=episode.ended_at, withdrawn=is_withdrawn))

    @property
    def subject(self) -> str:
        return f"alarm/{self.rule.pk}"


def _common(rule: AlarmRule, episode: AlarmEpisode) -> dict[str, object]:
    return {
        "rule_id": rule.pk,
        "datapoint_id": rule.datapoint_id,
        "project_id": rule.datapoint.project_id,
        "object_id": rule.datapoint.object_id,
        "name": rule.name,
        "kind": rule.kind,
        "severity": rule.severity,
        "started_at": episode.started_at,
        "value": episode.peak_value,
    }


def tell(told: Iterable[Told], *, actor_id: UUID | None = None) -> None:
    """Append the events to the caller's transaction, those of a rule in their order."""
    # Whoever appends to several subjects locks them in their alphabetical order.
    for one in sorted(told, key=lambda one: one.subject):
        events.append(
            connection,
            one.data,
            subject=one.subject,
            organization_id=one.rule.datapoint.organization_id,
            actor_id=actor_id,
        )
