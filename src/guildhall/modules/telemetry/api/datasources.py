"""The API of datasources: themselves, their secrets and rights, what was refused and what could not be stored."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
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
from guildhall.modules.telemetry import selectors, services, trial
from guildhall.modules.telemetry.api import serializers as wire
from guildhall.modules.telemetry.mapping import EVERYTHING
from guildhall.modules.telemetry.models import Datasource
from guildhall.modules.telemetry.policy import Right


def query_of(serializer_class: type[Any], request: Request) -> dict[str, Any]:
    """The parameters of the address as the serializer understands them."""
    serializer = serializer_class(data=request.query_params)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def with_whole_rules(given: dict[str, Any]) -> dict[str, Any]:
    """The same with what may be left out of rules, which a partial change would not fill in."""
    if "mapping" not in given:
        return given
    return {**given, "mapping": [{"topic": EVERYTHING, "time": "", **row} for row in given["mapping"]]}


class DatasourceView(GenericAPIView[Any]):
    """Finds the datasource of the address among those the caller sees."""

    queryset = Datasource.objects.none()
    page_order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def datasource(self) -> Datasource:
        found: Datasource = get_object_or_404(selectors.datasources_for(actor_of(self.request)), pk=self.kwargs["pk"])
        return found

    def page(self, rows: QuerySet[Any], serializer: type[Any]) -> Response:
        return self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)


class DatasourceListView(DatasourceView):
    @extend_schema(
        parameters=[wire.DatasourceQuerySerializer],
        responses=wire.DatasourceSerializer(many=True),
        tags=["datasources"],
    )
    def get(self, request: Request) -> Response:
        """The datasources that the caller sees."""
        return self.page(
            selectors.datasources_for(actor_of(request)).filter(**query_of(wire.DatasourceQuerySerializer, request)),
            wire.DatasourceSerializer,
        )

    @extend_schema(
        request=wire.DatasourceInputSerializer, responses={201: wire.CredentialsSerializer}, tags=["datasources"]
    )
    def post(self, request: Request) -> Response:
        """Create a datasource; the answer holds its secret, this once."""
        actor, given = actor_of(request), validated(wire.DatasourceInputSerializer, request)
        project = visible_or_field_error(Project.objects.visible_to(actor), given.pop("project"), "project")
        thing = visible_or_field_error(ProjectObject.objects.visible_to(actor), given.pop("object", None), "object")
        made = services.create_datasource(actor=actor, project=project, thing=thing, **given)
        return Response(wire.CredentialsSerializer(made).data, status=status.HTTP_201_CREATED)


class DatasourceDetailView(DatasourceView):
    @extend_schema(responses=wire.DatasourceSerializer, tags=["datasources"])
    def get(self, request: Request, pk: UUID) -> Response:
        """One datasource."""
        return Response(wire.DatasourceSerializer(self.datasource()).data)

    @extend_schema(
        request=wire.DatasourceChangeSerializer(partial=True),
        responses=wire.DatasourceSerializer,
        tags=["datasources"],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change name, expiry or what it may; disabling cuts its connections."""
        datasource, actor = self.datasource(), actor_of(request)
        require(actor, "datasource", Action.EDIT, datasource)
        changes = with_whole_rules(validated(wire.DatasourceChangeSerializer, request, partial=True))
        changed = services.update_datasource(actor=actor, datasource=datasource, **changes)
        return Response(wire.DatasourceSerializer(changed).data)

    @extend_schema(responses={204: None}, tags=["datasources"])
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete the datasource and cut its connections; its samples stay."""
        services.delete_datasource(actor=actor_of(request), datasource=self.datasource())
        return Response(status=status.HTTP_204_NO_CONTENT)


class RotationView(DatasourceView):
    @extend_schema(request=None, responses=wire.CredentialsSerializer, tags=["datasources"])
    def post(self, request: Request, pk: UUID) -> Response:
        """Replace the secret, which cuts connections made with the old one."""
        made = services.rotate_secret(actor=actor_of(request), datasource=self.datasource())
        return Response(wire.CredentialsSerializer(made).data)


class RightsView(DatasourceView):
    def answer(self, datasource: Datasource) -> Response:
        rights = datasource.topic_rights.order_by("action", "filter")
        return Response(wire.RightsSerializer({"rights": rights}).data)

    @extend_schema(responses=wire.RightsSerializer, tags=["datasources"])
    def get(self, request: Request, pk: UUID) -> Response:
        """What the datasource may publish and read."""
        return self.answer(self.datasource())

    @extend_schema(request=wire.RightsInputSerializer, responses=wire.RightsSerializer, tags=["datasources"])
    def put(self, request: Request, pk: UUID) -> Response:
        """Replace all rights; a change cuts open connections, which come back with the new rights."""
        datasource, actor = self.datasource(), actor_of(request)
        require(actor, "datasource", Action.MANAGE, datasource)
        given = validated(wire.RightsInputSerializer, request)["rights"]
        rights = [services.RightGiven(Right(right["action"]), right["filter"]) for right in given]
        services.set_topic_rights(actor=actor, datasource=datasource, rights=rights)
        return self.answer(datasource)


class TrialView(DatasourceView):
    @extend_schema(request=wire.TrialInputSerializer, responses=wire.TrialSerializer, tags=["datasources"])
    def post(self, request: Request, pk: UUID) -> Response:
        """What a message of this topic would become; nothing is stored."""
        datasource = self.datasource()
        require(actor_of(request), "datasource", Action.EDIT, datasource)
        given = validated(wire.TrialInputSerializer, request)
        rows = given.get("mapping", datasource.mapping)
        tried = trial.tried(given["topic"], given["payload"], rows)
        samples = [{"key": one.key, "ts": wire.iso(one.at), "value": one.value} for one in tried.samples]
        return Response({"samples": samples, "reason": tried.reason})


class RefusedPublishListView(DatasourceView):
    page_order = ("-last_at", "-pk")

    @extend_schema(responses=wire.RefusedPublishSerializer(many=True), tags=["datasources"])
    def get(self, request: Request, pk: UUID) -> Response:
        """Topics that the datasource used without the right, the latest first."""
        datasource = self.datasource()
        require(actor_of(request), "datasource", Action.MANAGE, datasource)
        return self.page(selectors.refused_publishes(datasource), wire.RefusedPublishSerializer)


class DeadLetterListView(DatasourceView):
    page_order = ("-pk",)

    @extend_schema(responses=wire.DeadLetterSerializer(many=True), tags=["datasources"])
    def get(self, request: Request, pk: UUID) -> Response:
        """Messages that could not be stored, with the reasons, the latest first."""
        datasource = self.datasource()
        require(actor_of(request), "datasource", Action.MANAGE, datasource)
        return self.page(selectors.dead_letters(datasource), wire.DeadLetterSerializer)
