"""Reads samples: the journal's tail merged with chunks, in one statement, so that each answer is one snapshot."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from guildhall.modules.telemetry.store import compaction
from guildhall.modules.telemetry.store.compaction import FULL
from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE, DAY, PERIOD
from guildhall.modules.telemetry.store.merging import RECORD, Range, Samples, replayed
from guildhall.modules.telemetry.store.plan import Plan, Rows

#: A datapoint's part of the body of a row of the journal, by its place among the row's datapoints.
PART: Final = f"""substring(body FROM coalesce(ends[{{place}} - 1], 0) * {RECORD.itemsize} + 1
                 FOR (ends[{{place}}] - coalesce(ends[{{place}} - 1], 0)) * {RECORD.itemsize})"""
#: The rows of the tail that speak of some datapoints, each with that datapoint's part of the body.
TAIL: Final = f"""
SELECT j.position, u.datapoint_id, {PART.format(place="u.place")} AS body, j.deleted_from, j.deleted_until
FROM telemetry_journal j
CROSS JOIN LATERAL unnest(j.datapoints) WITH ORDINALITY u (datapoint_id, place)
WHERE j.position > {{above}} AND j.datapoints && {{ids}}::bigint[] AND u.datapoint_id = ANY({{ids}}::bigint[])
"""  # noqa: S608 — a constant.
MARK: Final = "(SELECT coalesce(max(position), 0) FROM telemetry_sealed)"
_RANGE: Final = """
SELECT 1, position, body, deleted_from, deleted_until FROM ({tail}) tail
UNION ALL
SELECT 0, start_at, body, last_at, NULL FROM (
    SELECT start_at, last_at, body FROM telemetry_chunk
    WHERE datapoint_id = %s AND start_at >= %s AND start_at < %s AND last_at >= %s
    ORDER BY start_at {order} LIMIT %s
) chunks
ORDER BY 1, 2
"""
_LATEST: Final = """
SELECT d.id, 0, c.last_at, c.last, NULL::bytea, NULL::bigint, NULL::bigint
FROM unnest(%s::bigint[]) d (id) CROSS JOIN LATERAL (
    SELECT last_at, last FROM telemetry_chunk WHERE datapoint_id = d.id ORDER BY start_at DESC LIMIT 1
) c
UNION ALL
SELECT datapoint_id, position, NULL, NULL, body, deleted_from, deleted_until FROM ({tail}) tail
ORDER BY 1, 2
"""
_SINCE: Final = """
SELECT datapoint_id, position, body, deleted_from, deleted_until, true FROM ({tail}) tail
UNION ALL
SELECT datapoint_id, (SELECT forgotten FROM telemetry_sealed), body, NULL, NULL, false FROM telemetry_chunk
WHERE datapoint_id = ANY(%s::bigint[]) AND position > %s AND start_at >= %s AND last_at >= %s
    AND %s < (SELECT forgotten FROM telemetry_sealed)
