"""Writes rollups in the third version of their format, whose counts and sums are read as they stand."""

from typing import Any

from django.db import migrations

from guildhall.modules.telemetry.migrations._rollups import BY_PLANES, pack_by_planes, rewrite, unpack_by_planes
from guildhall.modules.telemetry.store import rollups


def renew(apps: Any, schema_editor: Any) -> None:
    """From the second version to the third."""
    rewrite(schema_editor, BY_PLANES, lambda bodies: rollups.pack(*unpack_by_planes(bodies)))


def renew_back(apps: Any, schema_editor: Any) -> None:
    """From the third version to the second."""
    rewrite(schema_editor, rollups.VERSION, lambda bodies: pack_by_planes(*rollups.unpack(bodies)))


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0051_rollups_by_planes")]

    operations = [migrations.RunPython(renew, renew_back)]
