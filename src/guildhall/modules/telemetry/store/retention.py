"""Forgets what is older than a datapoint, or its project, is to keep: single values first, quarters of an hour later.

The floor of a datapoint, the time before which it has no single values, only rises, by whole days of UTC. Below it
nothing is written, deleted or recomputed. What chunks below it were summed up to is kept in rows of rollups, a week
each. A partition that lies below every datapoint's floor is dropped as a whole.
"""

from collections import defaultdict
from typing import Any, Final

import numpy as np
import psycopg

from guildhall.modules.telemetry.store import chunks, compaction, journal, rollups, sealing, summary, weeks
from guildhall.modules.telemetry.store.layout import (
    DAY,
    END_OF_OWN_PERIODS,
    FIRST_OWN_PERIOD,
    PERIOD,
    QUARTERS_IN_WEEK,
    WEEK,
    partition_of,
)
from guildhall.modules.telemetry.store.pieces import Pieces
from guildhall.modules.telemetry.store.sealing import SyncConnection
from guildhall.modules.telemetry.store.summary import Buckets

_DUE: Final = """
SELECT d.id, coalesce(o.raw_days, p.raw_days), f.raw_from FROM telemetry_datapoint d
LEFT JOIN telemetry_retention o ON o.datapoint_id = d.id
LEFT JOIN telemetry_retention p ON p.project_id = d.project_id
LEFT JOIN telemetry_rawfloor f ON f.datapoint_id = d.id
WHERE coalesce(o.raw_days, p.raw_days) IS NOT NULL
    AND coalesce(f.raw_from, -1) < %s - coalesce(o.raw_days, p.raw_days) * %s::bigint
ORDER BY d.id FOR KEY SHARE OF d
"""
_RAISE: Final = """
INSERT INTO telemetry_rawfloor (datapoint_id, raw_from) SELECT * FROM unnest(%s::bigint[], %s::bigint[])
ON CONFLICT (datapoint_id) DO UPDATE SET raw_from = greatest(telemetry_rawfloor.raw_from, excluded.raw_from)
"""
_PARTITIONS: Final = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'telemetry_chunk'::regclass ORDER BY c.relname
"""
_LOWEST: Final = """
SELECT min(coalesce(f.raw_from, %s)) FROM telemetry_datapoint d LEFT JOIN telemetry_rawfloor f ON f.datapoint_id = d.id
"""
_DROP_BELOW: Final = """
DELETE FROM telemetry_chunk c USING telemetry_rawfloor f
WHERE c.datapoint_id = f.datapoint_id AND c.datapoint_id = ANY(%s) AND c.last_at < f.raw_from
"""
_BELOW: Final = """
SELECT c.datapoint_id, c.start_at, c.last_at >= f.raw_from, c.position,
       CASE WHEN c.last_at >= f.raw_from OR c.rollup IS NULL THEN c.body END, c.rollup
