"""What is asked of the database for aggregates, and its answer as Python values. Nothing is summed up here."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np

from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE, PERIOD, QUARTER, WEEK
from guildhall.modules.telemetry.store.merging import Range, Samples
from guildhall.modules.telemetry.store.parts import B, Parts, Row, sealed_parts
from guildhall.modules.telemetry.store.pieces import Ints
from guildhall.modules.telemetry.store.plan import Rows, array
from guildhall.modules.telemetry.store.reading import MARK, PART, TAIL
from guildhall.modules.telemetry.store.weeks import Week

#: The last chunk of each datapoint before the range is the only one that can reach into it.
_REACHING: Final = """AND start_at >= coalesce((
    SELECT min(start_at) FROM unnest(%(ids)s::bigint[]) d (id) CROSS JOIN LATERAL (
        SELECT max(start_at) AS start_at FROM telemetry_chunk
        WHERE datapoint_id = d.id AND start_at >= {since} AND start_at < {first}
    ) before
), {since})"""
#: Chunks that a bound may divide in the middle of a quarter come with their single values too.
_CHUNKS: Final = """
SELECT 0, datapoint_id, start_at, last_at, rollup,
       CASE WHEN rollup IS NULL OR start_at < %(cut_until)s OR last_at >= %(cut_from)s THEN body END,
       NULL::bigint, NULL::bigint
FROM telemetry_chunk
WHERE datapoint_id {among} AND start_at >= {since} AND start_at < {until} AND last_at >= {first} {reaching}
"""
_ROLLUPS: Final = f"""
SELECT 0, datapoint_id, week * {WEEK}::bigint, (week + 1) * {WEEK}::bigint - 1, body, NULL::bytea,
       NULL::bigint, NULL::bigint
FROM telemetry_rollup
WHERE datapoint_id {{among}} AND week >= %(first_week)s AND week <= %(last_week)s
"""  # noqa: S608 — a constant.
_WEEKS: Final = """
SELECT 4, datapoint_id, week, generation, NULL, NULL, NULL, NULL FROM telemetry_week
WHERE datapoint_id {among} AND week >= %(whole_from)s AND week < %(whole_until)s
"""
_STATE: Final = f"""
SELECT 1, datapoint_id, position, deleted_from, NULL, body, deleted_until, NULL
FROM ({TAIL.format(above=MARK, ids="%(ids)s")}) tail
UNION ALL
SELECT 2, datapoint_id, raw_from, NULL, NULL, NULL, NULL, NULL FROM telemetry_rawfloor
WHERE datapoint_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT 3, coalesce(max(generation), 0), NULL, NULL, NULL, NULL, NULL, NULL FROM telemetry_sealed
"""  # noqa: S608 — a constant.
#: The same of one datapoint: its floor, and each row of the tail, stand beside the mark, in one row at least.
_STATE_OF_ONE: Final = f"""
SELECT 3, coalesce(s.generation, 0), j.position, j.deleted_from, NULL, j.body, j.deleted_until, f.raw_from
FROM (SELECT 1) always
LEFT JOIN telemetry_sealed s ON true
LEFT JOIN telemetry_rawfloor f ON f.datapoint_id = %(one)s
LEFT JOIN LATERAL (
    SELECT position, deleted_from, deleted_until,
           {PART.format(place="array_position(datapoints, %(one)s::bigint)")} AS body
    FROM telemetry_journal
    WHERE position > coalesce(s.position, 0) AND datapoints && ARRAY[%(one)s::bigint]
) j ON true
"""  # noqa: S608 — a constant.


def _statements(among: str, reaching: str, state: str) -> tuple[str, str]:
    """What asks for everything in a range, in no order; and for the same, but of some weeks for no more than that."""

    def chunks(since: str, until: str, first: str) -> str:
        bounds = {"since": since, "until": until, "first": first}
        return _CHUNKS.format(among=among, reaching=reaching.format(**bounds), **bounds)

    rollups = _ROLLUPS.format(among=among)
    around = (
        f"{rollups} AND (week < %(whole_from)s OR week >= %(whole_until)s)",
        # What lies across the edges of the weeks comes too.
        chunks("%(since)s", "%(hole_from)s", "%(first)s"),
        chunks("%(behind)s", "%(until)s", "%(hole_until)s"),
        state,
        _WEEKS.format(among=among),
    )
    everything = (rollups, chunks("%(since)s", "%(until)s", "%(first)s"), state)
    return "\nUNION ALL\n".join(everything), "\nUNION ALL\n".join(around)


ALL, AROUND = _statements("= ANY(%(ids)s::bigint[])", _REACHING, _STATE)
#: With one datapoint, PostgreSQL would make a plan for every question: that for any number of them looks dearer to it.
ALL_OF_ONE, AROUND_ONE = _statements("= %(one)s", "", _STATE_OF_ONE)
_NONE: Final = np.empty(0, np.int64)
_ORDER: Final = itemgetter(0, 1, 2)
#: What a column of them holds.
LEAST_WEEK: Final = -(2**31)
_LAST_WEEK: Final = 2**31 - 1
SINGLES: Final = f"""
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


