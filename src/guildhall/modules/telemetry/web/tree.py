"""The tree of what is measured: places page by page, in each its datapoints with newest values and the last day as a
line. A large place is read when it comes into sight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final
from uuid import UUID

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from guildhall.core.accounts.models import User
from guildhall.modules.telemetry import selectors, series
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.selectors import Moment, PlaceOfDatapoints
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.layout import DAY, QUARTER, microseconds
from guildhall.modules.telemetry.web.views import TelemetryPage

PLACES_AT_ONCE: Final = 60
#: So many datapoints come with the page itself; of more, each place is read when it is seen.
AT_ONCE: Final = 150
ROWS_AT_ONCE: Final = 100
WIDTH: Final = 96
HEIGHT: Final = 24
_HOUR: Final = 4 * QUARTER


@dataclass(frozen=True, slots=True)
class Row:
    """A datapoint of the tree; `spark` are the points of a line in a box of 96 x 24, or nothing."""

    datapoint: Datapoint
    latest: Moment | None
    spark: str


def rows_of(datapoints: Sequence[Datapoint]) -> list[Row]:
    """The datapoints with what the tree shows of them; two queries, however many they are."""
    ids = [datapoint.pk for datapoint in datapoints]
    latest = selectors.latest_values(ids)
    sparks = sparklines(ids, now=microseconds(timezone.now()))
    return [Row(one, latest.get(one.pk), sparks.get(one.pk, "")) for one in datapoints]


def sparklines(datapoints: Sequence[int], *, now: int) -> dict[int, str]:
    """Hourly averages of the last day as points of a polyline, of those that have two or more."""
    found = {}
    start = now - DAY
    buckets = series.bucketed(datapoints, interval=Interval.HOUR, zone=UTC, start=start, end=now) if datapoints else {}
    for datapoint, aggregates in buckets.items():
        values, starts = aggregates.averages, aggregates.starts
        if len(values) < 2 or not np.isfinite(values).all():  # noqa: PLR2004 — one point is no line.
            continue
        low, high = float(values.min()), float(values.max())
        heights = np.full(len(values), 0.5) if high == low else (values - low) / (high - low)
        places = np.clip((starts - start + _HOUR // 2) / DAY, 0, 1)
        points = zip(places.tolist(), heights.tolist(), strict=True)
        found[datapoint] = " ".join(f"{x * WIDTH:.1f},{HEIGHT - 2 - y * (HEIGHT - 4):.1f}" for x, y in points)
    return found


@dataclass(frozen=True, slots=True)
class Branch:
    """A place of the tree; without rows where these are to be read later."""

    place: PlaceOfDatapoints
    rows: list[Row] | None


def branches_for(user: User, organization_id: UUID, places: Sequence[PlaceOfDatapoints]) -> list[Branch]:
    """These places, with their datapoints where these are few."""
    if sum(place.count for place in places) > AT_ONCE:
        return [Branch(place, None) for place in places]
    datapoints = selectors.datapoints_for(user, organization_id=organization_id).order_by("name", "pk")
    known = {(place.project_id, place.object_id): list[Row]() for place in places}
    inside = datapoints.filter(project__in={project for project, _ in known})[: 2 * AT_ONCE]
    for row in rows_of([one for one in inside if (one.project_id, one.object_id) in known]):
        known[row.datapoint.project_id, row.datapoint.object_id].append(row)
    return [Branch(place, known[place.project_id, place.object_id]) for place in places]


class Place(TelemetryPage):
    """`/telemetry/places/PROJECT/` and `…/OBJECT/`: the datapoints of a place, read when it is seen."""

    def get(self, request: HttpRequest, project: UUID, thing: UUID | None = None) -> HttpResponse:
        start = request.GET.get("start", "0")
        first = int(start[:9]) if start.isascii() and start.isdigit() else 0
        rows = selectors.datapoints_for(self.actor).filter(project=project, object=thing).order_by("name", "pk")
        found = list(rows[first : first + ROWS_AT_ONCE + 1])
        if not found:
            raise Http404
        more = first + ROWS_AT_ONCE if len(found) > ROWS_AT_ONCE else None
        context = {"rows": rows_of(found[:ROWS_AT_ONCE]), "more": more}
        return render(request, "telemetry/place.html", context)
