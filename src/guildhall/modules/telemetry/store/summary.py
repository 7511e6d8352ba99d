"""Counts, sums, extremes, first and last values of buckets, from samples or from smaller buckets. Pure.

Zero with a sign counts as less than zero without, so the extremes are the same in whatever order they are found.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from guildhall.modules.telemetry.store.decimals import DECIMAL, EXACT, POWERS, Numbers
from guildhall.modules.telemetry.store.layout import QUARTER
from guildhall.modules.telemetry.store.merging import Samples
from guildhall.modules.telemetry.store.pieces import Floats, Ints, Pieces

#: Adding up one by one loses n*2**-53 of the sum of absolute values at worst; longer sums are made by `math.fsum`.
_ADDED_PLAINLY: Final = 2048


class Columns(Protocol):
    """What is made of columns of one length."""

    def __init__(self, *columns: Any) -> None: ...
    @property
    def columns(self) -> Sequence[Any]: ...


C = TypeVar("C", bound=Columns)


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets that are not empty, in the order of time, as columns; `starts` may be any time that stands for them."""

    starts: Ints
    counts: Ints
    sums: Floats
    mins: Floats
    maxs: Floats
    firsts: Floats
    lasts: Floats

    @classmethod
    def none(cls) -> Self:
        """No buckets."""
        ints, floats = np.empty(0, np.int64), np.empty(0, np.float64)
        return cls(ints, ints, floats, floats, floats, floats, floats)

    @classmethod
    def of_each(cls, samples: Samples) -> Self:
        """Every sample as a bucket of its own."""
        values = samples.values
        return cls(samples.times, np.ones(len(values), np.int64), values, values, values, values, values)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def columns(self) -> "list[Ints | Floats]":
        return [self.starts, self.counts, self.sums, self.mins, self.maxs, self.firsts, self.lasts]

    @property
    def averages(self) -> Floats:
        """The means."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.sums / self.counts

    def take(self, which: "slice | NDArray[Any]") -> "Buckets":
        """Some of the buckets, by a slice, a mask or numbers."""
        return Buckets(*[column[which] for column in self.columns])  # type: ignore[arg-type]

    def grouped(self, heads: Ints, starts: Ints, pieces: Pieces, numbers: Numbers | None = None) -> "Buckets":
        """Larger buckets: group n begins with the bucket number `heads[n]` and is called `starts[n]`.

        Args:
            heads: where groups begin.
            starts: what they are called.
            pieces: what belongs together, such as one datapoint's buckets, and has the same decimal places.
            numbers: the sums as numbers, if they are known.
        """
        if not len(heads):
            return Buckets.none()
        tails = np.empty_like(heads)
        tails[:-1] = heads[1:]
        tails[-1] = len(self)
        tails -= 1
        return Buckets(
            starts,
            np.add.reduceat(self.counts, heads),
            _sums(self.sums, heads, pieces, numbers or Numbers.of_doubles(self.sums, pieces)),
            _extremes(np.minimum, self.mins, heads),
            _extremes(np.maximum, self.maxs, heads),
            self.firsts[heads],
            self.lasts[tails],
        )


def joined(parts: list[C]) -> C:
    """All buckets, one part behind the other."""
    if len(parts) == 1:
        return parts[0]
    return type(parts[0])(*(np.concatenate(column) for column in zip(*(part.columns for part in parts), strict=True)))


def quarters_of(samples: Samples, pieces: Pieces, numbers: Numbers | None = None) -> tuple[Buckets, Pieces]:
    """The buckets of 15 minutes of each piece, each sorted by time, called by their numbers since 1970."""
    quarters = samples.times // QUARTER
    begins = np.append(True, quarters[1:] != quarters[:-1])
    begins[pieces.heads] = True
    heads = np.flatnonzero(begins)
    buckets = Buckets.of_each(samples).grouped(heads, quarters[heads], pieces, numbers)
    bounds = np.searchsorted(heads, np.append(pieces.heads, pieces.total))
    return buckets, Pieces.of(np.diff(bounds))


def whole(buckets: Buckets, pieces: Pieces) -> Buckets:
    """Each piece as one bucket."""
    return buckets.grouped(pieces.heads, buckets.starts[pieces.heads], pieces)


def _sums(values: Floats, heads: Ints, pieces: Pieces, numbers: Numbers) -> Floats:
    numbers = numbers.plain(pieces)
    integers = numbers.integers
    lengths = np.empty_like(heads)
    np.subtract(heads[1:], heads[:-1], out=lengths[:-1])
    lengths[-1] = len(values) - heads[-1]
    if len(pieces) == 1 and numbers.kinds[0] == DECIMAL:
        top = max(int(integers.max()), -int(integers.min()))
        if top * int(lengths.max()) < EXACT:
            alone: Floats = np.add.reduceat(integers, heads) / POWERS[numbers.scales[0]]
            return alone
    owners = pieces.heads.searchsorted(heads, "right") - 1
    tops = np.maximum(np.maximum.reduceat(integers, pieces.heads), -np.minimum.reduceat(integers, pieces.heads))
    # As integers the sum is exact, and as short a decimal as the values are.
    exact = tops.astype(np.float64)[owners] * lengths < EXACT
    exact &= (numbers.kinds == DECIMAL)[owners]
    sums: Floats = np.add.reduceat(integers, heads) / POWERS[numbers.scales[owners]]
    if not exact.all():
        with np.errstate(over="ignore", invalid="ignore"):
            plain = np.add.reduceat(values, heads)
        sums = np.where(exact, sums, plain)
        for group in np.flatnonzero(~exact & (lengths > _ADDED_PLAINLY)).tolist():
            sums[group] = _fsum(values[heads[group] : heads[group] + lengths[group]])
    return sums


def _extremes(which: "np.ufunc", values: Floats, heads: Ints) -> Floats:
    found: Floats = which.reduceat(values, heads)
    # Which of two zeros is found is left open there.
    return found if found.all() else _unordered(which.reduceat(_ordered(values), heads))


def _fsum(values: Floats) -> float:
    try:
        return math.fsum(values.tolist())
    except OverflowError:
        with np.errstate(over="ignore"):
            return float(values.sum())


def _ordered(values: Floats) -> Ints:
    """Integers in the order of IEEE 754's totalOrder."""
    bits = np.ascontiguousarray(values).view(np.int64)
    return bits ^ ((bits >> 63) & np.int64(2**63 - 1))


def _unordered(keys: Ints) -> Floats:
    return (keys ^ ((keys >> 63) & np.int64(2**63 - 1))).view(np.float64)
