"""Which chunks new samples go to, and what chunks look like afterwards. Pure.

The chunks of a datapoint never overlap and cross no period. Samples behind the last chunk make a chunk of their own
when the last one is large enough or much larger than they are, so that what is written anew stays in proportion to what
came; small ones are merged as they grow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from guildhall.modules.telemetry.store import frame, rollups, summary
from guildhall.modules.telemetry.store.decimals import Numbers
from guildhall.modules.telemetry.store.merging import Range, Samples
from guildhall.modules.telemetry.store.pieces import Floats, Ints, Pieces
from guildhall.modules.telemetry.store.summary import Buckets

#: A chunk of more than twice so many samples is divided.
FULL: Final = 8192
#: A chunk of so many samples, as a share of a full one, is not appended to.
_ENOUGH: Final = 8
#: A chunk that is more than so many times larger than what comes behind it is left alone, until more has come.
_MERGED_UP_TO: Final = 4
#: Buckets are kept summed up beside a chunk where each stands for so many samples at least.
SUMMED_UP: Final = 4


def enough() -> int:
    """A chunk of so many samples is not appended to."""
    return max(FULL // _ENOUGH, 2)


@dataclass(frozen=True, slots=True)
class Stored:
    """A chunk as it stands in the table, without its samples."""

    start_at: int
    last_at: int
    count: int

    def overlaps(self, start: int, end: int) -> bool:
        """Whether it may have samples in [start, end)."""
        return self.start_at < end and self.last_at >= start


@dataclass(frozen=True, slots=True)
class Slot:
    """Chunks beside each other that are made anew, from their samples and new ones: those from `first` to `end`."""

    chunks: tuple[Stored, ...]
    first: int
    end: int


@dataclass(slots=True)
class Work:
    """What is to be done with one datapoint in one period.

    Args:
        datapoint: its number.
        chunks: from the last one that is large enough and does not begin behind what is new or deleted.
        first: where its new samples begin in the array of times; they are sorted and without repeats.
        end: behind the last of them.
        gone: ranges in which samples of the chunks are deleted.
    """

    datapoint: int
    chunks: Sequence[Stored]
    first: int
    end: int
    gone: list[Range] = field(default_factory=list)

    def slots(self, times: Ints) -> list[Slot]:
        """Decide which chunks are made anew."""
        if not self.gone and (not self.chunks or times[self.first] > self.chunks[-1].last_at):
            kept = self._appended(len(self.chunks) - 1, self.end - self.first)
            return [Slot(tuple(self.chunks[kept:]), self.first, self.end)]
        return self._divided(times[self.first : self.end])

    def _appended(self, number: int, added: int) -> int:
        """The first of the chunks that are merged with so many samples behind this one."""
        while number >= 0 and self.chunks[number].count < enough():
            if self.chunks[number].count > added * _MERGED_UP_TO:
                break
            added += self.chunks[number].count
            number -= 1
        return number + 1

    def _divided(self, times: Ints) -> list[Slot]:
        anew: set[int] = set()
        starts = np.array([chunk.start_at for chunk in self.chunks], np.int64)
        places = np.maximum(np.searchsorted(starts, times, "right") - 1, 0)
        for number in np.unique(places).tolist() if self.chunks else ():
            here = times[places == number]
            if int(here[0]) <= self.chunks[number].last_at:
                anew.add(number)
            else:
                anew.update(range(self._appended(number, len(here)), number + 1))
        for start, end in self.gone:
            anew.update(n for n, chunk in enumerate(self.chunks) if chunk.overlaps(start, end))
        slots: list[Slot] = []
        members: list[Stored] = []
        first = 0
        for number, chunk in enumerate(self.chunks):
            if number in anew:
                members.append(chunk)
                continue
            end = int(np.searchsorted(times, chunk.start_at))
            slots.append(Slot(tuple(members), self.first + first, self.first + end))
            members, first = [], end
        slots.append(Slot(tuple(members), self.first + first, self.end))
        return [slot for slot in slots if slot.chunks or slot.first < slot.end]


def divided(slots: Pieces) -> tuple[Pieces, Ints]:
    """Slots as chunks of a fitting size; and for each chunk, which slot it is of."""
    if not (slots.lengths > 2 * FULL).any():
        return slots, np.arange(len(slots))
    lengths: list[int] = []
    owners: list[int] = []
    for number, count in enumerate(slots.lengths.tolist()):
        parts = 1 if count <= 2 * FULL else -(-count // FULL)
        lengths += [end - start for start, end in pairwise(count * part // parts for part in range(parts + 1))]
        owners += [number] * parts
    return Pieces.of(lengths), np.array(owners, np.int64)


@dataclass(frozen=True, slots=True)
class Packed:
    """Chunks as they are stored: each summed up, its body, and its quarters of an hour where these are worth it."""

    whole: Buckets
    starts: list[int]
    ends: list[int]
    bodies: list[bytes]
    rollups: list[bytes | None]


def pack_chunks(samples: Samples, pieces: Pieces) -> Packed:
    """Chunks of these pieces.

    A body is a frame of times, values and sources; where all sources are the same, they take no bytes.
    """
    values = Numbers.of_doubles(samples.values, pieces)
    bodies = frame.pack_many([samples.times, values, samples.sources], pieces)
    buckets, quarters = summary.quarters_of(samples, pieces, values)
    summed_up: list[bytes | None] = [None] * len(pieces)
    dense = np.flatnonzero(quarters.lengths * SUMMED_UP <= pieces.lengths)
    if len(dense):
        some = Pieces(quarters.heads[dense], quarters.lengths[dense])
        taken = buckets if len(dense) == len(pieces) else buckets.take(some.indices())
        for number, rollup in zip(dense.tolist(), rollups.pack(taken, Pieces.of(some.lengths)), strict=True):
            summed_up[number] = rollup
    times = samples.times
    return Packed(
        summary.whole(buckets, quarters),
        times[pieces.heads].tolist(),
        times[pieces.ends - 1].tolist(),
        bodies,
        summed_up,
    )


def unpack_chunks(bodies: Sequence[bytes]) -> tuple[Samples, Pieces]:
    """The samples of the bodies of some chunks, and where each chunk's lie."""
    if not bodies:
        return Samples.none(), Pieces.of([])
    columns, pieces = frame.unpack_many(bodies)
    return Samples(*columns), pieces  # type: ignore[arg-type]


def unpack_beginnings(bodies: Sequence[bytes], lengths: Sequence[int]) -> tuple[Ints, Floats, Pieces]:
    """Times and values alone, of so many samples at the beginning of each of at least one chunk."""
    (times, values), pieces = frame.unpack_beginnings(bodies, 2, lengths)
    return times, values, pieces  # type: ignore[return-value]
