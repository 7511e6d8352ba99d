"""The index of which the counts of lists are made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0003_derived")]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(deleted_at__isnull=True, is_archived=False),
                fields=["organization", "status_rank", "priority_rank", "is_overdue", "project", "team"],
                name="task_facets",
            ),
        ),
    ]
