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
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from guildhall.modules.telemetry.store import frame
from guildhall.modules.telemetry.store.decimals import DECIMAL, PLACES, Numbers, doubles
from guildhall.modules.telemetry.store.frame import DamagedError
from guildhall.modules.telemetry.store.pieces import Ints, Pieces
from guildhall.modules.telemetry.store.summary import Buckets

Bytes: TypeAlias = NDArray[np.uint8]

VERSION: Final = 2
_HEAD: Final = np.dtype(
    [
        ("version", "u1"),
        ("kind", "u1"),
        ("scale", "u1"),
        ("zero", "u1"),
        ("planes", "<u2"),
        ("zeros", "<u2"),
        ("length", "<u4"),
        ("least", "<u4"),
        ("first", "<i8"),
        ("base", "<i8"),
    ]
)
_SIZE: Final = _HEAD.itemsize
#: The same as that, for one.
_HEAD_ALONE: Final = struct.Struct("<BBBxH2xIIqq")
_RECORD: Final = np.dtype([("missing", "<u4"), ("count", "<u4"), ("sum", "<i8")])
_WIDTH: Final = _RECORD.itemsize
_COUNT_AT: Final = 4
_SUM_AT: Final = 8
#: The bits of the planes that say how many buckets are missing.
_MISSING: Final = 2**_COUNT_AT - 1


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
    heads = np.zeros(len(pieces), _HEAD)
    heads["version"], heads["kind"], heads["scale"] = VERSION, sums.kinds, sums.scales
    heads["length"], heads["first"] = pieces.lengths, buckets.starts[pieces.heads]
    heads["least"] = np.minimum.reduceat(buckets.counts, pieces.heads)
    # Bits of doubles are left alone, as their differences may be too large.
    heads["base"] = np.where(sums.kinds == DECIMAL, np.minimum.reduceat(sums.integers, pieces.heads), 0)
    records = np.empty(len(buckets), _RECORD)
    records["missing"] = buckets.starts - pieces.spread(heads["first"] - pieces.heads) - np.arange(len(buckets))
    records["count"] = buckets.counts - pieces.spread(heads["least"])
    records["sum"] = sums.integers - pieces.spread(heads["base"])
    planes = np.ascontiguousarray(records.view(np.uint8).reshape(-1, _WIDTH).T)
    there = np.bitwise_or.reduceat(planes, pieces.heads, axis=1) != 0
    heads["planes"] = (there.T << np.arange(_WIDTH)).sum(axis=1)
    rest = frame.pack_many([buckets.mins, buckets.maxs, buckets.firsts, buckets.lasts], pieces)
    bounds = zip(pieces.heads.tolist(), pieces.ends.tolist(), strict=True)
    return [
        heads[number].tobytes() + planes[there[:, number], head:end].tobytes() + rest[number]
        for number, (head, end) in enumerate(bounds)
    ]


def sums(rollups: Sequence[bytes]) -> Sums:
    """Counts and sums of the buckets of at least one rollup.

    Raises:
        DamagedError: one is no rollup of a known version.
    """
    try:
        heads = np.frombuffer(b"".join([rollup[:_SIZE] for rollup in rollups]), _HEAD)
        if (heads["version"] != VERSION).any() or heads["scale"].max() >= PLACES or not heads["length"].all():
            raise DamagedError(f"version {heads['version'].max()}")
        pieces = Pieces.of(heads["length"].astype(np.int64))
        records = np.ascontiguousarray(_planes(rollups, heads["planes"].tolist(), pieces).T).view(_RECORD).ravel()
    except (IndexError, ValueError) as error:
        raise DamagedError(str(error)) from error
    numbers = (heads["first"] - pieces.heads).repeat(pieces.lengths)
    numbers += records["missing"]
    numbers += np.arange(len(numbers))
    counts = records["count"] + pieces.spread(heads["least"].astype(np.int64))
    integers = records["sum"] + pieces.spread(heads["base"])
    return Sums(numbers, counts, Numbers(heads["kind"], heads["scale"], integers), pieces)


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
    """Counts and sums between edges, without arrays, each operation on which costs as much as dozens on plain numbers.

    As records lie by planes, the sum of those between two edges is one of bytes for each plane. None where that is not
    so easy: where buckets are missing, sums are no decimals, their decimal places differ, or bytes are missing.

    Args:
        rollups: of one datapoint.
        edges: numbers of the quarters with which what is asked for begins, in order.
        first: where to begin; what lies before the first edge counts as behind it.
        end: behind the last quarter that counts.
    """
    counts, sums = [0] * len(edges), [0] * len(edges)
    bounds = [*edges, end]
    scales = set()
    for rollup in rollups:
        if len(rollup) < _SIZE or len(rollup) < _behind(rollup):
            return None
        version, kind, scale, which, length, least, begin, base = _HEAD_ALONE.unpack_from(rollup)
        if version != VERSION or kind != DECIMAL or which & _MISSING:
            return None
        scales.add(scale)
        # Where in the body the quarter 0 would be, plane by plane.
        planes = [(_SIZE - begin + number * length, *plane) for number, plane in enumerate(_weights(which))]
        at, behind = max(begin, first), min(begin + length, end)
        place = max(bisect_right(edges, at) - 1, 0)
        while at < behind:
            until = min(bounds[place + 1], behind)
            count, total = least * (until - at), base * (until - at)
            for zero, is_sum, weight in planes:
                added = sum(rollup[zero + at : zero + until]) * weight
                if is_sum:
                    total += added
                else:
                    count += added
            counts[place] += count
            sums[place] += total
            at = until
            place += 1
    return Added(counts, sums, *scales) if len(scales) == 1 else None


def _planes(rollups: Sequence[bytes], there: Sequence[int], pieces: Pieces) -> Bytes:
    """The bytes of all records, a row for each byte of one. Rollups with the same ones are copied at once."""
    parts: dict[int, list[Bytes]] = defaultdict(list)
    for rollup, which, length in zip(rollups, there, pieces.lengths.tolist(), strict=True):
        flat = np.frombuffer(rollup, np.uint8, which.bit_count() * length, _SIZE)
        parts[which].append(flat.reshape(-1, length))
    found = np.zeros((_WIDTH, pieces.total), np.uint8)
    if len(parts) == 1:
        found[_rows(there[0])] = np.concatenate(parts[there[0]], axis=1)
        return found
    kinds = np.array(there)
    for which, some in parts.items():
        (members,) = (kinds == which).nonzero()
        places = Pieces(pieces.heads[members], pieces.lengths[members]).indices()
        found[_rows(which)[:, None], places] = np.concatenate(some, axis=1)
    return found


@lru_cache(maxsize=256)
def _weights(which: int) -> list[tuple[bool, int]]:
    """Of each byte of a record that is there whether it is one of a sum, and what it counts."""
    return [
        (row >= _SUM_AT, 256 ** (row - (_SUM_AT if row >= _SUM_AT else _COUNT_AT))) for row in _rows(which).tolist()
    ]


@lru_cache(maxsize=256)
def _rows(which: int) -> Ints:
    """The numbers of the bits that are set."""
    return np.array([number for number in range(_WIDTH) if which >> number & 1], np.int64)


def _behind(rollup: bytes) -> int:
    """Where the frame of the other columns begins."""
    _, _, _, which, length, *_ = _HEAD_ALONE.unpack_from(rollup)
    return _SIZE + int(which).bit_count() * int(length)
