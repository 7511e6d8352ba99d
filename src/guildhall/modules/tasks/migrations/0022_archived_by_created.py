"""The index behind the list of archived tasks."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("tasks", "0021_views")]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                fields=["organization", "-created_at", "-id"],
                condition=Q(deleted_at__isnull=True, is_archived=True),
                name="task_archived_by_created",
            ),
        ),
    ]
