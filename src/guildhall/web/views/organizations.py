"""The organization itself: switch, create, join, settings, leave."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.invites import join_organization
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.core.organizations.services import (
    choose_active_organization,
    create_organization,
    delete_organization,
    remove_member,
    update_organization,
)
from guildhall.core.pages import Page
from guildhall.web.forms.places import JoinForm, OrganizationForm
from guildhall.web.views.base import uuid_or_404


class SwitchOrganization(Page):
    """`/organization/switch/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        visible = Organization.objects.visible_to(self.actor)
        chosen = get_object_or_404(visible, pk=uuid_or_404(request.POST.get("organization")))
        choose_active_organization(actor=self.actor, organization=chosen)
        return redirect("web:home")


class CreateOrganization(Page):
    """`/organization/new/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(OrganizationForm(initial={"language": self.actor.language}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OrganizationForm(request.POST)
        organization = form.run(lambda: create_organization(actor=self.actor, **form.cleaned_data))
        if organization is None:
            return self._page(form)
        choose_active_organization(actor=self.actor, organization=organization)
        messages.success(request, gettext("%(name)s is open. You are its admin.") % {"name": organization.name})
        return redirect("web:home")

    def _page(self, form: OrganizationForm) -> HttpResponse:
        context = {
            "form": form,
            "title": _("Create an organization"),
            "description": _(
                "A workshop, a lab, a club: it has members of its own, projects, and what belongs to them."
            ),
            "submit": _("Create the organization"),
            "back": {"url": reverse("web:home"), "label": _("Home")},
        }
        return render(self.request, "web/form_page.html", context)


class Join(Page):
    """`/join/`: for guests the way to an account, for everybody else the form for a code."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and not request.user.is_authenticated:
            return render(request, "web/join.html")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(JoinForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = JoinForm(request.POST)
        assignment = form.run(lambda: join_organization(actor=self.actor, code=form.cleaned_data["code"]))
        if assignment is None:
            return self._page(form)
        choose_active_organization(actor=self.actor, organization=assignment.organization)
        messages.success(request, gettext("Welcome to %(name)s.") % {"name": assignment.organization.name})
        return redirect("web:home")

    def _page(self, form: JoinForm) -> HttpResponse:
        context = {
            "form": form,
            "title": _("Join with a code"),
            "description": _("An admin of the organization can give you one."),
            "submit": _("Join"),
            "back": {"url": reverse("web:home"), "label": _("Home")},
        }
        return render(self.request, "web/form_page.html", context)


class OrganizationSettings(Page):
    """`/organization/settings/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(self.actor, "organization", Action.EDIT, self.organization)
        initial = {"name": self.organization.name, "language": self.organization.language}
        return self._page(OrganizationForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OrganizationForm(request.POST)
        if (
            form.run(lambda: update_organization(actor=self.actor, organization=self.organization, **form.cleaned_data))
            is not None
        ):
            messages.success(request, gettext("The settings are saved."))
            return redirect("web:organization")
        return self._page(form)

    def _page(self, form: OrganizationForm) -> HttpResponse:
        context = {"form": form, "title": _("Settings"), "organization": self.organization}
        return render(self.request, "web/organization.html", context)


class DeleteOrganization(Page):
    """`/organization/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.carry_out(
            lambda: delete_organization(actor=self.actor, organization=self.organization),
            done=gettext("%(name)s is deleted.") % {"name": self.organization.name},
            then="web:home",
        )


class LeaveOrganization(Page):
    """`/organization/leave/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.carry_out(
            lambda: remove_member(actor=self.actor, organization=self.organization, user=self.actor),
            done=gettext("You left %(name)s.") % {"name": self.organization.name},
            then="web:home",
        )
