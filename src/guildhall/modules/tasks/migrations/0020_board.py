"""The index behind the columns of a board."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("tasks", "0005_mail")]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                fields=["organization", "status_rank", "due_date", "id"],
                condition=Q(deleted_at__isnull=True, is_archived=False),
                name="task_by_status_due",
            ),
        ),
    ]
