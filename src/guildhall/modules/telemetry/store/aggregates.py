"""Reads aggregates: rollups where they suffice, single values where a bucket is cut or the journal's tail touches it.

Two statements at most. The second one is believed only when no seal came in between, which the mark's generation tells;
what was written meanwhile is not seen. So the answer is that of one snapshot in whatever transaction it is asked.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np

from guildhall.modules.telemetry.store import calendar, compaction
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.decimals import Numbers, at_one_scale
from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE, PERIOD, QUARTER, WEEK
from guildhall.modules.telemetry.store.merging import Range, Samples, replayed
from guildhall.modules.telemetry.store.pieces import Floats, Ints, Pieces
from guildhall.modules.telemetry.store.plan import Plan, Rows, array
from guildhall.modules.telemetry.store.reading import MARK, TAIL
from guildhall.modules.telemetry.store.summary import Buckets, joined

_FIRST: Final = """
SELECT 0, datapoint_id, week * {week}, body, (week + 1) * {week} - 1, 1 FROM telemetry_rollup
WHERE datapoint_id = ANY(%s::bigint[]) AND week >= %s AND week <= %s
UNION ALL
SELECT 0, datapoint_id, start_at, coalesce(rollup, body), last_at, (rollup IS NOT NULL)::int FROM telemetry_chunk
WHERE datapoint_id = ANY(%s::bigint[]) AND start_at >= %s AND start_at < %s AND last_at >= %s
UNION ALL
SELECT 1, datapoint_id, position, body, deleted_from, deleted_until FROM ({tail}) tail
UNION ALL
SELECT 2, datapoint_id, raw_from, NULL, NULL, NULL FROM telemetry_rawfloor WHERE datapoint_id = ANY(%s::bigint[])
UNION ALL
SELECT 3, coalesce(max(generation), 0), 0, NULL, NULL, NULL FROM telemetry_sealed
ORDER BY 1, 2, 3
""".format(tail=TAIL.format(above=MARK, ids="%s"), week=f"{WEEK}::bigint")
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
#: The number of a datapoint, a place in the order of time, and a body.
_Row: TypeAlias = tuple[int, int, bytes]
#: Behind every number of a quarter of an hour, and of a row.
_BEHIND: Final = 2**40


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Buckets by the beginning of each; empty ones are missing."""

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
        return self.owners * (2 * _BEHIND) + self.quarters

    def take(self, which: Any) -> "_Parts":
        return _Parts(self.owners[which], self.quarters[which], self.order[which], self.buckets.take(which))

    def within(self, first: int, last: int) -> "_Parts":
        """What may have samples in [first, last)."""
        inside = (self.quarters >= first // QUARTER) & (self.quarters <= (last - 1) // QUARTER)
        return self if inside.all() else self.take(inside)

    def sorted(self) -> "_Parts":
        """By datapoint and quarter; where two chunks share a quarter, the earlier chunk comes first."""
        keys, orders = self.keys, self.order
        wrong = keys[1:] < keys[:-1]
        wrong |= (keys[1:] == keys[:-1]) & (orders[1:] < orders[:-1])
        return self.take(np.lexsort((orders, keys))) if wrong.any() else self


@dataclass(slots=True)
class _Answer:
    """What the first statement told.

    Args:
        rolled: rollups: the number of the datapoint, a place in the order of time, the body.
        single: single values where no rollup was worth it, in the same way.
        extent: from the first to behind the last time of chunks and parts of the tail that reach into the range.
        last_at: of each datapoint, the last time that is sealed.
        events: of each datapoint, what the tail says, within the range.
        raw_from: floors.
        generation: that of the mark.
    """

    rolled: list[_Row]
    single: list[_Row]
    extent: Range
    last_at: dict[int, int]
    events: dict[int, list[Samples | Range]]
    raw_from: dict[int, int]
    generation: int

    def sealed(self) -> _Parts:
        """Quarters of an hour, or single values where no rollup was worth it."""
        buckets, pieces = compaction.unpack_rollups([body for _, _, body in self.rolled])
        timed = replace(buckets, starts=buckets.starts * QUARTER)
        samples, of_samples = compaction.unpack_chunks([body for _, _, body in self.single])
        return _joined(
            [
                _parts(self.rolled, pieces, buckets.starts, timed),
                _parts(self.single, of_samples, samples.times // QUARTER, Buckets.of_each(samples)),
            ]
        )

    def follows(self, datapoint: int) -> bool:
        """Whether the tail has but samples behind those that are sealed, so that these stay as they are."""
        last_at = self.last_at.get(datapoint, ALL_BEFORE)
        return all(
            isinstance(event, Samples) and (not len(event) or int(event.times[0]) > last_at)
            for event in self.events.get(datapoint, ())
        )

    def dirty(self, datapoint: int, cuts: Ints, first: int, end: int) -> Ints:
        """Numbers of the quarters for which sealed single values are needed."""
        parts = [cuts]
        for event in () if self.follows(datapoint) else self.events.get(datapoint, ()):
            if isinstance(event, Samples):
                parts.append(event.times // QUARTER)
            else:
                parts.append(np.arange(max(event[0], first) // QUARTER, (min(event[1], end) - 1) // QUARTER + 1))
        found = np.unique(np.concatenate(parts))
        floor = self.raw_from.get(datapoint, ALL_BEFORE)
        return found[(found >= first // QUARTER) & (found <= (end - 1) // QUARTER) & (found * QUARTER >= floor)]


def aggregates(
    datapoints: Sequence[int], *, interval: Interval, zone: tzinfo, start: int | None = None, end: int | None = None
) -> Plan[dict[int, Aggregates]]:
    """The buckets of [start, end) of each datapoint; a first and last bucket that is cut holds what is inside.

    What is older than the raw retention is known by quarters of an hour only and counts where its quarter begins.

    Raises:
        TooManyBucketsError: the samples lie so far apart that they would be too many.
    """
    ids = sorted(set(datapoints))
    asked = array(ids)
    first = ALL_BEFORE if start is None else start
    last = ALL_AFTER if end is None else end
    nothing = {id_: Aggregates(Buckets.none()) for id_ in ids}
    if first >= last:
        return nothing
    weeks = [max(first // WEEK, -(2**31)), min(last // WEEK, 2**31 - 1)]
    chunks = [max(first // PERIOD * PERIOD, ALL_BEFORE), last, first]
    while True:
        rows = yield _FIRST, [asked, *weeks, asked, *chunks, asked, asked, asked]
        answer = _answer(ids, rows, first, last)
        lowest, highest = answer.extent
        low, high = max(lowest, first), min(highest, last)
        if low >= high:
            return nothing
        edges = calendar.boundaries(interval, zone, low, high)
        cuts = _cuts(edges, (first, last), answer.extent)
        found = {id_: answer.dirty(id_, cuts, low, high) for id_ in (ids if len(cuts) else answer.events)}
        dirty = {id_: quarters for id_, quarters in found.items() if len(quarters)}
        if not (dirty or answer.events or answer.single) and first <= lowest and highest <= last:
            return {**nothing, **_of_rollups(ids, answer.rolled, edges)}
        bodies: list[tuple[int, bytes]] = []
        if dirty:
            wanted = _ranges(dirty)
            bounds = [min(w[1] for w in wanted) // PERIOD * PERIOD, max(w[2] for w in wanted)]
            rows = yield _SECOND, [*(array(column) for column in zip(*wanted, strict=True)), *bounds, *bounds]
            if any(not id_ and place != answer.generation for id_, place, _ in rows):
                continue
            bodies = [(id_, bytes(body)) for id_, _, body in sorted(row for row in rows if row[0])]
        parts = _replaced(ids, answer, bodies, dirty, (first, last)).sorted()
        groups = Pieces.where(np.diff(parts.owners, prepend=-1) != 0)
        owners = [ids[number] for number in parts.owners[groups.heads].tolist()]
        return {**nothing, **_bucketed(owners, groups, parts.buckets, edges)}


def _cuts(edges: Ints, bounds: Range, extent: Range) -> Ints:
    """The numbers of the quarters that a bucket's edge, or a bound, divides where there may be samples."""
    inner = edges[edges % QUARTER != 0].tolist() + [bound for bound in bounds if bound % QUARTER]
    return np.array(sorted({edge // QUARTER for edge in inner if extent[0] < edge < extent[1]}), np.int64)


def _replaced(
    ids: Sequence[int], answer: _Answer, bodies: Sequence[tuple[int, bytes]], dirty: dict[int, Ints], bounds: Range
) -> _Parts:
    """What is sealed, but for dirty quarters; single values in the place of these; what follows in the tail."""
    numbers = {id_: number for number, id_ in enumerate(ids)}
    sealed = answer.sealed().within(*bounds)
    parts = [sealed]
    following = {id_ for id_ in answer.events if answer.follows(id_)}
    if dirty:
        gone = np.concatenate([numbers[id_] * 2 * _BEHIND + quarters for id_, quarters in dirty.items()])
        parts = [sealed.take(~np.isin(sealed.keys, gone))]
        # Chunks that nothing in the tail changes are taken at once.
        whole = [(numbers[id_], 0, body) for id_, body in bodies if id_ in following or id_ not in answer.events]
        samples, pieces = compaction.unpack_chunks([body for _, _, body in whole])
        single = _parts(whole, pieces, samples.times // QUARTER, Buckets.of_each(samples))
        inside = (samples.times >= bounds[0]) & (samples.times < bounds[1])
        parts.append(single.take(np.isin(single.keys, gone) & inside))
    for id_, events in answer.events.items():
        if id_ in following:
            parts.append(_singles(numbers[id_], replayed(events)))
        elif id_ in dirty:
            chunks, _ = compaction.unpack_chunks([body for owner, body in bodies if owner == id_])
            raw = replayed([chunks, *events]).within(*bounds)
            parts.append(_singles(numbers[id_], raw.take(np.isin(raw.times // QUARTER, dirty[id_]))))
    return _joined(parts)


def _answer(ids: Sequence[int], rows: Rows, first: int, last: int) -> _Answer:
    numbers = {id_: number for number, id_ in enumerate(ids)}
    rolled: list[_Row] = []
    single: list[_Row] = []
    events: dict[int, list[Samples | Range]] = defaultdict(list)
    raw_from: dict[int, int] = {}
    last_at: dict[int, int] = {}
    lows, highs = [], []
    generation = 0
    for order, (kind, id_, place, body, one, other) in enumerate(rows):
        match kind:
            case 0:
                (rolled if other else single).append((numbers[id_], order, bytes(body)))
                last_at[id_] = one
                lows.append(place)
                highs.append(one + 1)
            case 1 if body is None:
                events[id_].append((one, other))
            case 1:
                samples = Samples.of_body(bytes(body)).within(first, last)
                events[id_].append(samples)
                if len(samples):
                    lows.append(int(samples.times[0]))
                    highs.append(int(samples.times[-1]) + 1)
            case 2:
                raw_from[id_] = place
            case _:
                generation = id_
    extent = (min(lows), max(highs)) if lows else (0, 0)
    return _Answer(rolled, single, extent, last_at, dict(events), raw_from, generation)


def _of_rollups(ids: Sequence[int], rolled: Sequence[_Row], edges: Ints) -> dict[int, Aggregates]:
    """The buckets where there are rollups alone, all of which count, those of a datapoint in the order of time."""
    buckets, pieces, sums = compaction.unpack_rollups_with_sums([body for _, _, body in rolled])
    numbers = [number for number, _, _ in rolled]
    if numbers[0] == numbers[-1]:
        of_datapoints = Pieces.of([len(numbers)])
    else:
        of_datapoints = Pieces.where(np.diff(np.array(numbers), prepend=-1) != 0)
    groups = Pieces.of(np.add.reduceat(pieces.lengths, of_datapoints.heads))
    owners = [ids[numbers[head]] for head in of_datapoints.heads.tolist()]
    timed = replace(buckets, starts=buckets.starts * QUARTER)
    return _bucketed(owners, groups, timed, edges, at_one_scale(sums, pieces, of_datapoints))


def _parts(rows: Sequence[_Row], pieces: Pieces, quarters: Ints, buckets: Buckets) -> _Parts:
    owners, orders, _ = zip(*rows, strict=True) if rows else ((), (), ())
    return _Parts(
        np.array(owners, np.int64).repeat(pieces.lengths),
        quarters,
        np.array(orders, np.int64).repeat(pieces.lengths),
        buckets,
    )


def _joined(parts: Sequence[_Parts]) -> _Parts:
    some = [part for part in parts if len(part.quarters)]
    if len(some) <= 1:
        return some[0] if some else parts[0]
    owners, quarters, order = (
        np.concatenate([getattr(part, name) for part in some]) for name in ("owners", "quarters", "order")
    )
    return _Parts(owners, quarters, order, joined([part.buckets for part in some]))


def _singles(number: int, raw: Samples) -> _Parts:
    """Single values of a datapoint, which come behind what is sealed of the same quarter."""
    order = np.full(len(raw), _BEHIND)
    return _Parts(np.full(len(raw), number), raw.times // QUARTER, order, Buckets.of_each(raw))


def _bucketed(
    owners: Sequence[int], groups: Pieces, buckets: Buckets, edges: Ints, sums: Numbers | None = None
) -> dict[int, Aggregates]:
    """Sums up each datapoint's group of buckets, which are called by times of theirs and sorted by these."""
    if not owners:
        return {}
    places = np.maximum(edges.searchsorted(buckets.starts, "right") - 1, 0)
    begins = np.empty(len(places), bool)
    np.not_equal(places[1:], places[:-1], out=begins[1:])
    begins[groups.heads] = True
    (heads,) = begins.nonzero()
    grouped = buckets.grouped(heads, edges[places[heads]], groups, sums)
    if len(owners) == 1:
        return {owners[0]: Aggregates(grouped)}
    bounds = [*heads.searchsorted(groups.heads).tolist(), len(heads)]
    return {
        owner: Aggregates(grouped.take(slice(begin, end)))
        for owner, (begin, end) in zip(owners, pairwise(bounds), strict=True)
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
