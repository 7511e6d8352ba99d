"""Columns of numbers as few bytes, and back bit for bit; many frames at once. Pure; the codec of chunks and rollups.

A frame holds columns of equal length. All integers are little-endian:

    offset  size  meaning
    0       1     version of the format: 1, or 2 where a column is of kind 4
    1       1     number of columns, c
    2       4     number of values in each column, n (unsigned, at least 1)
    6             one zstd frame, which says its content's size; in it a description of each column (20*c bytes, see
                  below), then the stored numbers of all columns, one column after another

Description of a column:

    0       1     kind: 0 integers; 1 doubles as integers divided by 10**scale; 2 doubles that are single-precision
                  numbers, as the 32 bits of these; 3 doubles as their 64 bits; 4 as 1, but the integers of doubles
                  with a sign are one less, so that -1 stands for a zero with a sign
    1       1     order: how many times neighbours were subtracted, 0 to 2
    2       1     width: bytes of each stored number, 0 to 8
    3       1     scale (kinds 1 and 4, else 0)
    4       8     base: the first number (signed), before any subtraction
    12      8     unit: every first difference was divided by this (signed, at least 1); 1 with order 0

The stored numbers are n: the first one is 0; the others were subtracted from their neighbours `order` times (with order
0 the base is subtracted from each), each of the first differences divided by the unit. With order 2 the difference
before the first one is taken as 0. They are zigzag integers (0, -1, 1, -2 become 0, 1, 2, 3), cut to `width` bytes,
and written by planes: the lowest byte of all of them, then the next one of all. So a column has n*width bytes; with
width 0 all of its stored numbers are zero. Integers wrap at 64 bits. Which kind and which order is taken is found by
trying; units are 1, 1000 or 1,000,000.
"""

import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeAlias

import numpy as np
import zstandard
from numpy.typing import NDArray

from guildhall.modules.telemetry.store.decimals import DECIMAL, PLACES, POWERS, SIGNED, Kind, Numbers, doubles
from guildhall.modules.telemetry.store.pieces import Floats, Ints, Mask, Pieces

Column: TypeAlias = Ints | Floats
Unsigned: TypeAlias = NDArray[np.uint64]

VERSION: Final = 1
VERSION_WITH_SIGNS: Final = 2
_VERSIONS: Final = (VERSION, VERSION_WITH_SIGNS)
LEVEL: Final = 1
_HEAD: Final = struct.Struct("<BBI")
_DESCRIPTION: Final = np.dtype(
    [("kind", "u1"), ("order", "u1"), ("width", "u1"), ("scale", "u1"), ("base", "<i8"), ("unit", "<i8")]
)
_PROBED: Final = 64
_THOUSAND: Final = 1000
_SECOND: Final = 2
_ONE: Final = np.uint64(1)
#: Bytes of a number in memory.
_BYTES: Final = 8
#: Planes that are longer than this on average are copied one by one, others all at once.
_LONG_PLANE: Final = 256
#: So many places for each number are worth it where every frame then has a row.
_WASTED_UP_TO: Final = 2
_of_thread: Final = threading.local()


class DamagedError(Exception):
    """These bytes are no frame."""


def pack(columns: Sequence[Column]) -> bytes:
    """The columns, each of int64 or float64 and all of the same length, as a frame."""
    return pack_many(columns, Pieces.of([len(columns[0])]))[0]


def unpack(frame: bytes) -> list[Column]:
    """The columns of a frame.

    Raises:
        DamagedError: this is no frame of a known version.
    """
    return unpack_many([frame])[0]


def pack_many(columns: "Sequence[Column | Numbers]", pieces: Pieces) -> list[bytes]:
    """A frame of each of the pieces into which all columns are divided; what is known as numbers is taken as such."""
    described = np.zeros((len(pieces), len(columns)), _DESCRIPTION)
    planes: list[list[memoryview]] = []
    for number, column in enumerate(columns):
        planes.append(_pack_column(described[:, number], _numbers(column, pieces), pieces))
    widths = described["width"].tolist()
    versions = np.where((described["kind"] == SIGNED).any(axis=1), VERSION_WITH_SIGNS, VERSION).tolist()
    head_bytes = memoryview(described.tobytes())
    size = _DESCRIPTION.itemsize * len(columns)
    compress = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True).compress
    frames = []
    bounds = zip(widths, pieces.heads.tolist(), pieces.ends.tolist(), strict=True)
    for number, (wide, head, end) in enumerate(bounds):
        body = [head_bytes[number * size : (number + 1) * size]]
        for width, of_column in zip(wide, planes, strict=True):
            body += [plane[head:end] for plane in of_column[:width]]
        frames.append(_HEAD.pack(versions[number], len(columns), end - head) + compress(b"".join(body)))
    return frames


