"""The API of tags and templates, which an organization shares."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.http.drf import actor_of, validated
from guildhall.core.http.records import IF_MATCH, IF_NONE_MATCH, expected_of, record
from guildhall.core.organizations.api.asked import named_organization
from guildhall.modules.tasks import selectors, services
from guildhall.modules.tasks.api import serializers as wire
from guildhall.modules.tasks.api.asked import resolved
from guildhall.modules.tasks.models import Tag, TaskTemplate
from guildhall.modules.tasks.services.tags import require_may_curate

ORGANIZATION = OpenApiParameter("organization", str, description="The caller's active one by default.")


class CuratedView(GenericAPIView[Any]):
    page_order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def page(self, rows: QuerySet[Any], serializer: type[Any]) -> Response:
        return self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)


class TagView(CuratedView):
    queryset = Tag.objects.none()

    def tag(self) -> Tag:
        rows = Tag.objects.visible_to(actor_of(self.request)).select_related("organization")
        found: Tag = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found


class TagListView(TagView):
    @extend_schema(parameters=[ORGANIZATION], responses=wire.TagSerializer(many=True), tags=["tags"])
    def get(self, request: Request) -> Response:
        """The tags of one organization."""
        return self.page(selectors.tags_for(actor_of(request), named_organization(request)), wire.TagSerializer)

    @extend_schema(request=wire.TagInputSerializer, responses={201: wire.TagSerializer}, tags=["tags"])
    def post(self, request: Request) -> Response:
        """Create a tag, which every member may do."""
        given = validated(wire.TagInputSerializer, request)
        organization = named_organization(request, given.pop("organization", None))
        made = services.create_tag(actor=actor_of(request), organization=organization, **given)
        answer = record(request, made, wire.TagSerializer)
        answer.status_code = status.HTTP_201_CREATED
        return answer


class TagDetailView(TagView):
    @extend_schema(parameters=[IF_NONE_MATCH], responses=wire.TagSerializer, tags=["tags"])
    def get(self, request: Request, pk: int) -> Response:
        """One tag."""
        return record(request, self.tag(), wire.TagSerializer)

    @extend_schema(
        parameters=[IF_MATCH],
        request=wire.TagChangeSerializer(partial=True),
        responses=wire.TagSerializer,
        tags=["tags"],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change name or colour, which admins and moderators may do."""
        tag, actor = self.tag(), actor_of(request)
        require_may_curate(actor, tag.organization)
        given = validated(wire.TagChangeSerializer, request, partial=True)
        changed = services.update_tag(actor=actor, tag=tag, expected=expected_of(request), **given)
        return record(request, changed, wire.TagSerializer)

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["tags"])
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the tag and take it from every task, which admins and moderators may do."""
        services.delete_tag(actor=actor_of(request), tag=self.tag(), expected=expected_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TemplateView(CuratedView):
    queryset = TaskTemplate.objects.none()

    def template(self) -> TaskTemplate:
        rows = TaskTemplate.objects.visible_to(actor_of(self.request)).select_related("organization")
        found: TaskTemplate = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found


class TemplateListView(TemplateView):
    @extend_schema(parameters=[ORGANIZATION], responses=wire.TemplateSerializer(many=True), tags=["task templates"])
    def get(self, request: Request) -> Response:
        """The task templates of one organization."""
        rows = selectors.templates_for(actor_of(request), named_organization(request))
        return self.page(rows, wire.TemplateSerializer)

    @extend_schema(
        request=wire.TemplateInputSerializer, responses={201: wire.TemplateSerializer}, tags=["task templates"]
    )
    def post(self, request: Request) -> Response:
        """Create a template, which admins and moderators may do."""
        actor, given = actor_of(request), validated(wire.TemplateInputSerializer, request)
        organization = named_organization(request, given.pop("organization", None))
        require_may_curate(actor, organization)
        made = services.create_template(actor=actor, organization=organization, **resolved(actor, given))
        answer = record(request, made, wire.TemplateSerializer)
        answer.status_code = status.HTTP_201_CREATED
        return answer


class TemplateDetailView(TemplateView):
    @extend_schema(parameters=[IF_NONE_MATCH], responses=wire.TemplateSerializer, tags=["task templates"])
    def get(self, request: Request, pk: int) -> Response:
        """One template, with the names of its variables."""
        return record(request, self.template(), wire.TemplateSerializer)

    @extend_schema(
        parameters=[IF_MATCH],
        request=wire.TemplateChangeSerializer(partial=True),
        responses=wire.TemplateSerializer,
        tags=["task templates"],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change some fields, which admins and moderators may do."""
        template, actor = self.template(), actor_of(request)
        require_may_curate(actor, template.organization)
        given = resolved(actor, validated(wire.TemplateChangeSerializer, request, partial=True))
        changed = services.update_template(actor=actor, template=template, expected=expected_of(request), **given)
        return record(request, changed, wire.TemplateSerializer)

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["task templates"])
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the template; the tasks that were made from it stay."""
        services.delete_template(actor=actor_of(request), template=self.template(), expected=expected_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class InstantiationView(TemplateView):
    @extend_schema(request=wire.InstantiationSerializer, responses={201: wire.TaskSerializer}, tags=["task templates"])
    def post(self, request: Request, pk: int) -> Response:
        """Make a task with its sub-tasks from the template; `values` are those of its variables."""
        template = self.template()
        values = validated(wire.InstantiationSerializer, request).get("values", {})
        made = services.instantiate_template(actor=actor_of(request), template=template, values=values)
        answer = record(request, made, wire.TaskSerializer)
        answer.status_code = status.HTTP_201_CREATED
        return answer
