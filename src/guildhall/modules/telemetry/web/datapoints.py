"""The page of a datapoint: its newest values, what it is called, where it belongs, and its end."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import may, require
from guildhall.modules.telemetry import selectors, services
from guildhall.modules.telemetry.models import KEY_MAX_LENGTH, Datapoint
from guildhall.modules.telemetry.web.forms import PlacedForm
from guildhall.modules.telemetry.web.views import CHART_WINDOW_S, TelemetryPage, alarms_on

LARGEST_ID: Final = 2**63 - 1


class TagsField(forms.CharField):
    """Words with commas between; cleaned, a list."""

    def clean(self, value: Any) -> Any:
        return list(dict.fromkeys(tag for part in super().clean(value).split(",") if (tag := part.strip())))


class DatapointForm(PlacedForm):
    """What is known about a datapoint."""

    resource = "datapoint"
    field_order = ("name", "unit", "place", "tags", "description")

    name = forms.CharField(label=_("Name"), max_length=KEY_MAX_LENGTH)
    unit = forms.CharField(label=_("Unit"), max_length=32, required=False)
    tags = TagsField(label=_("Tags"), required=False, help_text=_("With commas between them."))
    description = forms.CharField(
        label=_("Description"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class DatapointPage(TelemetryPage):
    """Finds the datapoint of the address among those the actor sees."""

    def datapoint(self, pk: int) -> Datapoint:
        rows = selectors.datapoints_for(self.actor).select_related("organization")
        return get_object_or_404(rows, pk=min(pk, LARGEST_ID))


class ShowDatapoint(DatapointPage):
    """`/telemetry/datapoints/ID/`; POST changes it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        datapoint = self.datapoint(pk)
        here = f"object:{datapoint.object_id}" if datapoint.object_id else f"project:{datapoint.project_id}"
        initial = {name: getattr(datapoint, name) for name in ("name", "unit", "description")}
        initial |= {"place": here, "tags": ", ".join(datapoint.tags)}
        return self.page(datapoint, self.form(datapoint, initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        datapoint = self.datapoint(pk)
        require(self.actor, "datapoint", Action.EDIT, datapoint)
        form = self.form(datapoint, request.POST)
        if form.run(lambda: self.change(datapoint, form)):
            messages.success(request, gettext("Saved."))
            return redirect("telemetry:datapoint", pk=pk)
        return self.page(self.datapoint(pk), form)

    def form(self, datapoint: Datapoint, data: Any = None, **options: Any) -> DatapointForm:
        return DatapointForm(data, actor=self.actor, organization=datapoint.organization, **options)

    def change(self, datapoint: Datapoint, form: DatapointForm) -> Datapoint:
        project, thing = form.scope
        details = {name: form.cleaned_data[name] for name in ("name", "unit", "description", "tags")}
        return services.change_datapoint(actor=self.actor, datapoint=datapoint, project=project, thing=thing, **details)

    def page(self, datapoint: Datapoint, form: DatapointForm) -> HttpResponse:
        context = {
            "title": datapoint.name,
            "datapoint": datapoint,
            "form": form,
            **self.with_rights(alarms_on=alarms_on(self.actor, datapoints=[datapoint.pk])),
            "chart": {
                "datapoints": [{"id": datapoint.pk, "name": datapoint.name, "unit": datapoint.unit}],
                "window": CHART_WINDOW_S,
            },
            "may_edit": may(self.actor, "datapoint", Action.EDIT, datapoint),
            "may_delete": may(self.actor, "datapoint", Action.DELETE, datapoint),
        }
        return render(self.request, "telemetry/datapoint.html", context)


class DeleteDatapoint(DatapointPage):
    """`/telemetry/datapoints/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.delete_datapoint(actor=self.actor, datapoint=self.datapoint(pk))
        messages.success(request, gettext("The datapoint and its measurements are deleted."))
        return redirect("telemetry:home")
