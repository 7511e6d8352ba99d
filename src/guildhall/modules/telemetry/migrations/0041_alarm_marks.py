"""A trigger of the journal marks the datapoints whose alarm rules have to look at what was written or deleted."""

from django.db import migrations

# A record of a body begins with its time, eight bytes with the lowest first.
CREATE = """
CREATE FUNCTION telemetry_time_of_record(body bytea, number integer) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT get_byte(b, 0)::bigint | (get_byte(b, 1)::bigint << 8) | (get_byte(b, 2)::bigint << 16)
         | (get_byte(b, 3)::bigint << 24) | (get_byte(b, 4)::bigint << 32) | (get_byte(b, 5)::bigint << 40)
         | (get_byte(b, 6)::bigint << 48) | (get_byte(b, 7)::bigint << 56)
    FROM substring(body FROM number * 20 + 1 FOR 8) b
$$;
CREATE FUNCTION telemetry_mark_alarms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM telemetry_alarmrule WHERE enabled) THEN
        RETURN NEW;
    END IF;
    INSERT INTO telemetry_alarmdue AS due (datapoint_id, day, dirty_from, dirty_until, position)
    SELECT id, first / 86400000000, first, last, NEW.position FROM (
        SELECT u.id,
               coalesce(NEW.deleted_from, telemetry_time_of_record(NEW.body, coalesce(NEW.ends[u.place - 1], 0)))
                   AS first,
               coalesce(NEW.deleted_until, telemetry_time_of_record(NEW.body, NEW.ends[u.place] - 1)) AS last
        FROM unnest(NEW.datapoints) WITH ORDINALITY u (id, place)
        WHERE u.id IN (SELECT datapoint_id FROM telemetry_alarmrule WHERE enabled)
        ORDER BY u.id
    ) written
    ON CONFLICT (datapoint_id, day) DO UPDATE SET
        dirty_from = least(due.dirty_from, excluded.dirty_from),
        dirty_until = greatest(due.dirty_until, excluded.dirty_until),
        position = excluded.position;
    RETURN NEW;
END $$;
-- Before the insertion, as long as the body is at hand and not put aside yet.
CREATE TRIGGER mark_alarms BEFORE INSERT ON telemetry_journal
    FOR EACH ROW EXECUTE FUNCTION telemetry_mark_alarms();
-- The same few rows are changed again and again.
ALTER TABLE telemetry_alarmdue SET (fillfactor = 50);
ALTER TABLE telemetry_alarmstate SET (fillfactor = 50);
"""
DROP = """
DROP TRIGGER mark_alarms ON telemetry_journal;
DROP FUNCTION telemetry_mark_alarms();
DROP FUNCTION telemetry_time_of_record(bytea, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0040_alarms")]

    operations = [migrations.RunSQL(CREATE, DROP)]
