"""Turns the journal's tail into chunks and rollups, in one transaction; the only writer of both.

A seal takes the oldest rows of the tail, makes the chunks they touch anew, each with its rollup, and moves the mark in
`telemetry_sealed`, below which reads pass the journal over. All of that is committed at once, so a crash leaves either
the tail or the chunks. Rows below the mark are kept for a while for live streams that resume. Datapoints are taken many
at once, as arithmetic on long arrays costs little.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import psycopg

from guildhall.modules.telemetry.store import chunks, compaction, tail, weeks
from guildhall.modules.telemetry.store.chunks import Key
from guildhall.modules.telemetry.store.compaction import Slot, Stored, Work
from guildhall.modules.telemetry.store.layout import PERIOD
from guildhall.modules.telemetry.store.merging import Range, Samples, latest_of_each
from guildhall.modules.telemetry.store.pieces import Pieces
from guildhall.modules.telemetry.store.tail import Block
from guildhall.modules.telemetry.store.weeks import Week

SyncConnection: TypeAlias = "psycopg.Connection[Any]"

#: So much of the tail is sealed in one transaction.
SEAL_BYTES: Final = 32 * 1024 * 1024
#: Sealed rows of the journal are kept so long, but never more than so many bytes, for streams that resume.
KEPT_S: Final = 600
KEPT_BYTES: Final = 16 * 1024 * 1024
_LOCK: Final = "telemetry sealing"
#: So many samples are worked on at once; their arrays shall fit into a processor's cache.
_AT_ONCE: Final = 128 * 1024

_MARK: Final = """
INSERT INTO telemetry_sealed (id, position, generation, forgotten) VALUES (1, 0, 0, 0)
ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING position
"""
_EXISTING: Final = """
SELECT g.id, f.raw_from FROM unnest(%s::bigint[]) g (id) JOIN telemetry_datapoint d ON d.id = g.id
LEFT JOIN telemetry_rawfloor f ON f.datapoint_id = g.id ORDER BY g.id FOR KEY SHARE OF d
"""
_TAIL_BYTES: Final = """
SELECT coalesce(sum(octet_length(body)), 0)::bigint FROM telemetry_journal
WHERE position > (SELECT coalesce(max(position), 0) FROM telemetry_sealed)
"""
_MOVE_MARK: Final = "UPDATE telemetry_sealed SET position = %s, generation = generation + 1"
_FORGET: Final = """
WITH gone AS (
    DELETE FROM telemetry_journal WHERE position <= (
        SELECT max(position) FROM (
            SELECT position, written_at, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY position DESC) AS behind
            FROM telemetry_journal WHERE position <= (SELECT position FROM telemetry_sealed)
        ) kept WHERE behind > %s OR written_at < clock_timestamp() - make_interval(secs => %s)
    ) RETURNING position
)
UPDATE telemetry_sealed SET forgotten = greatest(forgotten, (SELECT max(position) FROM gone))
WHERE EXISTS (SELECT FROM gone)
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one seal took: rows of the journal, and the samples in them."""

    rows: int
    samples: int


def seal(connection: SyncConnection, *, at_most_bytes: int = SEAL_BYTES) -> Sealed:
    """Seal the oldest rows of the tail, in a transaction of its own or within the caller's. Safe to repeat."""
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        oldest = tail.read(cursor, _take_mark(cursor), at_most_bytes)
        if oldest is None:
            return Sealed(0, 0)
        cursor.execute(_EXISTING, [oldest.datapoints])
        floors = dict(cursor.fetchall())
        touched: set[Week] = set()
        for block in oldest.blocks(floors, _AT_ONCE):
            touched |= weeks.of(block.datapoints, block.samples.times, block.pieces)
            for period, works in _works(cursor, block):
                touched |= _deleted(works)
                _carry_out(cursor, period, works, block.samples, oldest.position)
        weeks.touch(cursor, touched)
        cursor.execute(_MOVE_MARK, [oldest.position])
        return Sealed(oldest.rows, len(oldest.samples))


def seal_all(connection: SyncConnection) -> int:
    """Seal until nothing is left; how many samples were taken. The oldest sealed rows of the journal are forgotten."""
    samples = 0
    while (sealed := seal(connection)).rows:
        samples += sealed.samples
    forget(connection)
    return samples


def tail_bytes(connection: SyncConnection) -> int:
    """How many bytes of samples wait to be sealed."""
    ((found,),) = connection.execute(_TAIL_BYTES).fetchall()
    return int(found)


def forget(connection: SyncConnection, *, kept_s: float = KEPT_S, kept_bytes: int = KEPT_BYTES) -> None:
    """Delete rows of the journal that are sealed and older, or more, than what streams may still ask for."""
    with connection.transaction():
        connection.execute(_FORGET, [kept_bytes, kept_s])


