"""Reads series: samples page by page, few points for a chart, and buckets. Who may see them is asked before."""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, tzinfo
from typing import Final

import numpy as np

from guildhall.modules.telemetry.database import carry_out
from guildhall.modules.telemetry.shelf import Shelf
from guildhall.modules.telemetry.store import aggregates, amount, calendar, filling, reading, thinning
from guildhall.modules.telemetry.store.aggregates import Aggregates
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.filling import Fill, Function, Table
from guildhall.modules.telemetry.store.layout import DAY, QUARTER
from guildhall.modules.telemetry.store.pieces import Floats, Ints

#: So many samples are read at once.
PAGE: Final = 50_000
#: Up to so many samples a chart is made from the samples themselves, however long its bins are.
FEW: Final = 100_000
VALUE: Final = "value"
SHELF: Final = Shelf()
#: Buckets that all have one length, the longest first.
_INTERVALS: Final = {DAY: Interval.DAY, 4 * QUARTER: Interval.HOUR, QUARTER: Interval.QUARTER}


def amount_of(datapoints: Sequence[int], start: int | None, end: int | None) -> int:
    """How many samples of these there are in [start, end) at most."""
    return carry_out(amount.at_most(datapoints, start, end))[0]


def pages(
    datapoint: int, start: int | None, end: int | None, *, descending: bool = False, limit: int | None = None
) -> Iterator[Table]:
    """The samples in [start, end), each page read when it is asked for, so that none is lost or comes twice."""
    left = limit
    while True:
        size = PAGE if left is None else min(PAGE, left)
        found = carry_out(reading.samples_in(datapoint, start, end, descending=descending, limit=size))
        if len(found):
            yield Table(found.times, {VALUE: found.values})
        left = None if left is None else left - len(found)
        if len(found) < size or left == 0:
            return
        if descending:
            end = int(found.times[-1])
        else:
            start = int(found.times[-1]) + 1


def table_of(parts: Iterable[Table]) -> Table:
    """Pages of samples as one table."""
    found = list(parts)
    if not found:
        return Table(np.empty(0, np.int64), {VALUE: np.empty(0)})
    times = np.concatenate([part.times for part in found])
    return Table(times, {VALUE: np.concatenate([part.columns[VALUE] for part in found])})


def thinned(datapoint: int, start: int | None, end: int | None, *, points: int) -> Table:
    """At most so many points that draw the line of [start, end): of each of its parts first, least, greatest, last.

    They are samples, all of them where there are no more than `points`. Where the parts are longer than a quarter of an
    hour and there are very many samples, or only sums of them are left, the values are those of samples, and their
    times are right to the length of a part.
    """
    bins = max(points // thinning.POINTS_OF_BIN, 1)
    count, was_cut = carry_out(amount.at_most([datapoint], start, end))
    line = _line_of_buckets(datapoint, start, end, bins) if count > FEW or was_cut else None
    if line is None:
        samples = table_of(pages(datapoint, start, end))
        line = thinning.thinned(samples.times, samples.columns[VALUE], bins)
    times, values = line
    return Table(times, {VALUE: values})


def _line_of_buckets(datapoint: int, start: int | None, end: int | None, bins: int) -> tuple[Ints, Floats] | None:
    """The points of so many bins between the first and the last sample; None where bins are shorter than buckets."""
    length = DAY if start is None or end is None else _longest((end - start) // bins)
    while length is not None:
        found = bucketed([datapoint], interval=_INTERVALS[length], zone=UTC, start=start, end=end)
        buckets = found[datapoint].buckets
        if not len(buckets):
            return None
        first, last = int(buckets.starts[0]), int(buckets.starts[-1]) + length
        first = first if start is None else max(first, start)
        last = last if end is None else min(last, end)
        # Where there is nothing at the ends of the range, its bins are shorter than was thought.
        fitting = _longest((last - first) // bins)
        if fitting == length:
            return thinning.thinned_buckets(buckets, length, bins, first, last)
        length = fitting
    return None


def _longest(width: int) -> int | None:
    """The longest buckets that are no longer than this, by their length."""
    return next((length for length in _INTERVALS if length <= width), None)


def bucketed(
    datapoints: Sequence[int], *, interval: Interval, zone: tzinfo, start: int | None = None, end: int | None = None
) -> dict[int, Aggregates]:
    """The buckets of [start, end) of each datapoint, as `store.aggregates` has them.

    Raises:
        TooManyBucketsError: these would be too many.
    """
    question = aggregates.aggregates(
        datapoints, interval=interval, zone=zone, start=start, end=end, kept=SHELF, now=time.time_ns() // 1000
    )
    return carry_out(question)


def aggregated(
    datapoints: Sequence[int],
    *,
    interval: Interval,
    zone: tzinfo,
    functions: Sequence[Function],
    fill: Fill = Fill.NONE,
    start: int | None = None,
    end: int | None = None,
) -> dict[int, Table]:
    """The asked columns of the buckets of [start, end).

    With a filling there is a row for each bucket of the range; where the range is open, the first or last bucket of the
    datapoint that is not empty is its end.

    Raises:
        TooManyBucketsError: these would be too many.
    """
    if fill is not Fill.NONE and start is not None and end is not None:
        calendar.boundaries(interval, zone, start, end)
    found = bucketed(datapoints, interval=interval, zone=zone, start=start, end=end)
    answer = {}
    for datapoint in datapoints:
        table = filling.table(found[datapoint], functions)
        if fill is not Fill.NONE and (len(table) or not (start is None or end is None)):
            first = int(table.times[0]) if start is None else start
            last = int(table.times[-1]) + 1 if end is None else end
            if first < last:
                edges = calendar.listed(calendar.boundaries(interval, zone, first, last))[:-1]
                table = filling.filled(table, fill, edges)
        answer[datapoint] = table
    return answer
