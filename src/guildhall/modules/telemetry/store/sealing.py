"""Turns the journal's tail into chunks and rollups, in one transaction; the only writer of both.

A seal takes the oldest rows of the tail, merges what they say into the chunks they touch, recomputes the buckets of
rollups that were touched, and moves the mark in `telemetry_sealed`, below which reads pass the journal over. All of
that is committed at once, so a crash leaves either the tail or the chunks. Rows below the mark are kept for a while for
live streams that resume.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import psycopg

from guildhall.modules.telemetry.store import compaction, summary
from guildhall.modules.telemetry.store.compaction import Stored, Work
from guildhall.modules.telemetry.store.frame import Ints
from guildhall.modules.telemetry.store.layout import (
    ALL_AFTER,
    ALL_BEFORE,
    END_OF_OWN_PERIODS,
    FIRST_OWN_PERIOD,
    PERIOD,
    WEEK,
    partition_of,
)
from guildhall.modules.telemetry.store.merging import RECORD, Range, Samples, latest_of

SyncConnection: TypeAlias = "psycopg.Connection[Any]"

#: So much of the tail is sealed in one transaction.
SEAL_BYTES: Final = 32 * 1024 * 1024
#: Sealed rows of the journal are kept so long, but never more than so many bytes, for streams that resume.
KEPT_S: Final = 600
KEPT_BYTES: Final = 16 * 1024 * 1024
_LOCK: Final = "telemetry sealing"
_GROUP: Final = 256

_MARK: Final = """
INSERT INTO telemetry_sealed (id, position, generation, forgotten) VALUES (1, 0, 0, 0)
ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING position
"""
_TAIL: Final = """
SELECT position, datapoints, ends, body, deleted_from, deleted_until FROM (
    SELECT *, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY position) - coalesce(octet_length(body), 0) AS before
    FROM telemetry_journal WHERE position > %s
) tail WHERE before < %s ORDER BY position
"""
_EXISTING: Final = """
SELECT g.id, f.raw_from FROM unnest(%s::bigint[]) g (id) JOIN telemetry_datapoint d ON d.id = g.id
LEFT JOIN telemetry_rawfloor f ON f.datapoint_id = g.id ORDER BY g.id FOR KEY SHARE OF d
"""
_CHUNKS: Final = """
SELECT datapoint_id, start_at, last_at, count FROM telemetry_chunk
WHERE datapoint_id = ANY(%s) AND start_at >= %s AND start_at < %s ORDER BY datapoint_id, start_at
"""
_PERIODS: Final = """
SELECT DISTINCT floor(start_at::numeric / %s)::bigint FROM telemetry_chunk
WHERE datapoint_id = %s AND start_at >= %s AND start_at < %s AND last_at >= %s
"""
_BODIES: Final = """
SELECT c.datapoint_id, c.start_at, c.body FROM unnest(%s::bigint[], %s::bigint[]) g (datapoint_id, start_at)
JOIN telemetry_chunk c ON c.datapoint_id = g.datapoint_id AND c.start_at = g.start_at
WHERE c.start_at >= %s AND c.start_at < %s
"""
_WEEKS: Final = """
SELECT datapoint_id, week, body FROM telemetry_rollup
WHERE datapoint_id = ANY(%s) AND week >= %s AND week < %s
"""
_DROP: Final = """
DELETE FROM telemetry_chunk c USING unnest(%s::bigint[], %s::bigint[]) g (datapoint_id, start_at)
WHERE c.datapoint_id = g.datapoint_id AND c.start_at = g.start_at AND c.start_at >= %s AND c.start_at < %s
"""
_DROP_WEEKS: Final = """
DELETE FROM telemetry_rollup r USING unnest(%s::bigint[], %s::int[]) g (datapoint_id, week)
WHERE r.datapoint_id = g.datapoint_id AND r.week = g.week
"""
_COPY_CHUNKS: Final = """
COPY telemetry_chunk (datapoint_id, start_at, last_at, position, count, sum, min, max, first, last, body)
FROM STDIN (FORMAT binary)
"""
_CHUNK_TYPES: Final = ("int8", "int8", "int8", "int8", "int4", *["float8"] * 5, "bytea")
_PUT_WEEKS: Final = """
INSERT INTO telemetry_rollup (datapoint_id, week, body)
SELECT * FROM unnest(%b::bigint[], %b::int[], %b::bytea[])
ON CONFLICT (datapoint_id, week) DO UPDATE SET body = excluded.body
"""
_TAIL_BYTES: Final = """
SELECT coalesce(sum(octet_length(body)), 0)::bigint FROM telemetry_journal
WHERE position > (SELECT coalesce(max(position), 0) FROM telemetry_sealed)
"""
_MOVE_MARK: Final = "UPDATE telemetry_sealed SET position = %s, generation = generation + 1"
_FORGET: Final = """
WITH gone AS (
    DELETE FROM telemetry_journal WHERE position <= (
        SELECT max(position) FROM (
            SELECT position, written_at, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY position DESC) AS behind
            FROM telemetry_journal WHERE position <= (SELECT position FROM telemetry_sealed)
        ) kept WHERE behind > %s OR written_at < clock_timestamp() - make_interval(secs => %s)
    ) RETURNING position
)
UPDATE telemetry_sealed SET forgotten = greatest(forgotten, (SELECT max(position) FROM gone))
WHERE EXISTS (SELECT FROM gone)
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one seal took: rows of the journal, and the samples in them."""

    rows: int
    samples: int


@dataclass(slots=True)
class _Tail:
    """The oldest rows of the tail: samples as columns, those of later rows behind those of earlier ones."""

    position: int
    rows: int
    datapoints: Any
    samples: Samples
    gone: dict[int, list[Range]] = field(default_factory=dict)


def seal(connection: SyncConnection, *, at_most_bytes: int = SEAL_BYTES) -> Sealed:
    """Seal the oldest rows of the tail, in a transaction of its own or within the caller's. Safe to repeat."""
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        mark = _take_mark(cursor)
        cursor.execute(_TAIL, [mark, at_most_bytes])
        tail = _tail(cursor.fetchall())
        if tail is None:
            return Sealed(0, 0)
        for works in _works(cursor, tail):
            for first in range(0, len(works), _GROUP):
                _carry_out(cursor, works[first : first + _GROUP], tail.position)
        cursor.execute(_MOVE_MARK, [tail.position])
        return Sealed(tail.rows, len(tail.samples))


