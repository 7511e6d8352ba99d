"""The explorer: any series on one chart. What is shown stands in the page's address; the script reads it there, and
writes it there, and asks the API for the values.
"""

from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy as _

from guildhall.modules.telemetry import selectors
from guildhall.modules.telemetry.api.serializers import iso
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.selectors import Moment
from guildhall.modules.telemetry.web.views import TelemetryPage

LARGEST_ID: Final = 2**63 - 1
#: So many lines can still be told apart.
MAX_SERIES: Final = 12
#: So many places are in the tree; datapoints of others are found by searching.
MAX_PLACES: Final = 500
UTC: Final = "UTC"


class Explore(TelemetryPage):
    """`/telemetry/explore/?datapoints=1,2&last=86400`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        places = selectors.places_for(self.actor, organization_id=self.organization.pk, limit=MAX_PLACES)
        context = {
            "title": _("Explorer"),
            "places": places,
            "may_create": not places and self.may_create,
            "explorer": {
                "organization": str(self.organization.pk),
                "places": [
                    {
                        "project": str(place.project_id),
                        "projectName": place.project_name,
                        "object": str(place.object_id) if place.object_id else None,
                        "objectName": place.object_name,
                        "count": place.count,
                    }
                    for place in places
                ],
                "complete": len(places) < MAX_PLACES,
                "chosen": self.chosen(request.GET.get("datapoints", "")),
                "most": MAX_SERIES,
                "zone": get_current_timezone_name(),
                "zones": zones(),
            },
        }
        return render(request, "telemetry/explore.html", context)

    def chosen(self, text: str) -> list[dict[str, Any]]:
        """The asked datapoints that the actor sees, as the API describes them, in the order in which they are asked.

        Of whichever organization: a link that somebody sent works for whoever may see what it shows.
        """
        asked = [int(part[:20]) for part in text.split(",") if part.isascii() and part.isdigit()]
        wanted = list(dict.fromkeys(one for one in asked if one <= LARGEST_ID))[:MAX_SERIES]
        found = {row.pk: row for row in selectors.datapoints_for(self.actor).filter(pk__in=wanted)}
        latest = selectors.latest_values(list(found))
        return [_described(found[one], latest.get(one)) for one in wanted if one in found]


def _described(datapoint: Datapoint, latest: Moment | None) -> dict[str, Any]:
    return {
        "id": datapoint.pk,
        "name": datapoint.name,
        "unit": datapoint.unit,
        "project_name": datapoint.project.name,
        "object_name": datapoint.object.name if datapoint.object else None,
        "latest": {"ts": iso(latest.at), "value": latest.value} if latest else None,
    }


@cache
def zones() -> list[str]:
    """The names of zones among which people choose, without old and technical ones."""
    return [UTC, *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]
