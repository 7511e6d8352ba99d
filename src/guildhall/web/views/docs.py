"""`/docs` and `/redoc`: the schemas of all APIs, drawn by assets of our own."""

from typing import Final

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

SCHEMAS: Final = (
    {"key": "site", "name": _("Site"), "url": "/api/schema/"},
    {"key": "compute", "name": _("Compute"), "url": "/api/v1/openapi.json"},
)


def swagger(request: HttpRequest) -> HttpResponse:
    """Reads and tries the APIs."""
    return _page(request, "web/docs.html")


@csp_update({"worker-src": [SELF, "blob:"]})
def redoc(request: HttpRequest) -> HttpResponse:
    """Reads the APIs; its search runs in a worker that it makes from a blob."""
    return _page(request, "web/redoc.html")


def _page(request: HttpRequest, template: str) -> HttpResponse:
    chosen = next((schema for schema in SCHEMAS if schema["key"] == request.GET.get("schema")), SCHEMAS[0])
    return render(request, template, {"schemas": SCHEMAS, "chosen": chosen})
