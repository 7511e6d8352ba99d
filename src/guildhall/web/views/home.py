"""The home page: what needs attention, what could be done next, and the ways to the modules."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from guildhall.core.organizations.models import Invite, Project, RoleAssignment
from guildhall.core.pages import Page
from guildhall.core.shell import attention_for


class Home(Page):
    """`/`"""

    def handle_no_permission(self) -> HttpResponseRedirect:
        # Who came to the site and to nothing in particular begins where everybody does after signing in.
        return HttpResponseRedirect(reverse("web:sign-in"))

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


class Attention(Page):
    """`/attention/`: a part of the home page, for the script that keeps it fresh."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "web/attention.html", {"attention": attention_for(self.actor, self.organization)})
