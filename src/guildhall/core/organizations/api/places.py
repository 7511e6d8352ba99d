"""The API of projects, who belongs to them, and their objects."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.accounts.models import User
from guildhall.core.errors import NotFoundError
from guildhall.core.http.drf import actor_of, uuid_parameter, validated, visible_or_field_error
from guildhall.core.http.records import IF_MATCH, IF_NONE_MATCH, expected_of, record
from guildhall.core.organizations import services
from guildhall.core.organizations.api import serializers as wire
from guildhall.core.organizations.models import Organization, Project, ProjectObject
from guildhall.core.organizations.policy import Action, Role
from guildhall.core.organizations.selectors import assignments_in_project, require


class PlaceView(GenericAPIView[Any]):
    """Finds the project or object of the address among those the caller sees."""

    queryset = Project.objects.none()
    page_order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def project(self) -> Project:
        visible = Project.objects.visible_to(self.request.user)
        found: Project = get_object_or_404(visible, pk=self.kwargs["pk"])
        return found

    def thing(self) -> ProjectObject:
        visible = ProjectObject.objects.visible_to(self.request.user).select_related("project")
        found: ProjectObject = get_object_or_404(visible, pk=self.kwargs["pk"])
        return found

    def page(self, rows: QuerySet[Any], serializer: type[Any]) -> Response:
        return self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)


class ProjectListView(PlaceView):
    @extend_schema(
        parameters=[OpenApiParameter("organization", UUID, description="Only projects of this organization.")],
        responses=wire.ProjectSerializer(many=True),
        tags=["projects"],
    )
    def get(self, request: Request) -> Response:
        """The projects that the caller sees."""
        projects = Project.objects.visible_to(request.user)
        organization = uuid_parameter(request, "organization")
        if organization is not None:
            projects = projects.filter(organization_id=organization)
        return self.page(projects, wire.ProjectSerializer)

    @extend_schema(request=wire.ProjectInputSerializer, responses={201: wire.ProjectSerializer}, tags=["projects"])
    def post(self, request: Request) -> Response:
        """Create a project in an organization."""
        actor, given = actor_of(request), validated(wire.ProjectInputSerializer, request)
        visible = Organization.objects.visible_to(actor)
        organization = visible_or_field_error(visible, given.pop("organization"), "organization")
        made = services.create_project(actor=actor, organization=organization, **given)
        return Response(wire.ProjectSerializer(made).data, status=status.HTTP_201_CREATED)


class ProjectDetailView(PlaceView):
    @extend_schema(parameters=[IF_NONE_MATCH], responses=wire.ProjectSerializer, tags=["projects"])
    def get(self, request: Request, pk: UUID) -> Response:
        """One project."""
        return record(request, self.project(), wire.ProjectSerializer)

    @extend_schema(
        parameters=[IF_MATCH],
        request=wire.ProjectChangeSerializer(partial=True),
        responses=wire.ProjectSerializer,
        tags=["projects"],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change name or description."""
        project = self.project()
        require(actor_of(request), "project", Action.EDIT, project)
        changes = validated(wire.ProjectChangeSerializer, request, partial=True)
        changed = services.update_project(
            actor=actor_of(request), project=project, expected=expected_of(request), **changes
        )
        return record(request, changed, wire.ProjectSerializer)

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["projects"])
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete the project with everything in it."""
        services.delete_project(actor=actor_of(request), project=self.project(), expected=expected_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProjectMemberListView(PlaceView):
    page_order = ("created_at", "pk")

    @extend_schema(responses=wire.ProjectMemberSerializer(many=True), tags=["members"])
    def get(self, request: Request, pk: UUID) -> Response:
        """Everybody's roles that reach into this project."""
        project = self.project()
        require(actor_of(request), "project_member", Action.VIEW, project)
        return self.page(assignments_in_project(project), wire.ProjectMemberSerializer)

    @extend_schema(
        request=wire.ProjectMemberInputSerializer, responses={201: wire.ProjectMemberSerializer}, tags=["members"]
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Attach somebody as admin of the project's organization, its moderator, or user of one of its objects."""
        project, actor = self.project(), actor_of(request)
        require(actor, "project_member", Action.MANAGE, project)
        given = validated(wire.ProjectMemberInputSerializer, request)
        role = Role(given["role"])
        objects = project.objects_in_project.select_related("project")
        place = services.resolve_scope(
            role=role,
            organization=project.organization,
            project=project,
            thing=visible_or_field_error(objects, given.get("object"), "object"),
        )
        user = visible_or_field_error(User.objects.visible_to(actor), given["user"], "user")
        made = services.grant_role(actor=actor, user=user, role=role, place=place)
        return Response(wire.ProjectMemberSerializer(made).data, status=status.HTTP_201_CREATED)


class ProjectMemberView(PlaceView):
    @extend_schema(responses={204: None}, tags=["members"])
    def delete(self, request: Request, pk: UUID, assignment_id: UUID) -> Response:
        """Take one role away; everybody may give up his own."""
        project, actor = self.project(), actor_of(request)
        assignment = assignments_in_project(project).filter(pk=assignment_id).first()
        if assignment is None or assignment.user_id != actor.pk:
            require(actor, "project_member", Action.MANAGE, project)
        if assignment is None:
            raise NotFoundError
        services.revoke_role(actor=actor, assignment=assignment)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ObjectListView(PlaceView):
    @extend_schema(responses=wire.ObjectSerializer(many=True), tags=["objects"])
    def get(self, request: Request, pk: UUID) -> Response:
        """The project's objects that the caller sees."""
        visible = ProjectObject.objects.visible_to(request.user)
        return self.page(visible.filter(project=self.project()), wire.ObjectSerializer)

    @extend_schema(request=wire.ProjectChangeSerializer, responses={201: wire.ObjectSerializer}, tags=["objects"])
    def post(self, request: Request, pk: UUID) -> Response:
        """Create a room, machine or site."""
        project, actor = self.project(), actor_of(request)
        require(actor, "object", Action.CREATE, project)
        given = validated(wire.ProjectChangeSerializer, request)
        made = services.create_object(actor=actor, project=project, **given)
        return Response(wire.ObjectSerializer(made).data, status=status.HTTP_201_CREATED)


class ObjectDetailView(PlaceView):
    @extend_schema(parameters=[IF_NONE_MATCH], responses=wire.ObjectSerializer, tags=["objects"])
    def get(self, request: Request, pk: UUID) -> Response:
        """One object."""
        return record(request, self.thing(), wire.ObjectSerializer)

    @extend_schema(
        parameters=[IF_MATCH],
        request=wire.ProjectChangeSerializer(partial=True),
        responses=wire.ObjectSerializer,
        tags=["objects"],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change name or description."""
        thing = self.thing()
        require(actor_of(request), "object", Action.EDIT, thing)
        changes = validated(wire.ProjectChangeSerializer, request, partial=True)
        changed = services.update_object(actor=actor_of(request), thing=thing, expected=expected_of(request), **changes)
        return record(request, changed, wire.ObjectSerializer)

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["objects"])
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete the object with everything in it."""
        services.delete_object(actor=actor_of(request), thing=self.thing(), expected=expected_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
