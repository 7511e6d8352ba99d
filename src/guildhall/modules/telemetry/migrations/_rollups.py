"""What migrations that rewrite rollups have in common, and the second version of their format, which is gone.

In that version the head of 32 bytes was followed by records of sixteen bytes by planes: the first byte of all of them,
then the next one of all. Which of the sixteen were there stood in the head; the others were 0. All integers were
little-endian:

    offset  size  meaning
    0       1     version of the format, 2
    1       1     kind of the sums
    2       1     scale
    3       1     0
    4       2     which bytes of a record are there, the first one by the lowest bit
    6       2     0
    8       4     number of buckets, n (unsigned)
    12      4     least count (unsigned)
    16      8     number of the first bucket, counted from 1970 (signed)
    24      8     base: what was subtracted from every sum (signed)
    32      k*n   records: missing buckets (4 bytes), count less the least (4), sum less the base (8)
    32+k*n        a frame of four columns: minima, maxima, firsts, lasts
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guildhall.modules.telemetry.store import frame
from guildhall.modules.telemetry.store.decimals import DECIMAL, SIGNED, Kind, Numbers, doubles
from guildhall.modules.telemetry.store.pieces import Pieces
from guildhall.modules.telemetry.store.summary import Buckets

#: So many rollups are rewritten at once.
AT_ONCE = 2000
#: What tells the rows of each table apart, and where what is rewritten is.
ROLLUPS = (("telemetry_chunk", "start_at", "rollup"), ("telemetry_rollup", "week", "body"))
BODIES = (("telemetry_chunk", "start_at", "body"),)
FIND = """
DECLARE found NO SCROLL CURSOR FOR
SELECT datapoint_id, {place}, {body} FROM {table} WHERE {body} IS NOT NULL AND get_byte({body}, 0) = %s
"""
CHANGE = """
UPDATE {table} t SET {body} = g.body FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) g (datapoint_id, place, body)
WHERE t.datapoint_id = g.datapoint_id AND t.{place} = g.place
"""
BY_PLANES = 2
_HEAD = np.dtype(
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
_RECORD = np.dtype([("missing", "<u4"), ("count", "<u4"), ("sum", "<i8")])
_WIDTH = _RECORD.itemsize


def rewrite(
    schema_editor: Any,
    version: int,
    rewritten: Callable[[list[bytes]], list[bytes]],
    tables: Sequence[tuple[str, str, str]] = ROLLUPS,
) -> None:
    """Write all rollups, or bodies of chunks, of this version anew."""
    with schema_editor.connection.cursor() as cursor:
        for table, place, body in tables:
            names = {"table": table, "place": place, "body": body}
            cursor.execute(FIND.format(**names), [version])
            for rows in _read(cursor):
                ids, places, bodies = (list(column) for column in zip(*rows, strict=True))
                cursor.execute(CHANGE.format(**names), [ids, places, rewritten([bytes(one) for one in bodies])])


def _read(cursor: Any) -> Iterator[Sequence[Any]]:
    while True:
        cursor.execute(f"FETCH {AT_ONCE} FROM found")
        rows = cursor.fetchall()
        if not rows:
            cursor.execute("CLOSE found")
            return
        yield rows


def pack_by_planes(buckets: Buckets, pieces: Pieces) -> list[bytes]:
    """Rollups in the second version of the format, of pieces of buckets that are called by their numbers since 1970."""
    sums = without_signs(buckets.sums, pieces)
    heads = np.zeros(len(pieces), _HEAD)
    heads["version"], heads["kind"], heads["scale"] = BY_PLANES, sums.kinds, sums.scales
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
    others = (buckets.mins, buckets.maxs, buckets.firsts, buckets.lasts)
    rest = frame.pack_many([without_signs(column, pieces) for column in others], pieces)
    bounds = zip(pieces.heads.tolist(), pieces.ends.tolist(), strict=True)
    return [
        heads[number].tobytes() + planes[there[:, number], head:end].tobytes() + rest[number]
        for number, (head, end) in enumerate(bounds)
    ]


def without_signs(values: NDArray[np.float64], pieces: Pieces) -> Numbers:
    """Values as numbers in which zeros with a sign are bits, as all were once."""
    numbers = Numbers.of_doubles(values, pieces)
    signed = numbers.kinds == SIGNED
    of_each = signed.repeat(pieces.lengths)
    return Numbers(
        np.where(signed, np.uint8(Kind.DOUBLE), numbers.kinds),
        np.where(signed, np.uint8(0), numbers.scales),
        np.where(of_each, values.view(np.int64), numbers.integers),
    )


def unpack_by_planes(rollups: Sequence[bytes]) -> tuple[Buckets, Pieces]:
    """The buckets of rollups of that version."""
    heads = np.frombuffer(b"".join([rollup[: _HEAD.itemsize] for rollup in rollups]), _HEAD)
    pieces = Pieces.of(heads["length"].astype(np.int64))
    planes = np.zeros((_WIDTH, pieces.total), np.uint8)
    rest = []
    told = zip(rollups, heads["planes"].tolist(), pieces.heads.tolist(), pieces.ends.tolist(), strict=True)
    for rollup, which, begin, end in told:
        there = [row for row in range(_WIDTH) if which >> row & 1]
        behind = _HEAD.itemsize + len(there) * (end - begin)
        stored = np.frombuffer(rollup[_HEAD.itemsize : behind], np.uint8)
        planes[there, begin:end] = stored.reshape(len(there), end - begin)
        rest.append(rollup[behind:])
    records = np.ascontiguousarray(planes.T).view(_RECORD).ravel()
    numbers = pieces.spread(heads["first"] - pieces.heads) + records["missing"] + np.arange(pieces.total)
    counts = records["count"] + pieces.spread(heads["least"].astype(np.int64))
    integers = records["sum"] + pieces.spread(heads["base"])
    sums = doubles(Numbers(heads["kind"], heads["scale"], integers), pieces)
    extremes, _ = frame.unpack_many(rest)
    return Buckets(numbers, counts, sums, *extremes), pieces  # type: ignore[arg-type]
