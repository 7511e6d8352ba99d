"""Writes rollups in the second version of their format, in which counts and sums are read without the rest.

In the first one a rollup was a frame, as the body of a chunk is, of seven columns: the buckets' numbers since 1970,
counts, sums, minima, maxima, firsts, lasts.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import migrations

from guildhall.modules.telemetry.store import frame, rollups
from guildhall.modules.telemetry.store.summary import Buckets

#: So many rollups are rewritten at once.
AT_ONCE = 2000
#: What tells the rows of each table apart, and where their rollups are.
TABLES = (("telemetry_chunk", "start_at", "rollup"), ("telemetry_rollup", "week", "body"))
FIND = """
DECLARE found NO SCROLL CURSOR FOR
SELECT datapoint_id, {place}, {body} FROM {table} WHERE {body} IS NOT NULL AND get_byte({body}, 0) = %s
"""
CHANGE = """
UPDATE {table} t SET {body} = g.body FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) g (datapoint_id, place, body)
WHERE t.datapoint_id = g.datapoint_id AND t.{place} = g.place
"""


def renew(apps: Any, schema_editor: Any) -> None:
    """From the first version to the second."""
    _rewrite(schema_editor, frame.VERSION, _renewed)


def renew_back(apps: Any, schema_editor: Any) -> None:
    """From the second version to the first."""
    _rewrite(schema_editor, rollups.VERSION, _as_before)


def _rewrite(schema_editor: Any, version: int, rewritten: Callable[[list[bytes]], list[bytes]]) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table, place, body in TABLES:
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


def _renewed(frames: list[bytes]) -> list[bytes]:
    columns, pieces = frame.unpack_many(frames)
    return rollups.pack(Buckets(*columns), pieces)  # type: ignore[arg-type]


def _as_before(bodies: list[bytes]) -> list[bytes]:
    buckets, pieces = rollups.unpack(bodies)
    return frame.pack_many(buckets.columns, pieces)


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0050_weeks")]

    operations = [migrations.RunPython(renew, renew_back)]
