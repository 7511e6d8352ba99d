"""What an answer says of buckets: the asked columns, and what empty buckets between others get. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from guildhall.modules.telemetry.store.aggregates import Aggregates
from guildhall.modules.telemetry.store.pieces import Floats, Ints

Column: TypeAlias = NDArray[Any]


class Function(StrEnum):
    """What can be asked of a bucket."""

    AVG = "avg"
    MIN = "min"
    MAX = "max"
    SUM = "sum"
    COUNT = "count"
    FIRST = "first"
    LAST = "last"


#: Where the buckets have what is asked, but for the average, of which more may be known than of them.
_COLUMNS: Final = {
    Function.AVG: "averages",
    Function.MIN: "mins",
    Function.MAX: "maxs",
    Function.SUM: "sums",
    Function.COUNT: "counts",
    Function.FIRST: "firsts",
    Function.LAST: "lasts",
}


class Fill(StrEnum):
    """What an empty bucket gets."""

    NONE = "none"
    NULL = "null"
    PREVIOUS = "previous"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns side by side by the time of each row. NaN stands for nothing."""

    times: Ints
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.times)

    def take(self, which: slice) -> "Table":
        """Some of the rows."""
        return Table(self.times[which], {name: column[which] for name, column in self.columns.items()})


def table(found: Aggregates, functions: Sequence[Function]) -> Table:
    """The asked columns of the buckets, by their beginnings."""
    # Averages alone can be had for less than all that is known.
    source = found if all(function is Function.AVG for function in functions) else found.buckets
    return Table(source.starts, {function.value: getattr(source, _COLUMNS[function]) for function in functions})


def filled(found: Table, how: Fill, edges: Ints) -> Table:
    """With a row for every one of the bucket beginnings; empty ones say nothing, what came before, or a line.

    Args:
        found: the buckets that are not empty, by their beginnings.
        how: what empty ones get; nothing is made up before the first or, by a line, behind the last one. Their count
            is always 0.
        edges: beginnings of all buckets, in order.
    """
    if how is Fill.NONE:
        return found
    places = np.searchsorted(edges, found.times)
    columns: dict[str, Column] = {}
    for name, column in found.columns.items():
        if name == Function.COUNT:
            counts = np.zeros(len(edges), np.int64)
            counts[places] = column
            columns[name] = counts
        else:
            wide = np.full(len(edges), np.nan)
            wide[places] = column
            columns[name] = _fill(wide, places, edges, how)
    return Table(edges, columns)


def _fill(wide: Floats, places: Ints, edges: Ints, how: Fill) -> Floats:
    if how is Fill.NULL or not len(places):
        return wide
    before = np.searchsorted(places, np.arange(len(wide)), "right") - 1
    if how is Fill.PREVIOUS:
        known = before >= 0
        wide[known] = wide[places[before[known]]]
        return wide
    empty = np.ones(len(wide), bool)
    empty[places] = False
    inside = (before >= 0) & (before < len(places) - 1) & empty
    left, right = places[before[inside]], places[before[inside] + 1]
    share = (edges[inside] - edges[left]) / (edges[right] - edges[left])
    # Not `left + (right - left) * share`, whose difference overflows where both are very large.
    wide[inside] = wide[left] * (1 - share) + wide[right] * share
    return wide
