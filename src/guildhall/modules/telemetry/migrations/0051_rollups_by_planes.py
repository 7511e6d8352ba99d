"""Writes rollups in the second version of their format, in which counts and sums are read without the rest.

In the first one a rollup was a frame, as the body of a chunk is, of seven columns: the buckets' numbers since 1970,
counts, sums, minima, maxima, firsts, lasts.
"""

from typing import Any

from django.db import migrations

from guildhall.modules.telemetry.migrations._rollups import (
    BY_PLANES,
    pack_by_planes,
    rewrite,
    unpack_by_planes,
    without_signs,
)
from guildhall.modules.telemetry.store import frame
from guildhall.modules.telemetry.store.summary import Buckets


def renew(apps: Any, schema_editor: Any) -> None:
    """From the first version to the second."""
    rewrite(schema_editor, frame.VERSION, _renewed)


def renew_back(apps: Any, schema_editor: Any) -> None:
    """From the second version to the first."""
    rewrite(schema_editor, BY_PLANES, _as_before)


def _renewed(frames: list[bytes]) -> list[bytes]:
    columns, pieces = frame.unpack_many(frames)
    return pack_by_planes(Buckets(*columns), pieces)  # type: ignore[arg-type]


def _as_before(bodies: list[bytes]) -> list[bytes]:
    buckets, pieces = unpack_by_planes(bodies)
    starts, counts, *doubles = buckets.columns
    return frame.pack_many([starts, counts, *(without_signs(column, pieces) for column in doubles)], pieces)  # type: ignore[arg-type]


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0050_weeks")]

    operations = [migrations.RunPython(renew, renew_back)]
