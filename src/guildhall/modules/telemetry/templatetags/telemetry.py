"""Tags of telemetry's templates. Load with `{% load telemetry %}`."""

from collections.abc import Mapping

from django import template

from guildhall.modules.telemetry.selectors import Moment

register = template.Library()


@register.filter
def of(latest: Mapping[int, Moment], datapoint_id: int) -> Moment | None:
    """The newest value of this datapoint: `{{ latest|of:datapoint.pk }}`."""
    return latest.get(datapoint_id)