FROM telemetry_chunk c JOIN telemetry_rawfloor f ON f.datapoint_id = c.datapoint_id
WHERE c.datapoint_id = ANY(%s) AND c.start_at < f.raw_from ORDER BY c.datapoint_id, c.start_at
"""
_WEEKS: Final = "SELECT datapoint_id, week, body FROM telemetry_rollup WHERE datapoint_id = ANY(%s) AND week = ANY(%s)"
_PUT_WEEKS: Final = """
INSERT INTO telemetry_rollup (datapoint_id, week, body)
SELECT * FROM unnest(%b::bigint[], %b::int[], %b::bytea[])
ON CONFLICT (datapoint_id, week) DO UPDATE SET body = excluded.body
"""
#: So many datapoints are worked on at once, to bound the memory that takes.
_AT_ONCE: Final = 20
_FORGET_WEEKS: Final = """
WITH gone AS (
DELETE FROM telemetry_rollup r USING telemetry_datapoint d
LEFT JOIN telemetry_retention o ON o.datapoint_id = d.id
LEFT JOIN telemetry_retention p ON p.project_id = d.project_id
LEFT JOIN telemetry_rawfloor f ON f.datapoint_id = d.id
WHERE r.datapoint_id = d.id
    AND (r.week + 1) * %s::bigint <= least(f.raw_from, %s - coalesce(o.rollup_days, p.rollup_days) * %s::bigint)
    AND coalesce(o.rollup_days, p.rollup_days) IS NOT NULL AND f.raw_from IS NOT NULL
RETURNING r.datapoint_id, r.week
)
DELETE FROM telemetry_week w USING gone WHERE w.datapoint_id = gone.datapoint_id AND w.week = gone.week
"""


def apply(connection: SyncConnection, *, now: int) -> int:
    """Forget what is due at this time, in one transaction; how many datapoints' floors rose. Safe to repeat.

    Writers wait meanwhile, as the floors have to rise between two writes; the tail is sealed before, so that what came
    in time is in the rollups.
    """
    today = now // DAY * DAY
    if not connection.execute(_DUE.replace("FOR KEY SHARE OF d", "LIMIT 1"), [today, DAY]).fetchone():
        with connection.transaction():
            connection.execute(_FORGET_WEEKS, [WEEK, today, DAY])
        return 0
    sealing.seal_all(connection)
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        cursor.execute(journal.DRAW)
        while sealing.seal(connection).rows:
            pass
        cursor.execute(_DUE, [today, DAY])
        floors = {id_: today - days * DAY for id_, days, _ in cursor.fetchall()}
        cursor.execute(_RAISE, [list(floors), list(floors.values())])
        raised = list(floors)
        for first in range(0, len(raised), _AT_ONCE):
            _freeze(cursor, raised[first : first + _AT_ONCE], floors)
        _drop_partitions(cursor, today)
        cursor.execute(_DROP_BELOW, [raised])
        cursor.execute(_FORGET_WEEKS, [WEEK, today, DAY])
        cursor.execute("UPDATE telemetry_sealed SET generation = generation + 1")
        return len(floors)


def _drop_partitions(cursor: "psycopg.Cursor[Any]", today: int) -> None:
    cursor.execute(_LOWEST, [FIRST_OWN_PERIOD * PERIOD])
    ((lowest,),) = cursor.fetchall()
    end = min(lowest if lowest is not None else 0, today) // PERIOD
    gone = {partition_of(period) for period in range(FIRST_OWN_PERIOD, min(end, END_OF_OWN_PERIODS))}
    cursor.execute(_PARTITIONS)
    for (name,) in cursor.fetchall():
        if name in gone:
            cursor.execute(f"DROP TABLE {name}".encode())


def _freeze(cursor: "psycopg.Cursor[Any]", datapoints: list[int], floors: dict[int, int]) -> None:
    """Keep what chunks below the floor were summed up to, and take what is below out of those that it divides."""
    cursor.execute(_BELOW, [datapoints])
    found: dict[int, list[Buckets]] = defaultdict(list)
    for datapoint, start_at, divided, position, body, rollup in cursor.fetchall():
        if body is None:
            found[datapoint].append(rollups.unpack([rollup])[0])
            continue
        samples, _ = compaction.unpack_chunks([body])
        below = samples.times < floors[datapoint]
        if below.any():
            gone = samples.take(below)
            found[datapoint].append(summary.quarters_of(gone, Pieces.of([len(gone)]))[0])
        if divided:
            left = samples.take(~below)
            chunks.drop(cursor, start_at // PERIOD, [(datapoint, start_at)])
            packed = compaction.pack_chunks(left, Pieces.of([len(left)]))
            chunks.put(cursor, [datapoint], packed, position)
    _add_weeks(cursor, {datapoint: summary.joined(parts) for datapoint, parts in found.items()})


def _add_weeks(cursor: "psycopg.Cursor[Any]", found: dict[int, Buckets]) -> None:
    """Add buckets behind those that are there; one that two chunks share is put together."""
    all_of_them = {
        week for buckets in found.values() for week in np.unique(buckets.starts // QUARTERS_IN_WEEK).tolist()
    }
    cursor.execute(_WEEKS, [list(found), list(all_of_them)])
    known = {(datapoint, week): body for datapoint, week, body in cursor.fetchall()}
    rows: list[tuple[int, int, bytes]] = []
    for datapoint, buckets in found.items():
        pieces = Pieces.where(np.diff(buckets.starts // QUARTERS_IN_WEEK, prepend=-(2**40)) != 0)
        for head, end in zip(pieces.heads.tolist(), pieces.ends.tolist(), strict=True):
            week = int(buckets.starts[head]) // QUARTERS_IN_WEEK
            parts = [rollups.unpack([known[datapoint, week]])[0]] if (datapoint, week) in known else []
            whole = _put_together(summary.joined([*parts, buckets.take(slice(head, end))]))
            rows.append((datapoint, week, rollups.pack(whole, Pieces.of([len(whole)]))[0]))
    if rows:
        cursor.execute(_PUT_WEEKS, [list(column) for column in zip(*rows, strict=True)])
        weeks.touch(cursor, {(datapoint, week) for datapoint, week, _ in rows})


def _put_together(buckets: Buckets) -> Buckets:
    heads = Pieces.where(np.diff(buckets.starts, prepend=-(2**40)) != 0).heads
    return buckets.grouped(heads, buckets.starts[heads], Pieces.of([len(buckets)]))
