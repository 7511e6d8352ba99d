"""Until when a datasource that sends too much is kept out; its connections are cut like those whose rights change."""

from django.db import migrations, models

COLUMNS = "enabled, secret_hash, expires_at, username"


def trigger(columns: str) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns.split(", ")) for row in ("OLD", "NEW"))
    return f"""
    DROP TRIGGER rights_changed ON telemetry_datasource;
    CREATE TRIGGER rights_changed BEFORE UPDATE OF {columns} ON telemetry_datasource
        FOR EACH ROW WHEN (({old}) IS DISTINCT FROM ({new}))
        EXECUTE FUNCTION telemetry_rights_of_datasource_changed();
    """


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0006_samples_into_the_store")]

    operations = [
        migrations.AddField(
            model_name="datasource",
            name="paused_until",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="paused until"),
        ),
        migrations.RunSQL(trigger(f"{COLUMNS}, paused_until"), trigger(COLUMNS)),
    ]
