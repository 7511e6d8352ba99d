"""The function that appends, and what keeps the outbox append-only."""

from django.db import migrations

APPEND = """
CREATE FUNCTION events_append(
    new_event_id uuid, new_type text, new_version smallint, new_subject text,
    new_organization_id uuid, new_actor_id uuid, new_request_id text, new_data jsonb
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    new_position bigint;
BEGIN
    -- Held to the end of the transaction: within a subject, positions are drawn in the order of commits.
    PERFORM pg_advisory_xact_lock(hashtextextended('guildhall subject ' || new_subject, 0));
    INSERT INTO events_event (event_id, type, version, subject, organization_id, actor_id, request_id, data)
        VALUES (new_event_id, new_type, new_version, new_subject, new_organization_id, new_actor_id, new_request_id, new_data)
        RETURNING id INTO new_position;
    INSERT INTO events_pendingevent (event_id, subject) VALUES (new_position, new_subject);
    RETURN new_position;
END $$;
"""
DROP_APPEND = "DROP FUNCTION events_append(uuid, text, smallint, text, uuid, uuid, text, jsonb);"

APPEND_ONLY = """
CREATE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are only appended' USING ERRCODE = 'check_violation', CONSTRAINT = 'events_append_only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
"""
DROP_APPEND_ONLY = "DROP TRIGGER append_only ON events_event; DROP FUNCTION events_refuse_change();"


class Migration(migrations.Migration):
    dependencies = [("events", "0001_outbox")]

    operations = [migrations.RunSQL(APPEND, DROP_APPEND), migrations.RunSQL(APPEND_ONLY, DROP_APPEND_ONLY)]
