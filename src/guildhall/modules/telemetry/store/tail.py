"""The journal's tail as columns: what a seal takes, a block of datapoints at a time. Reads only."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import psycopg

from guildhall.modules.telemetry.store.merging import Range, Samples, latest_of_each
from guildhall.modules.telemetry.store.pieces import Ints, Pieces

_TAIL: Final = """
SELECT position, array_send(datapoints), array_send(ends), body, deleted_from, deleted_until FROM (
    SELECT *, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY position) - coalesce(octet_length(body), 0) AS before
    FROM telemetry_journal WHERE position > %s
) tail WHERE before < %s ORDER BY position
"""
#: An array as PostgreSQL sends it: dimensions, nulls, type, length and lower bound, then every number with its length.
_ARRAY_HEAD: Final = 20
_BIGINTS: Final = np.dtype([("length", ">i4"), ("number", ">i8")])
_INTS: Final = np.dtype([("length", ">i4"), ("number", ">i4")])


@dataclass(frozen=True, slots=True)
class Block:
    """Some datapoints' samples, sorted and without repeats, and the ranges in which their chunks' samples are gone."""

    datapoints: Ints
    samples: Samples
    pieces: Pieces
    gone: Mapping[int, list[Range]]


@dataclass(slots=True)
class Tail:
    """The oldest rows of the tail.

    A part is what one row says of one datapoint; `parts` says where it lies among the samples. Parts are sorted by
    datapoint, those of one datapoint by row.
    """

    position: int
    rows: int
    samples: Samples
    parts: Pieces
    part_datapoints: Ints
    part_rows: Ints
    #: Of each datapoint, rows that delete, with their ranges.
    deletions: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)

    @property
    def datapoints(self) -> list[int]:
        """All datapoints of which it speaks."""
        return sorted({*np.unique(self.part_datapoints).tolist(), *self.deletions})

    def blocks(self, floors: Mapping[int, int | None], at_once: int) -> Iterator[Block]:
        """All it says of datapoints with known floors, about so many samples at once."""
        owners = Pieces.where(np.diff(self.part_datapoints, prepend=-1) != 0)
        counts = np.add.reduceat(self.parts.lengths, owners.heads) if len(owners) else owners.lengths
        blocks = (np.cumsum(counts) - 1) // at_once
        for block in np.unique(blocks).tolist():
            first, last = np.flatnonzero(blocks == block)[[0, -1]].tolist()
            yield self._block(int(owners.heads[first]), int(owners.ends[last]), floors)
        lonely = np.array(sorted(self.deletions.keys() - set(self.part_datapoints.tolist())), np.int64)
        if len(lonely):
            yield Block(lonely, Samples.none(), Pieces.of([]), self._gone(lonely.tolist(), floors))

    def _gone(self, datapoints: Sequence[int], floors: Mapping[int, int | None]) -> dict[int, list[Range]]:
        """Below a floor nothing is deleted."""
        found: dict[int, list[Range]] = defaultdict(list)
        for datapoint in datapoints:
            if datapoint in floors:
                floor = floors[datapoint]
                for _, start, end in self.deletions.get(datapoint, ()):
                    if floor is None or end > floor:
                        found[datapoint].append((start if floor is None else max(start, floor), end))
        return dict(found)

    def _block(self, first: int, end: int, floors: Mapping[int, int | None]) -> Block:
        parts = Pieces(self.parts.heads[first:end], self.parts.lengths[first:end])
        samples = self.samples.take(parts.indices())
        owners = Pieces.where(np.diff(self.part_datapoints[first:end], prepend=-1) != 0)
        ids = self.part_datapoints[first:end][owners.heads]
        pieces = Pieces.of(np.add.reduceat(parts.lengths, owners.heads))
        known = ids.tolist()
        keep = np.ones(len(samples), bool)
        for datapoint, head, until in zip(known, pieces.heads.tolist(), pieces.ends.tolist(), strict=True):
            if (floor := floors.get(datapoint, 0)) is None and datapoint not in self.deletions:
                continue
            if datapoint not in floors:
                keep[head:until] = False
                continue
            times = samples.times[head:until]
            if floor is not None:
                keep[head:until] &= times >= floor
            if datapoint in self.deletions:
                rows = np.repeat(self.part_rows[first:end], parts.lengths)[head:until]
                for row, start, stop in self.deletions[datapoint]:
                    keep[head:until] &= (rows > row) | (times < start) | (times >= stop)
        if not keep.all():
            lengths = np.add.reduceat(keep, pieces.heads, dtype=np.int64)
            samples, ids, pieces = samples.take(keep), ids[lengths > 0], Pieces.of(lengths[lengths > 0])
        return Block(ids, *latest_of_each(samples, pieces), self._gone(known, floors))


def read(cursor: "psycopg.Cursor[Any]", mark: int, at_most_bytes: int) -> Tail | None:
    """The oldest rows behind the mark; None if there are none."""
    cursor.execute(_TAIL, [mark, at_most_bytes])
    rows = cursor.fetchall()
    if not rows:
        return None
    datapoints, heads, lengths, numbers, bodies = [], [], [], [], []
    deletions: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    begin = 0
    for number, (_, ids, ends, body, deleted_from, deleted_until) in enumerate(rows):
        here = np.frombuffer(ids, _BIGINTS, offset=_ARRAY_HEAD)["number"].astype(np.int64)
        if body is None:
            deletions[int(here[0])].append((number, deleted_from, deleted_until))
            continue
        until = np.frombuffer(ends, _INTS, offset=_ARRAY_HEAD)["number"].astype(np.int64)
        long = np.diff(until, prepend=0)
        datapoints.append(here)
        heads.append(begin + until - long)
        lengths.append(long)
        numbers.append(np.full(len(here), number))
        bodies.append(body)
        begin += int(until[-1])
    samples = Samples.of_body(b"".join(bodies))
    columns = [np.concatenate(column) if column else np.empty(0, np.int64) for column in (datapoints, heads, lengths)]
    of_rows = np.concatenate(numbers) if numbers else np.empty(0, np.int64)
    order = np.argsort(columns[0], kind="stable")
    ids, parts = columns[0][order], Pieces(columns[1][order], columns[2][order])
    return Tail(int(rows[-1][0]), len(rows), samples, parts, ids, of_rows[order], dict(deletions))
