from django.db import migrations, models

import guildhall.modules.telemetry.models


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0020_pauses")]

    operations = [
        migrations.AddField(
            model_name="datasource",
            name="mapping",
            field=models.JSONField(
                blank=True,
                db_default=[],
                default=list,
                validators=[guildhall.modules.telemetry.models.validate_mapping],
                verbose_name="mapping",
            ),
        ),
    ]
