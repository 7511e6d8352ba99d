"""How samples are sent to the API of a datapoint, and who may send them."""

import time
from typing import Any, Final

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.core.http.bodies import read_body
from guildhall.core.http.drf import actor_of
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.modules.telemetry import access
from guildhall.modules.telemetry.api import datapoints, series
from guildhall.modules.telemetry.intake import rows, storing
from guildhall.modules.telemetry.intake.rows import BadRowsError, Fault, Format
from guildhall.modules.telemetry.models import REASON_CHOICES, Datapoint, Datasource

MAX_BYTES: Final = 10 * 1024**2
MAX_UNPACKED_BYTES: Final = 32 * 1024**2
FORMATS: Final = {
    "": Format.JSON,
    "application/json": Format.JSON,
    "application/x-ndjson": Format.NDJSON,
    "application/ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
    "text/csv": Format.CSV,
}
WORDS: Final[dict[str, str | Promise]] = {
    **dict(REASON_CHOICES),
    Fault.NOT_JSON.value: _("This is not JSON."),
    Fault.NOT_TEXT.value: _("This is not UTF-8."),
    Fault.NOT_A_ROW.value: _("This is no object with ts and value."),
    Fault.UNKNOWN_FIELD.value: _("There is no such field."),
    Fault.REPEATED_FIELD.value: _("There are two columns of this name."),
    Fault.TOO_MANY_CELLS.value: _("This row has more cells than the first one has names."),
    Fault.NOT_CSV.value: _("This is not CSV; is a quote left open?"),
    Fault.EMPTY.value: _("There is no sample in it."),
}


class InvalidRowsError(InvalidInputError):
    """Some rows can't be stored; `line` tells of the first where the format has lines."""

    def __init__(self, error: BadRowsError) -> None:
        fields: dict[str, list[str]] = {}
        for mistake in error.mistakes:
            fields.setdefault(mistake.place, []).append(str(WORDS[mistake.what.value]))
        super().__init__(fields=fields)
        if error.line is not None:
            self.members = {"line": error.line}


class DatasourceCaller:
    """A datasource that proved who it is by its own credentials."""

    is_authenticated = True
    is_active = True
    pk: Any

    def __init__(self, datasource: Datasource) -> None:
        self.datasource = datasource
        self.pk = datasource.pk


class DatasourceAuthentication(BaseAuthentication):
    """`Basic` with a datasource's user name and secret, or `Token name:secret`."""

    def authenticate(self, request: Request) -> tuple[DatasourceCaller, None] | None:
        pair = access.pair_of_authorization(get_authorization_header(request).decode("latin-1"))
        return None if pair is None else (DatasourceCaller(access.datasource_of(*pair)), None)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class DatasourceScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema tells of it."""

    target_class = "guildhall.modules.telemetry.api.uploads.DatasourceAuthentication"
    name = "datasource"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "basic", "description": "User name and secret of a datasource."}


class SampleInputSerializer(serializers.Serializer[Any]):
    """For the schema alone: a sample in JSON."""

    ts = serializers.DateTimeField(
        required=False, help_text="ISO 8601, or seconds or milliseconds since 1970; the present where it is missing."
    )
    value = serializers.FloatField()


class StoredSerializer(serializers.Serializer[Any]):
    stored = serializers.IntegerField(help_text="So many times have a value now; repeats of a time count once.")
    refused = serializers.IntegerField(help_text="So many were older than what is kept.")


class TimeseriesView(series.TimeseriesView):
    """The samples of a datapoint, to be read and to be added to."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Datasources may send, but not read."""
        usual = super().get_authenticators()
        request: HttpRequest | None = getattr(self, "request", None)
        if request is not None and request.method == "POST":
            return [DatasourceAuthentication(), *usual]
        return usual

    @extend_schema(
        request={
            "application/json": SampleInputSerializer(many=True),
            "text/csv": OpenApiTypes.STR,
            "application/x-ndjson": OpenApiTypes.STR,
        },
        responses=StoredSerializer,
        tags=["datapoints"],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Store samples: one, or a list; all of them or, where one is not right, none. Safe to repeat."""
        datapoint, datasource = self._target(request)
        kind = str(request.content_type or "").partition(";")[0].strip().lower()
        if kind not in FORMATS:
            raise UnsupportedMediaType(kind[:64])
        body = read_body(request._request, at_most=MAX_BYTES, unpacked_at_most=MAX_UNPACKED_BYTES)  # noqa: SLF001
        try:
            measurements = rows.parse(body, FORMATS[kind], time.time_ns() // 1000)
        except BadRowsError as error:
            raise InvalidRowsError(error) from error
        outcome = storing.store_in(datapoint, measurements, datasource=datasource)
        return Response({"stored": outcome.stored, "refused": outcome.refused})

    def _target(self, request: Request) -> tuple[Datapoint, Datasource | None]:
        """The datapoint, if the caller may write to it, and the datasource where the caller is one."""
        caller: object = request.user
        if not isinstance(caller, DatasourceCaller):
            datapoint = self.datapoint()
            require(actor_of(request), "datapoint", Action.EDIT, datapoint)
            return datapoint, None
        datasource = caller.datasource
        rows_of_place = Datapoint.objects.filter(project_id=datasource.project_id, object_id=datasource.object_id)
        datapoint = get_object_or_404(rows_of_place, pk=min(self.kwargs["pk"], datapoints.LARGEST_ID))
        if not storing.may_publish(datasource, [datapoint.key]):
            raise NotAllowedError
        return datapoint, datasource
