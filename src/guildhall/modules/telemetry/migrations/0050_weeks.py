"""A generation for each week of which something is sealed, so that what was made of a week can be kept elsewhere."""

import django.db.models.deletion
from django.db import migrations, models

CREATE = """
CREATE TABLE telemetry_week (
    datapoint_id bigint NOT NULL REFERENCES telemetry_datapoint (id) ON DELETE CASCADE,
    week integer NOT NULL,
    generation bigint NOT NULL,
    PRIMARY KEY (datapoint_id, week)
) WITH (fillfactor = 50);
INSERT INTO telemetry_week (datapoint_id, week, generation)
SELECT DISTINCT datapoint_id, week, 0 FROM telemetry_chunk CROSS JOIN LATERAL
    generate_series(floor(start_at::numeric / 604800000000)::int, floor(last_at::numeric / 604800000000)::int) week
UNION
SELECT datapoint_id, week, 0 FROM telemetry_rollup;
"""


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0022_foreign_topics")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE, "DROP TABLE telemetry_week")],
            state_operations=[
                migrations.CreateModel(
                    name="Week",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "datapoint_id", "week", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("week", models.IntegerField()),
                        ("generation", models.BigIntegerField()),
                        (
                            "datapoint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="telemetry.datapoint",
                            ),
                        ),
                    ],
                ),
            ],
        )
    ]
