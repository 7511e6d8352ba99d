"""Triggers that keep true what is derived: who is assigned, which tags there are, and what the search looks into.

They lock the tasks before they read, so that of two who write at once the later sees what the earlier wrote. Whoever
writes very many rows switches them off for his transaction (`SET LOCAL guildhall.tasks_bulk = 'on'`) and calls
`tasks_derive` for his tasks at the end.
"""

from django.db import migrations

ARRAYS = """
CREATE FUNCTION tasks_lock(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    SELECT FROM tasks_task WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
$$;
CREATE FUNCTION tasks_is_bulk() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('guildhall.tasks_bulk', true), '') = 'on';
$$;

CREATE FUNCTION tasks_derive_assignees(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE tasks_task t SET assignee_ids = found.people
    FROM (
        SELECT i.id, coalesce(array_agg(a.user_id ORDER BY a.assigned_at, a.id) FILTER (WHERE a.id IS NOT NULL), '{}')
            AS people
        FROM unnest(ids) i (id) LEFT JOIN tasks_taskassignment a ON a.task_id = i.id AND a.removed_at IS NULL
        GROUP BY i.id
    ) found
    WHERE t.id = found.id AND t.assignee_ids <> found.people;
$$;
CREATE FUNCTION tasks_derive_tags(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE tasks_task t SET tag_ids = found.tags
    FROM (
        SELECT i.id, coalesce(array_agg(x.tag_id ORDER BY x.tag_id) FILTER (WHERE x.id IS NOT NULL), '{}') AS tags
        FROM unnest(ids) i (id) LEFT JOIN tasks_tasktag x ON x.task_id = i.id
        GROUP BY i.id
    ) found
    WHERE t.id = found.id AND t.tag_ids <> found.tags;
$$;
"""
DROP_ARRAYS = """
DROP FUNCTION tasks_derive_tags(bigint[]);
DROP FUNCTION tasks_derive_assignees(bigint[]);
DROP FUNCTION tasks_is_bulk();
DROP FUNCTION tasks_lock(bigint[]);
"""

# The newest comments, as a document of the full-text search has its limits.
DOCUMENTS = """
CREATE FUNCTION tasks_config_of(language text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE language WHEN 'en' THEN 'english' WHEN 'ru' THEN 'russian' ELSE 'simple' END;
$$;
CREATE FUNCTION tasks_documents(ids bigint[])
RETURNS TABLE (
    task_id bigint, organization_id uuid, config text, title text, title_words tsvector, document tsvector
) LANGUAGE sql STABLE AS $$
    SELECT t.id, t.organization_id, c.config, t.title, to_tsvector('simple', t.title),
        setweight(to_tsvector(c.config::regconfig, t.title), 'A')
        || setweight(to_tsvector(c.config::regconfig, coalesce(g.names, '')), 'B')
        || setweight(to_tsvector(c.config::regconfig, t.description), 'C')
        || setweight(to_tsvector(c.config::regconfig, coalesce(m.words, '')), 'D')
    FROM tasks_task t
    JOIN organizations_organization o ON o.id = t.organization_id
    CROSS JOIN LATERAL (SELECT tasks_config_of(o.language)) c (config)
    LEFT JOIN LATERAL (
        SELECT string_agg(tag.name, ' ' ORDER BY tag.id)
        FROM tasks_tasktag x JOIN tasks_tag tag ON tag.id = x.tag_id WHERE x.task_id = t.id
    ) g (names) ON true
    LEFT JOIN LATERAL (
        SELECT left(string_agg(said.body, ' ' ORDER BY said.created_at DESC, said.id DESC), 100000)
        FROM tasks_comment said WHERE said.task_id = t.id AND said.deleted_at IS NULL
    ) m (words) ON true
    WHERE t.id = ANY (ids);
$$;
CREATE FUNCTION tasks_index_new(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO tasks_searchentry (task_id, organization_id, config, title, title_words, document)
        SELECT * FROM tasks_documents(ids);
$$;
-- Never inserts: a task that is being deleted has lost its entry already.
CREATE FUNCTION tasks_index(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE tasks_searchentry s
    SET config = d.config, title = d.title, title_words = d.title_words, document = d.document
    FROM tasks_documents(ids) d WHERE s.task_id = d.task_id;
$$;
CREATE FUNCTION tasks_derive(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tasks_lock(ids);
    PERFORM tasks_derive_assignees(ids);
    PERFORM tasks_derive_tags(ids);
    PERFORM tasks_index_new(ids);
END $$;
"""
DROP_DOCUMENTS = """
DROP FUNCTION tasks_derive(bigint[]);
DROP FUNCTION tasks_index(bigint[]);
DROP FUNCTION tasks_index_new(bigint[]);
DROP FUNCTION tasks_documents(bigint[]);
DROP FUNCTION tasks_config_of(text);
"""

