"""The API of organizations: themselves, their members, invites and teams. Projects and objects live in `places`."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.accounts.models import User
from guildhall.core.http.cache import cached
from guildhall.core.http.drf import actor_of, validated, visible_or_field_error
from guildhall.core.http.records import IF_MATCH, IF_NONE_MATCH, expected_of, record
from guildhall.core.organizations import invites, services
from guildhall.core.organizations.api import serializers as wire
from guildhall.core.organizations.caching import members_tag
from guildhall.core.organizations.models import Invite, Organization, Project, ProjectObject, Team
from guildhall.core.organizations.policy import Action, Role
from guildhall.core.organizations.selectors import members_of, require


class OrganizationView(GenericAPIView[Any]):
    """Finds the organization of the address among those the caller sees."""

    queryset = Organization.objects.none()
    page_order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def organization(self) -> Organization:
        visible = Organization.objects.visible_to(self.request.user)
        found: Organization = get_object_or_404(visible, pk=self.kwargs["pk"])
        return found

    def page(self, rows: QuerySet[Any], serializer: type[Any]) -> Response:
        return self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)


class OrganizationListView(OrganizationView):
    @extend_schema(responses=wire.OrganizationSerializer(many=True), tags=["organizations"])
    def get(self, request: Request) -> Response:
        """The organizations to which the caller belongs."""
        return self.page(Organization.objects.visible_to(request.user), wire.OrganizationSerializer)

    @extend_schema(
        request=wire.OrganizationInputSerializer, responses={201: wire.OrganizationSerializer}, tags=["organizations"]
    )
    def post(self, request: Request) -> Response:
        """Create an organization and become its admin."""
        made = services.create_organization(
            actor=actor_of(request), **validated(wire.OrganizationInputSerializer, request)
        )
        return Response(wire.OrganizationSerializer(made).data, status=status.HTTP_201_CREATED)


class OrganizationDetailView(OrganizationView):
    @extend_schema(parameters=[IF_NONE_MATCH], responses=wire.OrganizationSerializer, tags=["organizations"])
    def get(self, request: Request, pk: UUID) -> Response:
        """One organization."""
        return record(request, self.organization(), wire.OrganizationSerializer)

    @extend_schema(
        parameters=[IF_MATCH],
        request=wire.OrganizationInputSerializer(partial=True),
        responses=wire.OrganizationSerializer,
        tags=["organizations"],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change name or language."""
        organization = self.organization()
        require(actor_of(request), "organization", Action.EDIT, organization)
        changes = validated(wire.OrganizationInputSerializer, request, partial=True)
        changed = services.update_organization(
            actor=actor_of(request), organization=organization, expected=expected_of(request), **changes
        )
        return record(request, changed, wire.OrganizationSerializer)

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["organizations"])
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete the organization with everything in it."""
        services.delete_organization(
            actor=actor_of(request), organization=self.organization(), expected=expected_of(request)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class JoinView(GenericAPIView[Any]):
    @extend_schema(request=wire.JoinSerializer, responses=wire.RoleSerializer, tags=["organizations"])
    def post(self, request: Request) -> Response:
        """Use an invite code."""
        code = validated(wire.JoinSerializer, request)["code"]
        return Response(wire.RoleSerializer(invites.join_organization(actor=actor_of(request), code=code)).data)


class MemberListView(OrganizationView):
    @extend_schema(responses=wire.MemberSerializer(many=True), tags=["members"])
    def get(self, request: Request, pk: UUID) -> Response:
        """The organization's members with their roles in it."""
        organization = self.organization()
        # Everybody who sees the organization sees all of its members alike.
        found = cached(
            scope=f"organization:{organization.pk}",
            tags=[members_tag(organization.pk)],
            key=[request.build_absolute_uri()],
            compute=lambda: self.page(members_of(organization), wire.MemberSerializer).data,
        )
        return Response(found)


