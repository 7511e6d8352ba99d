"""Reads aggregates: rollups where they suffice, single values where a bucket is cut or the journal's tail touches it.

Two statements at most. The second one is believed only when no seal came in between, which the mark's generation tells;
what was written meanwhile is not seen. So the answer is that of one snapshot in whatever transaction it is asked.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import numpy as np

from guildhall.modules.telemetry.store import calendar, compaction, summary
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.frame import Floats, Ints
from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE, PERIOD, QUARTER, WEEK
from guildhall.modules.telemetry.store.merging import Range, Samples, replayed
from guildhall.modules.telemetry.store.plan import Plan, Rows
from guildhall.modules.telemetry.store.reading import MARK, TAIL
from guildhall.modules.telemetry.store.summary import Buckets

_FIRST: Final = """
SELECT 0, datapoint_id, week::bigint, body, NULL::bigint, NULL::bigint FROM telemetry_rollup
WHERE datapoint_id = ANY(%s::bigint[]) AND week >= %s AND week <= %s
UNION ALL
SELECT 1, datapoint_id, position, body, deleted_from, deleted_until FROM ({tail}) tail
UNION ALL
SELECT 2, datapoint_id, raw_from, NULL, NULL, NULL FROM telemetry_rawfloor WHERE datapoint_id = ANY(%s::bigint[])
UNION ALL
SELECT 3, coalesce(max(generation), 0), 0, NULL, NULL, NULL FROM telemetry_sealed
ORDER BY 1, 2, 3
"""
_TAIL: Final = TAIL.format(above=MARK, ids="%s")
_SECOND: Final = """
SELECT datapoint_id, start_at, body FROM telemetry_chunk c
WHERE (datapoint_id, start_at) IN (
    SELECT i.datapoint_id, i.start_at
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) g (datapoint_id, first, until)
    JOIN telemetry_chunk i ON i.datapoint_id = g.datapoint_id AND i.start_at < g.until AND i.last_at >= g.first
        AND i.start_at >= g.first - g.first %% {period} - {period}
    WHERE i.start_at >= %s AND i.start_at < %s
) AND start_at >= %s AND start_at < %s
UNION ALL
SELECT 0, coalesce(max(generation), 0), NULL FROM telemetry_sealed
"""


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Buckets by the beginning of each; empty ones are missing."""

    buckets: Buckets

    @property
    def averages(self) -> Floats:
        """The means, where there is something."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.buckets.sums / self.buckets.counts


@dataclass(slots=True)
class _Series:
    """What the first statement told of a datapoint."""

    weeks: list[bytes]
    events: list[Samples | Range]
    raw_from: int = ALL_BEFORE

    def dirty(self, cuts: Ints, first: int, end: int) -> Ints:
        """Numbers of the quarters for which single values are needed."""
        parts = [cuts]
        for event in self.events:
            if isinstance(event, Samples):
                parts.append(event.times // QUARTER)
            else:
                parts.append(np.arange(max(event[0], first) // QUARTER, (min(event[1], end) - 1) // QUARTER + 1))
        found = np.unique(np.concatenate(parts))
        return found[(found >= first // QUARTER) & (found <= (end - 1) // QUARTER) & (found * QUARTER >= self.raw_from)]


def aggregates(
    datapoints: Sequence[int], *, interval: Interval, zone: tzinfo, start: int | None = None, end: int | None = None
) -> Plan[dict[int, Aggregates]]:
    """The buckets of [start, end) of each datapoint; a first and last bucket that is cut holds what is inside.

    What is older than the raw retention is known by quarters of an hour only and counts where its quarter begins.

    Raises:
        TooManyBucketsError: the samples lie so far apart that they would be too many.
    """
    ids = list(datapoints)
    first = ALL_BEFORE if start is None else start
    last = ALL_AFTER if end is None else end
    if first >= last:
        return {id_: Aggregates(Buckets.none()) for id_ in ids}
    while True:
        rows = yield (
            _FIRST.format(tail=_TAIL),
            [ids, max(first // WEEK, -(2**31)), min(last // WEEK, 2**31 - 1), ids, ids, ids],
        )
        series, generation = _series(ids, rows)
        known = {id_: compaction.unpack_weeks(one.weeks) for id_, one in series.items()}
        low, high = _extent(known, series, first, last)
        if low >= high:
            return {id_: Aggregates(Buckets.none()) for id_ in ids}
        edges = calendar.boundaries(interval, zone, low, high)
        inner = np.array([first, last, *edges.tolist()], np.int64)
        cuts = np.unique(inner[(inner % QUARTER != 0) & (inner >= low) & (inner <= high)] // QUARTER)
        dirty = {id_: one.dirty(cuts, low, high) for id_, one in series.items()}
        chunks: dict[int, list[Samples | Range]] = defaultdict(list)
        if wanted := _ranges(dirty):
            lowest, highest = min(w[1] for w in wanted), max(w[2] for w in wanted)
            bounds = [lowest // PERIOD * PERIOD, highest]
            rows = yield (
                _SECOND.format(period=PERIOD),
                [*(list(column) for column in zip(*wanted, strict=True)), *bounds, *bounds],
            )
            if any(not id_ and place != generation for id_, place, _ in rows):
                continue
            for id_, _, body in sorted(row for row in rows if row[0]):
                chunks[id_].append(compaction.unpack_chunk(bytes(body)))
        found = {}
        for id_, one in series.items():
            raw = replayed([*chunks[id_], *one.events]).within(first, last)
            raw = raw.take(np.isin(raw.times // QUARTER, dirty[id_]))
            rolled = known[id_]
            inside = (rolled.starts >= low // QUARTER) & (rolled.starts * QUARTER < high)
            rolled = rolled.take(inside & ~np.isin(rolled.starts, dirty[id_]))
            parts = summary.joined([_timed(rolled), Buckets.of_each(raw)])
            found[id_] = Aggregates(_bucketed(parts, edges))
        return found


def _series(ids: Sequence[int], rows: Rows) -> tuple[dict[int, _Series], int]:
    series = {id_: _Series([], []) for id_ in ids}
    generation = 0
    for kind, id_, place, body, deleted_from, deleted_until in rows:
        match kind:
            case 0:
                series[id_].weeks.append(bytes(body))
            case 1 if body is None:
                series[id_].events.append((deleted_from, deleted_until))
            case 1:
                series[id_].events.append(Samples.of_body(bytes(body)))
            case 2:
                series[id_].raw_from = place
            case _:
                generation = id_
    return series, generation


def _extent(known: dict[int, Buckets], series: dict[int, _Series], first: int, last: int) -> Range:
    """The part of the range in which there may be samples."""
    lows: list[int] = []
    highs: list[int] = []
    for buckets in known.values():
        inside = buckets.starts[(buckets.starts >= first // QUARTER) & (buckets.starts * QUARTER < last)]
        if len(inside):
            lows.append(int(inside[0]) * QUARTER)
            highs.append((int(inside[-1]) + 1) * QUARTER)
    for one in series.values():
        for event in one.events:
            if isinstance(event, Samples):
                inside = event.within(first, last).times
                if len(inside):
                    lows.append(int(inside[0]))
                    highs.append(int(inside[-1]) + 1)
    if not lows:
        return 0, 0
    return max(min(lows), first), min(max(highs), last)


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


def _timed(buckets: Buckets) -> Buckets:
    return Buckets(buckets.starts * QUARTER, *buckets.columns[1:])  # type: ignore[arg-type]


def _bucketed(parts: Buckets, edges: Ints) -> Buckets:
    if not len(parts):
        return parts
    places = np.maximum(np.searchsorted(edges, parts.starts, "right") - 1, 0)
    heads = np.flatnonzero(np.append(True, places[1:] != places[:-1]))
    return parts.grouped(heads, edges[places[heads]])
