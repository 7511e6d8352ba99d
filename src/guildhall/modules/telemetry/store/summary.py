"""Counts, sums, extremes, first and last values of buckets, from samples or from smaller buckets. Pure.

Zero with a sign counts as less than zero without, so the extremes are the same in whatever order they are found.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from guildhall.modules.telemetry.store import frame
from guildhall.modules.telemetry.store.frame import Floats, Ints
from guildhall.modules.telemetry.store.layout import QUARTER
from guildhall.modules.telemetry.store.merging import Samples

#: Adding up one by one loses n*2**-53 of the sum of absolute values at worst; longer sums are made by `math.fsum`.
_ADDED_PLAINLY: Final = 2048
_EXACT: Final = 2**53


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
    def columns(self) -> list[frame.Column]:
        return [self.starts, self.counts, self.sums, self.mins, self.maxs, self.firsts, self.lasts]

    def take(self, which: "slice | NDArray[Any]") -> "Buckets":
        """Some of the buckets, by a slice, a mask or numbers."""
        return Buckets(*(column[which] for column in self.columns))  # type: ignore[arg-type]

    def grouped(self, heads: Ints, starts: Ints) -> "Buckets":
        """Larger buckets: group n begins with the bucket number `heads[n]` and is called `starts[n]`."""
        if not len(heads):
            return Buckets.none()
        tails = np.append(heads[1:], len(self)) - 1
        return Buckets(
            starts,
            np.add.reduceat(self.counts, heads),
            _sums(self.sums, heads),
            _unordered(np.minimum.reduceat(_ordered(self.mins), heads)),
            _unordered(np.maximum.reduceat(_ordered(self.maxs), heads)),
            self.firsts[heads],
            self.lasts[tails],
        )


def joined(parts: Sequence[Buckets]) -> Buckets:
    """All buckets, sorted by time."""
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:  # noqa: PLR2004 — nothing to join.
        return parts[0] if parts else Buckets.none()
    columns = [np.concatenate(column) for column in zip(*(part.columns for part in parts), strict=True)]
    if (np.diff(columns[0]) > 0).all():
        return Buckets(*columns)
    return Buckets(*columns).take(np.argsort(columns[0], kind="stable"))


def quarters_of(samples: Samples) -> Buckets:
    """The buckets of 15 minutes of sorted samples, called by their numbers since 1970."""
    if not len(samples):
        return Buckets.none()
    numbers = samples.times // QUARTER
    heads = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    return Buckets.of_each(samples).grouped(heads, numbers[heads])


def whole(samples: Samples) -> Buckets:
    """All of these samples as one bucket."""
    return Buckets.of_each(samples).grouped(np.zeros(1, np.int64), samples.times[:1])


def _sums(values: Floats, heads: Ints) -> Floats:
    found = frame.scaled(values)
    if found is not None:
        scale, numbers = found
        # As integers the sum is exact, and as short a decimal as the values are.
        if int(np.abs(numbers).max()) * len(numbers) < _EXACT:
            decimals: Floats = np.add.reduceat(numbers, heads) / 10.0**scale
            return decimals
    ends = np.append(heads[1:], len(values))
    if int((ends - heads).max()) <= _ADDED_PLAINLY:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.add.reduceat(values, heads)
    return np.array([_fsum(values[head:end]) for head, end in zip(heads, ends, strict=True)])


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
