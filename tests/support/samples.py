"""Puts samples into the store and looks at what is in it, for tests of everything but the store itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from guildhall.modules.telemetry.database import carry_out, raw_connection
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.store import journal, reading, sealing
from guildhall.modules.telemetry.store.layout import microseconds, moment
from guildhall.modules.telemetry.store.plan import run


@dataclass(frozen=True, slots=True)
class Stored:
    """A sample as it is in the store."""

    datapoint_id: int
    at: datetime
    value: float
    datasource_id: UUID | None


def put(*samples: tuple[Datapoint | int, datetime, float], source: UUID | None = None) -> int:
    """Write the samples at once, as sent by the datasource; the position of the write."""
    rows = [(one if isinstance(one, int) else one.pk, microseconds(at), value) for one, at, value in samples]
    with transaction.atomic():
        number = journal.NO_SOURCE if source is None else carry_out(journal.sources_of([source]))[source]
        return carry_out(journal.write(journal.batch_of(rows, number))).position


def seal() -> None:
    """Move everything from the journal's tail into chunks and rollups."""
    with raw_connection() as raw:
        sealing.seal_all(raw)


def stored() -> list[Stored]:
    """Every sample in the database of the test, by datapoint and time."""
    with raw_connection() as raw:
        return stored_in(raw)


def stored_values() -> list[float]:
    """The values of all samples, by datapoint and time."""
    return [one.value for one in stored()]


def is_stored(value: float) -> bool:
    """Whether a sample has this value."""
    return value in stored_values()


def stored_in(connection: "psycopg.Connection[Any]") -> list[Stored]:
    """Every sample in the connection's database, by datapoint and time."""
    with connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT id, datasource_id FROM telemetry_source")
        sources: dict[int, UUID] = dict(cursor.fetchall())
        cursor.execute("SELECT id FROM telemetry_datapoint ORDER BY id")
        found: list[Stored] = []
        for (datapoint,) in cursor.fetchall():
            found += _of(datapoint, sources, cursor)
        return found


def _of(datapoint: int, sources: dict[int, UUID], cursor: Any) -> Iterable[Stored]:
    samples = run(reading.samples_in(datapoint), cursor)
    columns = samples.times.tolist(), samples.values.tolist(), samples.sources.tolist()
    return [
        Stored(datapoint, moment(at), value, sources.get(source)) for at, value, source in zip(*columns, strict=True)
    ]
