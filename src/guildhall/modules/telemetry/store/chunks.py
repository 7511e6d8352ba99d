"""Rows of the table of chunks: which there are, their samples, and their exchange. Nothing is decided here."""

import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final

import psycopg

from guildhall.modules.telemetry.store import compaction
from guildhall.modules.telemetry.store.compaction import Packed, Stored
from guildhall.modules.telemetry.store.layout import END_OF_OWN_PERIODS, FIRST_OWN_PERIOD, PERIOD, partition_of
from guildhall.modules.telemetry.store.merging import Samples
from guildhall.modules.telemetry.store.pieces import Pieces

#: A datapoint and when one of its chunks begins.
Key = tuple[int, int]

_PERIODS: Final = """
SELECT DISTINCT floor(start_at::numeric / %s)::bigint FROM telemetry_chunk
WHERE datapoint_id = %s AND start_at >= %s AND start_at < %s AND last_at >= %s
"""
_LAST: Final = """
SELECT c.datapoint_id, c.start_at, c.last_at, c.count
FROM unnest(%s::bigint[], %s::bigint[]) g (datapoint_id, first) CROSS JOIN LATERAL (
    SELECT datapoint_id, start_at, last_at, count FROM telemetry_chunk
    WHERE datapoint_id = g.datapoint_id AND start_at >= {since} AND start_at < {until} AND start_at >= coalesce((
        SELECT start_at FROM telemetry_chunk WHERE datapoint_id = g.datapoint_id
            AND start_at >= {since} AND start_at < {until} AND start_at <= g.first AND count >= %s
        ORDER BY start_at DESC LIMIT 1
    ), {since})
) c ORDER BY c.datapoint_id, c.start_at
"""
_BODIES: Final = """
SELECT c.datapoint_id, c.start_at, c.body FROM unnest(%s::bigint[], %s::bigint[]) g (datapoint_id, start_at)
JOIN telemetry_chunk c ON c.datapoint_id = g.datapoint_id AND c.start_at = g.start_at
    AND c.start_at >= {since} AND c.start_at < {until}
"""
_DROP: Final = """
DELETE FROM telemetry_chunk c USING unnest(%s::bigint[], %s::bigint[]) g (datapoint_id, start_at)
WHERE c.datapoint_id = g.datapoint_id AND c.start_at = g.start_at AND c.start_at >= {since} AND c.start_at < {until}
"""
_COPY: Final = """
COPY telemetry_chunk (datapoint_id, start_at, last_at, position, count, sum, min, max, first, last, body, rollup)
FROM STDIN (FORMAT binary)
"""
#: See "Binary Format" in PostgreSQL's manual of COPY.
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END: Final = b"\xff\xff"
_COPY_ROW: Final = struct.Struct("!h" + "iq" * 4 + "ii" + "id" * 5 + "i")
_LENGTH: Final = struct.Struct("!i")
_COLUMNS: Final = 12
_NULL: Final = _LENGTH.pack(-1)


def _of(query: str, period: int) -> bytes:
    """The query with the period's bounds spelt out, so that other partitions are left aside when it is planned."""
    return query.format(since=period * PERIOD, until=(period + 1) * PERIOD).encode()


def periods_of(cursor: "psycopg.Cursor[Any]", datapoint: int, start: int, end: int) -> list[int]:
    """The periods in which the datapoint has chunks that may have samples in [start, end)."""
    cursor.execute(_PERIODS, [PERIOD, datapoint, start // PERIOD * PERIOD, end, start])
    return [period for (period,) in cursor.fetchall()]


def last_of(
    cursor: "psycopg.Cursor[Any]", period: int, datapoints: Sequence[int], firsts: Sequence[int]
) -> Iterable[tuple[int, Stored]]:
    """Each datapoint's chunks from the last one on that is large enough and does not begin behind its first time."""
    cursor.execute(_of(_LAST, period), [datapoints, firsts, compaction.enough()])
    return [(datapoint, Stored(*stored)) for datapoint, *stored in cursor.fetchall()]


def samples_of(
    cursor: "psycopg.Cursor[Any]", period: int, keys: Sequence[Key]
) -> tuple[dict[Key, int], Samples, Pieces]:
    """The samples of these chunks: the number of each one's piece, the samples, the pieces."""
    if not keys:
        return {}, *compaction.unpack_chunks([])
    cursor.execute(_of(_BODIES, period), _columns(keys))
    rows = cursor.fetchall()
    numbers = {(datapoint, start_at): number for number, (datapoint, start_at, _) in enumerate(rows)}
    return numbers, *compaction.unpack_chunks([body for _, _, body in rows])


def drop(cursor: "psycopg.Cursor[Any]", period: int, keys: Sequence[Key]) -> None:
    """Delete these chunks."""
    if keys:
        cursor.execute(_of(_DROP, period), _columns(keys))


def put(cursor: "psycopg.Cursor[Any]", datapoints: Sequence[int], packed: Packed, position: int) -> None:
    """Insert chunks of these datapoints; their partitions have to be there."""
    whole = packed.whole
    columns = (column.tolist() for column in (whole.counts, whole.sums, whole.mins, whole.maxs))
    edges = (column.tolist() for column in (whole.firsts, whole.lasts))
    pack, length = _COPY_ROW.pack, _LENGTH.pack
    pieces = [_COPY_HEAD]
    rows = zip(datapoints, packed.starts, packed.ends, packed.bodies, packed.rollups, *columns, *edges, strict=True)
    for datapoint, start, end, body, rollup, count, total, least, most, first, last in rows:
        numbers = (
            8,
            datapoint,
            8,
            start,
            8,
            end,
            8,
            position,
            4,
            count,
            8,
            total,
            8,
            least,
            8,
            most,
            8,
            first,
            8,
            last,
        )
        pieces += [pack(_COLUMNS, *numbers, len(body)), body]
        pieces += [_NULL] if rollup is None else [length(len(rollup)), rollup]
    pieces.append(_COPY_END)
    with cursor.copy(_COPY) as copy:
        copy.write(b"".join(pieces))


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


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
