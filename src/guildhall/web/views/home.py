"""The home page: what needs attention, what could be done next, and the ways to the modules."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guildhall.core.organizations.models import Invite, Project, RoleAssignment
from guildhall.core.shell import attention_for
from guildhall.web.views.base import Page


class Home(Page):
    """`/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        organization = self.organization
        projects = (
            Project.objects.visible_to(self.actor)
            .filter(organization=organization)
            .prefetch_related("objects_in_project")
            .order_by("name", "pk")
        )
        context = {
            "title": organization.name,
            "organization": organization,
            "attention": attention_for(self.actor, organization),
            "projects": projects,
            "member_count": RoleAssignment.objects.filter(organization=organization)
            .values("user_id")
            .distinct()
            .count(),
            "has_invites": Invite.objects.filter(organization=organization).exists(),
        }
        return render(request, "web/home.html", context)
