"""What the journal's trigger marks for alarm rules: which datapoints were written to, and where in time.

The marks are read without a lock and taken away after the evaluation has been committed, in a transaction of their own
that waits neither for writers nor for the disk. So whoever writes never waits for an evaluation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from guildhall.modules.telemetry.store.plan import Plan

_MARKED: Final = "SELECT datapoint_id FROM telemetry_alarmdue GROUP BY 1 ORDER BY min(position) LIMIT %s"
_MARKS: Final = """
SELECT datapoint_id, day, dirty_from, dirty_until, position FROM telemetry_alarmdue
WHERE datapoint_id = ANY(%s::bigint[]) ORDER BY datapoint_id, dirty_from
"""
_WITHDRAW: Final = """
DELETE FROM telemetry_alarmdue WHERE ctid = ANY(ARRAY(
    SELECT d.ctid FROM telemetry_alarmdue d
    JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[]) u (datapoint_id, day, position)
        USING (datapoint_id, day, position)
    FOR UPDATE OF d SKIP LOCKED
))
"""
_FIRST_POSITION: Final = "INSERT INTO telemetry_position (id, position) VALUES (1, 0) ON CONFLICT DO NOTHING"
_HOLD_WRITERS: Final = "SELECT position FROM telemetry_position FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Mark:
    """That something was written or deleted in [dirty_from, dirty_until], last by the write with this position."""

    datapoint_id: int
    day: int
    dirty_from: int
    dirty_until: int
    position: int


def marked(limit: int) -> Plan[list[int]]:
    """Some datapoints that are marked, those whose last write is the oldest."""
    rows = yield _MARKED, [limit]
    return [id_ for (id_,) in rows]


def marks_of(datapoints: Sequence[int]) -> Plan[list[Mark]]:
    """The marks of these datapoints, by datapoint and beginning."""
    rows = yield _MARKS, [list(datapoints)]
    return [Mark(*row) for row in rows]


def withdraw(marks: Iterable[Mark]) -> Plan[None]:
    """Take the marks away, but for those that a later write touched: these are looked at again."""
    columns = list(zip(*((mark.datapoint_id, mark.day, mark.position) for mark in marks), strict=True))
    if columns:
        # What is evaluated once more does no harm, so the disk need not have heard of it.
        yield "SET LOCAL synchronous_commit = off", []
        yield _WITHDRAW, [list(column) for column in columns]


def hold_writers() -> Plan[None]:
    """Wait for the write that is under way and hold up the next until the end of the transaction, so that every write
    either is committed before a new rule is or sees that rule.
    """
    yield _FIRST_POSITION, []
    yield _HOLD_WRITERS, []
