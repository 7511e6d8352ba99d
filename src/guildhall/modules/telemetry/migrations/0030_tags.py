import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

import guildhall.modules.telemetry.models


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0021_mapping")]

    operations = [
        migrations.AddField(
            model_name="datapoint",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    max_length=64, validators=[guildhall.modules.telemetry.models.validate_tag]
                ),
                blank=True,
                db_default=[],
                default=list,
                size=32,
                verbose_name="tags",
            ),
        ),
        migrations.AddIndex(
            model_name="datapoint",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="datapoint_tags"),
        ),
    ]
