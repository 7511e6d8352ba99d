"""What is asked of the database for aggregates, and its answer as Python values. Nothing is summed up here."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np

from guildhall.modules.telemetry.store.layout import ALL_BEFORE, PERIOD, QUARTER, WEEK
from guildhall.modules.telemetry.store.merging import Range, Samples
from guildhall.modules.telemetry.store.parts import Parts, Row, sealed_parts
from guildhall.modules.telemetry.store.pieces import Ints
from guildhall.modules.telemetry.store.plan import Rows
from guildhall.modules.telemetry.store.reading import MARK, TAIL
from guildhall.modules.telemetry.store.weeks import Week

_CHUNKS: Final = """
SELECT 0, datapoint_id, start_at, coalesce(rollup, body), last_at, (rollup IS NOT NULL)::int FROM telemetry_chunk
WHERE datapoint_id = ANY(%(ids)s::bigint[]) AND start_at >= {since} AND start_at < {until} AND last_at >= {first}
"""
_ROLLUPS: Final = f"""
SELECT 0, datapoint_id, week * {WEEK}::bigint, body, (week + 1) * {WEEK}::bigint - 1, 1 FROM telemetry_rollup
WHERE datapoint_id = ANY(%(ids)s::bigint[]) AND week >= %(first_week)s AND week <= %(last_week)s
"""  # noqa: S608 — a constant.
_OTHERS: Final = """
SELECT 1, datapoint_id, position, body, deleted_from, deleted_until FROM ({tail}) tail
UNION ALL
SELECT 2, datapoint_id, raw_from, NULL, NULL, NULL FROM telemetry_rawfloor WHERE datapoint_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT 3, coalesce(max(generation), 0), 0, NULL, NULL, NULL FROM telemetry_sealed
""".format(tail=TAIL.format(above=MARK, ids="%(ids)s"))
_WEEKS: Final = """
SELECT 4, datapoint_id, week, NULL, generation, NULL FROM telemetry_week
WHERE datapoint_id = ANY(%(ids)s::bigint[]) AND week >= %(whole_from)s AND week < %(whole_until)s
"""
_UNION: Final = "\nUNION ALL\n"
#: Everything in a range, in no order: few rows are sorted sooner here than there.
ALL: Final = _UNION.join((_ROLLUPS, _CHUNKS.format(since="%(since)s", until="%(until)s", first="%(first)s"), _OTHERS))
#: The same, but of some weeks their generations alone. What lies across their edges comes too.
AROUND: Final = _UNION.join(
    (
        f"{_ROLLUPS} AND (week < %(whole_from)s OR week >= %(whole_until)s)",
        _CHUNKS.format(since="%(since)s", until="%(hole_from)s", first="%(first)s"),
        _CHUNKS.format(since="%(behind)s", until="%(until)s", first="%(hole_until)s"),
        _OTHERS,
        _WEEKS,
    )
)
_ORDER: Final = itemgetter(0, 1, 2)
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


@dataclass(slots=True)
class Answer:
    """What the first statement told.

    Args:
        rolled: rollups: the number of the datapoint, a place in the order of time, the body.
        single: single values where no rollup was worth it, in the same way.
        extent: from the first to behind the last time of chunks and parts of the tail that reach into the range.
        last_at: of each datapoint, the last time that is sealed, or a later one.
        events: of each datapoint, what the tail says, within the range.
        raw_from: floors.
        generation: that of the mark.
        weeks: generations of those weeks of which nothing else was asked.
    """

    rolled: list[Row]
    single: list[Row]
    extent: Range
    last_at: dict[int, int]
    events: dict[int, list[Samples | Range]]
    raw_from: dict[int, int]
    generation: int
    weeks: dict[Week, int]

    def sealed(self) -> Parts:
        """Quarters of an hour, or single values where no rollup was worth it."""
        return sealed_parts(self.rolled, self.single)

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


def answer_of(ids: Sequence[int], rows: Rows, first: int, last: int) -> Answer:
    """The answer of `ALL` or `AROUND` for a range."""
    numbers = {id_: number for number, id_ in enumerate(ids)}
    rolled: list[Row] = []
    single: list[Row] = []
    events: dict[int, list[Samples | Range]] = defaultdict(list)
    raw_from: dict[int, int] = {}
    last_at: dict[int, int] = {}
    lows, highs = [], []
    generation = 0
    weeks: dict[Week, int] = {}
    for order, (kind, id_, place, body, one, other) in enumerate(sorted(rows, key=_ORDER)):
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
            case 3:
                generation = id_
            case _:
                weeks[id_, place] = one
                last_at[id_] = max(last_at.get(id_, ALL_BEFORE), (place + 1) * WEEK - 1)
                lows.append(place * WEEK)
                highs.append((place + 1) * WEEK)
    extent = (min(lows), max(highs)) if lows else (0, 0)
    return Answer(rolled, single, extent, last_at, dict(events), raw_from, generation, weeks)
