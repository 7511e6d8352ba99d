"""Where the buckets of an aggregate begin in a zone: quarters of an hour, hours, days, weeks, months, years. Pure.

A local midnight that a change of the clock skips is the first moment after the gap; one that exists twice is the first
of both. Hours and quarters are counted by the clock on the wall: where the clock is set back by an hour, the same hour
comes twice and makes two buckets, and a change by half an hour cuts one short.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from guildhall.modules.telemetry.store.layout import DAY, QUARTER, microseconds, moment

MAX_BUCKETS: Final = 200_000
_HOUR: Final = 4 * QUARTER
_YEARS: Final = (2, 9998)


class Interval(StrEnum):
    """The lengths of buckets."""

    QUARTER = "15m"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class TooManyBucketsError(Exception):
    """The range has more buckets than one answer may have."""


def boundaries(interval: Interval, zone: tzinfo, start: int, end: int) -> list[int]:
    """The beginnings of all buckets that meet [start, end), and the end of the last one.

    Raises:
        TooManyBucketsError: these are more than `MAX_BUCKETS`.
    """
    found: list[int] = []
    steps = (
        _short(interval, zone, start) if interval in {Interval.QUARTER, Interval.HOUR} else _long(interval, zone, start)
    )
    for at in steps:
        if at <= start:
            found = [at]
            continue
        found.append(at)
        if at >= end:
            return found
        if len(found) > MAX_BUCKETS:
            raise TooManyBucketsError
    return found


def _day_of(at: int, zone: tzinfo) -> date:
    found = moment(at).astimezone(zone).date()
    return min(max(found, date(_YEARS[0], 1, 1)), date(_YEARS[1], 12, 31))


def _midnight(day: date, zone: tzinfo) -> int:
    naive = datetime.combine(day, time())
    first, second = (microseconds(naive.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first <= second:
        return first
    # In a gap the two lie around it: the gap ends where the offset changes.
    low, high = second, first
    before = moment(low).astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if moment(middle).astimezone(zone).utcoffset() == before else (low, middle)
    return high


def _long(interval: Interval, zone: tzinfo, start: int) -> Iterator[int]:
    day = _day_of(start, zone) - timedelta(days=1)
    match interval:
        case Interval.WEEK:
            day -= timedelta(days=day.weekday())
        case Interval.MONTH:
            day = day.replace(day=1)
        case Interval.YEAR:
            day = day.replace(month=1, day=1)
    while day.year <= _YEARS[1]:
        yield _midnight(day, zone)
        match interval:
            case Interval.DAY:
                day += timedelta(days=1)
            case Interval.WEEK:
                day += timedelta(days=7)
            case Interval.MONTH:
                day = (day + timedelta(days=32)).replace(day=1)
            case _:
                day = day.replace(year=day.year + 1)


def _short(interval: Interval, zone: tzinfo, start: int) -> Iterator[int]:
    step = QUARTER if interval is Interval.QUARTER else _HOUR
    day = _day_of(start, zone) - timedelta(days=1)
    begin = _midnight(day, zone)
    while day.year <= _YEARS[1]:
        day += timedelta(days=1)
        following = _midnight(day, zone)
        if _is_even(begin, following, zone):
            yield from range(begin, following, step)
        else:
            at = begin
            while at < following:
                yield at
                at = min(_next(at, step, zone), following)
        begin = following


def _is_even(begin: int, end: int, zone: tzinfo) -> bool:
    """Whether no clock was changed between these midnights; none was ever changed and set back within half a day."""
    offset = moment(begin).astimezone(zone).utcoffset()
    return end - begin == DAY and all(
        moment(at).astimezone(zone).utcoffset() == offset for at in (begin + DAY // 2, end - 1)
    )


def _next(at: int, step: int, zone: tzinfo) -> int:
    """When the clock on the wall next shows a multiple of the step; at a change of the clock at the latest."""
    here = moment(at).astimezone(zone)
    offset = here.utcoffset() or timedelta()
    wall = at + offset // timedelta(microseconds=1)
    following = at - wall % step + step
    there = moment(following).astimezone(zone).utcoffset()
    if there == offset:
        return following
    low, high = at, following
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if moment(middle).astimezone(zone).utcoffset() == offset else (low, middle)
    # What begins at the change goes on to the next multiple by the new clock.
    return high