def _take_mark(cursor: "psycopg.Cursor[Any]") -> int:
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])
    cursor.execute(_MARK)
    ((position,),) = cursor.fetchall()
    return int(position)


def _works(cursor: "psycopg.Cursor[Any]", block: Block) -> Iterator[tuple[int, list[Work]]]:
    """What is to be done, by periods."""
    times = block.samples.times
    found: dict[int, dict[int, Work]] = defaultdict(dict)
    if len(times):
        periods = times // PERIOD
        begins = np.diff(periods, prepend=periods[:1]) != 0
        begins[block.pieces.heads] = True
        groups = Pieces.where(begins)
        owners = np.searchsorted(block.pieces.heads, groups.heads, "right") - 1
        columns = (periods[groups.heads], block.datapoints[owners], groups.heads, groups.ends)
        for period, datapoint, first, end in zip(*(column.tolist() for column in columns), strict=True):
            found[period][datapoint] = Work(datapoint, [], first, end, block.gone.get(datapoint, []))
    for datapoint, gone in block.gone.items():
        for start, end in gone:
            for period in chunks.periods_of(cursor, datapoint, start, end):
                found[period].setdefault(datapoint, Work(datapoint, [], 0, 0, gone))
    for period in sorted(found):
        works = found[period]
        firsts = [
            min([*times[work.first : work.end][:1].tolist(), *(start for start, _ in work.gone)])
            for work in works.values()
        ]
        stored: dict[int, list[Stored]] = defaultdict(list)
        for datapoint, chunk in chunks.last_of(cursor, period, list(works), firsts):
            stored[datapoint].append(chunk)
        for datapoint, work in works.items():
            work.chunks = stored[datapoint]
        yield period, list(works.values())


def _deleted(works: Sequence[Work]) -> set[Week]:
    """The weeks in which there may have been samples that are deleted."""
    return weeks.between(
        (work.datapoint, max(start, chunk.start_at), min(end - 1, chunk.last_at))
        for work in works
        for start, end in work.gone
        for chunk in work.chunks
    )


def _carry_out(cursor: "psycopg.Cursor[Any]", period: int, works: Sequence[Work], new: Samples, position: int) -> None:
    slots = [(work.datapoint, slot) for work in works for slot in work.slots(new.times)]
    replaced: list[Key] = [(datapoint, chunk.start_at) for datapoint, slot in slots for chunk in slot.chunks]
    gone = {work.datapoint: work.gone for work in works if work.gone}
    numbers, old, parts = chunks.samples_of(cursor, period, replaced)
    old, parts = _without(old, parts, list(numbers), gone)
    owners, merged, pieces = _merged(slots, numbers, old, parts, new)
    chunks.drop(cursor, period, replaced)
    if owners:
        pieces, of_slots = compaction.divided(pieces)
        chunks.create_partition(cursor, period)
        packed = compaction.pack_chunks(merged, pieces)
        chunks.put(cursor, [owners[slot] for slot in of_slots.tolist()], packed, position)


def _without(old: Samples, parts: Pieces, keys: Sequence[Key], gone: dict[int, list[Range]]) -> tuple[Samples, Pieces]:
    """Stored samples without those that were deleted; parts may be left empty."""
    if not gone or not keys:
        return old, parts
    keep = np.ones(len(old), bool)
    lengths = parts.lengths.copy()
    for number, (datapoint, _) in enumerate(keys):
        here = slice(int(parts.heads[number]), int(parts.ends[number]))
        for start, end in gone.get(datapoint, ()):
            keep[here] &= (old.times[here] < start) | (old.times[here] >= end)
        lengths[number] = keep[here].sum()
    return old.take(keep), Pieces.of(lengths)


def _merged(
    slots: Sequence[tuple[int, Slot]], numbers: dict[Key, int], old: Samples, parts: Pieces, new: Samples
) -> tuple[list[int], Samples, Pieces]:
    """The samples of the slots, sorted, without repeats: the datapoint of each slot that has any, samples, pieces."""
    owners, lengths, from_heads, from_lengths = [], [], [], []
    old_heads, old_lengths = parts.heads.tolist(), parts.lengths.tolist()
    for datapoint, slot in slots:
        total = slot.end - slot.first
        for chunk in slot.chunks:
            number = numbers[datapoint, chunk.start_at]
            from_heads.append(old_heads[number])
            from_lengths.append(old_lengths[number])
            total += old_lengths[number]
        from_heads.append(len(old) + slot.first)
        from_lengths.append(slot.end - slot.first)
        if total:
            owners.append(datapoint)
            lengths.append(total)
    everything = new
    if len(old):
        columns = zip((old.times, old.values, old.sources), (new.times, new.values, new.sources), strict=True)
        everything = Samples(*(np.concatenate(column) for column in columns))
    order = Pieces(np.array(from_heads, np.int64), np.array(from_lengths, np.int64)).indices()
    return owners, *latest_of_each(everything.take(order), Pieces.of(lengths))
