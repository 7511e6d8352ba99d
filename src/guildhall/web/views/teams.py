"""Teams: named groups of members."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Team
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import may, require
from guildhall.core.organizations.services import create_team, delete_team, update_team
from guildhall.core.pages import Page
from guildhall.web.forms.places import TeamForm


class TeamsPage(Page):
    """What the pages of teams share."""

    def team(self, team_id: UUID) -> Team:
        """The team of this organization.

        Raises:
            Http404: there is none with this id.
        """
        visible = Team.objects.visible_to(self.actor).select_related("organization")
        return get_object_or_404(visible, pk=team_id, organization=self.organization)

    def form_page(self, form: TeamForm, *, title: str, submit: str) -> HttpResponse:
        """A page with the form alone."""
        back = {"url": reverse("web:teams"), "label": _("Teams")}
        return render(
            self.request, "web/form_page.html", {"form": form, "title": title, "submit": submit, "back": back}
        )


class Teams(TeamsPage):
    """`/organization/teams/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        teams = (
            Team.objects.visible_to(self.actor)
            .filter(organization=self.organization)
            .prefetch_related("members")
            .order_by("name", "pk")
        )
        context = {
            "title": _("Teams"),
            "organization": self.organization,
            "teams": teams,
            "may_manage": may(self.actor, "team", Action.MANAGE, self.organization),
        }
        return render(request, "web/teams.html", context)


class CreateTeam(TeamsPage):
    """`/organization/teams/new/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(self.actor, "team", Action.MANAGE, self.organization)
        return self._page(TeamForm(organization=self.organization))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TeamForm(request.POST, organization=self.organization)
        if (
            form.run(lambda: create_team(actor=self.actor, organization=self.organization, **form.cleaned_data))
            is not None
        ):
            messages.success(request, gettext("The team is there."))
            return redirect("web:teams")
        return self._page(form)

    def _page(self, form: TeamForm) -> HttpResponse:
        return self.form_page(form, title=gettext("New team"), submit=gettext("Create the team"))


class EditTeam(TeamsPage):
    """`/organization/teams/ID/edit/`"""

    def get(self, request: HttpRequest, team_id: UUID) -> HttpResponse:
        team = self.team(team_id)
        require(self.actor, "team", Action.MANAGE, team)
        initial = {"name": team.name, "members": list(team.members.all())}
        return self._page(TeamForm(initial=initial, organization=self.organization))

    def post(self, request: HttpRequest, team_id: UUID) -> HttpResponse:
        team, form = self.team(team_id), TeamForm(request.POST, organization=self.organization)
        if form.run(lambda: update_team(actor=self.actor, team=team, **form.cleaned_data)) is not None:
            messages.success(request, gettext("The team is saved."))
            return redirect("web:teams")
        return self._page(form)

    def _page(self, form: TeamForm) -> HttpResponse:
        return self.form_page(form, title=gettext("Edit the team"), submit=gettext("Save"))


class DeleteTeam(TeamsPage):
    """`/organization/teams/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, team_id: UUID) -> HttpResponse:
        team = self.team(team_id)
        return self.carry_out(
            lambda: delete_team(actor=self.actor, team=team),
            done=gettext("%(name)s is deleted.") % {"name": team.name},
            then="web:teams",
        )
