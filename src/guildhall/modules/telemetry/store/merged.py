"""What an answer comes to: rollups, single values in the place of some, the tail, and weeks that were kept. Pure.

Nothing is made before it is asked for: averages need two of the columns, and no order.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from guildhall.modules.telemetry.store import calendar, compaction, rollups
from guildhall.modules.telemetry.store.answers import Answer, Chunk
from guildhall.modules.telemetry.store.calendar import Edges
from guildhall.modules.telemetry.store.layout import QUARTER, WEEK
from guildhall.modules.telemetry.store.merging import Range, Samples, replayed
from guildhall.modules.telemetry.store.parts import (
    BEHIND,
    B,
    Parts,
    averages_of,
    bucketed,
    joined_parts,
    parts_of_samples,
    singles,
)
from guildhall.modules.telemetry.store.pieces import Floats, Ints, Pieces
from guildhall.modules.telemetry.store.summary import Buckets
from guildhall.modules.telemetry.store.totals import NoDecimalsError, Totals

#: Up to so many rollups and buckets, it is quicker without arrays.
_FEW: Final = 100


@dataclass(frozen=True)
class Merged:
    """Everything that is known of a range.

    Args:
        ids: the datapoints.
        edges: where the buckets begin.
        bounds: the range.
        answer: what the first statement told.
        chunks: those that hold the sealed single values of dirty quarters, by datapoint and time.
        dirty: of some datapoints, the quarters of which the single values count.
        weeks: those which the answer leaves out; None where it leaves out none.
        finished: of these weeks, what needs nothing else.
        read: of these weeks, what is sealed and the tail touches.
    """

    ids: Sequence[int]
    edges: Edges
    bounds: Range
    answer: Answer
    chunks: Sequence[Chunk] = ()
    dirty: dict[int, Ints] = field(default_factory=dict)
    weeks: Range | None = None
    finished: Sequence[Parts[Buckets]] = ()
    read: Sequence[Parts[Buckets]] = ()

    @cached_property
    def buckets(self) -> dict[int, Buckets]:
        """The buckets of each datapoint that has any."""
        sealed = self.answer.sealed(Buckets).within(*self.bounds)
        if self.weeks is not None:
            begin, end = (week * WEEK // QUARTER for week in self.weeks)
            outside = sealed.take((sealed.quarters < begin) | (sealed.quarters >= end))
            sealed = joined_parts([outside, *self.read])
        parts = joined_parts([self._replaced(Buckets, sealed), *self.finished])
        return bucketed(parts.sorted(), self.ids, calendar.listed(self.edges))

    @cached_property
    def averages(self) -> dict[int, tuple[Ints, Floats]] | None:
        """Their beginnings and means, where these can be had without the rest."""
        if self.weeks is not None:
            return None
        try:
            if (few := self._few()) is not None:
                return few
            sealed = self.answer.sealed(Totals).within(*self.bounds)
            return averages_of(self._replaced(Totals, sealed), self.ids, calendar.listed(self.edges))
        except NoDecimalsError:
            return None

    def _few(self) -> dict[int, tuple[Ints, Floats]] | None:
        """The averages of one datapoint where they come from few rollups and at most the bounds divide a quarter."""
        answer, bounds = self.answer, self.edges
        if len(self.ids) > 1 or not isinstance(bounds, range) or len(bounds) > _FEW or calendar.uneven(bounds):
            return None
        if answer.single or not 0 < len(answer.rolled) <= _FEW:
            return None
        (id_,) = self.ids
        edges = [*range(bounds.start // QUARTER, -(-bounds.stop // QUARTER), bounds.step // QUARTER)]
        dirty = self.dirty[id_].tolist() if id_ in self.dirty else ()
        first, end = self.bounds[0] // QUARTER, (self.bounds[1] - 1) // QUARTER + 1
        single = {first, end - 1}.intersection(dirty)
        if len(single) < len(dirty):
            return None
        bodies = [body for _, _, body in answer.rolled]
        found = rollups.added_up(bodies, edges, first + (first in single), end - (end - 1 in single))
        if found is None:
            return None
        counts, sums, places = found
        if dirty or answer.events:
            nothing = Totals.none()
            extra = self._replaced(Totals, Parts(nothing.starts, nothing.starts, nothing.starts, nothing)).buckets
            places, finest = max([places, *extra.places.tolist()]), places
            sums = [added * 10 ** (places - finest) for added in sums]
            for start, count, added, scale in zip(*(column.tolist() for column in extra.columns), strict=True):
                place = max(bisect_right(bounds, start) - 1, 0)
                counts[place] += count
                sums[place] += added * 10 ** (places - scale)
        power = 10**places
        starts = [bound for bound, count in zip(bounds, counts, strict=True) if count]
        means = [added / power / count for added, count in zip(sums, counts, strict=True) if count]
        return {id_: (np.array(starts, np.int64), np.array(means, np.float64))}

    def _replaced(self, of: type[B], sealed: Parts[B]) -> Parts[B]:
        """What is sealed, but for dirty quarters; single values in the place of these; what follows in the tail."""
        answer = self.answer
        if not self.dirty and not answer.events:
            return sealed
        numbers = {id_: number for number, id_ in enumerate(self.ids)}
        parts = [sealed]
        following = {id_ for id_ in answer.events if answer.follows(id_)}
        if self.dirty:
            gone = np.concatenate([numbers[id_] * 2 * BEHIND + quarters for id_, quarters in self.dirty.items()])
            parts = [sealed.take(~np.isin(sealed.keys, gone))]
            # Chunks that nothing in the tail changes are taken at once.
            changed = answer.events.keys() - following
            whole = [chunk for chunk in self.chunks if chunk.datapoint not in changed]
            for counted in (True, False):
                some = [chunk for chunk in whole if (chunk.rollup is not None) == counted]
                if some:
                    owners = np.array([numbers[chunk.datapoint] for chunk in some], np.int64)
                    look = self._counted if counted else self._singles
                    parts.append(parts_of_samples(of, *look(some, owners, gone)))
        for id_, events in answer.events.items():
            if id_ in following:
                parts.append(singles(of, numbers[id_], replayed(events)))
            elif id_ in self.dirty:
                parts.append(singles(of, numbers[id_], self._changed(id_)))
        return joined_parts(parts)

    def _changed(self, datapoint: int) -> Samples:
        """What is left in the dirty quarters of a datapoint of which the tail changes something."""
        chunks, _ = compaction.unpack_chunks([chunk.body for chunk in self.chunks if chunk.datapoint == datapoint])
        raw = replayed([chunks, *self.answer.events[datapoint]]).within(*self.bounds)
        return raw.take(np.isin(raw.times // QUARTER, self.dirty[datapoint]))

    def _singles(self, chunks: Sequence[Chunk], owners: Ints, gone: Ints) -> tuple[Ints, Samples]:
        """The samples of these chunks that lie in the range and in such quarters, and whose they are."""
        samples, pieces = compaction.unpack_chunks([chunk.body for chunk in chunks])
        owners = owners.repeat(pieces.lengths)
        chosen = np.isin(owners * 2 * BEHIND + samples.times // QUARTER, gone)
        return self._inside(owners[chosen], samples.take(chosen))

    def _counted(self, chunks: Sequence[Chunk], owners: Ints, gone: Ints) -> tuple[Ints, Samples]:
        """The same of chunks of which rollups tell where these samples are, so that no others need be looked at."""
        numbers, counts, _, pieces = rollups.sums([chunk.rollup for chunk in chunks if chunk.rollup is not None])
        owners = owners.repeat(pieces.lengths)
        (chosen,) = np.isin(owners * 2 * BEHIND + numbers, gone).nonzero()
        ends = pieces.accumulated(counts)
        upto = np.ones(len(pieces), np.int64)
        of_chunks = pieces.heads.searchsorted(chosen, "right") - 1
        np.maximum.at(upto, of_chunks, ends[chosen])
        times, values, found = compaction.unpack_beginnings([chunk.body for chunk in chunks], upto.tolist())
        lengths = counts[chosen]
        places = Pieces(found.heads[of_chunks] + ends[chosen] - lengths, lengths).indices()
        samples = Samples(times[places], values[places], np.zeros(len(places), np.int64))
        return self._inside(owners[chosen].repeat(lengths), samples)

    def _inside(self, owners: Ints, samples: Samples) -> tuple[Ints, Samples]:
        inside = (samples.times >= self.bounds[0]) & (samples.times < self.bounds[1])
        return owners[inside], samples.take(inside)


class Aggregates:
    """Buckets of a datapoint by the beginning of each; empty ones are missing."""

    def __init__(self, merged: Merged | None, datapoint: int) -> None:
        self._merged = merged
        self._datapoint = datapoint

    @property
    def buckets(self) -> Buckets:
        """All that is known of them."""
        found = None if self._merged is None else self._merged.buckets.get(self._datapoint)
        return Buckets.none() if found is None else found

    @property
    def starts(self) -> Ints:
        """Where they begin."""
        return self._averages[0]

    @property
    def averages(self) -> Floats:
        """The means, where there is something."""
        return self._averages[1]

    @property
    def _averages(self) -> tuple[Ints, Floats]:
        quick = None if self._merged is None else self._merged.averages
        if quick is not None and self._datapoint in quick:
            return quick[self._datapoint]
        return self.buckets.starts, self.buckets.averages
