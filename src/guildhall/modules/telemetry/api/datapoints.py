"""The API of datapoints and their samples."""

from typing import Any, ClassVar, Final

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.http.drf import actor_of, validated, visible_or_field_error
from guildhall.core.organizations.models import Project, ProjectObject
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.modules.telemetry import selectors, services
from guildhall.modules.telemetry.api import serializers as wire
from guildhall.modules.telemetry.api.datasources import query_of
from guildhall.modules.telemetry.models import Datapoint

LARGEST_ID: Final = 2**63 - 1


class DatapointView(GenericAPIView[Any]):
    """Finds the datapoint of the address among those the caller sees."""

    queryset = Datapoint.objects.none()
    page_order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def datapoint(self) -> Datapoint:
        key = min(self.kwargs["pk"], LARGEST_ID)
        found: Datapoint = get_object_or_404(selectors.datapoints_for(actor_of(self.request)), pk=key)
        return found

    def one(self, datapoint: Datapoint) -> dict[str, Any]:
        context = {"latest": selectors.latest_values([datapoint.pk])}
        return dict(wire.DatapointSerializer(datapoint, context=context).data)


class DatapointListView(DatapointView):
    @extend_schema(
        parameters=[wire.DatapointQuerySerializer], responses=wire.DatapointSerializer(many=True), tags=["datapoints"]
    )
    def get(self, request: Request) -> Response:
        """The datapoints that the caller sees, each with its newest value."""
        query = query_of(wire.DatapointQuerySerializer, request)
        search = query.pop("search", "")
        rows = self.paginate_queryset(selectors.datapoints_for(actor_of(request), search=search).filter(**query))
        context = {"latest": selectors.latest_values([row.pk for row in rows or ()])}
        return self.get_paginated_response(wire.DatapointSerializer(rows, many=True, context=context).data)

    @extend_schema(
        request=wire.DatapointInputSerializer, responses={201: wire.DatapointSerializer}, tags=["datapoints"]
    )
    def post(self, request: Request) -> Response:
        """Create a datapoint of a project or of one object of it."""
        actor, given = actor_of(request), validated(wire.DatapointInputSerializer, request)
        project = visible_or_field_error(Project.objects.visible_to(actor), given.pop("project"), "project")
        thing = visible_or_field_error(ProjectObject.objects.visible_to(actor), given.pop("object", None), "object")
        made = services.create_datapoint(actor=actor, project=project, thing=thing, **given)
        return Response(self.one(made), status=status.HTTP_201_CREATED)


class DatapointDetailView(DatapointView):
    @extend_schema(responses=wire.DatapointSerializer, tags=["datapoints"])
    def get(self, request: Request, pk: int) -> Response:
        """One datapoint with its newest value."""
        return Response(self.one(self.datapoint()))

    @extend_schema(
        request=wire.DatapointChangeSerializer(partial=True), responses=wire.DatapointSerializer, tags=["datapoints"]
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change key, name, unit or description."""
        datapoint, actor = self.datapoint(), actor_of(request)
        require(actor, "datapoint", Action.EDIT, datapoint)
        changes = validated(wire.DatapointChangeSerializer, request, partial=True)
        return Response(self.one(services.update_datapoint(actor=actor, datapoint=datapoint, **changes)))

    @extend_schema(responses={204: None}, tags=["datapoints"])
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the datapoint with all its samples."""
        services.delete_datapoint(actor=actor_of(request), datapoint=self.datapoint())
        return Response(status=status.HTTP_204_NO_CONTENT)
