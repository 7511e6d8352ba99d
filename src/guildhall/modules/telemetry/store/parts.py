"""Buckets and single values of several datapoints side by side, and how they are summed up. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Generic, TypeAlias, TypeVar

import numpy as np

from guildhall.modules.telemetry.store import compaction, rollups
from guildhall.modules.telemetry.store.layout import QUARTER
from guildhall.modules.telemetry.store.merging import Samples
from guildhall.modules.telemetry.store.pieces import Floats, Ints, Pieces
from guildhall.modules.telemetry.store.summary import Buckets, joined
from guildhall.modules.telemetry.store.totals import Totals, averaged

#: The number of a datapoint, a place in the order of time, and a body.
Row: TypeAlias = tuple[int, int, bytes]
#: Everything that is known of buckets, or what averages need.
B = TypeVar("B", Buckets, Totals)
#: Behind every number of a quarter of an hour, and of a row.
BEHIND: Final = 2**40


@dataclass(frozen=True, slots=True)
class Parts(Generic[B]):
    """Buckets or single values of several datapoints: whose they are, and in which quarter of an hour each lies."""

    owners: Ints
    quarters: Ints
    order: Ints
    buckets: B

    @property
    def keys(self) -> Ints:
        """Owner and quarter as one number."""
        return self.owners * (2 * BEHIND) + self.quarters

    def take(self, which: Any) -> "Parts[B]":
        return Parts(self.owners[which], self.quarters[which], self.order[which], self.buckets.take(which))

    def within(self, first: int, last: int) -> "Parts[B]":
        """What may have samples in [first, last)."""
        inside = (self.quarters >= first // QUARTER) & (self.quarters <= (last - 1) // QUARTER)
        return self if inside.all() else self.take(inside)

    def sorted(self) -> "Parts[B]":
        """By datapoint and quarter; where two chunks share a quarter, the earlier chunk comes first."""
        keys, orders = self.keys, self.order
        wrong = keys[1:] < keys[:-1]
        wrong |= (keys[1:] == keys[:-1]) & (orders[1:] < orders[:-1])
        return self.take(np.lexsort((orders, keys))) if wrong.any() else self


def sealed_parts(of: type[B], rolled: Sequence[Row], single: Sequence[Row]) -> Parts[B]:
    """What is in the bodies of rollups, and in those of chunks that have none."""
    parts = []
    if rolled:
        parts.append(_parts(rolled, *_unpacked(of, [body for _, _, body in rolled])))
    if single or not rolled:
        samples, pieces = compaction.unpack_chunks([body for _, _, body in single])
        parts.append(_parts(single, samples.times // QUARTER, of.of_each(samples), pieces))
    return joined_parts(parts)


def _unpacked(of: type[B], bodies: Sequence[bytes]) -> tuple[Ints, B, Pieces]:
    buckets: Any
    if of is Totals:
        numbers, counts, sums, pieces = rollups.sums(bodies)
        buckets = Totals.of(numbers * QUARTER, counts, sums, pieces)
    else:
        named, pieces = rollups.unpack(bodies)
        numbers, buckets = named.starts, replace(named, starts=named.starts * QUARTER)
    return numbers, buckets, pieces


def parts_of_samples(of: type[B], owners: Ints, samples: Samples) -> Parts[B]:
    """Samples of chunks, none of which has a rollup that counts too."""
    return Parts(owners, samples.times // QUARTER, np.zeros(len(samples), np.int64), of.of_each(samples))


def singles(of: type[B], number: int, raw: Samples) -> Parts[B]:
    """Single values of a datapoint, which come behind what is sealed of the same quarter."""
    order = np.full(len(raw), BEHIND)
    return Parts(np.full(len(raw), number), raw.times // QUARTER, order, of.of_each(raw))


def _parts(rows: Sequence[Row], quarters: Ints, buckets: B, pieces: Pieces) -> Parts[B]:
    owners, orders, _ = zip(*rows, strict=True) if rows else ((), (), ())
    return Parts(
        np.array(owners, np.int64).repeat(pieces.lengths),
        quarters,
        np.array(orders, np.int64).repeat(pieces.lengths),
        buckets,
    )


def joined_parts(parts: Sequence[Parts[B]]) -> Parts[B]:
    """All of at least one."""
    some = [part for part in parts if len(part.quarters)]
    if len(some) <= 1:
        return some[0] if some else parts[0]
    owners, quarters, order = (
        np.concatenate([getattr(part, name) for part in some]) for name in ("owners", "quarters", "order")
    )
    buckets: list[Any] = [part.buckets for part in some]
    return Parts(owners, quarters, order, joined(buckets))


def bucketed(parts: Parts[Buckets], ids: Sequence[int], edges: Ints) -> dict[int, Buckets]:
    """The buckets of sorted parts, of each datapoint that has any."""
    heads, grouped = grouped_by(parts, edges)
    owners = parts.owners[heads]
    begins = Pieces.where(np.diff(owners, prepend=-1) != 0)
    bounds = zip(owners[begins.heads].tolist(), begins.heads.tolist(), begins.ends.tolist(), strict=True)
    return {ids[owner]: grouped.take(slice(begin, end)) for owner, begin, end in bounds}


def averages_of(parts: Parts[Totals], ids: Sequence[int], edges: Ints) -> dict[int, tuple[Ints, Floats]]:
    """The beginnings and the means of the buckets, in whatever order the parts are.

    Raises:
        NoDecimalsError: that is left to `bucketed`.
    """
    if not len(parts.quarters):
        return {}
    bounds, starts, means = averaged(parts.buckets, parts.owners, len(ids), edges)
    return {id_: (starts[begin:end], means[begin:end]) for id_, (begin, end) in zip(ids, pairwise(bounds), strict=True)}


def grouped_by(parts: Parts[Buckets], edges: Ints) -> tuple[Ints, Buckets]:
    """Sorted parts summed up between the edges: where each bucket begins among them, and the buckets."""
    groups, buckets = Pieces.where(np.diff(parts.owners, prepend=-1) != 0), parts.buckets
    if not len(groups):
        return groups.heads, buckets
    places = np.maximum(edges.searchsorted(buckets.starts, "right") - 1, 0)
    begins = np.empty(len(places), bool)
    np.not_equal(places[1:], places[:-1], out=begins[1:])
    begins[groups.heads] = True
    (heads,) = begins.nonzero()
    return heads, buckets.grouped(heads, edges[places[heads]], groups)
