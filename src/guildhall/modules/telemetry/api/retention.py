"""The API of what is kept: retention of datapoints and projects, and the deletion of ranges."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.accounts.api.serializers import StrictSerializer
from guildhall.core.http.drf import actor_of, validated
from guildhall.core.organizations.models import Project
from guildhall.modules.telemetry import keeping
from guildhall.modules.telemetry.api import uploads
from guildhall.modules.telemetry.api.datapoints import DatapointView
from guildhall.modules.telemetry.api.datasources import query_of
from guildhall.modules.telemetry.api.serializers import iso
from guildhall.modules.telemetry.keeping import Kept
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.stored import MAX_DAYS


class KeptSerializer(StrictSerializer):
    raw_days = serializers.IntegerField(
        min_value=1, max_value=MAX_DAYS, allow_null=True, help_text="Days that values are kept; null: no limit here."
    )
    rollup_days = serializers.IntegerField(
        min_value=1,
        max_value=MAX_DAYS,
        allow_null=True,
        required=False,
        default=None,
        help_text="Days that sums of 15 minutes are kept where values are forgotten; null: no limit here.",
    )


class KeptOfDatapointSerializer(serializers.Serializer[Any]):
    raw_days = serializers.IntegerField(allow_null=True)
    rollup_days = serializers.IntegerField(allow_null=True)
    effective = KeptSerializer(help_text="What holds, with what the project says where the datapoint says nothing.")
    values_from = serializers.DateTimeField(
        allow_null=True, help_text="Older values are forgotten, and none are taken any more."
    )


class RangeSerializer(serializers.Serializer[Any]):
    start = serializers.DateTimeField(required=False, help_text="The first time, included.")
    end = serializers.DateTimeField(required=False, help_text="The last time, not included.")


class TimeseriesView(uploads.TimeseriesView):
    """The samples of a datapoint, to be read, added to and deleted."""

    @extend_schema(parameters=[RangeSerializer], responses={204: None}, tags=["datapoints"])
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the samples in [start, end) that are there now. One of both may be missing, not both."""
        datapoint = self.datapoint()
        query = query_of(RangeSerializer, request)
        keeping.delete_values(
            actor=actor_of(request), datapoint=datapoint, start=query.get("start"), end=query.get("end")
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class DatapointRetentionView(DatapointView):
    @extend_schema(responses=KeptOfDatapointSerializer, tags=["datapoints"])
    def get(self, request: Request, pk: int) -> Response:
        """How long measurements of the datapoint are kept."""
        return Response(_shown(self.datapoint()))

    @extend_schema(request=KeptSerializer, responses=KeptOfDatapointSerializer, tags=["datapoints"])
    def put(self, request: Request, pk: int) -> Response:
        """Keep measurements of the datapoint so long. The sealer forgets what is due within minutes."""
        datapoint = self.datapoint()
        kept = Kept(**validated(KeptSerializer, request))
        keeping.keep_datapoint(actor=actor_of(request), datapoint=datapoint, kept=kept)
        return Response(_shown(datapoint))


def _shown(datapoint: Datapoint) -> dict[str, Any]:
    found = keeping.kept_of_datapoint(datapoint)
    return {
        **_numbers(found.own),
        "effective": _numbers(found.effective),
        "values_from": None if found.values_from is None else iso(found.values_from),
    }


def _numbers(kept: Kept) -> dict[str, int | None]:
    return {"raw_days": kept.raw_days, "rollup_days": kept.rollup_days}


class ProjectRetentionView(GenericAPIView[Any]):
    queryset = Project.objects.none()

    def project(self) -> Project:
        return get_object_or_404(Project.objects.visible_to(actor_of(self.request)), pk=self.kwargs["pk"])

    @extend_schema(responses=KeptSerializer, tags=["datapoints"])
    def get(self, request: Request, pk: str) -> Response:
        """How long measurements of the project are kept, where a datapoint says nothing else."""
        return Response(_numbers(keeping.kept_of_project(self.project())))

    @extend_schema(request=KeptSerializer, responses=KeptSerializer, tags=["datapoints"])
    def put(self, request: Request, pk: str) -> Response:
        """Keep measurements of the project so long."""
        project = self.project()
        kept = Kept(**validated(KeptSerializer, request))
        keeping.keep_project(actor=actor_of(request), project=project, kept=kept)
        return Response(_numbers(kept))
