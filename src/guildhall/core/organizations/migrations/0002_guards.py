"""What Django can't declare: scopes that stay in their organization, and the personal organization of every user."""

from django.db import migrations

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

# A trigger, so that createsuperuser, the admin site and a bulk import give a personal organization too.
CREATE_PERSONAL = """
CREATE FUNCTION organizations_create_personal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    personal uuid := gen_random_uuid();
BEGIN
    INSERT INTO organizations_organization (id, name, language, personal_owner_id)
        VALUES (personal, left(coalesce(nullif(NEW.name, ''), split_part(NEW.email, '@', 1)), 120), NEW.language, NEW.id);
    INSERT INTO organizations_project (id, organization_id, name, is_personal)
        VALUES (gen_random_uuid(), personal, 'Personal', true);
    INSERT INTO organizations_roleassignment (id, role, organization_id, user_id)
        VALUES (gen_random_uuid(), 'admin', personal, NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER create_personal_organization AFTER INSERT ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION organizations_create_personal();
"""
DROP_CREATE_PERSONAL = """
DROP TRIGGER create_personal_organization ON accounts_user;
DROP FUNCTION organizations_create_personal();
"""

# Deferred to the commit, so that deleting a user with all that is his passes.
KEEP_PERSONAL = """
CREATE FUNCTION organizations_keep_personal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
BEGIN
    IF TG_TABLE_NAME = 'organizations_organization' THEN
        owner := OLD.personal_owner_id;
    ELSE
        SELECT personal_owner_id INTO owner FROM organizations_organization WHERE id = OLD.organization_id;
    END IF;
    IF owner IS NULL OR NOT EXISTS (SELECT FROM accounts_user WHERE id = owner) THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT FROM organizations_organization o
        JOIN organizations_project p ON p.organization_id = o.id AND p.is_personal
        JOIN organizations_roleassignment r ON r.organization_id = o.id AND r.user_id = owner AND r.role = 'admin'
        WHERE o.personal_owner_id = owner
    ) THEN
        RAISE EXCEPTION 'user % must keep a personal organization with its project and be its admin', owner
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_keeps_personal_organization';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER keep_personal_organization AFTER UPDATE OR DELETE ON organizations_organization
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.personal_owner_id IS NOT NULL)
    EXECUTE FUNCTION organizations_keep_personal();
CREATE CONSTRAINT TRIGGER keep_personal_project AFTER UPDATE OR DELETE ON organizations_project
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.is_personal)
    EXECUTE FUNCTION organizations_keep_personal();
CREATE CONSTRAINT TRIGGER keep_personal_admin AFTER UPDATE OR DELETE ON organizations_roleassignment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.role = 'admin')
    EXECUTE FUNCTION organizations_keep_personal();
"""
DROP_KEEP_PERSONAL = """
DROP TRIGGER keep_personal_admin ON organizations_roleassignment;
DROP TRIGGER keep_personal_project ON organizations_project;
DROP TRIGGER keep_personal_organization ON organizations_organization;
DROP FUNCTION organizations_keep_personal();
"""

SCOPED = [("organizations_roleassignment", "role"), ("organizations_invite", "invite")]


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_places"), ("accounts", "0002_belonging")]

    operations = [
        *(
            migrations.RunSQL(
                COMPOSITE_KEYS.format(table=table, name=name), DROP_COMPOSITE_KEYS.format(table=table, name=name)
            )
            for table, name in SCOPED
        ),
        migrations.RunSQL(CREATE_PERSONAL, DROP_CREATE_PERSONAL),
        migrations.RunSQL(KEEP_PERSONAL, DROP_KEEP_PERSONAL),
    ]
