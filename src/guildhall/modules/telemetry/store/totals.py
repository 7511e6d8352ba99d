"""Counts and sums of buckets alone, which is all that averages need. Pure."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from guildhall.modules.telemetry.store.decimals import DECIMAL, EXACT, FACTORS, POWERS, Numbers
from guildhall.modules.telemetry.store.merging import Samples
from guildhall.modules.telemetry.store.pieces import Floats, Ints, Pieces

#: An answer has at most so many places for each bucket that it is made from, empty ones included.
_PLACES_FOR_EACH: Final = 8
_PLACES: Final = 100_000


class NoDecimalsError(Exception):
    """Some sums are no decimals, or have too many digits, so that integers can't stand for them."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Buckets that are not empty, as columns: a time that stands for each, its count, and its sum.

    A sum is an integer that has so many decimal places.
    """

    starts: Ints
    counts: Ints
    sums: Ints
    places: Ints

    @classmethod
    def none(cls) -> Self:
        """No buckets."""
        nothing = np.empty(0, np.int64)
        return cls(nothing, nothing, nothing, nothing)

    @classmethod
    def of(cls, starts: Ints, counts: Ints, sums: Numbers, pieces: Pieces) -> Self:
        """Sums of pieces.

        Raises:
            NoDecimalsError: as it says.
        """
        if (sums.kinds != DECIMAL).any():
            raise NoDecimalsError
        return cls(starts, counts, sums.integers, pieces.spread(sums.scales.astype(np.int64)))

    @classmethod
    def of_each(cls, samples: Samples) -> Self:
        """Every sample as a bucket of its own.

        Raises:
            NoDecimalsError: as it says.
        """
        if not len(samples):
            return cls.none()
        pieces = Pieces.of([len(samples)])
        numbers = Numbers.of_doubles(samples.values, pieces).plain(pieces)
        return cls.of(samples.times, np.ones(len(samples), np.int64), numbers, pieces)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def columns(self) -> list[Ints]:
        return [self.starts, self.counts, self.sums, self.places]

    def take(self, which: Any) -> "Totals":
        """Some of the buckets, by a slice, a mask or numbers."""
        return Totals(*[column[which] for column in self.columns])


def averaged(totals: Totals, owners: Ints, count: int, edges: Ints) -> tuple[list[int], Ints, Floats]:
    """The means of the larger buckets between the edges, where there is something.

    Args:
        totals: smaller buckets, in any order.
        owners: whose each of them is.
        count: how many owners there are, who are numbered from 0.
        edges: beginnings of the larger buckets.

    Returns:
        Where those of each owner begin, and behind the last one; their beginnings; their means.

    Raises:
        NoDecimalsError: they can't be summed up exactly, or lie so far apart that it is not worth it.
    """
    width = len(edges)
    if width * count > _PLACES + _PLACES_FOR_EACH * len(totals):
        raise NoDecimalsError
    cells = np.maximum(edges.searchsorted(totals.starts, "right") - 1, 0)
    if count > 1:
        cells += owners * width
    sums, most = totals.sums, int(totals.places.max())
    top = max(int(sums.max()), -int(sums.min())) * len(sums)
    if int(totals.places.min()) < most:
        factors = FACTORS[most - totals.places]
        top *= int(factors.max())
        if top < EXACT:
            sums = sums * factors
    if top >= EXACT:
        raise NoDecimalsError
    # Weights are doubles, in which integers of this size and their sums are exact.
    counts = np.bincount(cells, totals.counts)
    (some,) = counts.nonzero()
    means = np.bincount(cells, sums)[some] / POWERS[most] / counts[some]
    if count == 1:
        return [0, len(some)], edges[some], means
    bounds = some.searchsorted(np.arange(0, (count + 1) * width, width))
    return bounds.tolist(), edges[some % width], means
