"""Invite codes: make, rotate, revoke. A code in clear stands only in the answer to the request that made it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.invites import NewCode, create_invite, revoke_invite, rotate_invite
from guildhall.core.organizations.models import Invite
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.core.pages import Page
from guildhall.web.forms.places import InviteForm


class InvitePage(Page):
    """What the pages of invites share."""

    def page(self, form: InviteForm | None = None, *, made: NewCode | None = None) -> HttpResponse:
        """The list with the form; `made` is shown with its code, this once."""
        require(self.actor, "invite", Action.VIEW, self.organization)
        now = timezone.now()
        invites = list(
            Invite.objects.filter(organization=self.organization)
            .select_related("organization", "project", "object", "created_by")
            .order_by("-created_at", "pk")
        )
        context = {
            "title": _("Invites"),
            "organization": self.organization,
            "open_invites": [invite for invite in invites if invite.is_open(now)],
            "closed_invites": [invite for invite in invites if not invite.is_open(now)],
            "form": form or InviteForm(actor=self.actor, organization=self.organization),
            "form_has_errors": form is not None,
            "made": made,
            # The code is in the fragment, which no server's log ever holds.
            "link": self.request.build_absolute_uri(reverse("web:join")) + f"#code={made.code}" if made else "",
        }
        response = render(self.request, "web/invites.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def find(self, invite_id: UUID) -> Invite:
        """The invite of this organization.

        Raises:
            NotAllowedError: the actor may not see invites.
            Http404: there is none with this id.
        """
        require(self.actor, "invite", Action.VIEW, self.organization)
        return get_object_or_404(
            Invite.objects.select_related("organization"), pk=invite_id, organization=self.organization
        )


class Invites(InvitePage):
    """`/organization/invites/`; POST makes an invite and shows its code in the answer."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        form = InviteForm(request.POST, actor=self.actor, organization=self.organization)
        made = form.run(lambda: self._create(form))
        return self.page(made=made) if made else self.page(form)

    def _create(self, form: InviteForm) -> NewCode:
        project, thing = form.scope
        return create_invite(
            actor=self.actor,
            organization=self.organization,
            role=form.role_given,
            project=project,
            thing=thing,
            expires_at=form.expires_at,
            max_uses=form.cleaned_data["max_uses"],
        )


class RotateInvite(InvitePage):
    """`/organization/invites/ID/rotate/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, invite_id: UUID) -> HttpResponse:
        return self.page(made=rotate_invite(actor=self.actor, invite=self.find(invite_id)))


class RevokeInvite(InvitePage):
    """`/organization/invites/ID/revoke/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, invite_id: UUID) -> HttpResponse:
        invite = self.find(invite_id)
        return self.carry_out(
            lambda: revoke_invite(actor=self.actor, invite=invite),
            done=gettext("The code no longer works."),
            then="web:invites",
        )
