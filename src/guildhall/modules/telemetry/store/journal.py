"""The journal: what was written or deleted and is not sealed yet, in the order of positions.

A row is one write (a body of packed samples with the list of its datapoints) or one deletion (a range of a datapoint).
Its position is drawn under the lock of one row, which is held until the commit. So positions are in the order of
commits, whoever sees one sees every lower one, and where two speak of the same time, the higher one counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np

from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE
from guildhall.modules.telemetry.store.merging import Batch
from guildhall.modules.telemetry.store.plan import Plan, array

#: What may wait to be sealed; beyond it those who write have to wait.
TAIL_BYTES: Final = 64 * 1024 * 1024
TAIL_S: Final = 60.0
LONGEST_PAUSE_S: Final = 5.0
#: The source of samples that came from no datasource.
NO_SOURCE: Final = 0

DRAW: Final = """
INSERT INTO telemetry_position (id, position) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET position = telemetry_position.position + 1 RETURNING position
"""
#: How many of the datapoints there are, and the floors of those that have one.
_KNOWN: Final = """
SELECT count(*), array_agg(d.id) FILTER (WHERE f.raw_from IS NOT NULL),
       array_agg(f.raw_from) FILTER (WHERE f.raw_from IS NOT NULL)
FROM telemetry_datapoint d LEFT JOIN telemetry_rawfloor f ON f.datapoint_id = d.id WHERE d.id = ANY(%s::bigint[])
"""
_WRITE: Final = """
INSERT INTO telemetry_journal (position, datapoints, ends, body) VALUES (%s, %s::bigint[], %s::int[], %b)
"""
_DELETE: Final = """
INSERT INTO telemetry_journal (position, datapoints, deleted_from, deleted_until)
VALUES (%s, ARRAY[%s::bigint], %s, %s)
"""
_POSITION: Final = "SELECT coalesce(max(position), 0) FROM telemetry_position"
_SOURCES: Final = "SELECT datasource_id, id FROM telemetry_source WHERE datasource_id = ANY(%s::uuid[])"
_ADD_SOURCES: Final = """
INSERT INTO telemetry_source (datasource_id) SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING
"""
_TAIL: Final = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(written_at)), 0)::float8,
       coalesce(sum(octet_length(body)), 0)::bigint
FROM telemetry_journal WHERE position > (SELECT coalesce(max(position), 0) FROM telemetry_sealed)
"""


class UnknownDatapointError(Exception):
    """A datapoint that was written to does not exist, or not any more; nothing was written."""


@dataclass(frozen=True, slots=True)
class Written:
    """The position of a write, and how many samples of a datapoint were refused as older than its raw retention.

    `floors` tells of each such datapoint from which time on its samples are kept.
    """

    position: int
    refused: dict[int, int] = field(default_factory=dict)
    floors: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tail:
    """What waits to be sealed: the age of the oldest row, in seconds by the clock, and the bytes of all samples."""

    age_s: float
    size_bytes: int

    @property
    def excess(self) -> float:
        """How often the larger of both exceeds its bound; up to 1 all is well."""
        return max(self.age_s / TAIL_S, self.size_bytes / TAIL_BYTES)


def write(batch: Batch) -> Plan[Written]:
    """Append the samples to the journal, in the caller's transaction, which holds up every other write until it ends.

    So this comes last in a transaction, behind everything that may have to wait for another.

    Raises:
        UnknownDatapointError: a datapoint does not exist.
    """
    # The floors are read behind the lock, so that retention can't raise one in between.
    ((position,),) = yield DRAW, []
    datapoints = array(batch.datapoints)
    floors = yield from _floors(datapoints, len(batch.datapoints))
    refused: dict[int, int] = {}
    if floors:
        batch, refused = batch.without(floors)
        datapoints = array(batch.datapoints)
    if len(batch):
        yield _WRITE, [position, datapoints, array(batch.ends), batch.body]
    return Written(position, refused, {id_: floors[id_] for id_ in refused})


def delete(datapoint: int, start: int | None = None, end: int | None = None) -> Plan[int]:
    """Delete what was written until now in [start, end), but not what is older than the raw retention; its position.

    Raises:
        UnknownDatapointError: the datapoint does not exist.
    """
    ((position,),) = yield DRAW, []
    floors = yield from _floors(array([datapoint]), 1)
    first = max(ALL_BEFORE if start is None else start, floors.get(datapoint, ALL_BEFORE))
    last = ALL_AFTER if end is None else end
    if first < last:
        yield _DELETE, [position, datapoint, first, last]
    return int(position)


def _floors(datapoints: str, count: int) -> Plan[dict[int, int]]:
    ((found, ids, floors),) = yield _KNOWN, [datapoints]
    if found < count:
        raise UnknownDatapointError
    return dict(zip(ids, floors, strict=True)) if ids else {}


def current_position() -> Plan[int]:
    """The position of the last write or deletion."""
    ((position,),) = yield _POSITION, []
    return int(position)


def sources_of(datasources: Sequence[UUID]) -> Plan[dict[UUID, int]]:
    """The numbers by which samples know these datasources; they stay when a datasource is deleted."""
    ids = list(datasources)
    known: dict[UUID, int] = dict((yield _SOURCES, [ids]))
    missing = sorted(set(ids) - known.keys())
    if missing:
        yield _ADD_SOURCES, [missing]
        known |= dict((yield _SOURCES, [missing]))
    return known


def tail() -> Plan[Tail]:
    """What waits to be sealed."""
    ((age_s, size_bytes),) = yield _TAIL, []
    return Tail(age_s, size_bytes)


def pause_s() -> Plan[float]:
    """How long a writer is to wait before the next batch, so that sealing keeps up; 0 within bounds."""
    excess = (yield from tail()).excess
    return min(excess, LONGEST_PAUSE_S) if excess > 1 else 0.0


def batch_of(rows: Sequence[tuple[int, int, float]], sources: Sequence[int] | int = NO_SOURCE) -> Batch:
    """Rows of datapoint, time and value as a batch."""
    columns: Any = zip(*rows, strict=True) if rows else ((), (), ())
    ids, times, values = columns
    numbers = np.broadcast_to(np.array(sources, np.int32), len(rows))
    return Batch.of(np.array(ids, np.int64), np.array(times, np.int64), np.array(values, np.float64), numbers)
