"""The pages of alarms: those that are on or over, the rules of a datapoint, and one rule with what it found."""

from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import may, require
from guildhall.core.versions import StaleVersionError
from guildhall.modules.telemetry import selectors as places
from guildhall.modules.telemetry.alarms import selectors, services
from guildhall.modules.telemetry.alarms.models import KIND_CHOICES, PER_CHOICES, SEVERITY_CHOICES, AlarmRule
from guildhall.modules.telemetry.alarms.policy import THRESHOLDS, Kind, Per, Severity
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.web.forms import TelemetryForm
from guildhall.modules.telemetry.web.views import TelemetryPage

SHOWN: Final = 50
LARGEST_ID: Final = 2**63 - 1
SETTINGS: Final = ("name", "low", "high", "hysteresis", "per", "duration_s", "severity", "enabled")


class RuleForm(TelemetryForm):
    """What can be changed of a rule."""

    name = forms.CharField(label=_("Name"), max_length=120)
    low = forms.FloatField(label=_("Lower threshold"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    high = forms.FloatField(label=_("Upper threshold"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    per = forms.ChoiceField(label=_("Change in"), choices=PER_CHOICES, required=False, initial=Per.MINUTE.value)
    hysteresis = forms.FloatField(
        label=_("Hysteresis"),
        required=False,
        initial=0,
        widget=forms.NumberInput(attrs={"step": "any"}),
        help_text=_("By how much the value has to come back over the threshold before the alarm clears."),
    )
    duration_s = forms.IntegerField(
        label=_("For so many seconds"),
        required=False,
        help_text=_("How long it has to be so before it is an alarm; of a silence, how long no value may come."),
    )
    severity = forms.ChoiceField(label=_("Severity"), choices=SEVERITY_CHOICES, initial=Severity.WARNING.value)
    enabled = forms.BooleanField(label=_("Enabled"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @property
    def given(self) -> dict[str, Any]:
        """What the services take; an empty number that is none of the thresholds is nothing."""
        found = {name: self.cleaned_data[name] for name in SETTINGS}
        nothing = {"hysteresis": 0.0, "duration_s": 0, "per": Per.MINUTE.value}
        return {**found, **{name: found[name] or empty for name, empty in nothing.items()}}


class RuleOfKindForm(RuleForm):
    """The form of a rule that there is; it shows what its kind takes."""

    def __init__(self, data: Any = None, *, kind: Kind, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        unused = {"low", "high"} - set(THRESHOLDS[kind])
        if kind is not Kind.RATE_OF_CHANGE:
            unused.add("per")
        if kind is Kind.SILENT_FOR:
            unused.add("hysteresis")
        for name in unused:
            self.fields[name].widget = forms.HiddenInput()


class NewRuleForm(RuleForm):
    """The form of a new rule; which fields it shows depends on the kind."""

    field_order = ("name", "kind", "low", "high", "per", "hysteresis", "duration_s", "severity", "enabled")
    shown_when: ClassVar[dict[str, str]] = {
        "low": "kind=below,outside",
        "high": "kind=above,outside,rate_of_change",
        "per": "kind=rate_of_change",
        "hysteresis": "kind=above,below,outside,rate_of_change",
    }

    kind = forms.ChoiceField(label=_("Alarm when"), choices=KIND_CHOICES)

    @property
    def given(self) -> dict[str, Any]:
        """What the services take, without what stands in fields that the kind does not show."""
        found = {**super().given, "kind": self.cleaned_data["kind"]}
        kind = Kind(found["kind"])
        for name in {"low", "high"} - set(THRESHOLDS[kind]):
            found[name] = None
        if kind is Kind.SILENT_FOR:
            found["hysteresis"] = 0.0
        return found


class Alarms(TelemetryPage):
    """`/telemetry/alarms/`: what is on and what was."""

    template = "telemetry/alarms.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = selectors.alarms_for(self.actor, organization_id=self.organization.pk)
        rows = rows.order_by("-started_at", "-pk")
        context = {
            "title": _("Alarms"),
            **self.with_rights(on=rows.filter(ended_at=None)[:SHOWN], over=rows.exclude(ended_at=None)[:SHOWN]),
        }
        return render(request, self.template, context)


class AlarmsNow(Alarms):
    """`/telemetry/alarms/now/`: a part of the page, for the script that keeps it fresh."""

    template = "telemetry/alarms_now.html"


class Acknowledge(TelemetryPage):
    """`/telemetry/alarms/ID/acknowledge/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        alarm = get_object_or_404(selectors.alarms_for(self.actor), pk=min(pk, LARGEST_ID))
        services.acknowledge(actor=self.actor, episode=alarm)
        back = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/telemetry/")
        return redirect(back) if is_ours else redirect("telemetry:alarm-rule", pk=alarm.rule_id)


class DatapointRules(TelemetryPage):
    """`/telemetry/datapoints/ID/alarms/`: the rules of a datapoint; POST makes another."""

    def datapoint(self, pk: int) -> Datapoint:
        """The datapoint, if the actor sees it."""
        return get_object_or_404(places.datapoints_for(self.actor), pk=min(pk, LARGEST_ID))

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.datapoint(pk), NewRuleForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        datapoint = self.datapoint(pk)
        require(self.actor, "alarm_rule", Action.CREATE, datapoint)
        form = NewRuleForm(request.POST)
        if form.run(lambda: services.create_rule(actor=self.actor, datapoint=datapoint, **form.given)):
            messages.success(request, gettext("The rule watches from now on."))
            return redirect("telemetry:alarm-rules", pk=pk)
        return self.page(datapoint, form)

    def page(self, datapoint: Datapoint, form: NewRuleForm) -> HttpResponse:
        context = {
            "title": gettext("Alarms of %(datapoint)s") % {"datapoint": datapoint.name},
            "datapoint": datapoint,
            "rules": datapoint.alarm_rules.order_by("name", "pk"),
            "form": form,
            "may_create": may(self.actor, "alarm_rule", Action.CREATE, datapoint),
        }
        return render(self.request, "telemetry/alarm_rules.html", context)


class ShowRule(TelemetryPage):
    """`/telemetry/alarm-rules/ID/`: a rule and what it found; POST changes it."""

    def rule(self, pk: UUID) -> AlarmRule:
        """The rule, if the actor sees it."""
        return get_object_or_404(selectors.rules_for(self.actor), pk=pk)

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        rule = self.rule(pk)
        initial = {name: getattr(rule, name) for name in (*SETTINGS, "version")}
        return self.page(rule, RuleOfKindForm(kind=Kind(rule.kind), initial=initial))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        rule = self.rule(pk)
        require(self.actor, "alarm_rule", Action.EDIT, rule)
        form = RuleOfKindForm(request.POST, kind=Kind(rule.kind))
        try:
            if form.run(lambda: self.change(rule, form)):
                messages.success(request, gettext("Saved."))
                return redirect("telemetry:alarm-rule", pk=pk)
        except StaleVersionError:
            form.add_error(
                None, gettext("Somebody else saved it in the meantime. Load the page anew to see how it is.")
            )
        return self.page(self.rule(pk), form)

    def change(self, rule: AlarmRule, form: RuleForm) -> AlarmRule:
        version = form.cleaned_data["version"]
        expected = None if version is None else frozenset({version})
        return services.update_rule(actor=self.actor, rule=rule, expected=expected, **form.given)

    def page(self, rule: AlarmRule, form: RuleForm) -> HttpResponse:
        context = {
            "title": rule.name,
            "rule": rule,
            "form": form,
            **self.with_rights(
                alarms=selectors.alarms_for(self.actor).filter(rule=rule).order_by("-started_at", "-pk")[:SHOWN]
            ),
            "may_edit": may(self.actor, "alarm_rule", Action.EDIT, rule),
            "may_delete": may(self.actor, "alarm_rule", Action.DELETE, rule),
        }
        return render(self.request, "telemetry/alarm_rule.html", context)


class DeleteRule(ShowRule):
    """`/telemetry/alarm-rules/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        rule = self.rule(pk)
        services.delete_rule(actor=self.actor, rule=rule)
        messages.success(request, gettext("The rule is deleted with all that it found."))
        return redirect("telemetry:alarm-rules", pk=rule.datapoint_id)
