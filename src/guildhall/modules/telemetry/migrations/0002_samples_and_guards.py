"""The partitioned table of samples, and what Django can't declare: places that fit together, and triggers on rights."""

import django.db.models.deletion
from django.db import migrations, models

CREATE_SAMPLES = """
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
CREATE TABLE telemetry_sample_default PARTITION OF telemetry_sample DEFAULT;
"""

COMPOSITE_KEYS = """
ALTER TABLE {table}
    ADD CONSTRAINT {name}_project_in_organization FOREIGN KEY (project_id, organization_id)
        REFERENCES organizations_project (id, organization_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT {name}_object_in_project FOREIGN KEY (object_id, project_id)
        REFERENCES organizations_projectobject (id, project_id) DEFERRABLE INITIALLY DEFERRED;
"""
DROP_COMPOSITE_KEYS = """
ALTER TABLE {table}
    DROP CONSTRAINT {name}_project_in_organization, DROP CONSTRAINT {name}_object_in_project;
"""

# Triggers, so that the admin site and hand-written SQL cut open connections too, as services do.
COUNT_RIGHTS = """
CREATE FUNCTION telemetry_rights_of_datasource_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rights_version := OLD.rights_version + 1;
    NEW.rights_changed_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER rights_changed BEFORE UPDATE OF enabled, secret_hash, expires_at, username ON telemetry_datasource
    FOR EACH ROW WHEN (
        (OLD.enabled, OLD.secret_hash, OLD.expires_at, OLD.username)
            IS DISTINCT FROM (NEW.enabled, NEW.secret_hash, NEW.expires_at, NEW.username)
    ) EXECUTE FUNCTION telemetry_rights_of_datasource_changed();

CREATE FUNCTION telemetry_topic_right_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE telemetry_datasource SET rights_version = rights_version + 1, rights_changed_at = clock_timestamp()
        WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.datasource_id ELSE NEW.datasource_id END;
    RETURN NULL;
END $$;
CREATE TRIGGER rights_changed AFTER INSERT OR UPDATE OR DELETE ON telemetry_topicright
    FOR EACH ROW EXECUTE FUNCTION telemetry_topic_right_changed();

CREATE FUNCTION telemetry_retire_username() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO telemetry_retiredusername (username, retired_at) VALUES (OLD.username, clock_timestamp())
        ON CONFLICT (username) DO UPDATE SET retired_at = excluded.retired_at;
    RETURN NULL;
END $$;
CREATE TRIGGER retire_username AFTER DELETE ON telemetry_datasource
    FOR EACH ROW EXECUTE FUNCTION telemetry_retire_username();
"""
DROP_COUNT_RIGHTS = """
DROP TRIGGER retire_username ON telemetry_datasource;
DROP FUNCTION telemetry_retire_username();
DROP TRIGGER rights_changed ON telemetry_topicright;
DROP FUNCTION telemetry_topic_right_changed();
DROP TRIGGER rights_changed ON telemetry_datasource;
DROP FUNCTION telemetry_rights_of_datasource_changed();
"""

PLACED = [("telemetry_datasource", "datasource"), ("telemetry_datapoint", "datapoint")]


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0001_measurements")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE_SAMPLES, "DROP TABLE telemetry_sample")],
            state_operations=[
                migrations.CreateModel(
                    name="Sample",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "datapoint_id", "at", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("value", models.FloatField()),
                        ("datasource_id", models.UUIDField(null=True)),
                        ("position", models.BigIntegerField(db_default=0)),
                        (
                            "datapoint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="samples",
                                to="telemetry.datapoint",
                            ),
                        ),
                    ],
                    options={"verbose_name": "sample", "verbose_name_plural": "samples"},
                ),
            ],
        ),
        *(
            migrations.RunSQL(
                COMPOSITE_KEYS.format(table=table, name=name), DROP_COMPOSITE_KEYS.format(table=table, name=name)
            )
            for table, name in PLACED
        ),
        migrations.RunSQL(COUNT_RIGHTS, DROP_COUNT_RIGHTS),
    ]
