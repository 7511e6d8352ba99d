"""Weeks of datapoints: a generation for each, and their buckets as bytes that can be kept elsewhere.

`telemetry_week` has a row for each week, counted from 1970, in which a datapoint has something sealed. Whoever changes
that gives it another generation in the same transaction. Generations are drawn at random and never come again, not even
when a transaction is rolled back or a backup is put in place. So what was made of a week is right for as long as the
week has the generation under which it was made.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from itertools import pairwise
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import psycopg

from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.layout import PERIOD, QUARTERS_IN_WEEK, WEEK
from guildhall.modules.telemetry.store.parts import Parts, Row, grouped_by, sealed_parts
from guildhall.modules.telemetry.store.pieces import Ints, Pieces
from guildhall.modules.telemetry.store.plan import Rows, array
from guildhall.modules.telemetry.store.summary import Buckets

#: A datapoint, and the number of a week.
Week: TypeAlias = tuple[int, int]

_TOUCH: Final = """
INSERT INTO telemetry_week (datapoint_id, week, generation)
SELECT *, %s::bigint FROM unnest(%s::bigint[], %s::int[])
ON CONFLICT (datapoint_id, week) DO UPDATE SET generation = excluded.generation
"""
READ: Final = f"""
SELECT g.datapoint_id, g.week, c.start_at, coalesce(c.rollup, c.body), c.rollup IS NOT NULL
FROM unnest(%s::bigint[], %s::bigint[]) g (datapoint_id, week)
JOIN telemetry_chunk c ON c.datapoint_id = g.datapoint_id AND c.last_at >= g.week * {WEEK}
    AND c.start_at >= floor(g.week / {PERIOD // WEEK}.0)::bigint * {PERIOD} AND c.start_at < (g.week + 1) * {WEEK}
    AND c.start_at >= %s AND c.start_at < %s
UNION ALL
SELECT r.datapoint_id, r.week, r.week * {WEEK}::bigint, r.body, true
FROM unnest(%s::bigint[], %s::bigint[]) g (datapoint_id, week)
JOIN telemetry_rollup r ON r.datapoint_id = g.datapoint_id AND r.week = g.week
UNION ALL
SELECT w.datapoint_id, w.week, w.generation, NULL, false
FROM unnest(%s::bigint[], %s::bigint[]) g (datapoint_id, week)
JOIN telemetry_week w ON w.datapoint_id = g.datapoint_id AND w.week = g.week
ORDER BY 1, 2, 3
"""  # noqa: S608 — a constant.
#: So many weeks are read by one statement, which bounds the memory that takes.
AT_ONCE: Final = 500
_BITS: Final = 63
#: A bucket as it is kept: any time in it, then what `Buckets` says of it.
_RECORD: Final = np.dtype(
    [
        ("start", "<i8"),
        ("count", "<i8"),
        ("sum", "<f8"),
        ("min", "<f8"),
        ("max", "<f8"),
        ("first", "<f8"),
        ("last", "<f8"),
    ]
)
_VERSION: Final = 1


class Kept(Protocol):
    """Where bytes may be found again, or not."""

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is there under each of the keys."""
        ...

    def put(self, found: Mapping[str, bytes]) -> None:
        """Keep these."""
        ...


def between(spans: Iterable[tuple[int, int, int]]) -> set[Week]:
    """The weeks of spans of datapoints, from the first to the last time."""
    return {(datapoint, week) for datapoint, first, last in spans for week in range(first // WEEK, last // WEEK + 1)}


def of(datapoints: Ints, times: Ints, pieces: Pieces) -> set[Week]:
    """The weeks of times, of which each datapoint has a sorted piece."""
    if not len(times):
        return set()
    numbers = times // WEEK
    begins = np.diff(numbers, prepend=numbers[:1]) != 0
    begins[pieces.heads] = True
    heads = np.flatnonzero(begins)
    owners = datapoints[np.searchsorted(pieces.heads, heads, "right") - 1]
    return set(zip(owners.tolist(), numbers[heads].tolist(), strict=True))


def touch(cursor: "psycopg.Cursor[Any]", weeks: Iterable[Week]) -> None:
    """Give these weeks another generation, in the transaction that changes them."""
    ordered = sorted(weeks)
    if ordered:
        columns = [array(column) for column in zip(*ordered, strict=True)]
        cursor.execute(_TOUCH, [secrets.randbits(_BITS), *columns])


def key(week: Week, generation: int, interval: Interval, zone: tzinfo) -> str:
    """Under which a week's buckets are kept."""
    return f"{_VERSION}:{generation}:{week[0]}:{week[1]}:{interval}:{zone}"


def to_read(weeks: Collection[Week]) -> list[object]:
    """The parameters of `READ` for these weeks."""
    columns = [array(column) for column in zip(*weeks, strict=True)]
    numbers = [week for _, week in weeks]
    return [*columns, min(numbers) * WEEK // PERIOD * PERIOD, (max(numbers) + 1) * WEEK, *columns, *columns]


def read(weeks: Mapping[Week, int], rows: Rows) -> Parts[Buckets] | None:
    """What `READ` found, owned by the places of the weeks; None where one has another generation than this by now."""
    places = {week: place for place, week in enumerate(weeks)}
    rolled: list[Row] = []
    single: list[Row] = []
    generations: dict[Week, int] = {}
    for order, (datapoint, number, at, body, is_rollup) in enumerate(rows):
        week = datapoint, number
        if body is None:
            generations[week] = at
        else:
            (rolled if is_rollup else single).append((places[week], order, bytes(body)))
    if generations != weeks:
        return None
    parts = sealed_parts(Buckets, rolled, single)
    inside = parts.quarters // QUARTERS_IN_WEEK == np.array([number for _, number in weeks])[parts.owners]
    return parts.take(inside).sorted()


def summed_up(parts: Parts[Buckets], edges: Ints, count: int) -> list[bytes]:
    """The buckets of so many weeks, of each one's parts, as bytes; a bucket that goes on in the next week is cut."""
    heads, grouped = grouped_by(parts, edges)
    owners = parts.owners[heads]
    bounds = owners.searchsorted(np.arange(count + 1)).tolist()
    timed = replace(grouped, starts=parts.buckets.starts[heads])
    return [_packed(timed.take(slice(begin, end))) for begin, end in pairwise(bounds)]


def _packed(buckets: Buckets) -> bytes:
    records = np.empty(len(buckets), _RECORD)
    for name, column in zip(_RECORD.names or (), buckets.columns, strict=True):
        records[name] = column
    return records.tobytes()


def unpacked(bodies: Sequence[bytes]) -> tuple[Buckets, list[int]]:
    """The buckets of all of them, one behind the other, and how many each has."""
    records = np.frombuffer(bytearray().join(bodies), _RECORD)
    columns = [np.ascontiguousarray(records[name]) for name in _RECORD.names or ()]
    return Buckets(*columns), [len(body) // _RECORD.itemsize for body in bodies]
