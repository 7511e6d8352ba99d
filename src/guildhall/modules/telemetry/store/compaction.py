"""Which chunks new samples go to, and what chunks and rollups look like afterwards. Pure.

Everything here is about one datapoint within one period, which no chunk, no week of rollups and no bucket crosses. The
chunks of a datapoint never overlap. Samples behind the last chunk make a chunk of their own when the last one is full
or much larger, so that what is written anew stays in proportion to what came; small ones are merged as they grow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from guildhall.modules.telemetry.store import frame, summary
from guildhall.modules.telemetry.store.layout import QUARTER, QUARTERS_IN_WEEK
from guildhall.modules.telemetry.store.merging import Range, Samples, joined, latest_of
from guildhall.modules.telemetry.store.summary import Buckets

#: A chunk of so many samples is not appended to; one of twice as many is divided.
FULL: Final = 8192
#: A chunk that is more than so many times larger than what comes behind it is left alone, until more has come.
_MERGED_UP_TO: Final = 4


@dataclass(frozen=True, slots=True)
class Stored:
    """A chunk as it stands in the table, without its samples."""

    start_at: int
    last_at: int
    count: int

    def overlaps(self, start: int, end: int) -> bool:
        """Whether it may have samples in [start, end)."""
        return self.start_at < end and self.last_at >= start


@dataclass(slots=True)
class Work:
    """What is to be done with one datapoint in one period: chunks sorted, the new samples sorted without repeats."""

    datapoint: int
    period: int
    chunks: list[Stored]
    samples: Samples
    gone: list[Range] = field(default_factory=list)
    rewritten: set[int] = field(default_factory=set)
    dirty: "frame.Ints" = field(default_factory=lambda: np.empty(0, np.int64))

    def plan(self) -> list[int]:
        """Decide which chunks are rewritten and which buckets recomputed; the numbers of the chunks needed for it."""
        times = self.samples.times
        starts = np.array([chunk.start_at for chunk in self.chunks], np.int64)
        places = np.maximum(np.searchsorted(starts, times, "right") - 1, 0)
        for number in np.unique(places).tolist() if self.chunks else ():
            here = times[places == number]
            chunk = self.chunks[number]
            if int(here[0]) <= chunk.last_at:
                self.rewritten.add(number)
            else:
                self._append(number, len(here))
        for start, end in self.gone:
            self.rewritten.update(n for n, chunk in enumerate(self.chunks) if chunk.overlaps(start, end))
        self.dirty = self._dirty()
        return sorted(self.rewritten | self._seen_by(self.dirty))

    def _append(self, number: int, added: int) -> None:
        while number >= 0 and self.chunks[number].count < FULL and self.chunks[number].count <= added * _MERGED_UP_TO:
            self.rewritten.add(number)
            added += self.chunks[number].count
            number -= 1

    def _dirty(self) -> "frame.Ints":
        parts = [np.unique(self.samples.times // QUARTER)]
        for start, end in self.gone:
            for chunk in self.chunks:
                if chunk.overlaps(start, end):
                    first, last = max(start, chunk.start_at), min(end - 1, chunk.last_at)
                    parts.append(np.arange(first // QUARTER, last // QUARTER + 1))
        return np.unique(np.concatenate(parts))

    def _seen_by(self, quarters: "frame.Ints") -> set[int]:
        seen = set()
        for number, chunk in enumerate(self.chunks):
            first, last = np.searchsorted(quarters, (chunk.start_at // QUARTER, chunk.last_at // QUARTER + 1))
            if first < last:
                seen.add(number)
        return seen

    def carry_out(self, bodies: Mapping[int, Samples]) -> tuple[list[Samples], Buckets]:
        """The chunks that take the place of the rewritten ones, and the dirty buckets that are not empty.

        Args:
            bodies: the samples of the chunks that `plan` named.
        """
        kept = {number: samples.without(self.gone) for number, samples in bodies.items()}
        merged: list[Samples] = []
        for group, new in self._groups():
            found = latest_of(joined([*(kept[number] for number in group), new]))
            merged += _divided(found)
        here = [samples for number, samples in kept.items() if number not in self.rewritten]
        everything = latest_of(joined([*here, *merged]))
        touched = everything.take(np.isin(everything.times // QUARTER, self.dirty)) if len(everything) else everything
        return merged, summary.quarters_of(touched)

    def _groups(self) -> list[tuple[list[int], Samples]]:
        """Neighbouring rewritten chunks with the new samples that belong between their neighbours left alone."""
        groups: list[tuple[list[int], Samples]] = []
        begin, members = None, []  # type: int | None, list[int]
        for number, chunk in enumerate(self.chunks):
            if number in self.rewritten:
                members.append(number)
                continue
            if members:
                end = chunk.start_at
                groups.append((members, self._between(begin, end)))
            elif len(between := self._between(begin, chunk.start_at)):
                groups.append(([], between))
            begin, members = chunk.last_at + 1, []
        groups.append((members, self._between(begin, None)))
        return [(members, new) for members, new in groups if members or len(new)]

    def _between(self, begin: int | None, end: int | None) -> Samples:
        times = self.samples.times
        first = 0 if begin is None else int(np.searchsorted(times, begin))
        last = len(times) if end is None else int(np.searchsorted(times, end))
        return self.samples.take(slice(first, last))


def _divided(samples: Samples) -> list[Samples]:
    count = len(samples)
    if count <= 2 * FULL:
        return [samples] if count else []
    pieces = -(-count // FULL)
    bounds = [count * number // pieces for number in range(pieces + 1)]
    return [samples.take(slice(start, end)) for start, end in pairwise(bounds)]


def pack_chunk(samples: Samples) -> bytes:
    """A chunk's body: a frame of times, values and sources. Where all sources are the same, they take no bytes."""
    return frame.pack([samples.times, samples.values, samples.sources])


def unpack_chunk(body: bytes) -> Samples:
    """The samples of a chunk's body."""
    return Samples(*frame.unpack(body))  # type: ignore[arg-type]


def pack_week(buckets: Buckets) -> bytes:
    """A row of rollups: a frame of the buckets' numbers since 1970, counts, sums, minima, maxima, firsts, lasts."""
    return frame.pack(buckets.columns)


def unpack_weeks(bodies: Sequence[bytes]) -> Buckets:
    """The buckets of rows of rollups, which stand in the order of time."""
    return summary.joined([Buckets(*frame.unpack(body)) for body in bodies])  # type: ignore[arg-type]


def changed_weeks(old: Mapping[int, bytes], dirty: "frame.Ints", made: Buckets) -> dict[int, bytes | None]:
    """The rows of the weeks in which buckets were dirty, by week; None where no bucket is left.

    Args:
        old: the rows as they stand.
        dirty: numbers of the buckets that were computed anew.
        made: those of them that are not empty.
    """
    changed: dict[int, bytes | None] = {}
    for week in np.unique(dirty // QUARTERS_IN_WEEK).tolist():
        new = made.take(made.starts // QUARTERS_IN_WEEK == week)
        if week in old:
            known = unpack_weeks([old[week]])
            new = summary.joined([known.take(~np.isin(known.starts, dirty)), new])
        changed[week] = pack_week(new) if len(new) else None
    return changed
