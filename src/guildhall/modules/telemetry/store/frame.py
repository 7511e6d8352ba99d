"""Columns of numbers as few bytes, and back bit for bit. Pure; the codec of chunks and rollups.

A frame holds columns of equal length. All integers are little-endian:

    offset  size  meaning
    0       1     version of the format, 1
    1       1     number of columns, c
    2       4     number of values in each column, n (unsigned)
    6       20*c  a description of each column, see below
    6+20c         one zstd frame with the bytes of all columns, one after another; nothing where these are no bytes

Description of a column:

    0       1     kind: 0 integers; 1 doubles as integers divided by 10**scale; 2 doubles that are single-precision
                  numbers, as the 32 bits of these; 3 doubles as their 64 bits
    1       1     order: how many times neighbours were subtracted, 0 to 2
    2       1     width: bytes of each stored number, 0, 1, 2, 4 or 8
    3       1     scale (kind 1, else 0)
    4       8     base: the first number (signed), before any subtraction
    12      8     unit: every difference was divided by this (signed, at least 1)

The stored numbers, all but the first: subtracted from their neighbours `order` times (with order 0 the base is
subtracted from each), each of the first differences divided by the unit, then as zigzag integers (0, -1, 1, -2 become
0, 1, 2, 3), cut to `width` bytes, and written by planes: the lowest byte of all of them, then the next one of all. So
a column has (n-1)*width bytes; with width 0 all of these are zero. With order 2, before the first of the differences
stands an implied zero. Integers wrap at 64 bits. Which kind and which order is taken is found by trying.
"""

import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final, TypeAlias

import numpy as np
import zstandard
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Column: TypeAlias = Ints | Floats

VERSION: Final = 1
LEVEL: Final = 3
_HEAD: Final = struct.Struct("<BBI")
_COLUMN: Final = struct.Struct("<BBBBqq")
#: Decimal places that are tried.
_SCALES: Final = range(10)
_TRIED_FIRST: Final = 32
_SAMPLED: Final = 512
_EXACT: Final = float(2**53)
_WIDTHS: Final = ((1 << 8, 1), (1 << 16, 2), (1 << 32, 4))


class Kind(IntEnum):
    """How the numbers of a column are meant."""

    INTEGER = 0
    DECIMAL = 1
    SINGLE = 2
    DOUBLE = 3


class DamagedError(Exception):
    """These bytes are no frame."""


def pack(columns: Sequence[Column]) -> bytes:
    """The columns, each of int64 or float64 and all of the same length, as a frame."""
    described, pieces = [], []
    for meant in _all_as_integers(columns):
        description, body = _pack_column(*meant)
        described.append(description)
        pieces.append(body)
    body = b"".join(pieces)
    packed = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True).compress(body) if body else b""
    return b"".join((_HEAD.pack(VERSION, len(columns), len(columns[0])), *described, packed))


def unpack(frame: bytes, wanted: Sequence[int] | None = None) -> list[Column]:
    """The columns of a frame, or of these those with the wanted numbers, in that order.

    Raises:
        DamagedError: this is no frame of a known version.
    """
    try:
        version, count, length = _HEAD.unpack_from(frame)
        if version != VERSION:
            raise DamagedError(f"version {version}")
        described = [_COLUMN.unpack_from(frame, _HEAD.size + _COLUMN.size * number) for number in range(count)]
        packed = memoryview(frame)[_HEAD.size + _COLUMN.size * count :]
        body = zstandard.ZstdDecompressor().decompress(packed) if len(packed) else b""
        starts = [0]
        for _, _, width, *_rest in described:
            starts.append(starts[-1] + width * max(length - 1, 0))
        if len(body) != starts[-1]:
            raise DamagedError("the length is wrong")
        numbers = range(count) if wanted is None else wanted
        return [_unpack_column(described[number], body, starts[number], length) for number in numbers]
    except (struct.error, zstandard.ZstdError, IndexError) as error:
        raise DamagedError(str(error)) from error


def _pack_column(kind: Kind, scale: int, numbers: Ints) -> tuple[bytes, bytes]:
    if len(numbers) == 0:
        return _COLUMN.pack(kind, 0, 0, scale, 0, 1), b""
    base = int(numbers[0])
    with np.errstate(over="ignore"):
        steps = numbers[1:] - numbers[:-1]
        unit = _unit(steps) if kind is Kind.INTEGER else 1
        first = steps // unit if unit > 1 else steps
        orders = [_zigzag(numbers[1:] - base), _zigzag(first), _zigzag(np.diff(first, prepend=first[:1] * 0))]
    if unit > 1:
        orders = orders[1:]
    sizes = [_size(candidate) for candidate in orders]
    best = min(range(len(orders)), key=sizes.__getitem__)
    order, stored = best + (unit > 1), orders[best]
    width = _width(stored)
    planes = stored.astype(f"<u{width}").view(np.uint8).reshape(-1, width).T.tobytes() if width else b""
    return _COLUMN.pack(kind, order, width, scale, base, unit), planes


