"""The members of the organization: who they are, give and take roles, remove."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import RoleAssignment
from guildhall.core.organizations.selectors import members_of
from guildhall.core.organizations.services import grant_role, remove_member, resolve_scope, revoke_role
from guildhall.core.pages import Page
from guildhall.web.forms.places import RoleForm
from guildhall.web.roster import roster_of


class Members(Page):
    """`/organization/members/`; POST gives a role."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(RoleForm(actor=self.actor, organization=self.organization))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RoleForm(request.POST, actor=self.actor, organization=self.organization)
        if form.run(lambda: self._grant(form)) is not None:
            person = form.cleaned_data["user"]
            messages.success(request, gettext("%(person)s has the role now.") % {"person": person})
            return redirect("web:members")
        return self._page(form)

    def _grant(self, form: RoleForm) -> RoleAssignment:
        project, thing = form.scope
        place = resolve_scope(role=form.role_given, organization=self.organization, project=project, thing=thing)
        return grant_role(actor=self.actor, user=form.cleaned_data["user"], role=form.role_given, place=place)

    def _page(self, form: RoleForm) -> HttpResponse:
        context = {
            "title": _("Members"),
            "organization": self.organization,
            "roster": roster_of(reader=self.actor, organization=self.organization),
            "form": form,
        }
        return render(self.request, "web/members.html", context)


class RevokeRole(Page):
    """`/organization/members/roles/ID/revoke/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, assignment_id: UUID) -> HttpResponse:
        held = get_object_or_404(
            RoleAssignment.objects.select_related("user", "organization"),
            pk=assignment_id,
            organization=self.organization,
        )
        return self.carry_out(
            lambda: revoke_role(actor=self.actor, assignment=held),
            done=gettext("The role is taken from %(person)s.") % {"person": held.user},
            then="web:members",
        )


class RemoveMember(Page):
    """`/organization/members/ID/remove/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        member = get_object_or_404(members_of(self.organization), pk=user_id)
        return self.carry_out(
            lambda: remove_member(actor=self.actor, organization=self.organization, user=member),
            done=gettext("%(person)s is no longer a member.") % {"person": member},
            then="web:members",
        )
