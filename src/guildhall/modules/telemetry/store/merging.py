"""Samples as sorted columns: packed into the journal, taken out of it, and merged so that the last write wins. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from guildhall.modules.telemetry.store.pieces import Floats, Ints, Pieces

#: A sample in a body of the journal: 20 bytes, little-endian.
RECORD: Final = np.dtype([("at", "<i8"), ("value", "<f8"), ("source", "<i4")])
_SHORT: Final = 1 << 16
_LARGEST: Final = 2**63 - 1
#: A half-open range of times.
Range: TypeAlias = tuple[int, int]


class NotFiniteError(ValueError):
    """A value is not a finite number; the store takes no others."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples of one datapoint as columns: times, values, and the numbers of their sources."""

    times: Ints
    values: Floats
    sources: Ints

    @classmethod
    def none(cls) -> Self:
        """No samples."""
        return cls(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int64))

    @classmethod
    def of_body(cls, body: bytes) -> Self:
        """The samples in (a part of) a journal's body."""
        records = np.frombuffer(body, dtype=RECORD)
        return cls(
            np.ascontiguousarray(records["at"]),
            np.ascontiguousarray(records["value"]),
            records["source"].astype(np.int64),
        )

    def __len__(self) -> int:
        return len(self.times)

    def take(self, which: "slice | NDArray[Any]") -> "Samples":
        """Some of the samples, by a slice, a mask or numbers."""
        return Samples(self.times[which], self.values[which], self.sources[which])

    def within(self, start: int, end: int) -> "Samples":
        """Those in [start, end); the times must be sorted."""
        first, last = np.searchsorted(self.times, (start, end))
        return self.take(slice(int(first), int(last)))

    def without(self, gone: Iterable[Range]) -> "Samples":
        """Those outside of the ranges."""
        found = self
        for start, end in gone:
            mask = (found.times < start) | (found.times >= end)
            if not mask.all():
                found = found.take(mask)
        return found


def joined(pieces: Sequence[Samples]) -> Samples:
    """All samples, one piece behind the other."""
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        return Samples.none()
    return Samples(
        np.concatenate([p.times for p in pieces]),
        np.concatenate([p.values for p in pieces]),
        np.concatenate([p.sources for p in pieces]),
    )


def latest_of(samples: Samples) -> Samples:
    """Sorted by time; of several with the same time, the one that stands last here."""
    times = samples.times
    steps = np.diff(times)
    if (steps > 0).all():
        return samples
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    keep = np.append(ordered[1:] != ordered[:-1], np.ones(min(len(ordered), 1), bool))
    return samples.take(order[keep])


def latest_of_each(samples: Samples, pieces: Pieces) -> tuple[Samples, Pieces]:
    """`latest_of` for each piece."""
    backwards = samples.times[1:] <= samples.times[:-1]
    backwards[pieces.heads[1:] - 1] = False
    if not backwards.any():
        return samples, pieces
    numbers = pieces.numbers()
    low, high = int(samples.times.min()), int(samples.times.max())
    span = high - low + 1
    if span * len(pieces) <= _LARGEST:
        # As one number, since a stable sort by that takes hardly longer than a look where most is in order.
        order = (numbers * span + (samples.times - low)).argsort(kind="stable")
    else:
        order = np.lexsort((samples.times, numbers))
    times = samples.times[order]
    keep = np.append((times[1:] != times[:-1]) | (numbers[1:] != numbers[:-1]), True)
    lengths = np.add.reduceat(keep, pieces.heads, dtype=np.int64)
    return samples.take(order if keep.all() else order[keep]), Pieces.of(lengths)


def replayed(events: Iterable["Samples | Range"]) -> Samples:
    """What is left when these writes and deletions happened one after another."""
    pieces: list[Samples] = []
    for event in events:
        if isinstance(event, Samples):
            pieces.append(event)
        else:
            pieces = [piece.without([event]) for piece in pieces]
    return latest_of(joined([piece for piece in pieces if len(piece)]))


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples of several datapoints, packed: those of `datapoints[n]` end before record `ends[n]` of the body."""

    datapoints: list[int]
    ends: list[int]
    body: bytes

    @classmethod
    def of(cls, datapoints: Ints, times: Ints, values: Floats, sources: "NDArray[Any]") -> Self:
        """Sorted by datapoint and time; of several with the same time the last one stays.

        Raises:
            NotFiniteError: a value is infinite or not a number.
        """
        if not np.isfinite(values).all():
            raise NotFiniteError
        order = _order(datapoints, times)
        if order is not None:
            datapoints, times, values, sources = datapoints[order], times[order], values[order], sources[order]
        same = (datapoints[1:] == datapoints[:-1]) & (times[1:] == times[:-1])
        if same.any():
            keep = np.append(~same, True)
            datapoints, times, values, sources = datapoints[keep], times[keep], values[keep], sources[keep]
        records = np.empty(len(times), dtype=RECORD)
        records["at"], records["value"], records["source"] = times, values, sources
        if not len(times):
            return cls([], [], b"")
        starts = np.flatnonzero(np.append(True, datapoints[1:] != datapoints[:-1]))
        ends = np.append(starts[1:], len(times))
        return cls(datapoints[starts].tolist(), ends.tolist(), records.tobytes())

    def __len__(self) -> int:
        return len(self.body) // RECORD.itemsize

    def each(self) -> Iterator[tuple[int, Samples]]:
        """The samples of every datapoint."""
        samples = Samples.of_body(self.body)
        for datapoint, first, last in zip(self.datapoints, [0, *self.ends], self.ends, strict=False):
            yield datapoint, samples.take(slice(first, last))

    def without(self, floors: dict[int, int]) -> tuple["Batch", dict[int, int]]:
        """What is not before the floor of its datapoint, and how many samples of each datapoint were."""
        records = np.frombuffer(self.body, dtype=RECORD)
        ids = np.repeat(np.array(self.datapoints, np.int64), np.diff([0, *self.ends]))
        refused: dict[int, int] = {}
        keep = np.ones(len(ids), bool)
        for datapoint, floor in floors.items():
            below = (ids == datapoint) & (records["at"] < floor)
            if count := int(below.sum()):
                refused[datapoint] = count
                keep &= ~below
        if not refused:
            return self, refused
        left, ids = records[keep], ids[keep]
        return Batch.of(ids, left["at"].copy(), left["value"].copy(), left["source"].copy()), refused


def _order(datapoints: Ints, times: Ints) -> Ints | None:
    """Sorted by datapoint and time; what is the same stays in its order. None where it is sorted already."""
    if not _is_sorted(datapoints, times):
        if len(times) and int(datapoints.max()) - int(datapoints.min()) < _SHORT:
            # Numbers of 16 bits are sorted by radix, ten times as quickly, and mostly times are in order already.
            order = np.argsort((datapoints - datapoints.min()).astype(np.uint16), kind="stable")
            if _is_sorted(datapoints[order], times[order]):
                return order
        return np.lexsort((times, datapoints))
    return None


def _is_sorted(datapoints: Ints, times: Ints) -> bool:
    steps = np.diff(datapoints)
    return not ((steps < 0) | ((steps == 0) & (times[1:] < times[:-1]))).any()
