"""Buckets and single values of several datapoints side by side, and how they are summed up. Pure."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np

from guildhall.modules.telemetry.store import compaction, few
from guildhall.modules.telemetry.store.decimals import EXACT, POWERS, Numbers, at_one_scale
from guildhall.modules.telemetry.store.layout import QUARTER
from guildhall.modules.telemetry.store.merging import Samples
from guildhall.modules.telemetry.store.pieces import Floats, Ints, Pieces
from guildhall.modules.telemetry.store.summary import Buckets, joined

#: The number of a datapoint, a place in the order of time, and a body.
Row: TypeAlias = tuple[int, int, bytes]
#: Behind every number of a quarter of an hour, and of a row.
BEHIND: Final = 2**40


class Aggregates:
    """Buckets by the beginning of each; empty ones are missing."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    @property
    def buckets(self) -> Buckets:
        """All that is known of them."""
        return self._buckets

    @property
    def starts(self) -> Ints:
        """Where they begin."""
        return self._buckets.starts

    @property
    def averages(self) -> Floats:
        """The means, where there is something."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self._buckets.sums / self._buckets.counts


class Averages(Aggregates):
    """Averages that are known already, which is mostly all that is asked; the rest is made when it is asked for."""

    def __init__(self, starts: Ints, averages: Floats, rest: Callable[[], Buckets]) -> None:
        self._starts = starts
        self._averages = averages
        self._rest = rest

    @cached_property
    def buckets(self) -> Buckets:
        """All that is known of them."""
        return self._rest()

    @property
    def starts(self) -> Ints:
        """Where they begin."""
        return self._starts

    @property
    def averages(self) -> Floats:
        """The means."""
        return self._averages


@dataclass(frozen=True, slots=True)
class Parts:
    """Buckets or single values of several datapoints: whose they are, and in which quarter of an hour each lies."""

    owners: Ints
    quarters: Ints
    order: Ints
    buckets: Buckets

    @property
    def keys(self) -> Ints:
        """Owner and quarter as one number."""
        return self.owners * (2 * BEHIND) + self.quarters

    def take(self, which: Any) -> "Parts":
        return Parts(self.owners[which], self.quarters[which], self.order[which], self.buckets.take(which))

    def within(self, first: int, last: int) -> "Parts":
        """What may have samples in [first, last)."""
        inside = (self.quarters >= first // QUARTER) & (self.quarters <= (last - 1) // QUARTER)
        return self if inside.all() else self.take(inside)

    def sorted(self) -> "Parts":
        """By datapoint and quarter; where two chunks share a quarter, the earlier chunk comes first."""
        keys, orders = self.keys, self.order
        wrong = keys[1:] < keys[:-1]
        wrong |= (keys[1:] == keys[:-1]) & (orders[1:] < orders[:-1])
        return self.take(np.lexsort((orders, keys))) if wrong.any() else self


def sealed_parts(rolled: Sequence[Row], single: Sequence[Row]) -> Parts:
    """What is in the bodies of rollups, and in those of chunks that have none."""
    buckets, pieces = compaction.unpack_rollups([body for _, _, body in rolled])
    timed = replace(buckets, starts=buckets.starts * QUARTER)
    samples, of_samples = compaction.unpack_chunks([body for _, _, body in single])
    return joined_parts(
        [
            _parts(rolled, pieces, buckets.starts, timed),
            parts_of_samples(single, of_samples, samples),
        ]
    )


def parts_of_samples(rows: Sequence[Row], pieces: Pieces, samples: Samples) -> Parts:
    """Samples that are unpacked already: piece n is of row n."""
    return _parts(rows, pieces, samples.times // QUARTER, Buckets.of_each(samples))


def singles(number: int, raw: Samples) -> Parts:
    """Single values of a datapoint, which come behind what is sealed of the same quarter."""
    order = np.full(len(raw), BEHIND)
    return Parts(np.full(len(raw), number), raw.times // QUARTER, order, Buckets.of_each(raw))


def _parts(rows: Sequence[Row], pieces: Pieces, quarters: Ints, buckets: Buckets) -> Parts:
    owners, orders, _ = zip(*rows, strict=True) if rows else ((), (), ())
    return Parts(
        np.array(owners, np.int64).repeat(pieces.lengths),
        quarters,
        np.array(orders, np.int64).repeat(pieces.lengths),
        buckets,
    )


def joined_parts(parts: Sequence[Parts]) -> Parts:
    """All of at least one."""
    some = [part for part in parts if len(part.quarters)]
    if len(some) <= 1:
        return some[0] if some else parts[0]
    owners, quarters, order = (
        np.concatenate([getattr(part, name) for part in some]) for name in ("owners", "quarters", "order")
    )
    return Parts(owners, quarters, order, joined([part.buckets for part in some]))


def bucketed_rollups(ids: Sequence[int], rolled: Sequence[Row], edges: Ints) -> dict[int, Aggregates]:
    """The buckets where there are rollups alone, all of which count, those of a datapoint in the order of time."""
    numbers = [number for number, _, _ in rolled]
    if numbers[0] == numbers[-1]:
        of_datapoints = Pieces.of([len(numbers)])
    else:
        of_datapoints = Pieces.where(np.diff(np.array(numbers), prepend=-1) != 0)
    owners = [ids[numbers[head]] for head in of_datapoints.heads.tolist()]
    bodies = [body for _, _, body in rolled]
    # Made but once, for all of them, and only if one is asked for more than averages.
    rest = cache(partial(_summed_up, bodies, of_datapoints, edges))
    averaged = _averaged(bodies, of_datapoints, edges)
    if averaged is None:
        bounds, buckets = rest()
        return {owner: Aggregates(buckets.take(part)) for owner, part in zip(owners, _slices(bounds), strict=True)}
    bounds, starts, averages = averaged
    return {
        owner: Averages(starts[part], averages[part], partial(_part_of, rest, part))
        for owner, part in zip(owners, _slices(bounds), strict=True)
    }


def _slices(bounds: Sequence[int]) -> Iterator[slice]:
    return itertools.starmap(slice, pairwise(bounds))


def _part_of(rest: Callable[[], tuple[list[int], Buckets]], part: slice) -> Buckets:
    return rest()[1].take(part)


def _averaged(bodies: Sequence[bytes], of_datapoints: Pieces, edges: Ints) -> tuple[list[int], Ints, Floats] | None:
    """Where each datapoint's buckets begin, the beginnings of all, and their means; None where sums are no integers."""
    if len(of_datapoints) == 1 and (found := few.averaged(bodies, edges)) is not None:
        return [0, len(found[0])], *found
    quarters, counts, given, pieces = compaction.unpack_counts_and_sums(bodies)
    sums = at_one_scale(given, pieces, of_datapoints)
    if sums is None or max(int(sums.integers.max()), -int(sums.integers.min())) * len(quarters) >= EXACT:
        return None
    groups = Pieces.of(np.add.reduceat(pieces.lengths, of_datapoints.heads))
    heads, starts = _begins(groups, quarters * QUARTER, edges)
    scales = sums.scales if len(groups) == 1 else sums.scales[groups.heads.searchsorted(heads, "right") - 1]
    added = np.add.reduceat(sums.integers, heads) / POWERS[scales]
    return _bounds(groups, heads), starts, added / np.add.reduceat(counts, heads)


