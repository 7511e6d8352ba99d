"""Rollups: buckets of a quarter of an hour as bytes, counts and sums before all else that is known of them. Pure.

Averages, which are asked for most, need nothing but counts and sums. So these stand in front, as integers that are read
without being unpacked. All are little-endian:

    offset  size  meaning
    0       1     version of the format, 3
    1       1     kind of the sums: 1 integers divided by 10**scale; 2 and 3 as in `store/frame.py`
    2       1     scale (kind 1, else 0)
    3       1     0
    4       1     a, how many bytes a number of missing buckets has: 0, 1, 2 or 4; with 0, all are 0
    5       1     b, the same of a count
    6       1     c, the same of a sum; 8 is possible too
    7       1     0
    8       4     number of buckets, n (unsigned, at least 1)
    12      4     least count (unsigned)
    16      8     number of the first bucket, counted from 1970 (signed)
    24      8     base: what was subtracted from every sum (signed)
    32      a*n   how many buckets are missing between the first one and this (unsigned)
    ...     b*n   count of samples less the least one (unsigned)
    ...     c*n   sum as an integer less the base (unsigned; signed where it has 8 bytes)
    ...           a frame as in `store/frame.py` of four columns: minima, maxima, firsts, lasts
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np

from guildhall.modules.telemetry.store import frame
from guildhall.modules.telemetry.store.decimals import DECIMAL, PLACES, Numbers, doubles
from guildhall.modules.telemetry.store.frame import DamagedError
from guildhall.modules.telemetry.store.layout import PERIOD, QUARTER
from guildhall.modules.telemetry.store.pieces import Ints, Pieces
from guildhall.modules.telemetry.store.summary import Buckets

VERSION: Final = 3
_HEAD: Final = struct.Struct("<BBBxBBBxIIqq")
#: How `struct` and NumPy call integers of so many bytes, and what such are less than.
_CODES: Final = {1: "B", 2: "H", 4: "I", 8: "q"}
_TYPES: Final = {width: np.dtype(f"<{code}") for width, code in _CODES.items()}
_LIMITS: Final = np.array([1, 2**8, 2**16, 2**32])
_WIDTHS: Final = np.array([0, *_CODES])
#: A rollup is one of a chunk, which lies within a period, or of a week.
_LONGEST: Final = PERIOD // QUARTER
_ZEROS: Final = np.zeros(_LONGEST, np.uint8)


class _Heads(NamedTuple):
    """What the heads of rollups say, a column for each field."""

    versions: tuple[int, ...]
    kinds: tuple[int, ...]
    scales: tuple[int, ...]
    missing: tuple[int, ...]
    counts: tuple[int, ...]
    sums: tuple[int, ...]
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
    """Rollups of pieces of buckets that are called by their numbers since 1970, in that order.

    Decimal sums lose signs of zeros.
    """
    sums = Numbers.of_doubles(buckets.sums, pieces).plain(pieces)
    firsts = buckets.starts[pieces.heads]
    leasts = np.minimum.reduceat(buckets.counts, pieces.heads)
    decimal = sums.kinds == DECIMAL
    # Bits of doubles are left alone, as their differences may be too large.
    bases = np.where(decimal, np.minimum.reduceat(sums.integers, pieces.heads), 0)
    columns = (
        buckets.starts - pieces.spread(firsts - pieces.heads) - np.arange(len(buckets)),
        buckets.counts - pieces.spread(leasts),
        sums.integers - pieces.spread(bases),
    )
    widths = [_WIDTHS[_LIMITS.searchsorted(np.maximum.reduceat(column, pieces.heads), "right")] for column in columns]
    widths[-1][~decimal] = max(_CODES)
    stored = [_stored(column, wide, pieces) for column, wide in zip(columns, widths, strict=True)]
    rest = frame.pack_many([buckets.mins, buckets.maxs, buckets.firsts, buckets.lasts], pieces)
    told = (sums.kinds, sums.scales, *widths, pieces.lengths, leasts, firsts, bases)
    heads = zip(*(one.tolist() for one in told), strict=True)
    return [_HEAD.pack(VERSION, *head) + b"".join(parts) for head, *parts in zip(heads, *stored, rest, strict=True)]


def _stored(column: Ints, widths: Ints, pieces: Pieces) -> list[bytes]:
    """A column with as many bytes in each piece as is said."""
    wholes = {width: column.astype(_TYPES[width]).tobytes() for width in {*widths.tolist()} - {0}}
    bounds = zip(widths.tolist(), pieces.heads.tolist(), pieces.ends.tolist(), strict=True)
    return [wholes[width][head * width : end * width] if width else b"" for width, head, end in bounds]


def sums(rollups: Sequence[bytes]) -> Sums:
    """Counts and sums of the buckets of at least one rollup.

    Raises:
        DamagedError: one is no rollup of a known version.
    """
    heads = _heads(rollups)
    pieces = Pieces.of(heads.lengths)
    begins = [_HEAD.size] * len(rollups)
    numbers = (heads.firsts - pieces.heads).repeat(pieces.lengths)
    numbers += np.arange(len(numbers))
    columns = []
    for widths in (heads.missing, heads.counts, heads.sums):
        columns.append(_column(rollups, begins, widths, heads.lengths))
        begins = [at + width * length for at, width, length in zip(begins, widths, heads.lengths, strict=True)]
    missing, counts, integers = columns
    numbers += missing
    counts += pieces.spread(np.array(heads.leasts))
    integers += pieces.spread(np.array(heads.bases))
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
    if {*heads.kinds} != {DECIMAL} or len({*heads.scales}) > 1 or any(heads.missing):
        return None
    counts, sums = [0] * len(edges), [0] * len(edges)
    told = zip(rollups, heads.counts, heads.sums, heads.lengths, heads.leasts, heads.firsts, heads.bases, strict=True)
    for rollup, narrow, wide, length, least, begin, base in told:
        at, behind = max(begin, first), min(begin + length, end)
        if at >= behind:
            continue
        upto_counts = _upto(rollup, _HEAD.size, narrow, length)
        upto_sums = _upto(rollup, _HEAD.size + narrow * length, wide, length)
        place = max(bisect_right(edges, at) - 1, 0)
        for number, until in enumerate([*edges[place + 1 : bisect_left(edges, behind)], behind], place):
            counts[number] += least * (until - at) + upto_counts[until - begin] - upto_counts[at - begin]
            sums[number] += base * (until - at) + upto_sums[until - begin] - upto_sums[at - begin]
            at = until
    return Added(counts, sums, heads.scales[0])


def _upto(rollup: bytes, at: int, width: int, length: int) -> list[int]:
    """What there is up to each number of a column, so that the sum of any that follow each other is a difference."""
    if not width:
        return [0] * (length + 1)
    try:
        return [*accumulate(struct.unpack_from(f"<{length}{_CODES[width]}", rollup, at), initial=0)]
    except struct.error as error:
        raise DamagedError(str(error)) from error


def _heads(rollups: Sequence[bytes]) -> _Heads:
    try:
        heads = _Heads(*zip(*[_HEAD.unpack_from(rollup) for rollup in rollups], strict=True))
    except struct.error as error:
        raise DamagedError(str(error)) from error
    if {*heads.versions} != {VERSION}:
        raise DamagedError(f"version {max(heads.versions)}")
    if not {*heads.missing, *heads.counts, *heads.sums} <= {0, *_CODES}:
        raise DamagedError("no number is as wide as that")
    if max(heads.scales) >= PLACES or not 0 < min(heads.lengths) <= max(heads.lengths) <= _LONGEST:
        raise DamagedError("a number is too large")
    return heads


def _column(rollups: Sequence[bytes], begins: Sequence[int], widths: Sequence[int], lengths: Sequence[int]) -> Ints:
    """A column of all rollups, which begins there in each."""
    if not any(widths):
        return np.zeros(sum(lengths), np.int64)
    told = zip(rollups, begins, widths, lengths, strict=True)
    try:
        parts = [
            np.frombuffer(rollup, _TYPES[width], length, at) if width else _ZEROS[:length]
            for rollup, at, width, length in told
        ]
    except ValueError as error:
        raise DamagedError(str(error)) from error
    return np.concatenate(parts, dtype=np.int64, casting="unsafe")


def _behind(rollup: bytes) -> int:
    """Where the frame of the other columns begins."""
    _, _, _, missing, counts, sums, length, *_ = _HEAD.unpack_from(rollup)
    return _HEAD.size + (int(missing) + int(counts) + int(sums)) * int(length)
