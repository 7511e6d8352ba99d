"""Rights to topics outside of `guildhall/…`, and that no two share any whose messages or secrets would get mixed up."""

from django.db import migrations, models

SAFE_FILTER = r"^(guildhall/d/[a-z0-9]{8,16}|(?!guildhall(/|$))[^#+\s*>/_$][^#+\s*>/]*)(/([^#+\s*>/]+|\+))*(/#)?$"

FUNCTIONS = """
-- As `policy.overlap` says it.
CREATE FUNCTION telemetry_filters_overlap(one text, other text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    a text[] := string_to_array(one, '/');
    b text[] := string_to_array(other, '/');
    shared integer := least(cardinality(a), cardinality(b));
BEGIN
    FOR i IN 1..shared LOOP
        IF a[i] = '#' OR b[i] = '#' THEN
            RETURN true;
        END IF;
        IF a[i] <> b[i] AND a[i] <> '+' AND b[i] <> '+' THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN a[shared + 1:] IN ('{}', '{#}') AND b[shared + 1:] IN ('{}', '{#}');
END $$;

CREATE FUNCTION telemetry_foreign_topics_are_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF split_part(NEW.filter, '/', 1) = 'guildhall' THEN
        RETURN NEW;
    END IF;
    -- Two who are granted the same at the same time must see each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('telemetry: foreign topics', 0));
    PERFORM FROM telemetry_topicright r
        JOIN telemetry_datasource theirs ON theirs.id = r.datasource_id
        JOIN telemetry_datasource ours ON ours.id = NEW.datasource_id
        WHERE r.datasource_id <> NEW.datasource_id
            AND split_part(r.filter, '/', 1) = split_part(NEW.filter, '/', 1)
            AND telemetry_filters_overlap(r.filter, NEW.filter)
            AND (theirs.organization_id <> ours.organization_id
                 OR (r.action = 'publish' AND NEW.action = 'publish'));
    IF FOUND THEN
        RAISE EXCEPTION 'another datasource holds topics that overlap with %', NEW.filter
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'topic_right_foreign_topics_are_free';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER foreign_topics_are_free BEFORE INSERT OR UPDATE ON telemetry_topicright
    FOR EACH ROW EXECUTE FUNCTION telemetry_foreign_topics_are_free();
CREATE INDEX topic_right_root ON telemetry_topicright (split_part(filter, '/', 1))
    WHERE split_part(filter, '/', 1) <> 'guildhall';
"""
DROP = """
DROP INDEX topic_right_root;
DROP TRIGGER foreign_topics_are_free ON telemetry_topicright;
DROP FUNCTION telemetry_foreign_topics_are_free();
DROP FUNCTION telemetry_filters_overlap(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0041_alarm_marks")]

    operations = [
        migrations.RemoveConstraint("topicright", "topic_right_filter_is_safe"),
        migrations.AddConstraint(
            "topicright",
            models.CheckConstraint(
                condition=models.Q(
                    (
                        "filter__regex",
                        SAFE_FILTER,
                    )
                ),
                name="topic_right_filter_is_safe",
            ),
        ),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
