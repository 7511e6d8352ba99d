"""The versions of what many people edit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0002_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False, verbose_name="version"),
        ),
        migrations.AddField(
            model_name="project",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False, verbose_name="version"),
        ),
        migrations.AddField(
            model_name="projectobject",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False, verbose_name="version"),
        ),
        migrations.AddField(
            model_name="team",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False, verbose_name="version"),
        ),
    ]
