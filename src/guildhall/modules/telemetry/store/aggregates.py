"""Reads aggregates: rollups where they suffice, single values where a bucket is cut or the journal's tail touches it.

The first statement tells everything but what it shows to be needed then: single values, and weeks of which the buckets
were not kept from before. Further ones are believed only when no seal came in between, which the mark's generation, or
that of the weeks, tells; what was written meanwhile is not seen. So the answer is that of one snapshot in whatever
transaction it is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Final

import numpy as np

from guildhall.modules.telemetry.store import calendar, compaction, weeks
from guildhall.modules.telemetry.store.answers import ALL, AROUND, SINGLES, Answer, answer_of
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE, PERIOD, QUARTER, WEEK
from guildhall.modules.telemetry.store.merging import Range, replayed
from guildhall.modules.telemetry.store.parts import (
    BEHIND,
    Aggregates,
    Parts,
    bucketed,
    bucketed_rollups,
    joined_parts,
    parts_of_samples,
    singles,
)
from guildhall.modules.telemetry.store.pieces import Ints
from guildhall.modules.telemetry.store.plan import Plan, array
from guildhall.modules.telemetry.store.summary import Buckets
from guildhall.modules.telemetry.store.weeks import Kept

__all__ = ["Aggregates", "aggregates"]

#: With fewer whole weeks in the range it is as quick to read all there is.
LEAST_WEEKS: Final = 3
_WEEK_NUMBERS: Final = (-(2**31), 2**31 - 1)


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
    nothing = {id_: Aggregates(Buckets.none()) for id_ in ids}
    if first >= last:
        return nothing
    # Quarters of an hour are as many bytes as the rollups from which they are made.
    whole = None if kept is None or now is None or interval is Interval.QUARTER else _whole_weeks(first, last, now)
    asked = _asked(ids, first, last)
    while True:
        rows = yield (ALL, asked) if whole is None else (AROUND, {**asked, **_around(asked, whole)})
        answer = answer_of(ids, rows, first, last)
        lowest, highest = answer.extent
        low, high = max(lowest, first), min(highest, last)
        if low >= high:
            return nothing
        edges = calendar.boundaries(interval, zone, low, high)
        if whole is not None and (edges % QUARTER).any():
            whole = None
            continue
        cuts = _cuts(edges, (first, last), answer.extent)
        found = {id_: answer.dirty(id_, cuts, low, high) for id_ in (ids if len(cuts) else answer.events)}
        dirty = {id_: quarters for id_, quarters in found.items() if len(quarters)}
        if not (whole or dirty or answer.events or answer.single) and first <= lowest and highest <= last:
            return {**nothing, **bucketed_rollups(ids, answer.rolled, edges)}
        sealed = answer.sealed().within(first, last)
        finished: list[Parts] = []
        if whole is not None and kept is not None:
            of_weeks = yield from _of_weeks(ids, answer, whole, edges, (kept, interval, zone))
            if of_weeks is None:
                continue
            finished, touched = of_weeks
            sealed = joined_parts([_outside(sealed, whole), *touched])
        bodies: list[tuple[int, bytes]] = []
        if dirty:
            wanted = _ranges(dirty)
            bounds = [min(w[1] for w in wanted) // PERIOD * PERIOD, max(w[2] for w in wanted)]
            rows = yield SINGLES, [*(array(column) for column in zip(*wanted, strict=True)), *bounds, *bounds]
            if any(not id_ and place != answer.generation for id_, place, _ in rows):
                continue
            bodies = [(id_, bytes(body)) for id_, _, body in sorted(row for row in rows if row[0])]
        parts = _replaced(ids, answer, sealed, bodies, dirty, (first, last))
        return {**nothing, **bucketed(joined_parts([parts, *finished]).sorted(), ids, edges)}


def _asked(ids: Sequence[int], first: int, last: int) -> dict[str, object]:
    return {
        "ids": array(ids),
        "first_week": max(first // WEEK, _WEEK_NUMBERS[0]),
        "last_week": min(last // WEEK, _WEEK_NUMBERS[1]),
        "since": max(first // PERIOD * PERIOD, ALL_BEFORE),
        "until": last,
        "first": first,
    }


def _whole_weeks(first: int, last: int, now: int) -> Range | None:
    """Numbers of the weeks that lie in the range and are over; None where these are few."""
    begin, end = max(-(-first // WEEK), _WEEK_NUMBERS[0]), min(last, now) // WEEK
    return (begin, end) if end - begin >= LEAST_WEEKS else None


def _around(asked: Mapping[str, object], whole: Range) -> dict[str, object]:
    begin, end = whole[0] * WEEK, whole[1] * WEEK
    return {
        "whole_from": whole[0],
        "whole_until": whole[1],
        "hole_from": begin,
        "hole_until": end,
        # No chunk reaches from one period into another.
        "behind": max(end // PERIOD * PERIOD, begin),
    }


def _outside(parts: Parts, whole: Range) -> Parts:
    begin, end = (week * WEEK // QUARTER for week in whole)
    return parts.take((parts.quarters < begin) | (parts.quarters >= end))


def _of_weeks(
    ids: Sequence[int], answer: Answer, whole: Range, edges: Ints, how: tuple[Kept, Interval, tzinfo]
) -> Plan[tuple[list[Parts], list[Parts]] | None]:
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
    read: list[Parts] = []
    missing = [week for week in answer.weeks if week not in finished]
    for first in range(0, len(missing), weeks.AT_ONCE):
        some = {week: answer.weeks[week] for week in missing[first : first + weeks.AT_ONCE]}
        rows = yield weeks.READ, weeks.to_read(some)
        parts = weeks.read(some, rows)
        if parts is None:
            return None
        summed_up = zip(some, weeks.summed_up(parts, edges, len(some)), strict=True)
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


def _cuts(edges: Ints, bounds: Range, extent: Range) -> Ints:
    """The numbers of the quarters that a bucket's edge, or a bound, divides where there may be samples."""
    inner = edges[edges % QUARTER != 0].tolist() + [bound for bound in bounds if bound % QUARTER]
    return np.array(sorted({edge // QUARTER for edge in inner if extent[0] < edge < extent[1]}), np.int64)


def _replaced(
    ids: Sequence[int],
    answer: Answer,
    sealed: Parts,
    bodies: Sequence[tuple[int, bytes]],
    dirty: dict[int, Ints],
    bounds: Range,
) -> Parts:
    """What is sealed, but for dirty quarters; single values in the place of these; what follows in the tail."""
    numbers = {id_: number for number, id_ in enumerate(ids)}
    parts = [sealed]
    following = {id_ for id_ in answer.events if answer.follows(id_)}
    if dirty:
        gone = np.concatenate([numbers[id_] * 2 * BEHIND + quarters for id_, quarters in dirty.items()])
        parts = [sealed.take(~np.isin(sealed.keys, gone))]
        # Chunks that nothing in the tail changes are taken at once.
        whole = [(numbers[id_], 0, body) for id_, body in bodies if id_ in following or id_ not in answer.events]
        samples, pieces = compaction.unpack_chunks([body for _, _, body in whole])
        single = parts_of_samples(whole, pieces, samples)
        inside = (samples.times >= bounds[0]) & (samples.times < bounds[1])
        parts.append(single.take(np.isin(single.keys, gone) & inside))
    for id_, events in answer.events.items():
        if id_ in following:
            parts.append(singles(numbers[id_], replayed(events)))
        elif id_ in dirty:
            chunks, _ = compaction.unpack_chunks([body for owner, body in bodies if owner == id_])
            raw = replayed([chunks, *events]).within(*bounds)
            parts.append(singles(numbers[id_], raw.take(np.isin(raw.times // QUARTER, dirty[id_]))))
    return joined_parts(parts)


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