def unpack_many(frames: Sequence[bytes]) -> tuple[list[Column], Pieces]:
    """The columns of at least one frame, all with the same kinds of columns, and where each frame's part lies.

    Raises:
        DamagedError: one is no frame of a known version.
    """
    found = unpack_integers(frames)
    return found.columns(), found.pieces


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Frames as integers.

    Args:
        described: of each frame, what is said of each column.
        integers: a row for each column, in it one frame behind the other.
        pieces: where each frame's part of a row lies.
    """

    described: NDArray[Any]
    integers: Ints
    pieces: Pieces

    def columns(self) -> list[Column]:
        """What the integers stand for, one column after another; doubles beside each other are made at once."""
        found: list[Column] = []
        of_integers = (self.described["kind"].max(axis=0) == Kind.INTEGER).tolist()
        for whole, run in groupby(range(len(of_integers)), of_integers.__getitem__):
            first, *rest = run
            until = first + 1 + len(rest)
            some: NDArray[Any] = self.integers[first:until]
            part = self.described[:, first:until]
            if not whole and (part["kind"] == DECIMAL).all():
                some = some / POWERS[part["scale"].T].repeat(self.pieces.lengths, axis=1)
            elif not whole:
                every = Pieces.of(np.concatenate([self.pieces.lengths] * (until - first)))
                numbers = Numbers(part["kind"].T.ravel(), part["scale"].T.ravel(), some.ravel())
                some = doubles(numbers, every).reshape(some.shape)
            found.extend(some)
        return found


def unpack_beginnings(frames: Sequence[bytes], columns: int, lengths: Sequence[int]) -> tuple[list[Column], Pieces]:
    """The first columns of at least one frame, all with the same kinds of columns; of each frame so many numbers.

    Raises:
        DamagedError: one is no frame of a known version, or shorter.
    """
    found = unpack_integers(frames, (columns, lengths))
    return found.columns(), found.pieces


def unpack_integers(frames: Sequence[bytes], beginnings: tuple[int, Sequence[int]] | None = None) -> Unpacked:
    """At least one frame, all with the same kinds of columns; or so many of these, and of the numbers of each frame.

    Raises:
        DamagedError: one is no frame of a known version.
    """
    try:
        if len(frames) == 1 and beginnings is None:
            return _unpack_one(frames[0])
        return _unpack_integers(frames, beginnings)
    except (struct.error, zstandard.ZstdError, IndexError, ValueError) as error:
        raise DamagedError(str(error)) from error


def _unpack_integers(frames: Sequence[bytes], beginnings: tuple[int, Sequence[int]] | None) -> Unpacked:
    decompress = _decompressor().decompress
    unpack, head = _HEAD.unpack_from, _HEAD.size
    _, columns, _ = unpack(frames[0])
    size = _DESCRIPTION.itemsize * columns
    lengths, descriptions, planes = [], [], []
    for frame in frames:
        version, count, length = unpack(frame)
        if version not in _VERSIONS or count != columns or not length:
            raise DamagedError(f"version {version}, {count} columns of {length}")
        body = decompress(frame[head:])
        lengths.append(length)
        descriptions.append(body[:size])
        planes.append(body[size:])
    described = np.frombuffer(b"".join(descriptions), _DESCRIPTION).reshape(len(frames), columns)
    pieces = Pieces.of(lengths)
    widths = described["width"].astype(np.int64)
    if (widths.sum(axis=1) * pieces.lengths).tolist() != list(map(len, planes)) or described["scale"].max() >= PLACES:
        raise DamagedError("the length is wrong")
    if beginnings is not None:
        columns, few = beginnings
        if (np.array(few) > pieces.lengths).any():
            raise DamagedError("it is shorter")
        described, widths = described[:, :columns], widths[:, :columns]
        ends = (widths.sum(axis=1) * pieces.lengths).tolist()
        planes = [
            b"".join([of_frame[head : head + short] for head in range(0, end, length)])
            for of_frame, end, length, short in zip(planes, ends, lengths, few, strict=True)
        ]
        lengths, pieces = list(few), Pieces.of(few)
    longest = max(lengths)
    together = b"".join(planes)
    if len(frames) * longest <= _WASTED_UP_TO * pieces.total:
        return Unpacked(described, _in_rows(described, widths, together, pieces, longest), pieces)
    return Unpacked(described, _in_one_row(described, widths, together, pieces), pieces)


def _in_rows(described: NDArray[Any], widths: Ints, planes: bytes, pieces: Pieces, longest: int) -> Ints:
    """The integers where frames are of much the same length: each column of each frame is a row, as long as all."""
    described = described.T
    columns, frames = described.shape
    heads = np.arange(0, columns * frames * longest, longest).reshape(columns, frames)
    stored = _stored(planes, heads.T, widths, pieces, columns * frames * longest).reshape(columns, frames, longest)
    integers = _unsigned(stored)
    orders, units = described["order"], described["unit"]
    least, top = int(orders.min()), int(orders.max())
    if top == _SECOND:
        integers = np.where((orders == _SECOND)[:, :, None], integers.cumsum(axis=2), integers)
    if units.max() != 1:
        integers *= units[:, :, None]
    if least:
        integers.cumsum(axis=2, out=integers)
    elif top:
        integers = np.where(orders[:, :, None], integers.cumsum(axis=2), integers)
    integers += described["base"][:, :, None]
    if frames * longest == pieces.total:
        return integers.reshape(columns, -1)
    found: Ints = integers[:, np.arange(longest) < pieces.lengths[:, None]]
    return found


def _in_one_row(described: NDArray[Any], widths: Ints, planes: bytes, pieces: Pieces) -> Ints:
    """The integers of frames of any lengths: all columns are worked on as one, the first one of all frames first."""
    frames, columns = described.shape
    every = Pieces.of(np.concatenate([pieces.lengths] * columns))
    heads = every.heads.reshape(columns, frames).T
    stored = _stored(planes, heads, widths, pieces, columns * pieces.total)
    return _integers(described.T.ravel(), stored, every).reshape(columns, pieces.total)


def _unpack_one(frame: bytes) -> Unpacked:
    """What the other does, for one frame: with as many rows of an array as there are columns, and half of the steps."""
    version, columns, length = _HEAD.unpack_from(frame)
    if version not in _VERSIONS or not length:
        raise DamagedError(f"version {version}, {columns} columns of {length}")
    body = _decompressor().decompress(frame[_HEAD.size :])
    described = np.frombuffer(body, _DESCRIPTION, columns)
    end = described.nbytes
    widths = described["width"].tolist()
    if end + sum(widths) * length != len(body) or described["scale"].max() >= PLACES:
        raise DamagedError("the length is wrong")
    stored = np.zeros((columns, length, _BYTES), np.uint8)
    for column, width in enumerate(widths):
        for plane in range(width):
            stored[column, :, plane] = np.frombuffer(body, np.uint8, length, end)
            end += length
    integers = _unsigned(stored.reshape(columns, -1).view("<u8"))
    orders, units = described["order"], described["unit"]
    least, top = int(orders.min()), int(orders.max())
    if top == _SECOND:
        _accumulate(integers, orders == _SECOND)
    if units.max() != 1:
        integers *= units[:, None]
    if least:
        integers.cumsum(axis=1, out=integers)
    elif top:
        _accumulate(integers, orders != 0)
    integers += described["base"][:, None]
    return Unpacked(described[None], integers, Pieces.of([length]))


def _unsigned(zigzag: Unsigned) -> Ints:
    """What the zigzag numbers stand for; they are used up."""
    integers = (zigzag >> _ONE).view(np.int64)
    zigzag &= _ONE
    integers ^= -(zigzag.view(np.int64))
    return integers


def _accumulate(integers: Ints, which: Mask) -> None:
    integers[which] = integers[which].cumsum(axis=1)


def _decompressor() -> zstandard.ZstdDecompressor:
    """One for each thread, as they can't share it, and making it takes longer than a small frame."""
    try:
        found: zstandard.ZstdDecompressor = _of_thread.decompressor
    except AttributeError:
        found = _of_thread.decompressor = zstandard.ZstdDecompressor()
    return found


