"""A way to forget old entries of the audit log, and no other: one function, and never what is younger than a month."""

from django.db import migrations

ALLOW = """
CREATE FUNCTION audit_forget(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    forgotten bigint;
BEGIN
    PERFORM set_config('guildhall.audit_forgets', 'on', true);
    DELETE FROM audit_auditentry WHERE at < before;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('guildhall.audit_forgets', '', true);
    RETURN forgotten;
END $$;
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('guildhall.audit_forgets', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audit_is_append_only';
END $$;
CREATE FUNCTION audit_refuse_young() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gone WHERE at > clock_timestamp() - interval '30 days') THEN
        RAISE EXCEPTION 'the audit log keeps entries for 30 days at least'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audit_keeps_a_month';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_keeps_a_month AFTER DELETE ON audit_auditentry
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_young();
"""
REFUSE = """
DROP TRIGGER audit_keeps_a_month ON audit_auditentry;
DROP FUNCTION audit_refuse_young();
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audit_is_append_only';
END $$;
DROP FUNCTION audit_forget(timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [migrations.RunSQL(ALLOW, REFUSE)]
