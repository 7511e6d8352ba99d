"""Reads aggregates: rollups where they suffice, single values where a bucket is cut or the journal's tail touches it.

The first statement tells everything but what it shows to be needed then: single values, and weeks of which the buckets
were not kept from before. Further ones are believed only when no seal came in between, which the mark's generation, or
that of the weeks, tells; what was written meanwhile is not seen. So the answer is that of one snapshot in whatever
transaction it is asked.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Final

import numpy as np

from guildhall.modules.telemetry.store import calendar, weeks
from guildhall.modules.telemetry.store.answers import (
    ALL,
    ALL_OF_ONE,
    AROUND,
    AROUND_ONE,
    LEAST_WEEK,
    SINGLES,
    Answer,
    Chunk,
    answer_of,
    asked,
    asked_around,
)
from guildhall.modules.telemetry.store.calendar import Edges, Interval
from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE, PERIOD, QUARTER, WEEK
from guildhall.modules.telemetry.store.merged import Aggregates, Merged
from guildhall.modules.telemetry.store.merging import Range
from guildhall.modules.telemetry.store.parts import Parts
from guildhall.modules.telemetry.store.pieces import Ints
from guildhall.modules.telemetry.store.plan import Plan, array
from guildhall.modules.telemetry.store.summary import Buckets
from guildhall.modules.telemetry.store.weeks import Kept

__all__ = ["Aggregates", "aggregates"]

#: With fewer whole weeks in the range it is as quick to read all there is.
LEAST_WEEKS: Final = 3


def aggregates(
    datapoints: Sequence[int],
    *,
    interval: Interval,
    zone: tzinfo,
    start: int | None = None,
    end: int | None = None,
    kept: Kept | None = None,
    now: int | None = None,
) -> Plan[dict[int, Aggregates]]:
    """The buckets of [start, end) of each datapoint; a first and last bucket that is cut holds what is inside.

    What is older than the raw retention is known by quarters of an hour only and counts where its quarter begins.

    Args:
        datapoints: their numbers.
        interval: how long the buckets are.
        zone: whose clock they go by.
        start: where the range begins; None is before everything.
        end: behind the range; None is behind everything.
        kept: where buckets of whole weeks before `now` may be found, and are put.
        now: the present time; needed with `kept`.

    Raises:
        TooManyBucketsError: the samples lie so far apart that they would be too many.
    """
    ids = sorted(set(datapoints))
    first = ALL_BEFORE if start is None else start
    last = ALL_AFTER if end is None else end
    if first >= last or not ids:
        return {id_: Aggregates(None, id_) for id_ in ids}
    # Quarters of an hour are as many bytes as the rollups from which they are made.
    whole = None if kept is None or now is None or interval is Interval.QUARTER else _whole_weeks(first, last, now)
    question = asked(ids, first, last)
    everything, around = (ALL, AROUND) if len(ids) > 1 else (ALL_OF_ONE, AROUND_ONE)
    while True:
        rows = yield (everything, question) if whole is None else (around, {**question, **asked_around(*whole)})
        answer = answer_of(ids, rows, first, last)
        low, high = max(answer.extent[0], first), min(answer.extent[1], last)
        if low >= high:
            return {id_: Aggregates(None, id_) for id_ in ids}
        edges = calendar.boundaries(interval, zone, low, high)
        uneven = calendar.uneven(edges)
        if whole is not None and uneven:
            whole = None
            continue
        cuts = [edge // QUARTER for edge in uneven if low < edge < high]
        found = {id_: answer.dirty(id_, cuts, (first, last)) for id_ in ids}
        dirty = {id_: quarters for id_, quarters in found.items() if len(quarters)}
        finished: list[Parts[Buckets]] = []
        touched: list[Parts[Buckets]] = []
        if whole is not None and kept is not None:
            of_weeks = yield from _of_weeks(ids, answer, whole, edges, (kept, interval, zone))
            if of_weeks is None:
                continue
            finished, touched = of_weeks
        chunks = None if cuts else answer.singles(dirty)
        if chunks is None and dirty:
            wanted = _ranges(dirty)
            bounds = [min(w[1] for w in wanted) // PERIOD * PERIOD, max(w[2] for w in wanted)]
            rows = yield SINGLES, [*(array(column) for column in zip(*wanted, strict=True)), *bounds, *bounds]
            if any(not id_ and place != answer.generation for id_, place, _ in rows):
                continue
            chunks = [Chunk(id_, bytes(body)) for id_, _, body in sorted(row for row in rows if row[0])]
        merged = Merged(ids, edges, (first, last), answer, chunks or (), dirty, whole, finished, touched)
        return {id_: Aggregates(merged, id_) for id_ in ids}


def _whole_weeks(first: int, last: int, now: int) -> Range | None:
    """Numbers of the weeks that lie in the range and are over; None where these are few."""
    begin, end = max(-(-first // WEEK), LEAST_WEEK), min(last, now) // WEEK
    return (begin, end) if end - begin >= LEAST_WEEKS else None


def _of_weeks(
    ids: Sequence[int], answer: Answer, whole: Range, edges: Edges, how: tuple[Kept, Interval, tzinfo]
) -> Plan[tuple[list[Parts[Buckets]], list[Parts[Buckets]]] | None]:
    """Finished buckets of weeks, and what is sealed in those that the tail touches; None where a week changed."""
    kept, interval, zone = how
    numbers = {id_: number for number, id_ in enumerate(ids)}
    touched = answer.touched()
    keys = {
        week: weeks.key(week, generation, interval, zone)
        for week, generation in answer.weeks.items()
        if week not in touched
    }
    bodies = kept.get(list(keys.values())) if keys else []
    finished = {week: body for week, body in zip(keys, bodies, strict=True) if body is not None}
    read: list[Parts[Buckets]] = []
    missing = [week for week in answer.weeks if week not in finished]
    for first in range(0, len(missing), weeks.AT_ONCE):
        some = {week: answer.weeks[week] for week in missing[first : first + weeks.AT_ONCE]}
        rows = yield weeks.READ, weeks.to_read(some)
        parts = weeks.read(some, rows)
        if parts is None:
            return None
        summed_up = zip(some, weeks.summed_up(parts, calendar.listed(edges), len(some)), strict=True)
        made = {week: body for week, body in summed_up if week not in touched}
        kept.put({keys[week]: body for week, body in made.items()})
        finished |= made
        if touched:
            owners = np.array([numbers[week[0]] if week in touched else -1 for week in some])[parts.owners]
            read.append(replace(parts, owners=owners).take(owners >= 0))
    buckets, counts = weeks.unpacked(list(finished.values()))
    owners = np.array([numbers[datapoint] for datapoint, _ in finished], np.int64).repeat(counts)
    quarters = buckets.starts // QUARTER
    return [Parts(owners, quarters, np.zeros(len(quarters), np.int64), buckets)], read


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