def seal_all(connection: SyncConnection) -> int:
    """Seal until nothing is left; how many samples were taken. The oldest sealed rows of the journal are forgotten."""
    samples = 0
    while (sealed := seal(connection)).rows:
        samples += sealed.samples
    forget(connection)
    return samples


def tail_bytes(connection: SyncConnection) -> int:
    """How many bytes of samples wait to be sealed."""
    ((found,),) = connection.execute(_TAIL_BYTES).fetchall()
    return int(found)


def forget(connection: SyncConnection, *, kept_s: float = KEPT_S, kept_bytes: int = KEPT_BYTES) -> None:
    """Delete rows of the journal that are sealed and older, or more, than what streams may still ask for."""
    with connection.transaction():
        connection.execute(_FORGET, [kept_bytes, kept_s])


def _take_mark(cursor: "psycopg.Cursor[Any]") -> int:
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])
    cursor.execute(_MARK)
    ((position,),) = cursor.fetchall()
    return int(position)


def _tail(rows: Sequence[tuple[Any, ...]]) -> _Tail | None:
    if not rows:
        return None
    ids, bodies, positions = [], [], []
    deletions: list[tuple[int, int, int, int]] = []
    for position, datapoints, ends, body, deleted_from, deleted_until in rows:
        if body is None:
            deletions.append((position, datapoints[0], deleted_from, deleted_until))
        else:
            ids.append(np.repeat(np.array(datapoints, np.int64), np.diff([0, *ends])))
            bodies.append(np.frombuffer(body, dtype=RECORD))
            positions.append(np.full(len(bodies[-1]), position, np.int64))
    records = np.concatenate(bodies) if bodies else np.empty(0, RECORD)
    datapoints = np.concatenate(ids) if ids else np.empty(0, np.int64)
    samples = Samples(records["at"].copy(), records["value"].copy(), records["source"].astype(np.int64))
    gone: dict[int, list[Range]] = defaultdict(list)
    if deletions:
        at = np.concatenate(positions) if positions else np.empty(0, np.int64)
        keep = np.ones(len(at), bool)
        for position, datapoint, start, end in deletions:
            gone[datapoint].append((start, end))
            keep &= ~((datapoints == datapoint) & (at < position) & (samples.times >= start) & (samples.times < end))
        samples, datapoints = samples.take(keep), datapoints[keep]
    order = np.argsort(datapoints, kind="stable")
    return _Tail(rows[-1][0], len(rows), datapoints[order], samples.take(order), dict(gone))


