"""The page of a datasource's mapping: its rules, and what a pasted message would become by them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.models import REASON_CHOICES, Datasource
from guildhall.modules.telemetry.trial import Tried, tried
from guildhall.modules.telemetry.web.forms import MappingForm
from guildhall.modules.telemetry.web.views import TelemetryPage


class EditMapping(TelemetryPage):
    """`/telemetry/datasources/ID/mapping/`; POST with `try` only shows what the message would become."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        datasource = self.changeable(pk)
        return self.page(datasource, MappingForm.of(datasource))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        datasource, form = self.changeable(pk), MappingForm(request.POST)
        if "try" in request.POST:
            found = form.run(
                lambda: tried(form.cleaned_data["topic"], form.cleaned_data["message"], form.cleaned_data["rules"])
            )
            return self.page(datasource, form, found)
        changed = form.run(
            lambda: services.update_datasource(
                actor=self.actor, datasource=datasource, mapping=form.cleaned_data["rules"]
            )
        )
        if changed is None:
            return self.page(datasource, form)
        messages.success(request, gettext("The rules hold for messages within ten seconds."))
        return redirect("telemetry:datasource", pk=pk)

    def changeable(self, pk: UUID) -> Datasource:
        datasource = self.datasource(pk)
        require(self.actor, "datasource", Action.EDIT, datasource)
        return datasource

    def page(self, datasource: Datasource, form: MappingForm, found: Tried | None = None) -> HttpResponse:
        words = dict(REASON_CHOICES)
        context = {
            "title": _("Mapping of messages"),
            "datasource": datasource,
            "form": form,
            "tried": found,
            "reason": words[found.reason.value] if found is not None and found.reason is not None else "",
        }
        return render(self.request, "telemetry/mapping.html", context)
