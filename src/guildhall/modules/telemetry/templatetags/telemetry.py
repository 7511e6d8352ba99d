"""Tags of telemetry's templates. Load with `{% load telemetry %}`."""

from collections.abc import Mapping

from django import template
from django.utils.formats import localize
from django.utils.translation import gettext as _

from guildhall.modules.telemetry.alarms.models import AlarmRule
from guildhall.modules.telemetry.alarms.policy import Kind, Severity
from guildhall.modules.telemetry.selectors import Moment

register = template.Library()


@register.filter
def of(latest: Mapping[int, Moment], datapoint_id: int) -> Moment | None:
    """The newest value of this datapoint: `{{ latest|of:datapoint.pk }}`."""
    return latest.get(datapoint_id)


@register.filter
def tone(severity: str) -> str:
    """The tone in which to show an alarm of this severity."""
    return "error" if severity == Severity.CRITICAL.value else severity


@register.filter
def in_words(rule: AlarmRule) -> str:
    """When the rule's condition holds, as people say it: `above 30 °C for 60 s`."""
    low, high = (_amount(value, rule.datapoint.unit) for value in (rule.low, rule.high))
    texts = {
        Kind.ABOVE: _("above %(high)s"),
        Kind.BELOW: _("below %(low)s"),
        Kind.OUTSIDE: _("outside of %(low)s to %(high)s"),
        Kind.RATE_OF_CHANGE: _("changes by more than %(high)s %(per)s"),
        Kind.SILENT_FOR: _("no value comes"),
    }
    text = texts[Kind(rule.kind)] % {"low": low, "high": high, "per": rule.get_per_display()}
    if not rule.duration_s:
        return text
    return _("%(condition)s for %(duration)s s") % {"condition": text, "duration": rule.duration_s}


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{localize(int(value) if value.is_integer() else value)} {unit}".strip()
