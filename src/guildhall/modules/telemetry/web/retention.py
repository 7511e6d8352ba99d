"""The pages on which people say how long measurements are kept, and delete those of a range."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Project
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import may, require
from guildhall.modules.telemetry import keeping, selectors
from guildhall.modules.telemetry.keeping import Kept
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.stored import MAX_DAYS
from guildhall.modules.telemetry.web.forms import LocalMoment, TelemetryForm
from guildhall.modules.telemetry.web.views import TelemetryPage


class RetentionForm(TelemetryForm):
    """Two numbers of days, either of which may be missing."""

    raw_days = forms.IntegerField(
        label=_("Days that values are kept"), required=False, min_value=1, max_value=MAX_DAYS,
        help_text=_("Older ones are forgotten for good, and none are taken any more."),
    )  # fmt: skip
    rollup_days = forms.IntegerField(
        label=_("Days that sums of 15 minutes are kept"), required=False, min_value=1, max_value=MAX_DAYS,
        help_text=_("Averages and extremes of forgotten values remain for so long."),
    )  # fmt: skip

    @classmethod
    def of(cls, kept: Kept) -> "RetentionForm":
        """The form with what is said now."""
        return cls(initial={"raw_days": kept.raw_days, "rollup_days": kept.rollup_days})

    @property
    def kept(self) -> Kept:
        """What stands in the form."""
        return Kept(self.cleaned_data["raw_days"], self.cleaned_data["rollup_days"])


class RangeForm(TelemetryForm):
    """A range of times that may be open on one side."""

    start = forms.DateTimeField(label=_("From"), required=False, widget=LocalMoment())
    end = forms.DateTimeField(label=_("Until"), required=False, widget=LocalMoment())


class ProjectRetention(TelemetryPage):
    """`/telemetry/projects/ID/retention/`"""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        project = self.project(pk)
        return self.page(project, RetentionForm.of(keeping.kept_of_project(project)))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        project, form = self.project(pk), RetentionForm(request.POST)

        def change() -> bool:
            keeping.keep_project(actor=self.actor, project=project, kept=form.kept)
            return True

        if form.run(change):
            messages.success(request, gettext("Saved."))
            return redirect("telemetry:project-retention", pk=pk)
        return self.page(project, form)

    def project(self, pk: UUID) -> Project:
        """The project, if the actor may decide there."""
        project = get_object_or_404(Project.objects.visible_to(self.actor), pk=pk)
        require(self.actor, "datapoint", Action.EDIT, keeping.place_of(project))
        return project

    def page(self, project: Project, form: RetentionForm) -> HttpResponse:
        context = {"title": _("Retention"), "project": project, "form": form}
        return render(self.request, "telemetry/retention.html", context)


class DatapointRetention(TelemetryPage):
    """`/telemetry/datapoints/ID/retention/`"""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        datapoint = self.datapoint(pk)
        return self.page(datapoint)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        datapoint, form = self.datapoint(pk), RetentionForm(request.POST)

        def change() -> bool:
            keeping.keep_datapoint(actor=self.actor, datapoint=datapoint, kept=form.kept)
            return True

        if form.run(change):
            messages.success(request, gettext("Saved."))
            return redirect("telemetry:datapoint-retention", pk=pk)
        return self.page(datapoint, form=form)

    def datapoint(self, pk: int) -> Datapoint:
        """The datapoint, if the actor may change it."""
        datapoint = get_object_or_404(selectors.datapoints_for(self.actor), pk=pk)
        require(self.actor, "datapoint", Action.EDIT, datapoint)
        return datapoint

    def page(self, datapoint: Datapoint, **forms_: Any) -> HttpResponse:
        kept = keeping.kept_of_datapoint(datapoint)
        context = {
            "title": datapoint.name,
            "datapoint": datapoint,
            "project": datapoint.project,
            "kept": kept,
            "form": RetentionForm.of(kept.own),
            "range_form": RangeForm(),
            "may_edit_project": may(self.actor, "datapoint", Action.EDIT, keeping.place_of(datapoint.project)),
            **forms_,
        }
        return render(self.request, "telemetry/retention.html", context)


class DeleteValues(DatapointRetention):
    """`/telemetry/datapoints/ID/delete-values/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        datapoint, form = self.datapoint(pk), RangeForm(request.POST)

        def delete() -> bool:
            keeping.delete_values(actor=self.actor, datapoint=datapoint, **form.cleaned_data)
            return True

        if form.run(delete):
            messages.success(request, gettext("The measurements of this range are deleted."))
            return redirect("telemetry:datapoint-retention", pk=pk)
        return self.page(datapoint, range_form=form)
