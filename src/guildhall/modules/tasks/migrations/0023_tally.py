"""Counts of the tasks that lists show, kept by triggers: a row for what each statement changed."""

from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING

TRIGGERS = """
CREATE FUNCTION tasks_tally_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tasks_tasktally (organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, tasks)
    SELECT organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, count(*)
    FROM after WHERE deleted_at IS NULL AND NOT is_archived GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;
CREATE FUNCTION tasks_tally_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tasks_tasktally (organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, tasks)
    SELECT organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, sum(change)
    FROM (
        SELECT 1 AS change, after.* FROM after WHERE deleted_at IS NULL AND NOT is_archived
        UNION ALL
        SELECT -1, before.* FROM before WHERE deleted_at IS NULL AND NOT is_archived
    ) changed
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(change) <> 0;
    RETURN NULL;
END $$;
CREATE FUNCTION tasks_tally_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tasks_tasktally (organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, tasks)
    SELECT organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, -count(*)
    FROM before WHERE deleted_at IS NULL AND NOT is_archived GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_after_insert AFTER INSERT ON tasks_task REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_tally_inserted();
CREATE TRIGGER tally_after_update AFTER UPDATE ON tasks_task REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_tally_updated();
CREATE TRIGGER tally_after_delete AFTER DELETE ON tasks_task REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_tally_deleted();
"""
DROP_TRIGGERS = """
DROP TRIGGER tally_after_delete ON tasks_task;
DROP TRIGGER tally_after_update ON tasks_task;
DROP TRIGGER tally_after_insert ON tasks_task;
DROP FUNCTION tasks_tally_deleted();
DROP FUNCTION tasks_tally_updated();
DROP FUNCTION tasks_tally_inserted();
"""

#: Behind the triggers: their creation has locked the table, so nothing that is written meanwhile is missed.
COUNT = """
INSERT INTO tasks_tasktally (organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, tasks)
SELECT organization_id, status_rank, priority_rank, is_overdue, project_id, team_id, count(*)
FROM tasks_task WHERE deleted_at IS NULL AND NOT is_archived GROUP BY 1, 2, 3, 4, 5, 6;
"""


def _key_of(model: str) -> models.ForeignKey:
    return models.ForeignKey(
        to=model, null=True, on_delete=DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


class Migration(migrations.Migration):
    dependencies = [("tasks", "0022_archived_by_created"), ("organizations", "0004_team_with_organization")]

    operations = [
        migrations.CreateModel(
            name="TaskTally",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField()),
                ("status_rank", models.SmallIntegerField()),
                ("priority_rank", models.SmallIntegerField()),
                ("is_overdue", models.BooleanField()),
                ("project", _key_of("organizations.project")),
                ("team", _key_of("organizations.team")),
                ("tasks", models.IntegerField()),
            ],
            options={
                "verbose_name": "tally of tasks",
                "verbose_name_plural": "tallies of tasks",
                "indexes": [models.Index(fields=["organization_id"], name="task_tally")],
            },
        ),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
