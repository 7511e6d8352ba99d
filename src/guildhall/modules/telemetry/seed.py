"""The demo's telemetry: a datasource and some sensors for every object, and a year of values, one a quarter hour."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction
from numpy.typing import NDArray
from rich.progress import Progress

from guildhall.core.organizations.models import ProjectObject
from guildhall.core.organizations.seed import DemoPlace
from guildhall.modules.telemetry.database import carry_out, raw_connection
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.seed_alarms import seed_rules
from guildhall.modules.telemetry.services import create_datapoint, create_datasource
from guildhall.modules.telemetry.signals import OUTDOOR, SIGNALS, Instant, Sensor, Signal
from guildhall.modules.telemetry.store import journal, sealing
from guildhall.modules.telemetry.store.layout import SECOND
from guildhall.modules.telemetry.store.merging import Batch

INTERVAL: Final = timedelta(minutes=15)
DAYS: Final = 365
OUTDOOR_WORDS: Final = ("mast", "roof", "yard", "garden")


def seed(place: DemoPlace, *, rng: random.Random, progress: Progress) -> None:
    """Give every object of the demo its sensors and their year. Does nothing where an object has some.

    The values are the same for the same `rng`; their times end with the last full quarter of an hour.
    """
    if Datapoint.objects.filter(object__in=place.objects).exists():
        return
    now = datetime.now(UTC)
    end = now - timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    task = progress.add_task("A year of measurements", total=sum(len(_signals_of(thing)) for thing in place.objects))
    times, instants = _year_until(end)
    with transaction.atomic():
        batches = []
        datapoints = []
        for thing in place.objects:
            here: dict[str, Any] = {"actor": place.admin, "project": thing.project, "thing": thing}
            source = create_datasource(**here, name=f"Sensors of {thing.name}").datasource
            (number,) = carry_out(journal.sources_of([source.pk])).values()
            for signal in _signals_of(thing):
                datapoint = create_datapoint(**here, key=signal.key, name=signal.name, unit=signal.unit)
                datapoints.append(datapoint)
                sensor = Sensor(signal, rng)
                values = np.array([sensor.value(instant) for instant in instants])
                batches.append(Batch.of(*np.broadcast_arrays(datapoint.pk, times, values, number)))
                progress.advance(task)
        for batch in batches:
            carry_out(journal.write(batch))
    with raw_connection() as raw:
        sealing.seal_all(raw)
    seed_rules(actor=place.admin, datapoints=datapoints)


def _signals_of(thing: ProjectObject) -> tuple[Signal, ...]:
    outdoor = any(word in thing.name.lower() for word in OUTDOOR_WORDS)
    return OUTDOOR if outdoor else SIGNALS


def _year_until(end: datetime) -> tuple[NDArray[np.int64], list[Instant]]:
    """The times of the year's values, and what they mean for signals."""
    step = int(INTERVAL.total_seconds())
    count = timedelta(days=DAYS) // INTERVAL
    first = int(end.timestamp()) - count * step
    seconds = range(first, first + count * step, step)
    return np.array(seconds, np.int64) * SECOND, [Instant.of(at) for at in seconds]