def _stored(planes: bytes, heads: Ints, widths: Ints, pieces: Pieces, size: int) -> Unsigned:
    """The stored numbers, from the planes of all frames, which lie one behind the other.

    Args:
        planes: what follows the descriptions in each frame.
        heads: of each frame, in which place each of its columns begins in the answer.
        widths: of each frame, the bytes of each column's numbers.
        pieces: the frames.
        size: how many places the answer has; those that nothing goes to are zero.
    """
    columns = widths.shape[1]
    found = np.zeros(size * _BYTES, np.uint8)
    wide = widths.ravel()
    lengths = pieces.lengths.repeat(columns).repeat(wide)
    ends = lengths.cumsum()
    # Where the first byte of each plane goes; the next ones go eight further each.
    firsts = (heads.ravel() * _BYTES - wide.cumsum() + wide).repeat(wide)
    firsts += np.arange(len(lengths))
    if len(planes) > _LONG_PLANE * len(lengths):
        buffer = np.frombuffer(planes, np.uint8)
        for first, length, end in zip(firsts.tolist(), lengths.tolist(), ends.tolist(), strict=True):
            found[first : first + length * _BYTES : _BYTES] = buffer[end - length : end]
    elif len(planes):
        places = (firsts - (ends - lengths) * _BYTES).repeat(lengths)
        places += np.arange(0, len(planes) * _BYTES, _BYTES)
        found[places] = np.frombuffer(planes, np.uint8)
    return found.view("<u8")


