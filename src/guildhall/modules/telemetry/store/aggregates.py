"""Reads aggregates: rollups where they suffice, single values where a bucket is cut or the journal's tail touches it.

Two statements at most. The second one is believed only when no seal came in between, which the mark's generation tells;
what was written meanwhile is not seen. So the answer is that of one snapshot in whatever transaction it is asked.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Any, Final

import numpy as np

from guildhall.modules.telemetry.store import calendar, compaction, summary
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE, PERIOD, QUARTER, WEEK
from guildhall.modules.telemetry.store.merging import Range, Samples, replayed
from guildhall.modules.telemetry.store.pieces import Floats, Ints, Pieces
from guildhall.modules.telemetry.store.plan import Plan, Rows
from guildhall.modules.telemetry.store.reading import MARK, TAIL
from guildhall.modules.telemetry.store.summary import Buckets

_FIRST: Final = """
SELECT 0, datapoint_id, week * {week}, body, 1, 0 FROM telemetry_rollup
WHERE datapoint_id = ANY(%s::bigint[]) AND week >= %s AND week <= %s
UNION ALL
SELECT 0, datapoint_id, start_at, coalesce(rollup, body), (rollup IS NOT NULL)::int, 0 FROM telemetry_chunk
WHERE datapoint_id = ANY(%s::bigint[]) AND start_at >= %s AND start_at < %s AND last_at >= %s
UNION ALL
SELECT 1, datapoint_id, position, body, deleted_from, deleted_until FROM ({tail}) tail
UNION ALL
SELECT 2, datapoint_id, raw_from, NULL, NULL, NULL FROM telemetry_rawfloor WHERE datapoint_id = ANY(%s::bigint[])
UNION ALL
SELECT 3, coalesce(max(generation), 0), 0, NULL, NULL, NULL FROM telemetry_sealed
ORDER BY 1, 2, 3
""".format(tail=TAIL.format(above=MARK, ids="%s"), week=WEEK)
_SECOND: Final = f"""
SELECT datapoint_id, start_at, body FROM telemetry_chunk c
WHERE (datapoint_id, start_at) IN (
    SELECT i.datapoint_id, i.start_at
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) g (datapoint_id, first, until)
    JOIN telemetry_chunk i ON i.datapoint_id = g.datapoint_id AND i.start_at < g.until AND i.last_at >= g.first
        AND i.start_at >= g.first - g.first %% {PERIOD} - {PERIOD}
    WHERE i.start_at >= %s AND i.start_at < %s
) AND start_at >= %s AND start_at < %s
UNION ALL
SELECT 0, coalesce(max(generation), 0), NULL FROM telemetry_sealed
"""  # noqa: S608 — a constant.
#: Behind every number of a quarter of an hour.
_QUARTERS: Final = 2**40


class Fill(StrEnum):
    """What an empty bucket between others gets."""

    NONE = "none"
    NULL = "null"
    PREVIOUS = "previous"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Buckets by the beginning of each; empty ones are missing unless they were asked to be filled.

    With a filling, `counts` of empty buckets are 0 and their other columns are NaN, or filled.
    """

    buckets: Buckets

    @property
    def averages(self) -> Floats:
        """The means, where there is something."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.buckets.sums / self.buckets.counts


@dataclass(frozen=True, slots=True)
class _Parts:
    """Buckets or single values of several datapoints: whose they are, and in which quarter of an hour each lies."""

    owners: Ints
    quarters: Ints
    order: Ints
    buckets: Buckets

    @property
    def keys(self) -> Ints:
        """Owner and quarter as one number."""
        return self.owners * (2 * _QUARTERS) + self.quarters

    def take(self, which: Any) -> "_Parts":
        return _Parts(self.owners[which], self.quarters[which], self.order[which], self.buckets.take(which))

    def within(self, first: int, last: int) -> "_Parts":
        """What may have samples in [first, last)."""
        inside = (self.quarters >= first // QUARTER) & (self.quarters <= (last - 1) // QUARTER)
        return self if inside.all() else self.take(inside)


@dataclass(slots=True)
class _Answer:
    """What the first statement told: sealed quarters, the tail's events by datapoint, the floors, the generation."""

    sealed: _Parts
    events: dict[int, list[Samples | Range]]
    raw_from: dict[int, int]
    generation: int

    def dirty(self, datapoint: int, cuts: Ints, first: int, end: int) -> Ints:
        """Numbers of the quarters for which single values are needed."""
        parts = [cuts]
        for event in self.events.get(datapoint, ()):
            if isinstance(event, Samples):
                parts.append(event.times // QUARTER)
            else:
                parts.append(np.arange(max(event[0], first) // QUARTER, (min(event[1], end) - 1) // QUARTER + 1))
        found = np.unique(np.concatenate(parts))
        floor = self.raw_from.get(datapoint, ALL_BEFORE)
        return found[(found >= first // QUARTER) & (found <= (end - 1) // QUARTER) & (found * QUARTER >= floor)]

    def extent(self, first: int, last: int) -> Range:
        """The part of the range in which there may be samples."""
        lows: list[int] = []
        highs: list[int] = []
        if len(quarters := self.sealed.quarters):
            lows.append(int(quarters.min()) * QUARTER)
            highs.append((int(quarters.max()) + 1) * QUARTER)
        for events in self.events.values():
            for event in events:
                if isinstance(event, Samples) and len(inside := event.within(first, last).times):
                    lows.append(int(inside[0]))
                    highs.append(int(inside[-1]) + 1)
        return (max(min(lows), first), min(max(highs), last)) if lows else (0, 0)


def aggregates(
    datapoints: Sequence[int], *, interval: Interval, zone: tzinfo, start: int | None = None, end: int | None = None
) -> Plan[dict[int, Aggregates]]:
    """The buckets of [start, end) of each datapoint; a first and last bucket that is cut holds what is inside.

    What is older than the raw retention is known by quarters of an hour only and counts where its quarter begins.

    Raises:
        TooManyBucketsError: the samples lie so far apart that they would be too many.
    """
    ids = sorted(set(datapoints))
    first = ALL_BEFORE if start is None else start
    last = ALL_AFTER if end is None else end
    nothing = {id_: Aggregates(Buckets.none()) for id_ in ids}
    if first >= last:
        return nothing
    weeks = [max(first // WEEK, -(2**31)), min(last // WEEK, 2**31 - 1)]
    while True:
        chunks = [max(first // PERIOD * PERIOD, ALL_BEFORE), last, first]
        rows = yield _FIRST, [ids, *weeks, ids, *chunks, ids, ids, ids]
        answer = _answer(ids, rows, first, last)
        low, high = answer.extent(first, last)
        if low >= high:
            return nothing
        edges = np.array(calendar.boundaries(interval, zone, low, high), np.int64)
        inner = np.array([first, last, *edges.tolist()], np.int64)
        cuts = np.unique(inner[(inner % QUARTER != 0) & (inner >= low) & (inner <= high)] // QUARTER)
        touched = ids if len(cuts) else [id_ for id_ in ids if id_ in answer.events]
        dirty = {id_: answer.dirty(id_, cuts, low, high) for id_ in touched}
        stored: dict[int, list[bytes]] = defaultdict(list)
        if wanted := _ranges(dirty):
            bounds = [min(w[1] for w in wanted) // PERIOD * PERIOD, max(w[2] for w in wanted)]
            rows = yield _SECOND, [*(list(column) for column in zip(*wanted, strict=True)), *bounds, *bounds]
            if any(not id_ and place != answer.generation for id_, place, _ in rows):
                continue
            for id_, _, body in sorted(row for row in rows if row[0]):
                stored[id_].append(bytes(body))
        return {**nothing, **_bucketed(ids, _replaced(ids, answer, stored, dirty, (first, last)), edges)}


def _replaced(
    ids: Sequence[int], answer: _Answer, stored: dict[int, list[bytes]], dirty: dict[int, Ints], bounds: Range
) -> _Parts:
    """What is sealed, but for dirty quarters; single values in the place of these."""
    numbers = {id_: number for number, id_ in enumerate(ids)}
    parts = [answer.sealed]
    if dirty:
        gone = np.concatenate([numbers[id_] * 2 * _QUARTERS + quarters for id_, quarters in dirty.items()])
        parts = [answer.sealed.take(~np.isin(answer.sealed.keys, gone))]
        parts += [
            _singles(numbers[id_], answer.events.get(id_, ()), stored[id_], quarters, bounds)
            for id_, quarters in dirty.items()
        ]
    return _joined(parts)


def _answer(ids: Sequence[int], rows: Rows, first: int, last: int) -> _Answer:
    numbers = {id_: number for number, id_ in enumerate(ids)}
    rolled: list[tuple[int, int, bytes]] = []
    single: list[tuple[int, int, bytes]] = []
    events: dict[int, list[Samples | Range]] = defaultdict(list)
    raw_from: dict[int, int] = {}
    generation = 0
    for order, (kind, id_, place, body, one, other) in enumerate(rows):
        match kind:
            case 0:
                (rolled if one else single).append((numbers[id_], order, bytes(body)))
            case 1:
                events[id_].append((one, other) if body is None else Samples.of_body(bytes(body)))
            case 2:
                raw_from[id_] = place
            case _:
                generation = id_
    buckets, of_buckets = compaction.unpack_rollups([body for _, _, body in rolled])
    samples, of_samples = compaction.unpack_chunks([body for _, _, body in single])
    found = [
        _parts(rolled, of_buckets, buckets.starts, buckets),
        _parts(single, of_samples, samples.times // QUARTER, Buckets.of_each(samples)),
    ]
    return _Answer(_joined(found).within(first, last), events, raw_from, generation)


def _parts(rows: list[tuple[int, int, bytes]], pieces: Pieces, quarters: Ints, buckets: Buckets) -> _Parts:
    owners, orders = (
        pieces.spread(np.array(column, np.int64)) for column in ([r[0] for r in rows], [r[1] for r in rows])
    )
    timed = Buckets(quarters * QUARTER, *buckets.columns[1:])  # type: ignore[arg-type]
    return _Parts(owners, quarters, orders, timed)


def _joined(parts: Sequence[_Parts]) -> _Parts:
    parts = [part for part in parts if len(part.quarters)] or [parts[0]]
    if len(parts) == 1:
        return parts[0]
    owners, quarters, orders = ([p.owners for p in parts], [p.quarters for p in parts], [p.order for p in parts])
    return _Parts(
        np.concatenate(owners),
        np.concatenate(quarters),
        np.concatenate(orders),
        summary.joined([part.buckets for part in parts]),
    )


def _singles(
    number: int, events: Sequence[Samples | Range], bodies: Sequence[bytes], dirty: Ints, bounds: Range
) -> _Parts:
    raw = replayed([compaction.unpack_chunks(bodies)[0], *events]).within(*bounds)
    quarters = raw.times // QUARTER
    wanted = np.isin(quarters, dirty)
    raw, quarters = raw.take(wanted), quarters[wanted]
    return _Parts(np.full(len(raw), number), quarters, np.zeros(len(raw), np.int64), Buckets.of_each(raw))


def _bucketed(ids: Sequence[int], parts: _Parts, edges: Ints) -> dict[int, Aggregates]:
    if not len(parts.quarters):
        return {}
    keys = parts.keys
    if (keys[1:] < keys[:-1]).any():
        # Where two chunks share a quarter, the earlier chunk comes first.
        parts = parts.take(np.lexsort((parts.order, keys)))
    places = np.maximum(np.searchsorted(edges, parts.buckets.starts, "right") - 1, 0)
    begins = np.diff(parts.owners, prepend=-1) != 0
    pieces = Pieces.where(begins)
    heads = np.flatnonzero(begins | (np.diff(places, prepend=-1) != 0))
    grouped = parts.buckets.grouped(heads, edges[places[heads]], pieces)
    bounds = zip(*(np.searchsorted(heads, column).tolist() for column in (pieces.heads, pieces.ends)), strict=True)
    owners = parts.owners[pieces.heads].tolist()
    return {
        ids[owner]: Aggregates(grouped.take(slice(begin, end)))
        for owner, (begin, end) in zip(owners, bounds, strict=True)
    }


def _ranges(dirty: dict[int, Ints]) -> list[tuple[int, int, int]]:
    """Runs of dirty quarters as ranges of time."""
    found = []
    for id_, quarters in dirty.items():
        if len(quarters):
            breaks = np.flatnonzero(np.diff(quarters) > 1)
            heads = quarters[np.append(0, breaks + 1)].tolist()
            tails = quarters[np.append(breaks, len(quarters) - 1)].tolist()
            found += [(id_, head * QUARTER, (tail + 1) * QUARTER) for head, tail in zip(heads, tails, strict=True)]
    return found


def filled(found: Aggregates, how: Fill, edges: Sequence[int]) -> Aggregates:
    """With a row for every one of the bucket beginnings; empty ones say nothing, what came before, or a line.

    Args:
        found: the buckets that are not empty.
        how: what empty ones get; nothing is made up before the first or, by a line, behind the last one.
        edges: beginnings of all buckets, in order.
    """
    if how is Fill.NONE:
        return found
    starts = np.array(edges, np.int64)
    places = np.searchsorted(starts, found.buckets.starts)
    counts = np.zeros(len(starts), np.int64)
    counts[places] = found.buckets.counts
    columns: list[Any] = []
    for column in found.buckets.columns[2:]:
        wide = np.full(len(starts), np.nan)
        wide[places] = column
        columns.append(_fill(wide, places, starts, how))
    return Aggregates(Buckets(starts, counts, *columns))


def _fill(wide: Floats, places: Ints, starts: Ints, how: Fill) -> Floats:
    if how is Fill.NULL or not len(places):
        return wide
    before = np.searchsorted(places, np.arange(len(wide)), "right") - 1
    if how is Fill.PREVIOUS:
        known = before >= 0
        wide[known] = wide[places[before[known]]]
        return wide
    inside = (before >= 0) & (before < len(places) - 1) & np.isnan(wide)
    left, right = places[before[inside]], places[before[inside] + 1]
    share = (starts[inside] - starts[left]) / (starts[right] - starts[left])
    wide[inside] = wide[left] + (wide[right] - wide[left]) * share
    return wide
