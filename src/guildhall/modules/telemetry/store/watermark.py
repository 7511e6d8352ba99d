"""How far each stream was stored, and who may go on: a row for each stream that its every batch advances."""

from dataclasses import dataclass
from datetime import datetime

from guildhall.modules.telemetry.store.connection import Connection

_LEADER_LOCK = "telemetry consumer"

_LEAD = """
INSERT INTO telemetry_watermark (stream, epoch) VALUES (%s, 1)
ON CONFLICT (stream) DO UPDATE SET epoch = telemetry_watermark.epoch + 1, updated_at = now()
RETURNING epoch, stream_created, sequence, message_at
"""
_RESET = """
UPDATE telemetry_watermark
SET stream_created = %s, sequence = %s, message_at = CASE %s WHEN 0 THEN NULL ELSE message_at END
WHERE stream = %s AND epoch = %s
"""
_ADVANCE = """
UPDATE telemetry_watermark
SET sequence = %(sequence)s, message_at = %(message_at)s, updated_at = now()
WHERE stream = %(stream)s AND epoch = %(epoch)s AND stream_created = %(created)s AND sequence = %(previous)s
"""


class SupersededError(Exception):
    """Another consumer became the leader; this one must not write any more."""


@dataclass(slots=True)
class Watermark:
    """The row as its leader knows it. `message_at` is the time of the last stored message by the broker's clock."""

    stream: str
    epoch: int
    stream_created: str
    sequence: int
    message_at: datetime | None


async def try_to_lead(connection: Connection) -> bool:
    """Whether this session is the leader from now on, until it ends."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_LEADER_LOCK])
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def take_over(connection: Connection, stream: str) -> Watermark:
    """Begin a new epoch, which makes the transactions of every earlier leader fail."""
    row = await (await connection.execute(_LEAD, [stream])).fetchone()
    assert row is not None
    epoch, created, sequence, message_at = row
    return Watermark(stream, epoch, created, sequence, message_at)


async def reset(connection: Connection, watermark: Watermark, *, stream_created: str, sequence: int) -> None:
    """Begin at another place, because the stream is not the one that it was.

    Raises:
        SupersededError: another consumer leads.
    """
    cursor = await connection.execute(_RESET, [stream_created, sequence, sequence, watermark.stream, watermark.epoch])
    if cursor.rowcount != 1:
        raise SupersededError
    watermark.stream_created, watermark.sequence = stream_created, sequence
    if sequence == 0:
        watermark.message_at = None


async def advance(connection: Connection, watermark: Watermark, *, sequence: int, message_at: datetime) -> None:
    """Move the row to this message, inside the transaction that stores it.

    The object is to be moved by the caller after the commit.

    Raises:
        SupersededError: another consumer leads, or has stored this already.
    """
    cursor = await connection.execute(
        _ADVANCE,
        {
            "sequence": sequence,
            "message_at": message_at,
            "stream": watermark.stream,
            "epoch": watermark.epoch,
            "created": watermark.stream_created,
            "previous": watermark.sequence,
        },
    )
    if cursor.rowcount != 1:
        raise SupersededError
