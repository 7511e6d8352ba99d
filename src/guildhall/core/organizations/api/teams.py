"""The API of teams where the address names no organization."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view

from guildhall.core.organizations.api.asked import named_organization
from guildhall.core.organizations.api.views import TeamListView, TeamView
from guildhall.core.organizations.models import Organization, Team

ORGANIZATION = OpenApiParameter("organization", str, description="The caller's active one by default.")


@extend_schema_view(get=extend_schema(parameters=[ORGANIZATION]), post=extend_schema(parameters=[ORGANIZATION]))
class ActiveTeamListView(TeamListView):
    def organization(self) -> Organization:
        return named_organization(self.request)


class ActiveTeamView(TeamView):
    def team(self) -> Team:
        rows = Team.objects.visible_to(self.request.user)
        found: Team = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found
