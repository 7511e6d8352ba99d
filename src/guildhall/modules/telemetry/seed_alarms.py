"""The demo's alarm rules, with what they found in the last two months, and one alarm that is on."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from guildhall.core.accounts.models import User
from guildhall.modules.telemetry.alarms.policy import Kind, Severity
from guildhall.modules.telemetry.alarms.services import create_rule, database_now, evaluate_datapoints
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.selectors import latest_values

HISTORY: Final = timedelta(days=60)
#: Of how many rooms the air is watched.
ROOMS: Final = 3

#: What is watched in a room, by the key of the datapoint.
RULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "co2": {
        "name": "Stuffy air",
        "kind": Kind.ABOVE.value,
        "high": 900.0,
        "hysteresis": 100.0,
        "duration_s": 1800,
        "severity": Severity.WARNING.value,
    },
    "temperature": {
        "name": "Too cold or too warm",
        "kind": Kind.OUTSIDE.value,
        "low": 16.0,
        "high": 25.0,
        "hysteresis": 0.5,
        "severity": Severity.INFO.value,
    },
    "power": {
        "name": "Meter is silent",
        "kind": Kind.SILENT_FOR.value,
        "duration_s": 6 * 3600,
        "severity": Severity.CRITICAL.value,
    },
}


def seed_rules(*, actor: User, datapoints: Sequence[Datapoint]) -> None:
    """Make rules for some of these datapoints, and let them look back."""
    since = database_now() - HISTORY
    watched = []
    for key, rule in RULES.items():
        for datapoint in [one for one in datapoints if one.key == key][:ROOMS]:
            create_rule(actor=actor, datapoint=datapoint, since=since, **rule)
            watched.append(datapoint)
    for datapoint in [one for one in datapoints if one.key == "humidity"][:1]:
        newest = latest_values([datapoint.pk])[datapoint.pk]
        create_rule(
            actor=actor,
            datapoint=datapoint,
            since=newest.at - timedelta(hours=12),
            name="Damp",
            kind=Kind.ABOVE.value,
            # So that the demo has an alarm that is on.
            high=math.floor(newest.value) - 1.0,
            hysteresis=1.0,
            severity=Severity.CRITICAL.value,
        )
        watched.append(datapoint)
    evaluate_datapoints([datapoint.pk for datapoint in watched], now=database_now())
