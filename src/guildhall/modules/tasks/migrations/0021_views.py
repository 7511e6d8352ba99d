"""Views that people keep, and with which each begins."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

import guildhall.modules.tasks.models.fields

LAYOUTS = [("list", "List"), ("board", "Board"), ("calendar", "Calendar")]


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0020_board"),
        ("organizations", "0004_team_with_organization"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        max_length=80,
                        validators=[guildhall.modules.tasks.models.fields.validate_title],
                        verbose_name="name",
                    ),
                ),
                ("layout", models.CharField(choices=LAYOUTS, max_length=8, verbose_name="layout")),
                (
                    "query",
                    models.TextField(
                        validators=[django.core.validators.MaxLengthValidator(4000)], verbose_name="query"
                    ),
                ),
                ("is_shared", models.BooleanField(db_default=False, default=False, verbose_name="shared")),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False, verbose_name="created")),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="task_views",
                        to="organizations.organization",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="task_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("owner"),
                        models.F("organization"),
                        django.db.models.functions.text.Lower("name"),
                        name="view_name_unique_of_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("layout__in", ["list", "board", "calendar"])), name="view_layout_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DefaultView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="defaults", to="tasks.savedview"
                    ),
                ),
            ],
            options={
                "verbose_name": "default view",
                "verbose_name_plural": "default views",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "organization"), name="one_default_view_in_organization")
                ],
            },
        ),
    ]
