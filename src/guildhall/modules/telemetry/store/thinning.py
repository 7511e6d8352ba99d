"""Few points that draw the same line as many: first, least, greatest and last of each bin. Pure.

This is M4 (Jugel, Jerzak, Hackenbroich, Markl: M4, a visualization-oriented time series data aggregation, PVLDB 7/10,
2014): with a bin for each column of pixels the line looks as that of all values would.
"""

from typing import Final

import numpy as np

from guildhall.modules.telemetry.store.pieces import Floats, Ints
from guildhall.modules.telemetry.store.summary import Buckets

POINTS_OF_BIN: Final = 4


def thinned(times: Ints, values: Floats, bins: int) -> tuple[Ints, Floats]:
    """At most four samples of each of so many bins of equal length, which reach from the first to the last sample."""
    if len(times) <= bins * POINTS_OF_BIN:
        return times, values
    heads = _heads(times, bins, int(times[0]), int(times[-1]) + 1)
    least, greatest = _extremes(values, values, heads)
    places = np.unique(np.concatenate([heads, least, greatest, _tails(heads, len(times))]))
    return times[places], values[places]


def thinned_buckets(buckets: Buckets, length: int, bins: int, start: int, end: int) -> tuple[Ints, Floats]:
    """The same from buckets of that length, which are no longer than bins: values are true, and times are within
    the bucket in which each value was.
    """
    if not len(buckets):
        return buckets.starts, buckets.firsts
    heads = _heads(buckets.starts, bins, min(start, int(buckets.starts[0])), end)
    least, greatest = _extremes(buckets.mins, buckets.maxs, heads)
    parts = (
        (heads, buckets.firsts),
        (least, buckets.mins),
        (greatest, buckets.maxs),
        (_tails(heads, len(buckets)), buckets.lasts),
    )
    # The four stay apart even where they are of one bucket.
    times = [buckets.starts[places] + n * length // POINTS_OF_BIN for n, (places, _) in enumerate(parts)]
    values = [column[places] for places, column in parts]
    joined = np.concatenate(times)
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(values)[order]


def _heads(times: Ints, bins: int, start: int, end: int) -> Ints:
    """The first place of each bin that is not empty."""
    width = -(-(end - start) // bins)
    numbers = (times - start) // width
    return np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))


def _tails(heads: Ints, length: int) -> Ints:
    return np.append(heads[1:], length) - 1


def _extremes(mins: Floats, maxs: Floats, heads: Ints) -> tuple[Ints, Ints]:
    """Where each bin is least and greatest; of several such places the first."""
    lengths = np.diff(np.append(heads, len(mins)))
    found = []
    for column, best in ((mins, np.minimum.reduceat(mins, heads)), (maxs, np.maximum.reduceat(maxs, heads))):
        hits = np.flatnonzero(column == np.repeat(best, lengths))
        found.append(hits[np.searchsorted(hits, heads)])
    return found[0], found[1]