def _works(cursor: "psycopg.Cursor[Any]", tail: _Tail) -> Iterable[list[Work]]:
    """What is to be done, period by period. The datapoints that still exist are kept from being deleted meanwhile."""
    bounds = {int(tail.datapoints[first]): (first, last) for first, last in _runs(tail.datapoints)}
    ids = sorted({*bounds, *tail.gone})
    cursor.execute(_EXISTING, [ids])
    by_period: dict[int, dict[int, Samples]] = defaultdict(dict)
    for datapoint, floor in cursor.fetchall():
        if datapoint in bounds:
            first, last = bounds[datapoint]
            samples = latest_of(tail.samples.take(slice(first, last)))
            if floor is not None:
                samples = samples.within(floor, ALL_AFTER)
            for period, piece in _by_period(samples):
                by_period[period][datapoint] = piece
        if datapoint in tail.gone:
            lowest = ALL_BEFORE if floor is None else floor
            tail.gone[datapoint] = [(max(a, lowest), b) for a, b in tail.gone[datapoint] if b > lowest]
            for start, end in tail.gone[datapoint]:
                parameters = [PERIOD, datapoint, max(start // PERIOD * PERIOD, ALL_BEFORE), end, start]
                cursor.execute(_PERIODS, parameters)
                for (period,) in cursor.fetchall():
                    by_period[period].setdefault(datapoint, Samples.none())
    for period in sorted(by_period):
        here = by_period[period]
        cursor.execute(_CHUNKS, [list(here), period * PERIOD, (period + 1) * PERIOD])
        chunks: dict[int, list[Stored]] = defaultdict(list)
        for datapoint, start_at, last_at, count in cursor.fetchall():
            chunks[datapoint].append(Stored(start_at, last_at, count))
        create_partition(cursor, period)
        yield [Work(id_, period, chunks[id_], samples, tail.gone.get(id_, [])) for id_, samples in here.items()]


def _by_period(samples: Samples) -> Iterable[tuple[int, Samples]]:
    periods = samples.times // PERIOD
    for first, last in _runs(periods):
        yield int(periods[first]), samples.take(slice(first, last))


def _runs(keys: Ints) -> Iterable[tuple[int, int]]:
    """Where the same keys stand side by side: first and behind last."""
    if not len(keys):
        return []
    heads = np.flatnonzero(np.append(True, np.diff(keys) != 0)).tolist()
    return zip(heads, [*heads[1:], len(keys)], strict=True)


def _carry_out(cursor: "psycopg.Cursor[Any]", works: Sequence[Work], position: int) -> None:
    period = works[0].period
    bounds = [period * PERIOD, (period + 1) * PERIOD]
    wanted = [(work.datapoint, work.chunks[number].start_at) for work in works for number in work.plan()]
    bodies: dict[int, dict[int, Samples]] = defaultdict(dict)
    if wanted:
        cursor.execute(_BODIES, [*_columns(wanted), *bounds])
        for datapoint, start_at, body in cursor.fetchall():
            bodies[datapoint][start_at] = compaction.unpack_chunk(body)
    cursor.execute(_WEEKS, [[work.datapoint for work in works], bounds[0] // WEEK, bounds[1] // WEEK])
    known: dict[int, dict[int, bytes]] = defaultdict(dict)
    for datapoint, week, body in cursor.fetchall():
        known[datapoint][week] = body
    dropped, made, weeks = [], [], []
    for work in works:
        here = bodies[work.datapoint]
        numbers = {n: here[chunk.start_at] for n, chunk in enumerate(work.chunks) if chunk.start_at in here}
        chunks, buckets = work.carry_out(numbers)
        dropped += [(work.datapoint, work.chunks[number].start_at) for number in work.rewritten]
        made += [chunk_row(work.datapoint, chunk, position) for chunk in chunks]
        changed = compaction.changed_weeks(known[work.datapoint], work.dirty, buckets)
        weeks += [(work.datapoint, week, body) for week, body in changed.items()]
    if dropped:
        cursor.execute(_DROP, [*_columns(dropped), *bounds])
    put_chunks(cursor, made)
    put = [(datapoint, week, body) for datapoint, week, body in weeks if body is not None]
    if put:
        cursor.execute(_PUT_WEEKS, _columns(put))
    if len(put) < len(weeks):
        cursor.execute(_DROP_WEEKS, _columns([(d, week) for d, week, body in weeks if body is None]))


def chunk_row(datapoint: int, samples: Samples, position: int) -> tuple[Any, ...]:
    """A row of the table of chunks."""
    one = summary.whole(samples)
    numbers = (column[0].item() for column in (one.sums, one.mins, one.maxs, one.firsts, one.lasts))
    first, last = int(samples.times[0]), int(samples.times[-1])
    return datapoint, first, last, position, len(samples), *numbers, compaction.pack_chunk(samples)


def put_chunks(cursor: "psycopg.Cursor[Any]", rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows as `chunk_row` makes them; their partitions have to be there."""
    if rows:
        with cursor.copy(_COPY_CHUNKS) as copy:
            copy.set_types(_CHUNK_TYPES)
            for row in rows:
                copy.write_row(row)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def create_partition(cursor: "psycopg.Cursor[Any]", period: int) -> None:
    """Make sure that the period has its partition, where it is one of those with their own. Safe to repeat."""
    if not FIRST_OWN_PERIOD <= period < END_OF_OWN_PERIODS:
        return
    cursor.execute("SELECT to_regclass(%s) IS NULL", [partition_of(period)])
    ((missing,),) = cursor.fetchall()
    if missing:
        cursor.execute(
            f"CREATE TABLE {partition_of(period)} PARTITION OF telemetry_chunk "
            f"FOR VALUES FROM ({period * PERIOD}) TO ({(period + 1) * PERIOD})".encode()
        )
