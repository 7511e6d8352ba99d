"""Writes rollups in the third version of their format, whose counts and sums are read as they stand.

Since then zeros with a sign are among decimals, too. On the way back they are written as bits again, which is all that
was known before.
"""

from typing import Any

import numpy as np
from django.db import migrations

from guildhall.modules.telemetry.migrations._rollups import (
    BODIES,
    BY_PLANES,
    pack_by_planes,
    rewrite,
    unpack_by_planes,
    without_signs,
)
from guildhall.modules.telemetry.store import frame, rollups


def renew(apps: Any, schema_editor: Any) -> None:
    """From the second version to the third."""
    rewrite(schema_editor, BY_PLANES, lambda bodies: rollups.pack(*unpack_by_planes(bodies)))


def renew_back(apps: Any, schema_editor: Any) -> None:
    """From the third version to the second."""
    rewrite(schema_editor, rollups.VERSION, lambda bodies: pack_by_planes(*rollups.unpack(bodies)))
    rewrite(schema_editor, frame.VERSION_WITH_SIGNS, _as_bits, BODIES)


def _as_bits(frames: list[bytes]) -> list[bytes]:
    columns, pieces = frame.unpack_many(frames)
    return frame.pack_many(
        [
            without_signs(column, pieces) if column.dtype == np.float64 else column  # type: ignore[arg-type]
            for column in columns
        ],
        pieces,
    )


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0051_rollups_by_planes")]

    operations = [migrations.RunPython(renew, renew_back)]
