"""Moves the samples of the plain table into the journal, from where sealing takes them, and drops the table.

All of it happens in one transaction. What live streams may still ask for keeps its positions; the rest gets negative
ones, which no stream has seen, and the mark of sealing begins below those.
"""

from collections.abc import Iterator
from typing import Any

import django.core.validators
import numpy as np
from django.db import migrations, models

#: So many samples at most are read at once, and become a row of the journal, of 20 bytes each.
AT_ONCE = 100_000
RECORD = np.dtype([("at", "<i8"), ("value", "<f8"), ("source", "<i4")])

ADD_SOURCES = """
INSERT INTO telemetry_source (datasource_id)
SELECT DISTINCT datasource_id FROM telemetry_sample WHERE datasource_id IS NOT NULL ON CONFLICT DO NOTHING
"""
SAMPLES = """
DECLARE samples NO SCROLL CURSOR FOR
SELECT position, datapoint_id, (extract(epoch FROM at) * 1000000)::bigint, value,
       coalesce((SELECT id FROM telemetry_source r WHERE r.datasource_id = s.datasource_id), 0)
FROM telemetry_sample s WHERE (position > 0 AND at > now() - interval '1 day') = {recent} ORDER BY {order}
"""
WRITE = "INSERT INTO telemetry_journal (position, datapoints, ends, body) VALUES (%s, %s::bigint[], %s::int[], %s)"
BEGIN_POSITIONS = """
INSERT INTO telemetry_position (id, position)
SELECT 1, max(position) FROM telemetry_watermark HAVING max(position) > 0
"""
KEEP_POSITION = """
UPDATE telemetry_watermark SET position = coalesce((SELECT position FROM telemetry_position), 0)
"""
DROP_TABLE = "DROP TABLE telemetry_sample"
CREATE_TABLE = """
CREATE TABLE telemetry_sample (
    datapoint_id bigint NOT NULL REFERENCES telemetry_datapoint (id) ON DELETE CASCADE,
    at timestamptz NOT NULL,
    value double precision NOT NULL,
    datasource_id uuid,
    position bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (datapoint_id, at),
    CONSTRAINT sample_value_is_finite CHECK (value > '-infinity' AND value < 'infinity'),
    CONSTRAINT sample_time_is_finite CHECK (isfinite(at))
) PARTITION BY RANGE (at);
CREATE TABLE telemetry_sample_default PARTITION OF telemetry_sample DEFAULT
"""

#: Position, datapoint, microseconds since 1970, value, number of the source.
Row = tuple[int, int, int, float, int]


def move(apps: Any, schema_editor: Any) -> None:
    """Write every sample into the journal."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("LOCK TABLE telemetry_sample IN ACCESS EXCLUSIVE MODE")
        cursor.execute(ADD_SOURCES)
        position = 0
        for rows in _read(cursor, SAMPLES.format(recent="false", order="datapoint_id, at")):
            position -= 1
            _write(cursor, position, rows)
        if position:
            values = [1, position - 1, 0, 0]
            cursor.execute(
                "INSERT INTO telemetry_sealed (id, position, generation, forgotten) VALUES (%s, %s, %s, %s)", values
            )
        waiting: list[Row] = []
        for rows in _read(cursor, SAMPLES.format(recent="true", order="s.position, datapoint_id, at")):
            # What has one position must not be torn apart.
            waiting += rows
            whole = [row for row in waiting if row[0] < waiting[-1][0]]
            if whole:
                _write(cursor, whole[-1][0], whole)
            waiting = waiting[len(whole) :]
        if waiting:
            _write(cursor, waiting[-1][0], waiting)
        cursor.execute(BEGIN_POSITIONS)


def _read(cursor: Any, declaration: str) -> Iterator[list[Row]]:
    cursor.execute(declaration)
    while True:
        cursor.execute(f"FETCH {AT_ONCE} FROM samples")
        rows = cursor.fetchall()
        if not rows:
            cursor.execute("CLOSE samples")
            return
        yield rows


def _write(cursor: Any, position: int, rows: list[Row]) -> None:
    _, ids, times, values, sources = zip(*rows, strict=True)
    datapoints = np.array(ids, np.int64)
    records = np.empty(len(rows), RECORD)
    records["at"], records["value"], records["source"] = times, values, sources
    order = np.lexsort((records["at"], datapoints))
    datapoints = datapoints[order]
    starts = np.flatnonzero(np.append(True, datapoints[1:] != datapoints[:-1]))
    ends = [*starts[1:].tolist(), len(rows)]
    cursor.execute(WRITE, [position, datapoints[starts].tolist(), ends, records[order].tobytes()])


def move_back(apps: Any, schema_editor: Any) -> None:
    """Leave the store only while it is empty, as the plain table could not take back what was moved."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM telemetry_journal) OR EXISTS (SELECT FROM telemetry_chunk)")
        if cursor.fetchone()[0]:
            raise RuntimeError("Samples stand in the store; the plain table of before can't take them back.")
        cursor.execute(KEEP_POSITION)
        cursor.execute("DELETE FROM telemetry_position")
        cursor.execute("DELETE FROM telemetry_sealed")


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0005_store")]

    operations = [
        migrations.RunPython(move, move_back),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP_TABLE, CREATE_TABLE)],
            state_operations=[migrations.DeleteModel(name="Sample")],
        ),
        migrations.RemoveField(model_name="watermark", name="position"),
        migrations.AlterField(
            model_name="deadletter",
            name="reason",
            field=models.CharField(
                choices=[
                    ("not_a_topic_of_a_datasource", "The topic belongs to no datasource"),
                    ("unknown_datasource", "The datasource does not exist any more"),
                    ("unknown_datapoint", "There is no such datapoint, and this datasource may not create any"),
                    ("too_many_datapoints", "The project has as many datapoints as it may have"),
                    ("bad_key", "The end of the topic can't be the key of a datapoint"),
                    ("empty", "The message is empty"),
                    ("too_large", "The message is too large"),
                    ("not_understood", "The message is neither a number nor JSON"),
                    ("value_missing", "The message has no value"),
                    ("not_a_number", "The value is not a number"),
                    ("not_finite", "The value is not a finite number"),
                    ("bad_time", "The time is not understood"),
                    ("time_out_of_range", "The time is before 1970 or in the future"),
                    ("older_than_kept", "The time is so long ago that values of then are not kept any more"),
                    ("not_storable", "The database refused it"),
                ],
                max_length=40,
                verbose_name="reason",
            ),
        ),
        migrations.AlterField(
            model_name="retention",
            name="raw_days",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(36500),
                ],
                verbose_name="days that values are kept",
            ),
        ),
        migrations.AlterField(
            model_name="retention",
            name="rollup_days",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(36500)],
                verbose_name="days that sums of 15 minutes are kept",
            ),
        ),
        migrations.AddConstraint(
            model_name="retention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("raw_days", None),
                    ("rollup_days", None),
                    ("rollup_days__gte", models.F("raw_days")),
                    _connector="OR",
                ),
                name="retention_sums_outlive_values",
                violation_error_message="The sums are kept at least as long as the values.",
            ),
        ),
    ]