class MemberView(OrganizationView):
    @extend_schema(responses={204: None}, tags=["members"])
    def delete(self, request: Request, pk: UUID, user_id: UUID) -> Response:
        """Take all roles in the organization from a member; everybody may leave by himself."""
        organization = self.organization()
        user = get_object_or_404(members_of(organization), pk=user_id)
        services.remove_member(actor=actor_of(request), organization=organization, user=user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InviteListView(OrganizationView):
    page_order = ("-created_at", "pk")

    @extend_schema(responses=wire.InviteSerializer(many=True), tags=["invites"])
    def get(self, request: Request, pk: UUID) -> Response:
        """The organization's invites, newest first, without their codes."""
        organization = self.organization()
        require(actor_of(request), "invite", Action.VIEW, organization)
        return self.page(Invite.objects.filter(organization=organization), wire.InviteSerializer)

    @extend_schema(request=wire.InviteInputSerializer, responses={201: wire.NewInviteSerializer}, tags=["invites"])
    def post(self, request: Request, pk: UUID) -> Response:
        """Make an invite code; it is shown in this answer and never again."""
        organization, actor = self.organization(), actor_of(request)
        require(actor, "invite", Action.MANAGE, organization)
        given = validated(wire.InviteInputSerializer, request)
        made = invites.create_invite(
            actor=actor,
            organization=organization,
            role=Role(given["role"]),
            project=visible_or_field_error(Project.objects.visible_to(actor), given.get("project"), "project"),
            thing=visible_or_field_error(
                ProjectObject.objects.visible_to(actor).select_related("project"),
                given.get("object"),
                "object",
            ),
            expires_at=given.get("expires_at"),
            max_uses=given.get("max_uses"),
        )
        return Response(wire.NewInviteSerializer(made).data, status=status.HTTP_201_CREATED)


class InviteView(OrganizationView):
    def invite(self) -> Invite:
        organization = self.organization()
        require(actor_of(self.request), "invite", Action.MANAGE, organization)
        return get_object_or_404(Invite, organization=organization, pk=self.kwargs["invite_id"])

    @extend_schema(responses={204: None}, tags=["invites"])
    def delete(self, request: Request, pk: UUID, invite_id: UUID) -> Response:
        """Make the code useless."""
        invites.revoke_invite(actor=actor_of(request), invite=self.invite())
        return Response(status=status.HTTP_204_NO_CONTENT)


class InviteRotationView(InviteView):
    http_method_names = ["post", "options"]

    @extend_schema(request=None, responses=wire.NewInviteSerializer, tags=["invites"])
    def post(self, request: Request, pk: UUID, invite_id: UUID) -> Response:
        """Replace the code by a new one; the old one stops working."""
        return Response(
            wire.NewInviteSerializer(invites.rotate_invite(actor=actor_of(request), invite=self.invite())).data
        )


def _members(actor: User, keys: Sequence[UUID] | None) -> list[User] | None:
    if keys is None:
        return None
    found = list(User.objects.visible_to(actor).filter(pk__in=keys))
    missing = set(keys) - {user.pk for user in found}
    if missing:
        visible_or_field_error(User.objects.none(), missing.pop(), "members")
    return found


class TeamListView(OrganizationView):
    @extend_schema(responses=wire.TeamSerializer(many=True), tags=["teams"])
    def get(self, request: Request, pk: UUID | None = None) -> Response:
        """The organization's teams."""
        return self.page(self.organization().teams.prefetch_related("members"), wire.TeamSerializer)

    @extend_schema(request=wire.TeamInputSerializer, responses={201: wire.TeamSerializer}, tags=["teams"])
    def post(self, request: Request, pk: UUID | None = None) -> Response:
        """Create a team of members."""
        organization, actor = self.organization(), actor_of(request)
        require(actor, "team", Action.MANAGE, organization)
        given = validated(wire.TeamInputSerializer, request)
        made = services.create_team(
            actor=actor,
            organization=organization,
            name=given["name"],
            members=_members(actor, given.get("members")) or (),
        )
        return Response(wire.TeamSerializer(made).data, status=status.HTTP_201_CREATED)


class TeamView(OrganizationView):
    def team(self) -> Team:
        return get_object_or_404(self.organization().teams, pk=self.kwargs["team_id"])

    @extend_schema(parameters=[IF_NONE_MATCH], responses=wire.TeamSerializer, tags=["teams"])
    def get(self, request: Request, pk: UUID, team_id: UUID | None = None) -> Response:
        """One team."""
        return record(request, self.team(), wire.TeamSerializer)

    @extend_schema(
        parameters=[IF_MATCH],
        request=wire.TeamInputSerializer(partial=True),
        responses=wire.TeamSerializer,
        tags=["teams"],
    )
    def patch(self, request: Request, pk: UUID, team_id: UUID | None = None) -> Response:
        """Change the name, or replace the members."""
        team, actor = self.team(), actor_of(request)
        require(actor, "team", Action.MANAGE, team)
        given = validated(wire.TeamInputSerializer, request, partial=True)
        members = _members(actor, given.pop("members", None))
        changed = services.update_team(actor=actor, team=team, members=members, expected=expected_of(request), **given)
        return record(request, changed, wire.TeamSerializer)

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["teams"])
    def delete(self, request: Request, pk: UUID, team_id: UUID | None = None) -> Response:
        """Delete the team; its members stay."""
        services.delete_team(actor=actor_of(request), team=self.team(), expected=expected_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
