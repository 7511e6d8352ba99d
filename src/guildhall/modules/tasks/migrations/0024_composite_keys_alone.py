"""Tags of tasks keep the keys that name the organization too; three of single columns said no more, and are checked for
each row.
"""

from django.db import migrations
from django.db.models import CASCADE, ForeignKey


class Migration(migrations.Migration):
    dependencies = [("organizations", "0004_team_with_organization"), ("tasks", "0023_tally")]

    operations = [
        migrations.AlterField(
            model_name="tasktag",
            name="organization",
            field=ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=CASCADE,
                related_name="+",
                to="organizations.organization",
            ),
        ),
        migrations.AlterField(
            model_name="tasktag",
            name="tag",
            field=ForeignKey(db_constraint=False, on_delete=CASCADE, related_name="task_tags", to="tasks.tag"),
        ),
        migrations.AlterField(
            model_name="tasktag",
            name="task",
            field=ForeignKey(
                db_constraint=False, db_index=False, on_delete=CASCADE, related_name="task_tags", to="tasks.task"
            ),
        ),
    ]
