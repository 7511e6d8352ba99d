"""How much there is to be read, before it is read: a statement that looks at no sample."""

from collections.abc import Sequence
from typing import Final

from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE, PERIOD
from guildhall.modules.telemetry.store.merging import RECORD
from guildhall.modules.telemetry.store.plan import Plan
from guildhall.modules.telemetry.store.reading import MARK, TAIL

_AMOUNT: Final = """
SELECT (SELECT coalesce(sum(count), 0) FROM telemetry_chunk
        WHERE datapoint_id = ANY(%s::bigint[]) AND start_at >= %s AND start_at < %s AND last_at >= %s)::bigint
     + (SELECT coalesce(sum(octet_length(body)), 0) / {record} FROM ({tail}) tail)::bigint,
    EXISTS (SELECT FROM telemetry_rawfloor WHERE datapoint_id = ANY(%s::bigint[]) AND raw_from > %s)
"""


def at_most(datapoints: Sequence[int], start: int | None, end: int | None) -> Plan[tuple[int, bool]]:
    """How many samples [start, end) may hold, chunks counted whole; and whether retention took some that were there."""
    ids = list(datapoints)
    first = ALL_BEFORE if start is None else start
    last = ALL_AFTER if end is None else end
    query = _AMOUNT.format(record=RECORD.itemsize, tail=TAIL.format(above=MARK, ids="%s"))
    parameters = [ids, max(first // PERIOD * PERIOD, ALL_BEFORE), last, first, ids, ids, ids, first]
    ((count, was_cut),) = yield query, parameters
    return int(count), bool(was_cut)
