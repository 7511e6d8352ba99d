"""The first page of telemetry: alarms that are on, a live chart, and the tree of everything that is measured."""

from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import may
from guildhall.modules.telemetry import selectors
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.selectors import PlaceOfDatapoints
from guildhall.modules.telemetry.web import tree
from guildhall.modules.telemetry.web.views import CHART_WINDOW_S, MAX_IN_CHART, TelemetryPage, alarms_on

LARGEST_ID: Final = 2**63 - 1


class Home(TelemetryPage):
    """`/telemetry/`, `?datapoint=1&datapoint=2` for the chart, `?q=` to search, `?start=` for further places."""

    def get(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "").strip()[:200]
        start = _number(request.GET.get("start", "")) or 0
        places = self.places(start)
        more = start + tree.PLACES_AT_ONCE if len(places) > tree.PLACES_AT_ONCE else None
        places = places[: tree.PLACES_AT_ONCE]
        charted = self.charted(request.GET.getlist("datapoint"), places)
        context = {
            "title": _("Telemetry"),
            "q": words,
            "found": self.found(words) if words else None,
            "branches": tree.branches_for(self.actor, self.organization.pk, places) if not words else [],
            "is_empty": not places and not start,
            "start": start,
            "more": more,
            "charted": charted,
            "chart": {
                "datapoints": [{"id": one.pk, "name": one.name, "unit": one.unit} for one in charted],
                "window": CHART_WINDOW_S,
            },
            "may_create": self.may_create,
            # Where there is one chart, what is kept of it can be changed from here.
            "retained": charted[0] if len(charted) == 1 and self.may_edit(charted[0]) else None,
            **self.with_rights(alarms_on=alarms_on(self.actor, organization=self.organization)),
        }
        return render(request, "telemetry/home.html", context)

    def places(self, start: int) -> list[PlaceOfDatapoints]:
        """One place more than the page shows, which tells whether there are more."""
        limit = tree.PLACES_AT_ONCE + 1
        return selectors.places_for(self.actor, organization_id=self.organization.pk, start=start, limit=limit)

    def found(self, words: str) -> list[tree.Row]:
        rows = selectors.datapoints_for(self.actor, organization_id=self.organization.pk, search=words)
        return tree.rows_of(list(rows.order_by("name", "pk")[: tree.ROWS_AT_ONCE]))

    def charted(self, asked: list[str], places: list[PlaceOfDatapoints]) -> list[Datapoint]:
        """The datapoints that were asked for, or those of the first place that have values a live chart would show."""
        rows = selectors.datapoints_for(self.actor, organization_id=self.organization.pk).order_by("name", "pk")
        wanted = [number for one in asked if (number := _number(one)) is not None]
        chosen = list(rows.filter(pk__in=wanted)[:MAX_IN_CHART]) if wanted else []
        if not chosen and places:
            chosen = list(rows.filter(project=places[0].project_id, object=places[0].object_id)[:MAX_IN_CHART])
            latest = selectors.latest_values([one.pk for one in chosen])
            since = timezone.now() - timedelta(seconds=CHART_WINDOW_S)
            chosen = [one for one in chosen if one.pk in latest and latest[one.pk].at > since]
        return chosen

    def may_edit(self, datapoint: Datapoint) -> bool:
        return may(self.actor, "datapoint", Action.EDIT, datapoint)


def _number(text: Any) -> int | None:
    return min(int(text[:20]), LARGEST_ID) if text.isascii() and text.isdigit() else None
