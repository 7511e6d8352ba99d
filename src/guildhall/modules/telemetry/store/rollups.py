"""Rollups: buckets of a quarter of an hour as bytes, counts and sums before all else that is known of them. Pure.

Averages, which are asked for most, need nothing but counts and sums. So these stand in front, as bytes that can be put
behind those of other rollups without looking into any. All integers are little-endian:

    offset  size  meaning
    0       1     version of the format, 2
    1       1     kind of the sums: 1 integers divided by 10**scale; 2 and 3 as in `store/frame.py`
    2       1     scale (kind 1, else 0)
    3       1     0
    4       2     which of the 16 bytes of a record are there, the first one by the lowest bit; the others are 0
    6       2     0
    8       4     number of buckets, n (unsigned, at least 1)
    12      4     least count (unsigned)
    16      8     number of the first bucket, counted from 1970 (signed)
    24      8     base: what was subtracted from every sum (signed)
    32      k*n   n records by planes: the first byte that is there of all of them, then the next one of all
    32+k*n        a frame as in `store/frame.py` of four columns: minima, maxima, firsts, lasts

A record:

    0       4     how many buckets are missing between the first one and this (unsigned)
    4       4     count of samples less the least one (unsigned)
    8       8     sum as an integer less the base (signed)
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np

from guildhall.modules.telemetry.store import frame
from guildhall.modules.telemetry.store.decimals import DECIMAL, PLACES, Numbers, doubles
from guildhall.modules.telemetry.store.frame import DamagedError
from guildhall.modules.telemetry.store.layout import PERIOD, QUARTER
from guildhall.modules.telemetry.store.pieces import Ints, Pieces
from guildhall.modules.telemetry.store.summary import Buckets

VERSION: Final = 2
_HEAD: Final = struct.Struct("<BBBxH2xIIqq")
_RECORD: Final = np.dtype([("missing", "<u4"), ("count", "<u4"), ("sum", "<i8")])
_WIDTH: Final = _RECORD.itemsize
#: Where each of the fields begins, and where the last one ends.
_FIELDS: Final = (0, 4, 8, _WIDTH)
#: The bits of the planes that say how many buckets are missing.
_MISSING: Final = 2**4 - 1
#: A rollup is one of a chunk, which lies within a period, or of a week.
_LONGEST: Final = PERIOD // QUARTER
#: As what they are read.
_INTEGER: Final = np.dtype("<i8")
_SIZE: Final = _HEAD.size


class _Heads(NamedTuple):
    """What the heads of rollups say, a column for each field."""

    versions: tuple[int, ...]
    kinds: tuple[int, ...]
    scales: tuple[int, ...]
    planes: tuple[int, ...]
    lengths: tuple[int, ...]
    leasts: tuple[int, ...]
    firsts: tuple[int, ...]
    bases: tuple[int, ...]


class Added(NamedTuple):
    """Counts, and sums as integers with so many decimal places."""

    counts: list[int]
    sums: list[int]
    places: int


class Sums(NamedTuple):
    """Of the buckets of some rollups their numbers since 1970, counts, and sums; piece n is the rollup n."""

    numbers: Ints
    counts: Ints
    sums: Numbers
    pieces: Pieces


def pack(buckets: Buckets, pieces: Pieces) -> list[bytes]:
    """Rollups of pieces of buckets that are called by their numbers since 1970, in that order."""
    sums = Numbers.of_doubles(buckets.sums, pieces)
    firsts = buckets.starts[pieces.heads]
    leasts = np.minimum.reduceat(buckets.counts, pieces.heads)
    # Bits of doubles are left alone, as their differences may be too large.
    bases = np.where(sums.kinds == DECIMAL, np.minimum.reduceat(sums.integers, pieces.heads), 0)
    records = np.empty(len(buckets), _RECORD)
    records["missing"] = buckets.starts - pieces.spread(firsts - pieces.heads) - np.arange(len(buckets))
    records["count"] = buckets.counts - pieces.spread(leasts)
    records["sum"] = sums.integers - pieces.spread(bases)
    planes = np.ascontiguousarray(records.view(np.uint8).reshape(-1, _WIDTH).T)
    there = np.bitwise_or.reduceat(planes, pieces.heads, axis=1) != 0
    which = (there.T << np.arange(_WIDTH)).sum(axis=1)
    rest = frame.pack_many([buckets.mins, buckets.maxs, buckets.firsts, buckets.lasts], pieces)
    told = (sums.kinds, sums.scales, which, pieces.lengths, leasts, firsts, bases, pieces.heads, pieces.ends)
    return [
        _HEAD.pack(VERSION, *head, first, base) + planes[there[:, number], begin:end].tobytes() + rest[number]
        for number, (*head, first, base, begin, end) in enumerate(zip(*(one.tolist() for one in told), strict=True))
    ]


def sums(rollups: Sequence[bytes]) -> Sums:
    """Counts and sums of the buckets of at least one rollup.

    Raises:
        DamagedError: one is no rollup of a known version.
    """
    heads = _heads(rollups)
    columns = np.frombuffer(_columns(rollups, heads), _INTEGER).reshape(len(_FIELDS) - 1, -1)
    pieces = Pieces.of(heads.lengths)
    columns += np.array((heads.firsts - pieces.heads, heads.leasts, heads.bases)).repeat(pieces.lengths, axis=1)
    numbers, counts, integers = columns
    numbers += np.arange(len(numbers))
    kinds, scales = np.array((heads.kinds, heads.scales), np.uint8)
    return Sums(numbers, counts, Numbers(kinds, scales, integers), pieces)


def unpack(rollups: Sequence[bytes]) -> tuple[Buckets, Pieces]:
    """All that is known of the buckets of at least one rollup, called by their numbers since 1970; piece n is of n.

    Raises:
        DamagedError: one is no rollup of a known version.
    """
    numbers, counts, added, pieces = sums(rollups)
    extremes, others = frame.unpack_many([rollup[_behind(rollup) :] for rollup in rollups])
    if others.lengths.tolist() != pieces.lengths.tolist():
        raise DamagedError("the parts are not of one length")
    return Buckets(numbers, counts, doubles(added, pieces), *extremes), pieces  # type: ignore[arg-type]


def added_up(rollups: Sequence[bytes], edges: Sequence[int], first: int, end: int) -> Added | None:
    """Counts and sums between edges, without arrays, the first operations on which cost as much as all of this.

    None where it is not so easy: buckets are missing, sums are no decimals, or their decimal places differ.

    Args:
        rollups: at least one, all of one datapoint.
        edges: numbers of the quarters with which what is asked for begins, in order.
        first: where to begin; what lies before the first edge counts as behind it.
        end: behind the last quarter that counts.

    Raises:
        DamagedError: one is no rollup of a known version.
    """
    heads = _heads(rollups)
    if {*heads.kinds} != {DECIMAL} or len({*heads.scales}) > 1 or any(which & _MISSING for which in heads.planes):
        return None
    counts, sums = [0] * len(edges), [0] * len(edges)
    told = zip(rollups, heads.planes, heads.lengths, heads.leasts, heads.firsts, heads.bases, strict=True)
    for rollup, which, length, least, begin, base in told:
        at, behind = max(begin, first), min(begin + length, end)
        if at >= behind:
            continue
        fields = bytearray(2 * length * _INTEGER.itemsize)
        _put(fields, rollup, which, length, (-length, 0, length))
        # Counts and sums up to each record, so that those of any that follow each other are differences.
        upto = [*accumulate(struct.unpack(f"<{2 * length}q", fields), initial=0)]
        count, added = upto[at - begin], upto[at - begin + length]
        place = max(bisect_right(edges, at) - 1, 0)
        for number, until in enumerate([*edges[place + 1 : bisect_left(edges, behind)], behind], place):
            upto_count, upto_sum = upto[until - begin], upto[until - begin + length]
            counts[number] += least * (until - at) + upto_count - count
            sums[number] += base * (until - at) + upto_sum - added
            at, count, added = until, upto_count, upto_sum
    return Added(counts, sums, heads.scales[0])


def _heads(rollups: Sequence[bytes]) -> _Heads:
    try:
        heads = _Heads(*zip(*[_HEAD.unpack_from(rollup) for rollup in rollups], strict=True))
    except struct.error as error:
        raise DamagedError(str(error)) from error
    if {*heads.versions} != {VERSION}:
        raise DamagedError(f"version {max(heads.versions)}")
    if max(heads.scales) >= PLACES or not 0 < min(heads.lengths) <= max(heads.lengths) <= _LONGEST:
        raise DamagedError("a number is too large")
    return heads


def _columns(rollups: Sequence[bytes], heads: _Heads) -> bytearray:
    """The fields of all records as integers, one field behind the other."""
    total = sum(heads.lengths)
    found = bytearray((len(_FIELDS) - 1) * total * _INTEGER.itemsize)
    begin = 0
    for rollup, which, length in zip(rollups, heads.planes, heads.lengths, strict=True):
        _put(found, rollup, which, length, (begin, total + begin, 2 * total + begin))
        begin += length
    return found


def _put(found: bytearray, rollup: bytes, which: int, length: int, begins: Sequence[int]) -> None:
    """Write the records of a rollup as integers, those of each field from its place on."""
    at = _SIZE
    try:
        # By slices with a step, which are quicker than arrays up to hundreds of records.
        for field, byte in _places(which):
            first = begins[field] * _INTEGER.itemsize + byte
            found[first : first + length * _INTEGER.itemsize : _INTEGER.itemsize] = rollup[at : at + length]
            at += length
    except ValueError as error:
        raise DamagedError("bytes are missing") from error


@lru_cache(maxsize=256)
def _places(which: int) -> list[tuple[int, int]]:
    """Of each byte of a record that is there, the number of its field and its place in it."""
    fields = ((byte, bisect_right(_FIELDS, byte) - 1) for byte in range(_WIDTH) if which >> byte & 1)
    return [(field, byte - _FIELDS[field]) for byte, field in fields]


def _behind(rollup: bytes) -> int:
    """Where the frame of the other columns begins."""
    _, _, _, which, length, *_ = _HEAD.unpack_from(rollup)
    return _SIZE + int(which).bit_count() * int(length)
