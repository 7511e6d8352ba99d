"""Writes samples: the partitions they go to, and many of them at once by binary COPY.

The wire format is that of PostgreSQL's manual, "COPY, Binary Format"; times are microseconds since 2000.
"""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import psycopg

from guildhall.modules.telemetry.store.connection import Connection

#: Older samples share one partition, so that a device with a wrong clock can't make hundreds of tables.
OWN_PARTITION_YEARS: Final = 10
_PARTITIONS_LOCK: Final = "telemetry partitions"

_POSTGRES_EPOCH_US: Final = 946_684_800_000_000
_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
_TRAILER: Final = struct.pack("!h", -1)
_ROW: Final = struct.Struct("!hiqiqidi16s")
_ROW_WITHOUT_SOURCE: Final = struct.Struct("!hiqiqidi")
_COPY_BYTES: Final = 256 * 1024

_CREATE_INCOMING: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS telemetry_incoming (
    datapoint_id bigint, at timestamptz, value double precision, datasource_id uuid
) ON COMMIT DELETE ROWS
"""
_COPY_INCOMING: Final = "COPY telemetry_incoming (datapoint_id, at, value, datasource_id) FROM STDIN (FORMAT binary)"
_COPY_NEW: Final = "COPY telemetry_sample (datapoint_id, at, value, datasource_id) FROM STDIN (FORMAT binary)"
_MERGE: Final = """
INSERT INTO telemetry_sample AS s (datapoint_id, at, value, datasource_id, position)
SELECT datapoint_id, at, value, datasource_id, %s FROM telemetry_incoming ORDER BY datapoint_id, at
ON CONFLICT (datapoint_id, at) DO UPDATE
    SET value = excluded.value, datasource_id = excluded.datasource_id, position = excluded.position
    WHERE (s.value, s.datasource_id) IS DISTINCT FROM (excluded.value, excluded.datasource_id)
"""

#: Datapoint, time in microseconds since 1970, value, and the datasource that sent it.
Row = tuple[int, int, float, UUID | None]
Month = tuple[int, int]


def partition_of(month: Month) -> str:
    """The name of a month's partition."""
    return f"telemetry_sample_{month[0]:04d}_{month[1]:02d}"


def create_partition_sql(month: Month) -> str:
    """The statement that creates a month's partition; fails where it exists."""
    year, number = month
    following = (year + 1, 1) if number == 12 else (year, number + 1)  # noqa: PLR2004 — December.
    start, end = (f"{y:04d}-{m:02d}-01T00:00:00Z" for y, m in (month, following))
    return f"CREATE TABLE {partition_of(month)} PARTITION OF telemetry_sample FOR VALUES FROM ('{start}') TO ('{end}')"


async def create_partitions(connection: Connection, months: Iterable[Month]) -> None:
    """Make sure that these months have partitions of their own, where they are not too long ago. Safe to repeat.

    A month whose samples already stand in the default partition stays there.
    """
    oldest = datetime.now(UTC).year - OWN_PARTITION_YEARS
    wanted = [month for month in sorted(months) if month[0] >= oldest]
    if not wanted:
        return
    cursor = await connection.execute(
        "SELECT name FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NULL", [[partition_of(m) for m in wanted]]
    )
    missing = {name for (name,) in await cursor.fetchall()}
    for month in wanted:
        if partition_of(month) not in missing:
            continue
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_PARTITIONS_LOCK])
                await connection.execute(create_partition_sql(month).encode())
        except (psycopg.errors.DuplicateTable, psycopg.errors.CheckViolation):
            continue


def encode(rows: Iterable[Row]) -> Iterable[bytes]:
    """The rows as the data of a binary COPY, in pieces."""
    piece = bytearray(_HEADER)
    pack, pack_without = _ROW.pack, _ROW_WITHOUT_SOURCE.pack
    for datapoint, at, value, source in rows:
        if source is None:
            piece += pack_without(4, 8, datapoint, 8, at - _POSTGRES_EPOCH_US, 8, value, -1)
        else:
            piece += pack(4, 8, datapoint, 8, at - _POSTGRES_EPOCH_US, 8, value, 16, source.bytes)
        if len(piece) > _COPY_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece + _TRAILER)


async def prepare(connection: Connection) -> None:
    """Do once for a connection what `merge` needs."""
    await connection.execute(_CREATE_INCOMING)


async def merge(connection: Connection, rows: Iterable[Row], *, position: int) -> None:
    """Store the rows; one with a known datapoint and time takes the place of the older one.

    No two of the rows may have the same datapoint and time. Runs inside the caller's transaction.
    """
    async with connection.cursor() as cursor:
        async with cursor.copy(_COPY_INCOMING) as copy:
            for piece in encode(rows):
                await copy.write(piece)
        await cursor.execute(_MERGE, [position])


def copy_new(connection: "psycopg.Connection[object]", rows: Iterable[Row]) -> None:
    """Store rows of which none is there yet, as quickly as PostgreSQL can, inside the caller's transaction.

    Raises:
        psycopg.errors.UniqueViolation: one of them is there.
    """
    with connection.cursor() as cursor, cursor.copy(_COPY_NEW) as copy:
        for piece in encode(rows):
            copy.write(piece)
