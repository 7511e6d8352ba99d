"""The API of where samples come from: several datasources may feed one datapoint, and each sample's stays known."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.modules.telemetry import selectors
from guildhall.modules.telemetry.api import asked
from guildhall.modules.telemetry.api import serializers as wire
from guildhall.modules.telemetry.api.datapoints import DatapointView

DEFAULT_LIMIT: Final = 1000
MAX_LIMIT: Final = 10_000


class SourcesQuerySerializer(asked.RangeSerializer):
    limit = serializers.IntegerField(default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)


class SourcedSampleSerializer(wire.LatestSerializer):
    datasource = serializers.UUIDField(
        allow_null=True, help_text="Null where a person wrote it; one that is deleted keeps its id here."
    )


class SourcedSamplesSerializer(serializers.Serializer[Any]):
    results = SourcedSampleSerializer(many=True)


class SourcesView(DatapointView):
    pagination_class = None

    @extend_schema(parameters=[SourcesQuerySerializer], responses=SourcedSamplesSerializer, tags=["datapoints"])
    def get(self, request: Request, pk: int) -> Response:
        """The newest samples in [start, end), the latest first, each with the datasource that sent it."""
        datapoint = self.datapoint()
        given = asked.parsed(SourcesQuerySerializer, request.query_params)
        found = selectors.samples_with_sources(
            datapoint, start=given.get("start"), end=given.get("end"), limit=given["limit"]
        )
        rows = [{"ts": wire.iso(one.at), "value": one.value, "datasource": one.datasource_id} for one in found]
        return Response({"results": rows})