class Chunk(NamedTuple):
    """The body of a chunk, and the rollup beside it where that is known."""

    datapoint: int
    body: bytes
    rollup: bytes | None = None


@dataclass(slots=True)
class Answer:
    """What the first statement told.

    Args:
        rolled: rollups: the number of the datapoint, a place in the order of time, the body.
        single: single values where no rollup was worth it, in the same way.
        end: behind the range.
        extent: from the first to behind the last time of chunks and parts of the tail that reach into the range.
        first_at: of each datapoint, where the first chunk that reaches into the range begins, or before.
        last_at: of each datapoint, the last time that is sealed, or a later one.
        divided: chunks that one of the bounds may divide within a quarter.
        beside: datapoints with another chunk in the quarter that the end of the range divides.
        events: of each datapoint, what the tail says, within the range.
        raw_from: floors.
        generation: that of the mark.
        weeks: generations of those weeks of which nothing else was asked.
    """

    rolled: list[Row]
    single: list[Row]
    extent: Range
    end: int
    first_at: dict[int, int]
    last_at: dict[int, int]
    divided: list[Chunk]
    beside: set[int]
    events: dict[int, list[Samples | Range]]
    raw_from: dict[int, int]
    generation: int
    weeks: dict[Week, int]

    def sealed(self, of: type[B]) -> Parts[B]:
        """Quarters of an hour, or single values where no rollup was worth it."""
        return sealed_parts(of, self.rolled, self.single)

    def follows(self, datapoint: int) -> bool:
        """Whether the tail has but samples behind those that are sealed, so that these stay as they are."""
        last_at = self.last_at.get(datapoint, ALL_BEFORE)
        return all(
            isinstance(event, Samples) and (not len(event) or int(event.times[0]) > last_at)
            for event in self.events.get(datapoint, ())
        )

    def dirty(self, datapoint: int, cuts: Sequence[int], bounds: Range) -> Ints:
        """Numbers of the quarters for which sealed single values are needed.

        Args:
            datapoint: its number.
            cuts: quarters in which a bucket ends.
            bounds: the range.
        """
        first, end = bounds
        divided = list(cuts)
        if first % QUARTER and self.first_at.get(datapoint, ALL_AFTER) < first:
            divided.append(first // QUARTER)
        if end % QUARTER and self.last_at.get(datapoint, ALL_BEFORE) >= end:
            divided.append(end // QUARTER)
        if not divided and datapoint not in self.events:
            return _NONE
        floor = self.raw_from.get(datapoint, ALL_BEFORE)
        if not cuts and datapoint not in self.events:
            return np.array(sorted({number for number in divided if number * QUARTER >= floor}), np.int64)
        first, end = max(first, self.extent[0]), min(end, self.extent[1])
        parts = [np.array(divided, np.int64)]
        for event in () if self.follows(datapoint) else self.events.get(datapoint, ()):
            if isinstance(event, Samples):
                parts.append(event.times // QUARTER)
            else:
                parts.append(np.arange(max(event[0], first) // QUARTER, (min(event[1], end) - 1) // QUARTER + 1))
        found = np.unique(np.concatenate(parts))
        return found[(found >= first // QUARTER) & (found <= (end - 1) // QUARTER) & (found * QUARTER >= floor)]

    def singles(self, dirty: Collection[int]) -> list[Chunk] | None:
        """The chunks with the single values of quarters that the bounds divide; None where more is needed."""
        if any(not self.follows(datapoint) for datapoint in self.events):
            return None
        if any(datapoint in dirty and self.last_at[datapoint] >= self.end for datapoint in self.beside):
            return None
        return [chunk for chunk in self.divided if chunk.datapoint in dirty]

    def touched(self) -> set[Week]:
        """Those of the weeks in which the tail changes something, or may do so."""
        found = set()
        for datapoint, events in self.events.items():
            if self.follows(datapoint):
                continue
            of_datapoint = [week for id_, week in self.weeks if id_ == datapoint]
            for event in events:
                if isinstance(event, Samples):
                    written = set((event.times // WEEK).tolist())
                    found |= {(datapoint, week) for week in of_datapoint if week in written}
                else:
                    first, last = event[0] // WEEK, (event[1] - 1) // WEEK
                    found |= {(datapoint, week) for week in of_datapoint if first <= week <= last}
        return found


def _cut(first: int, last: int) -> Range:
    """Where the quarter that the one bound divides ends, and the other bound; bounds that divide none are nowhere."""
    return -(-first // QUARTER) * QUARTER if first % QUARTER else ALL_BEFORE, last if last % QUARTER else ALL_AFTER


def asked(ids: Sequence[int], first: int, last: int) -> dict[str, object]:
    """The parameters of `ALL` or `ALL_OF_ONE` for a range."""
    cut_until, cut_from = _cut(first, last)
    return {
        **({"ids": array(ids)} if len(ids) > 1 else {"one": ids[0]}),
        "first_week": max(first // WEEK, LEAST_WEEK),
        "last_week": min(last // WEEK, _LAST_WEEK),
        "since": max(first // PERIOD * PERIOD, ALL_BEFORE),
        "until": last,
        "first": first,
        "cut_until": cut_until,
        "cut_from": cut_from,
    }


def asked_around(begin: int, end: int) -> dict[str, object]:
    """The further parameters of `AROUND` for these weeks."""
    since, until = begin * WEEK, end * WEEK
    return {
        "whole_from": begin,
        "whole_until": end,
        "hole_from": since,
        "hole_until": until,
        # No chunk reaches from one period into another.
        "behind": max(until // PERIOD * PERIOD, since),
    }


def answer_of(ids: Sequence[int], rows: Rows, first: int, last: int) -> Answer:
    """The answer of `ALL` or `AROUND` for a range."""
    numbers = {id_: number for number, id_ in enumerate(ids)}
    rolled: list[Row] = []
    single: list[Row] = []
    events: dict[int, list[Samples | Range]] = defaultdict(list)
    raw_from: dict[int, int] = {}
    first_at: dict[int, int] = {}
    last_at: dict[int, int] = {}
    divided: list[Chunk] = []
    beside: set[int] = set()
    cut_until, cut_from = _cut(first, last)
    lows, highs = [], []
    generation = 0
    weeks: dict[Week, int] = {}
    for order, (kind, id_, place, at, rollup, body, until, floor) in enumerate(sorted(rows, key=_ORDER)):
        match kind:
            case 0:
                if rollup is None:
                    single.append((numbers[id_], order, bytes(body)))
                else:
                    rolled.append((numbers[id_], order, bytes(rollup)))
                first_at.setdefault(id_, place)
                last_at[id_] = at
                if body is not None and (place < cut_until or at >= cut_from):
                    divided.append(Chunk(id_, bytes(body), None if rollup is None else bytes(rollup)))
                elif at >= cut_from // QUARTER * QUARTER:
                    beside.add(id_)
                lows.append(place)
                highs.append(at + 1)
            case 1:
                events[id_].append(_event(body, at, until, (first, last)))
            case 2:
                raw_from[id_] = place
            case 3:
                generation = id_
                if floor is not None:
                    raw_from[ids[0]] = floor
                if place is not None:
                    events[ids[0]].append(_event(body, at, until, (first, last)))
            case _:
                weeks[id_, place] = at
                last_at[id_] = max(last_at.get(id_, ALL_BEFORE), (place + 1) * WEEK - 1)
                lows.append(place * WEEK)
                highs.append((place + 1) * WEEK)
    written = [event for told in events.values() for event in told if isinstance(event, Samples) and len(event)]
    lows += [int(samples.times[0]) for samples in written]
    highs += [int(samples.times[-1]) + 1 for samples in written]
    extent = (min(lows), max(highs)) if lows else (0, 0)
    return Answer(
        rolled, single, extent, last, first_at, last_at, divided, beside, dict(events), raw_from, generation, weeks
    )


def _event(body: bytes | None, deleted_from: int, deleted_until: int, bounds: Range) -> Samples | Range:
    """What a row of the tail says."""
    return (deleted_from, deleted_until) if body is None else Samples.of_body(bytes(body)).within(*bounds)
