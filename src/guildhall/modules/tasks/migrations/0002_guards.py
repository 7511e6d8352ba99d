"""What Django can't declare: everything of a task in one organization, no cycles, and history that only grows."""

from django.db import migrations

#: Table, name, column, and the table to which it leads within the organization.
COMPOSITE = [
    ("tasks_task", "task", "project", "organizations_project"),
    ("tasks_task", "task", "team", "organizations_team"),
    ("tasks_task", "task", "parent_task", "tasks_task"),
    ("tasks_tasktag", "tasktag", "task", "tasks_task"),
    ("tasks_tasktag", "tasktag", "tag", "tasks_tag"),
    ("tasks_tasktemplate", "template", "project", "organizations_project"),
    ("tasks_tasktemplate", "template", "team", "organizations_team"),
]
ADD = """
ALTER TABLE {table} ADD CONSTRAINT {name}_{column}_in_organization FOREIGN KEY ({column}_id, organization_id)
    REFERENCES {target} (id, organization_id) DEFERRABLE INITIALLY DEFERRED;
"""
DROP = "ALTER TABLE {table} DROP CONSTRAINT {name}_{column}_in_organization;"

METADATA = """
ALTER TABLE {table} ADD CONSTRAINT {name}_metadata_is_object CHECK (jsonb_typeof(metadata) = 'object');
"""
DROP_METADATA = "ALTER TABLE {table} DROP CONSTRAINT {name}_metadata_is_object;"

# Under a lock of the organization's tree: two who hang tasks below each other at once wait for one another.
NO_CYCLES = """
CREATE FUNCTION tasks_refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('guildhall tasks tree ' || NEW.organization_id, 0));
    IF EXISTS (
        WITH RECURSIVE above (id, parent_task_id) AS (
            SELECT id, parent_task_id FROM tasks_task WHERE id = NEW.parent_task_id
            UNION
            SELECT t.id, t.parent_task_id FROM tasks_task t JOIN above a ON t.id = a.parent_task_id
        )
        SELECT FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'task % would be above itself', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'task_parent_cycle';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_cycle BEFORE INSERT OR UPDATE OF parent_task_id ON tasks_task
    FOR EACH ROW WHEN (NEW.parent_task_id IS NOT NULL) EXECUTE FUNCTION tasks_refuse_cycle();
"""
DROP_NO_CYCLES = "DROP TRIGGER refuse_cycle ON tasks_task; DROP FUNCTION tasks_refuse_cycle();"

APPEND_ONLY = """
CREATE FUNCTION tasks_refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of tasks is append-only: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'task_history_is_append_only';
END $$;
CREATE TRIGGER history_refuses_change BEFORE UPDATE OR DELETE ON tasks_taskhistory
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_refuse_change_of_history();
CREATE TRIGGER history_refuses_truncate BEFORE TRUNCATE ON tasks_taskhistory
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_refuse_change_of_history();
"""
DROP_APPEND_ONLY = """
DROP TRIGGER history_refuses_truncate ON tasks_taskhistory;
DROP TRIGGER history_refuses_change ON tasks_taskhistory;
DROP FUNCTION tasks_refuse_change_of_history();
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_tracker"), ("organizations", "0004_team_with_organization")]

    operations = [
        *(
            migrations.RunSQL(
                ADD.format(table=table, name=name, column=column, target=target),
                DROP.format(table=table, name=name, column=column),
            )
            for table, name, column, target in COMPOSITE
        ),
        *(
            migrations.RunSQL(METADATA.format(table=table, name=name), DROP_METADATA.format(table=table, name=name))
            for table, name in (("tasks_task", "task"), ("tasks_tasktemplate", "template"))
        ),
        migrations.RunSQL(NO_CYCLES, DROP_NO_CYCLES),
        migrations.RunSQL(APPEND_ONLY, DROP_APPEND_ONLY),
    ]