def _integers(described: NDArray[Any], stored: Unsigned, pieces: Pieces) -> Ints:
    integers = _unsigned(stored)
    orders, units = described["order"], described["unit"]
    # Integers wrap, of which numpy says nothing where they are in arrays. The first number of each piece is 0.
    top = int(orders.max())
    if top == _SECOND:
        integers = _where(orders == _SECOND, pieces.accumulated(integers), integers, pieces)
    if units.max() != 1:
        integers = integers * pieces.spread(units)
    if top:
        integers = _where(orders != 0, pieces.accumulated(integers), integers, pieces)
    integers += pieces.spread(described["base"])
    return integers


def _numbers(column: "Column | Numbers", pieces: Pieces) -> Numbers:
    if isinstance(column, Numbers):
        return column
    if column.dtype == np.int64:
        return Numbers.of_integers(column.view(np.int64), pieces)
    return Numbers.of_doubles(column.astype(np.float64, copy=False), pieces)


def _pack_column(described: NDArray[Any], numbers: Numbers, pieces: Pieces) -> list[memoryview]:
    """Fill in the descriptions; the stored numbers of all pieces by planes, as many as the widest piece needs."""
    integers = numbers.integers
    described["kind"], described["scale"] = numbers.kinds, numbers.scales
    described["base"] = bases = integers[pieces.heads]
    described["unit"] = 1
    with np.errstate(over="ignore"):
        steps = pieces.steps(integers)
        if not steps.any():
            return []
        probes = pieces.probes(_PROBED)
        units = _units(steps, probes, pieces) if (numbers.kinds == Kind.INTEGER).all() else described["unit"]
        steps = _divided(steps, units, pieces)
        orders = _orders(integers, bases, steps, probes, pieces)
        described["order"] = orders
        described["unit"] = np.where(orders > 0, units, 1)
        stored = _zigzag(_subtracted(integers, bases, steps, orders, pieces))
    described["width"] = widths = _widths(np.maximum.reduceat(stored, pieces.heads))
    low = stored.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)
    return [memoryview(low[:, plane].tobytes()) for plane in range(int(widths.max()))]


def _units(steps: Ints, probes: Ints, pieces: Pieces) -> Ints:
    """What all differences of a piece are multiples of: 1, a thousand or a million."""
    units = np.ones(len(pieces), np.int64)
    for unit in (_THOUSAND, _THOUSAND * _THOUSAND):
        if (steps[probes] % unit != 0).any(axis=1).all():
            break
        exact = pieces.every(steps // unit * unit == steps)
        units[exact] = unit
    return units


def _divided(steps: Ints, units: Ints, pieces: Pieces) -> Ints:
    if (units == units[0]).all():
        return steps // int(units[0]) if units[0] > 1 else steps
    divided: Ints = steps // pieces.spread(units)
    return divided


def _orders(integers: Ints, bases: Ints, steps: Ints, probes: Ints, pieces: Pieces) -> Ints:
    """The order that takes the fewest bits, by some numbers of each piece; zstd finds most of what widths waste."""
    here = steps[probes]
    before = np.where(probes > pieces.heads[:, None], steps[probes - 1], 0)
    tried = (integers[probes] - bases[:, None], here, here - before)
    # Units divide steps alone, so what they save is lost with order 0, where they are 1.
    sizes = np.stack([np.log2(_zigzag(one).astype(np.float64) + 1.0).sum(axis=1) for one in tried])
    return np.asarray(np.argmin(sizes, axis=0))


def _subtracted(integers: Ints, bases: Ints, steps: Ints, orders: Ints, pieces: Pieces) -> Ints:
    """The numbers subtracted from their neighbours as many times as is said of each piece."""
    found = steps
    for order in set(orders.tolist()) - {1}:
        other = integers - pieces.spread(bases) if order == 0 else pieces.steps(steps)
        found = other if (orders == order).all() else np.where(pieces.spread(orders == order), other, found)
    return found


def _where(mask: "NDArray[np.bool_]", one: Ints, other: Ints, pieces: Pieces) -> Ints:
    """The one in the pieces of which the mask is true."""
    return one if mask.all() else np.where(pieces.spread(mask), one, other)


def _zigzag(numbers: Ints) -> Unsigned:
    return ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)


def _widths(tops: Unsigned) -> NDArray[np.uint8]:
    """How many bytes the greatest numbers need."""
    limits = np.uint64(1) << np.arange(0, 64, 8, dtype=np.uint64)
    return np.searchsorted(limits, tops, "right").astype(np.uint8)
