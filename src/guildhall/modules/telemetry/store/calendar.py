"""Where the buckets of an aggregate begin in a zone: quarters of an hour, hours, days, weeks, months, years. Pure.

A local midnight that a change of the clock skips is the first moment after the gap; one that exists twice is the first
of both. Hours and quarters are counted by the clock on the wall: where the clock is set back by an hour, the same hour
comes twice and makes two buckets, and a change by half an hour cuts one short.
"""

from collections.abc import Iterator
from datetime import UTC, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np

from guildhall.modules.telemetry.store.layout import DAY, QUARTER, moment
from guildhall.modules.telemetry.store.pieces import Ints

#: Boundaries of buckets in order; a range where the buckets are equally long.
Edges: TypeAlias = range | Ints

MAX_BUCKETS: Final = 200_000
_HOUR: Final = 4 * QUARTER
_MICROSECOND: Final = timedelta(microseconds=1)
#: The years 2 to 9998: at their edges no zone's offset leads out of what a datetime can say.
_FIRST: Final = -62_104_060_800_000_000
_END: Final = 253_370_764_800_000_000
#: 1970 began on a Thursday.
_MONDAY: Final = 4 * DAY
_DAYS_LOOKED_AT_ONCE: Final = 512


class Interval(StrEnum):
    """The lengths of buckets."""

    QUARTER = "15m"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_SHORT: Final = {Interval.QUARTER: QUARTER, Interval.HOUR: _HOUR}
_STEPS: Final = {**_SHORT, Interval.DAY: DAY, Interval.WEEK: 7 * DAY}
#: At least so long is a bucket, so that a range that has too many is known before they are counted.
_LEAST: Final = {
    **_SHORT,
    Interval.DAY: 23 * _HOUR,
    Interval.WEEK: 6 * DAY,
    Interval.MONTH: 27 * DAY,
    Interval.YEAR: 364 * DAY,
}


class TooManyBucketsError(Exception):
    """The range has more buckets than one answer may have."""


def boundaries(interval: Interval, zone: tzinfo, start: int, end: int) -> Edges:
    """The beginnings of all buckets that meet [start, end), and the end of the last one.

    Raises:
        TooManyBucketsError: these are more than `MAX_BUCKETS`.
    """
    start, end = max(start, _FIRST), min(max(end, start + 1), _END)
    if (end - start) // (2 * _LEAST[interval]) > MAX_BUCKETS:
        raise TooManyBucketsError
    if (even := _even(interval, zone, start, end)) is not None:
        return even
    # The bucket of the first moment may have begun a year and a change of the clock before, the last one end so late.
    margin = 2 * DAY if interval in _SHORT else 368 * DAY
    starts, offsets = _stretches(zone, max(start - margin, _FIRST - DAY), min(end + margin, _END + DAY))
    edges = (_short if interval in _SHORT else _long)(interval, starts, offsets, start - margin, end + margin)
    first = int(np.searchsorted(edges, start, "right")) - 1
    last = int(np.searchsorted(edges, end, "left"))
    found: Ints = edges[max(first, 0) : last + 1]
    if len(found) - 1 > MAX_BUCKETS:
        raise TooManyBucketsError
    return found


def listed(edges: Edges) -> Ints:
    """The same as an array."""
    return np.arange(edges.start, edges.stop, edges.step) if isinstance(edges, range) else edges


def uneven(edges: Edges) -> list[int]:
    """Those of the boundaries that divide a quarter of an hour."""
    if isinstance(edges, range):
        return [*edges] if edges.start % QUARTER else []
    dividing: list[int] = edges[edges % QUARTER != 0].tolist()
    return dividing


def _even(interval: Interval, zone: tzinfo, start: int, end: int) -> range | None:
    """The boundaries where buckets are of one length, as the clock is not changed meanwhile; else None."""
    if (step := _STEPS.get(interval)) is None or (end - start) // step > MAX_BUCKETS:
        return None
    shift = _MONDAY if interval is Interval.WEEK else 0
    if zone is not UTC:
        begin, until = max(start - 2 * step, _FIRST - DAY), min(end + 2 * step, _END + DAY)
        if _changes_within(zone, begin, until):
            return None
        shift -= _offset(zone, begin)
    return range((start - shift) // step * step + shift, end + step, step)


def _short(interval: Interval, starts: Ints, offsets: Ints, start: int, end: int) -> Ints:
    """Whatever the clock on the wall shows as a multiple of the step, and every change of the clock."""
    step = _SHORT[interval]
    parts = [starts[1:]]
    ends = [*starts[1:].tolist(), end]
    for begin, until, offset in zip([start, *starts[1:].tolist()], ends, offsets.tolist(), strict=True):
        parts.append(np.arange(-(-(begin + offset) // step) * step - offset, until, step))
    return np.unique(np.concatenate(parts))


def _long(interval: Interval, starts: Ints, offsets: Ints, start: int, end: int) -> Ints:
    """The first moment at or behind each midnight at which a day, week, month or year begins on the wall."""
    low, high = start + int(offsets[0]), end + int(offsets[-1])
    match interval:
        case Interval.DAY:
            walls = np.arange(low // DAY * DAY, high, DAY)
        case Interval.WEEK:
            walls = np.arange((low - _MONDAY) // (7 * DAY) * 7 * DAY + _MONDAY, high, 7 * DAY)
        case _:
            unit: Any = "M" if interval is Interval.MONTH else "Y"
            first, last = (np.datetime64(at, "us").astype(f"datetime64[{unit}]") for at in (low, high))
            walls = np.arange(first, last + 1).astype("datetime64[us]").astype(np.int64)
    ends = np.maximum.accumulate(np.append(starts[1:] + offsets[:-1], 2**62))
    places = np.searchsorted(ends, walls, "right")
    return np.unique(np.maximum(starts[places], walls - offsets[places]))


def _stretches(zone: tzinfo, start: int, end: int) -> tuple[Ints, Ints]:
    """The times from which on an offset holds, beginning with one before `start`, and the offsets, in microseconds."""
    inside = _changes_within(zone, start, end)
    starts = [start, *inside]
    return np.array([-(2**62), *inside], np.int64), np.array([_offset(zone, at) for at in starts], np.int64)


def _changes_within(zone: tzinfo, start: int, end: int) -> list[int]:
    """When the clock is changed in (start, end)."""
    block = _DAYS_LOOKED_AT_ONCE * DAY
    blocks = range(start // block, end // block + 1)
    return [change for number in blocks for change in _changes(zone, number) if start < change < end]


@lru_cache(maxsize=4096)
def _changes(zone: tzinfo, block: int) -> tuple[int, ...]:
    """When the clock is changed in so many days counted from 1970; two changes that undo each other in a day aside."""
    first = block * _DAYS_LOOKED_AT_ONCE
    times = [min(max(day * DAY, _FIRST - DAY), _END + DAY) for day in range(first, first + _DAYS_LOOKED_AT_ONCE + 1)]
    offsets = [_offset(zone, at) for at in times]
    found: list[int] = []
    for number, (one, other) in enumerate(pairwise(offsets)):
        if one != other:
            found += _between(zone, times[number], times[number + 1])
    return tuple(found)


def _between(zone: tzinfo, low: int, high: int) -> Iterator[int]:
    if _offset(zone, low) == _offset(zone, high):
        return
    if high - low == 1:
        yield high
        return
    middle = (low + high) // 2
    yield from _between(zone, low, middle)
    yield from _between(zone, middle, high)


def _offset(zone: tzinfo, at: int) -> int:
    return (moment(at).astimezone(zone).utcoffset() or timedelta()) // _MICROSECOND
