"""Forgets what is older than a datapoint, or its project, is to keep: single values first, quarters of an hour later.

The floor of a datapoint, the time before which it has no single values, only rises, by whole days of UTC. Below it
nothing is written, deleted or recomputed, so the rollups there stay as they are. A partition that lies below every
datapoint's floor is dropped as a whole.
"""

from typing import Any, Final

import psycopg

from guildhall.modules.telemetry.store import compaction, journal, sealing
from guildhall.modules.telemetry.store.layout import (
    DAY,
    END_OF_OWN_PERIODS,
    FIRST_OWN_PERIOD,
    PERIOD,
    WEEK,
    partition_of,
)
from guildhall.modules.telemetry.store.sealing import SyncConnection

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
_CUT: Final = """
SELECT c.datapoint_id, c.start_at, c.position, c.body, f.raw_from FROM telemetry_chunk c
JOIN telemetry_rawfloor f ON f.datapoint_id = c.datapoint_id
WHERE c.datapoint_id = ANY(%s) AND c.start_at < f.raw_from
"""
_FORGET_WEEKS: Final = """
DELETE FROM telemetry_rollup r USING telemetry_datapoint d
LEFT JOIN telemetry_retention o ON o.datapoint_id = d.id
LEFT JOIN telemetry_retention p ON p.project_id = d.project_id
LEFT JOIN telemetry_rawfloor f ON f.datapoint_id = d.id
WHERE r.datapoint_id = d.id
    AND (r.week + 1) * %s::bigint <= least(f.raw_from, %s - coalesce(o.rollup_days, p.rollup_days) * %s::bigint)
    AND coalesce(o.rollup_days, p.rollup_days) IS NOT NULL AND f.raw_from IS NOT NULL
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
        _drop_partitions(cursor, today)
        cursor.execute(_DROP_BELOW, [list(floors)])
        _cut(cursor, list(floors))
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


def _cut(cursor: "psycopg.Cursor[Any]", datapoints: list[int]) -> None:
    """Take the samples below the floor out of the chunks that it divides."""
    cursor.execute(_CUT, [datapoints])
    for datapoint, start_at, position, body, floor in cursor.fetchall():
        left = compaction.unpack_chunk(body)
        left = left.take(left.times >= floor)
        cursor.execute("DELETE FROM telemetry_chunk WHERE datapoint_id = %s AND start_at = %s", [datapoint, start_at])
        sealing.put_chunks(cursor, [sealing.chunk_row(datapoint, left, position)])
