import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

COMPOSITE_KEYS = """
ALTER TABLE telemetry_configuration
    ADD CONSTRAINT configuration_project_in_organization FOREIGN KEY (project_id, organization_id)
        REFERENCES organizations_project (id, organization_id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT configuration_object_in_project FOREIGN KEY (object_id, project_id)
        REFERENCES organizations_projectobject (id, project_id) DEFERRABLE INITIALLY DEFERRED;
"""
DROP_COMPOSITE_KEYS = """
ALTER TABLE telemetry_configuration
    DROP CONSTRAINT configuration_project_in_organization, DROP CONSTRAINT configuration_object_in_project;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0003_versions"),
        ("telemetry", "0002_samples_and_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Configuration",
            fields=[
                (
                    "version",
                    models.PositiveIntegerField(db_default=1, default=1, editable=False, verbose_name="version"),
                ),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("content", models.TextField(editable=False, verbose_name="document")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created"
                    ),
                ),
                (
                    "object",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.projectobject",
                        verbose_name="object",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.project",
                        verbose_name="project",
                    ),
                ),
            ],
            options={
                "verbose_name": "configuration",
                "verbose_name_plural": "configurations",
            },
        ),
        migrations.CreateModel(
            name="ConfigurationVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("content", models.TextField(verbose_name="document")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("whole", "The whole document"),
                            ("section", "One section"),
                            ("removal", "A section was removed"),
                            ("restore", "An older version was restored"),
                        ],
                        max_length=8,
                    ),
                ),
                ("path", models.TextField(blank=True, default="")),
                ("restored_from", models.PositiveIntegerField(null=True)),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="changed"),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "configuration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="telemetry.configuration",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="configuration",
            constraint=models.UniqueConstraint(
                fields=("project", "object", "name"), name="configuration_name_unique_in_place", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="configurationversion",
            constraint=models.UniqueConstraint(fields=("configuration", "number"), name="configuration_version_once"),
        ),
        migrations.AddConstraint(
            model_name="configurationversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("action__in", ["whole", "section", "removal", "restore"])),
                name="configuration_change_known",
            ),
        ),
        migrations.RunSQL(COMPOSITE_KEYS, DROP_COMPOSITE_KEYS),
    ]
