"""The demo's telemetry: a datasource and some sensors for every object, and a year of values, one a quarter hour."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import psycopg
from django.db import connection, transaction
from rich.progress import Progress

from guildhall.core.organizations.models import ProjectObject
from guildhall.core.organizations.seed import DemoPlace
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.services import create_datapoint, create_datasource
from guildhall.modules.telemetry.signals import OUTDOOR, SIGNALS, Instant, Sensor, Signal
from guildhall.modules.telemetry.store import samples

INTERVAL: Final = timedelta(minutes=15)
DAYS: Final = 365
OUTDOOR_WORDS: Final = ("mast", "roof", "yard", "garden")
_PARTITIONS: Final = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'telemetry_sample'::regclass"

#: A time in microseconds since 1970, and what it means for signals.
Moment = tuple[int, Instant]


def seed(place: DemoPlace, *, rng: random.Random, progress: Progress) -> None:
    """Give every object of the demo its sensors and their year. Does nothing where an object has some.

    The values are the same for the same `rng`; their times end with the last full quarter of an hour.
    """
    if Datapoint.objects.filter(object__in=place.objects).exists():
        return
    now = datetime.now(UTC)
    end = now - timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    task = progress.add_task("A year of measurements", total=sum(len(_signals_of(thing)) for thing in place.objects))
    year = _year_until(end)
    with transaction.atomic():
        _create_partitions(end - timedelta(days=DAYS), end)
        for thing in place.objects:
            here: dict[str, Any] = {"actor": place.admin, "project": thing.project, "thing": thing}
            source = create_datasource(**here, name=f"Sensors of {thing.name}").datasource
            for signal in _signals_of(thing):
                datapoint = create_datapoint(**here, key=signal.key, name=signal.name, unit=signal.unit)
                sensor = Sensor(signal, rng)
                rows = ((datapoint.pk, at, sensor.value(instant), source.pk) for at, instant in year)
                samples.copy_new(cast("psycopg.Connection[Any]", connection.connection), rows)
                progress.advance(task)


def _signals_of(thing: ProjectObject) -> tuple[Signal, ...]:
    outdoor = any(word in thing.name.lower() for word in OUTDOOR_WORDS)
    return OUTDOOR if outdoor else SIGNALS


def _create_partitions(start: datetime, end: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PARTITIONS)
        known = {name for (name,) in cursor.fetchall()}
        moment = start.replace(day=1)
        while moment <= end:
            month = moment.year, moment.month
            if samples.partition_of(month) not in known:
                cursor.execute(samples.create_partition_sql(month))
            moment = (moment + timedelta(days=32)).replace(day=1)


def _year_until(end: datetime) -> list[Moment]:
    step = int(INTERVAL.total_seconds())
    count = timedelta(days=DAYS) // INTERVAL
    first = int(end.timestamp()) - count * step
    return [(at * 1_000_000, Instant.of(at)) for at in range(first, first + count * step, step)]