def _summed_up(bodies: Sequence[bytes], of_datapoints: Pieces, edges: Ints) -> tuple[list[int], Buckets]:
    """Where each datapoint's buckets begin, and all buckets."""
    buckets, pieces, sums = compaction.unpack_rollups_with_sums(bodies)
    groups = Pieces.of(np.add.reduceat(pieces.lengths, of_datapoints.heads))
    timed = replace(buckets, starts=buckets.starts * QUARTER)
    heads, grouped = _grouped(groups, timed, edges, at_one_scale(sums, pieces, of_datapoints))
    return _bounds(groups, heads), grouped


def _bounds(groups: Pieces, heads: Ints) -> list[int]:
    return [0, len(heads)] if len(groups) == 1 else [*heads.searchsorted(groups.heads).tolist(), len(heads)]


def bucketed(parts: Parts, ids: Sequence[int], edges: Ints) -> dict[int, Aggregates]:
    """The buckets of sorted parts, of each datapoint that has any."""
    heads, grouped = grouped_by(parts, edges)
    owners = parts.owners[heads]
    begins = Pieces.where(np.diff(owners, prepend=-1) != 0)
    bounds = zip(owners[begins.heads].tolist(), begins.heads.tolist(), begins.ends.tolist(), strict=True)
    return {ids[owner]: Aggregates(grouped.take(slice(begin, end))) for owner, begin, end in bounds}


def grouped_by(parts: Parts, edges: Ints) -> tuple[Ints, Buckets]:
    """Sorted parts summed up between the edges: where each bucket begins among them, and the buckets."""
    groups = Pieces.where(np.diff(parts.owners, prepend=-1) != 0)
    return _grouped(groups, parts.buckets, edges)


def _grouped(groups: Pieces, buckets: Buckets, edges: Ints, sums: Numbers | None = None) -> tuple[Ints, Buckets]:
    if not len(groups):
        return groups.heads, buckets
    heads, starts = _begins(groups, buckets.starts, edges)
    return heads, buckets.grouped(heads, starts, groups, sums)


def _begins(groups: Pieces, starts: Ints, edges: Ints) -> tuple[Ints, Ints]:
    """Where the buckets between the edges begin among smaller ones, and when they do."""
    places = np.maximum(edges.searchsorted(starts, "right") - 1, 0)
    begins = np.empty(len(places), bool)
    np.not_equal(places[1:], places[:-1], out=begins[1:])
    begins[groups.heads] = True
    (heads,) = begins.nonzero()
    return heads, edges[places[heads]]