def _unpack_column(described: tuple[Any, ...], body: bytes, start: int, length: int) -> Column:
    kind, order, width, scale, base, unit = described
    numbers = np.full(length, base, dtype=np.int64)
    if length > 1 and width:
        count = length - 1
        planes = np.frombuffer(body, dtype=np.uint8, count=count * width, offset=start)
        stored = np.ascontiguousarray(planes.reshape(width, count).T).view(f"<u{width}").ravel().astype(np.uint64)
        steps = (stored >> np.uint64(1)).astype(np.int64) ^ -(stored & np.uint64(1)).astype(np.int64)
    else:
        steps = np.zeros(max(length - 1, 0), dtype=np.int64)
    if length > 1:
        with np.errstate(over="ignore"):
            if order > 1:
                steps = np.cumsum(steps)
            if order > 0:
                steps = np.cumsum(steps * unit)
            numbers[1:] += steps
    if kind == Kind.INTEGER:
        return numbers
    if kind == Kind.DECIMAL:
        decimals: Floats = numbers / 10.0**scale
        return decimals
    if kind == Kind.SINGLE:
        return numbers.astype(np.uint32).view(np.float32).astype(np.float64)
    return numbers.view(np.float64)


def _all_as_integers(columns: Sequence[Column]) -> list[tuple[Kind, int, Ints]]:
    floats = [column.astype(np.float64, copy=False) for column in columns if column.dtype == np.float64]
    # Columns that belong together have the same decimal places, so it is quickest to look for these once.
    found = scaled(np.concatenate(floats)) if len(floats) > 1 else None
    if found is None:
        return [_as_integers(column) for column in columns]
    scale, numbers = found
    decimals = iter(np.split(numbers, len(floats)))
    return [
        (Kind.INTEGER, 0, column.view(np.int64)) if column.dtype == np.int64 else (Kind.DECIMAL, scale, next(decimals))
        for column in columns
    ]


def _as_integers(column: Column) -> tuple[Kind, int, Ints]:
    if column.dtype == np.int64:
        return Kind.INTEGER, 0, column.view(np.int64)
    values = column.astype(np.float64, copy=False)
    found = scaled(values)
    if found is not None:
        return Kind.DECIMAL, *found
    with np.errstate(over="ignore", invalid="ignore"):
        single = values.astype(np.float32)
        if _same(single.astype(np.float64), values):
            return Kind.SINGLE, 0, single.view(np.uint32).astype(np.int64)
    return Kind.DOUBLE, 0, np.ascontiguousarray(values).view(np.int64)


def scaled(values: Floats) -> tuple[int, Ints] | None:
    """The least number of decimal places, and the values as integers times ten to the power of it; None if inexact."""
    first = values[:_TRIED_FIRST]
    for scale in _SCALES:
        if _at_scale(first, scale) is not None:
            found = _at_scale(values, scale)
            if found is not None:
                return scale, found
    return None


def _at_scale(values: Floats, scale: int) -> Ints | None:
    power = 10.0**scale
    with np.errstate(all="ignore"):
        numbers = np.rint(values * power)
        # Zero with a sign fails here as it shall; so does what is not finite.
        if not (np.abs(numbers) < _EXACT).all() or not _same((numbers + 0.0) / power, values):
            return None
    return numbers.astype(np.int64)


def _same(one: Floats, other: Floats) -> bool:
    return bool((one.view(np.int64) == np.ascontiguousarray(other).view(np.int64)).all())


def _unit(steps: Ints) -> int:
    found = int(np.gcd.reduce(steps[:_TRIED_FIRST])) if len(steps) else 1
    if found > 1 and (steps % found).any():
        found = int(np.gcd.reduce(steps))
    return max(found, 1)


def _zigzag(numbers: Ints) -> NDArray[np.uint64]:
    return ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)


def _width(stored: NDArray[np.uint64]) -> int:
    top = int(stored.max()) if len(stored) else 0
    if top == 0:
        return 0
    return next((width for limit, width in _WIDTHS if top < limit), 8)


def _size(stored: NDArray[np.uint64]) -> float:
    """About how many bits some of them take, as zstd finds most of what the widths waste."""
    some = stored[:: len(stored) // _SAMPLED + 1]
    return float(np.log2(some.astype(np.float64) + 1.0).sum())
