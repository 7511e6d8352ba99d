"""The API of datapoints and their samples."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError
from guildhall.core.http.drf import actor_of, validated, visible_or_field_error
from guildhall.core.organizations.models import Project, ProjectObject
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.modules.telemetry import selectors, services
from guildhall.modules.telemetry.api import serializers as wire
from guildhall.modules.telemetry.api.datasources import query_of
from guildhall.modules.telemetry.models import Datapoint, Datasource
from guildhall.modules.telemetry.services import DatapointGiven

LARGEST_ID: Final = 2**63 - 1


class DatapointView(GenericAPIView[Any]):
    """Finds the datapoint of the address among those the caller sees."""

    queryset = Datapoint.objects.none()
    page_order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def datapoint(self) -> Datapoint:
        key = min(self.kwargs["pk"], LARGEST_ID)
        found: Datapoint = get_object_or_404(selectors.datapoints_for(actor_of(self.request)), pk=key)
        return found

    def chosen(self, request: Request) -> QuerySet[Datapoint]:
        """Those that the parameters of the address ask for, of what the caller sees."""
        actor, query = actor_of(request), query_of(wire.DatapointQuerySerializer, request)
        datasource = visible_or_field_error(
            Datasource.objects.visible_to(actor), query.pop("datasource", None), "datasource"
        )
        if query["object__isnull"] is None:
            del query["object__isnull"]
        tags = [tag.strip() for tag in query.pop("tag", "").split(",") if tag.strip()]
        rows = selectors.datapoints_for(actor, search=query.pop("search", ""), datasource=datasource, tags=tags)
        return rows.filter(**query)

    def one(self, datapoint: Datapoint) -> dict[str, Any]:
        context = {"latest": selectors.latest_values([datapoint.pk])}
        return dict(wire.DatapointSerializer(datapoint, context=context).data)


class DatapointListView(DatapointView):
    @extend_schema(
        parameters=[wire.DatapointQuerySerializer], responses=wire.DatapointSerializer(many=True), tags=["datapoints"]
    )
    def get(self, request: Request) -> Response:
        """The datapoints that the caller sees, each with its newest value."""
        rows = self.paginate_queryset(self.chosen(request))
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
        operation_id="datapoints_describe",
        request=wire.DatapointDescriptionSerializer,
        responses=wire.DatapointSerializer,
        tags=["datapoints"],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Tell more about a datapoint: its name, since when and where it is, unit, description and tags."""
        datapoint, actor = self.datapoint(), actor_of(request)
        require(actor, "datapoint", Action.EDIT, datapoint)
        given = validated(wire.DatapointDescriptionSerializer, request)
        return Response(self.one(services.describe_datapoint(actor=actor, datapoint=datapoint, **given)))

    @extend_schema(
        request=wire.DatapointChangeSerializer(partial=True), responses=wire.DatapointSerializer, tags=["datapoints"]
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change key, name, unit, description or tags."""
        datapoint, actor = self.datapoint(), actor_of(request)
        require(actor, "datapoint", Action.EDIT, datapoint)
        changes = validated(wire.DatapointChangeSerializer, request, partial=True)
        return Response(self.one(services.update_datapoint(actor=actor, datapoint=datapoint, **changes)))

    @extend_schema(responses={204: None}, tags=["datapoints"])
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the datapoint with all its samples."""
        services.delete_datapoint(actor=actor_of(request), datapoint=self.datapoint())
        return Response(status=status.HTTP_204_NO_CONTENT)


class DatapointBulkView(DatapointView):
    pagination_class = None

    @extend_schema(request=wire.DatapointsPutSerializer, responses=wire.DatapointsSerializer, tags=["datapoints"])
    def post(self, request: Request) -> Response:
        """Create or change up to a thousand datapoints: all of them or, where one is not right, none."""
        actor = actor_of(request)
        rows = validated(wire.DatapointsPutSerializer, request)["datapoints"]
        made = services.put_datapoints(actor=actor, given=self.given(actor, rows))
        context = {"latest": selectors.latest_values([one.pk for one in made])}
        return Response({"results": wire.DatapointSerializer(made, many=True, context=context).data})

    @staticmethod
    def given(actor: User, rows: Sequence[dict[str, Any]]) -> list[DatapointGiven]:
        """What the rows name, looked up at once.

        Raises:
            InvalidInputError: a row names what the caller can't see.
        """

        def named(found: QuerySet[Any], field: str) -> dict[Any, Any]:
            return {one.pk: one for one in found.filter(pk__in={row[field] for row in rows if row.get(field)})}

        known = {
            "id": named(selectors.datapoints_for(actor), "id"),
            "project": named(Project.objects.visible_to(actor), "project"),
            "object": named(ProjectObject.objects.visible_to(actor), "object"),
        }
        unseen = {
            f"datapoints.{number}.{field}": [_("There is no such thing, or you can't see it.")]
            for number, row in enumerate(rows)
            for field, found in known.items()
            if row.get(field) and row[field] not in found
        }
        if unseen:
            raise InvalidInputError(fields=unseen)
        return [
            DatapointGiven(
                {name: value for name, value in row.items() if name not in known},
                known["id"].get(row.get("id")),
                known["project"].get(row.get("project")),
                known["object"].get(row.get("object")),
            )
            for row in rows
        ]