FUNCTIONS_OF_TRIGGERS = """
CREATE FUNCTION tasks_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT tasks_is_bulk() THEN
        PERFORM tasks_index_new(ARRAY(SELECT id FROM changed));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION tasks_after_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tasks_index(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE FUNCTION tasks_after_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT DISTINCT task_id FROM changed);
BEGIN
    IF NOT tasks_is_bulk() AND ids <> '{}' THEN
        PERFORM tasks_lock(ids);
        PERFORM tasks_derive_assignees(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION tasks_after_tags() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT DISTINCT task_id FROM changed);
BEGIN
    IF NOT tasks_is_bulk() AND ids <> '{}' THEN
        PERFORM tasks_lock(ids);
        PERFORM tasks_derive_tags(ids);
        PERFORM tasks_index(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION tasks_after_comments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT DISTINCT task_id FROM changed);
BEGIN
    IF NOT tasks_is_bulk() AND ids <> '{}' THEN
        PERFORM tasks_lock(ids);
        PERFORM tasks_index(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION tasks_after_renaming() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT task_id FROM tasks_tasktag WHERE tag_id = NEW.id);
BEGIN
    PERFORM tasks_lock(ids);
    PERFORM tasks_index(ids);
    RETURN NULL;
END $$;
"""
DROP_FUNCTIONS_OF_TRIGGERS = """
DROP FUNCTION tasks_after_renaming();
DROP FUNCTION tasks_after_comments();
DROP FUNCTION tasks_after_tags();
DROP FUNCTION tasks_after_assignments();
DROP FUNCTION tasks_after_words();
DROP FUNCTION tasks_after_insert();
"""

#: Table, function, and the events after which it is called with the rows that were changed.
WATCHED = [
    ("tasks_task", "insert", ("INSERT",)),
    ("tasks_taskassignment", "assignments", ("INSERT", "UPDATE", "DELETE")),
    ("tasks_tasktag", "tags", ("INSERT", "UPDATE", "DELETE")),
    ("tasks_comment", "comments", ("INSERT", "UPDATE", "DELETE")),
]
WATCH = """
CREATE TRIGGER derive_after_{lower} AFTER {event} ON {table} REFERENCING {which} TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_after_{function}();
"""
WATCH_WORDS = """
CREATE TRIGGER derive_after_words AFTER UPDATE OF title, description ON tasks_task FOR EACH ROW
    WHEN (OLD.title <> NEW.title OR OLD.description <> NEW.description) EXECUTE FUNCTION tasks_after_words();
CREATE TRIGGER derive_after_renaming AFTER UPDATE OF name ON tasks_tag FOR EACH ROW
    WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION tasks_after_renaming();
"""
DROP_WATCH_WORDS = "DROP TRIGGER derive_after_renaming ON tasks_tag; DROP TRIGGER derive_after_words ON tasks_task;"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0002_guards")]

    operations = [
        migrations.RunSQL(ARRAYS, DROP_ARRAYS),
        migrations.RunSQL(DOCUMENTS, DROP_DOCUMENTS),
        migrations.RunSQL(FUNCTIONS_OF_TRIGGERS, DROP_FUNCTIONS_OF_TRIGGERS),
        *(
            migrations.RunSQL(
                WATCH.format(
                    table=table,
                    function=function,
                    event=event,
                    lower=event.lower(),
                    which="OLD" if event == "DELETE" else "NEW",
                ),
                f"DROP TRIGGER derive_after_{event.lower()} ON {table};",
            )
            for table, function, events in WATCHED
            for event in events
        ),
        migrations.RunSQL(WATCH_WORDS, DROP_WATCH_WORDS),
    ]