ORDER BY 2
"""


@dataclass(frozen=True, slots=True)
class New:
    """A sample with its place in the order of storing."""

    datapoint_id: int
    at: int
    value: float
    position: int


def samples_in(
    datapoint: int,
    start: int | None = None,
    end: int | None = None,
    *,
    descending: bool = False,
    limit: int | None = None,
) -> Plan[Samples]:
    """The samples in [start, end) in the order of time, or against it; at most `limit` of them from that side."""
    first = ALL_BEFORE if start is None else start
    last = ALL_AFTER if end is None else end
    query = _RANGE.format(tail=TAIL.format(above=MARK, ids="%s"), order="DESC" if descending else "ASC")
    chunks = None if limit is None else 2 + limit // FULL
    while True:
        rows = yield (
            query,
            [[datapoint], [datapoint], datapoint, max(first // PERIOD * PERIOD, ALL_BEFORE), last, first, chunks],
        )
        events, chunk_bounds = _events(rows)
        found = replayed(events).within(first, last)
        if chunks is not None and len(chunk_bounds) == chunks:
            # Beyond the last chunk that was read there may be more samples, so only up to there it is whole.
            if descending:
                found = found.within(min(start_at for start_at, _ in chunk_bounds), ALL_AFTER)
            else:
                found = found.within(ALL_BEFORE, max(last_at for _, last_at in chunk_bounds) + 1)
            if limit is not None and len(found) < limit:
                chunks *= 4
                continue
        if descending:
            found = found.take(slice(None, None, -1))
        return found if limit is None else found.take(slice(0, limit))


def _events(rows: Rows) -> tuple[list[Samples | Range], list[Range]]:
    sealed = [row for row in rows if not row[0]]
    # Chunks don't overlap, so sorted by time they are one sorted array.
    events: list[Samples | Range] = [compaction.unpack_chunks([bytes(body) for _, _, body, _, _ in sealed])[0]]
    for _, _, body, one, other in rows[len(sealed) :]:
        events.append((one, other) if body is None else Samples.of_body(bytes(body)))
    return events, [(place, one) for _, place, _, one, _ in sealed]


def latest(datapoints: Sequence[int]) -> Plan[dict[int, tuple[int, float]]]:
    """Time and value of the newest sample of each of these datapoints that has any."""
    ids = list(datapoints)
    rows = yield _LATEST.format(tail=TAIL.format(above=MARK, ids="%s")), [ids, ids, ids]
    found: dict[int, tuple[int, float]] = {}
    unclear = set()
    for datapoint, _, at, value, body, deleted_from, _until in rows:
        if deleted_from is not None:
            unclear.add(datapoint)
        elif body is None:
            found[datapoint] = at, value
        else:
            samples = Samples.of_body(bytes(body))
            newest = int(samples.times[-1])
            if datapoint not in found or newest >= found[datapoint][0]:
                found[datapoint] = newest, float(samples.values[-1])
    for datapoint in unclear:
        found.pop(datapoint, None)
        last = yield from samples_in(datapoint, descending=True, limit=1)
        if len(last):
            found[datapoint] = int(last.times[0]), float(last.values[0])
    return found


def since(datapoints: Sequence[int], position: int, *, now: int, limit: int) -> Plan[list[New]]:
    """What was written behind this position and is not deleted, in the order of positions.

    From `limit` samples on it ends, but with all that has the same position as the last of them. Only times of the last
    day. Where the journal does not reach back so far, samples of chunks come instead, which may have been there before
    the position; those that the journal still has come once, as it has them.
    """
    ids, oldest = list(datapoints), now - DAY
    query = _SINCE.format(tail=TAIL.format(above="%s", ids="%s"))
    parameters = [position, ids, ids, ids, position, oldest // PERIOD * PERIOD, oldest, position]
    rows = yield query, parameters
    deleted: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for datapoint, at_position, body, deleted_from, deleted_until, _ in rows:
        if body is None:
            deleted[datapoint].append((at_position, deleted_from, deleted_until))
    found: list[New] = []
    written: dict[int, set[int]] = defaultdict(set)
    # The journal first, as what it has is in chunks too when it is sealed.
    for datapoint, at_position, body, _, _, of_journal in sorted(rows, key=lambda row: not row[5]):
        if body is None:
            continue
        samples = Samples.of_body(bytes(body)) if of_journal else compaction.unpack_chunks([bytes(body)])[0]
        gone = [(start, end) for number, start, end in deleted[datapoint] if number > at_position]
        samples = samples.without(gone).within(oldest, ALL_AFTER)
        if of_journal:
            written[datapoint].update(samples.times.tolist())
        found += [
            New(datapoint, at, value, at_position)
            for at, value in zip(samples.times.tolist(), samples.values.tolist(), strict=True)
            if of_journal or at not in written[datapoint]
        ]
    found.sort(key=lambda new: (new.position, new.at))
    return [new for new in found if new.position <= found[limit - 1].position] if len(found) > limit else found
