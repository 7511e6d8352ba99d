"""Tags of the tracker's pages. Load with `{% load tasks %}`."""

from typing import Any, Final

from django import template
from django.utils.safestring import SafeString

from guildhall.modules.tasks import markdown as markdown_text
from guildhall.modules.tasks.models.fields import PRIORITY_CHOICES, STATUS_CHOICES
from guildhall.modules.tasks.policy import Priority, Status

register = template.Library()

STATUS_ICONS: Final = {
    Status.BACKLOG: "circle-dashed",
    Status.TODO: "circle",
    Status.IN_PROGRESS: "circle-play",
    Status.IN_REVIEW: "eye",
    Status.BLOCKED: "octagon-pause",
    Status.DONE: "circle-check",
    Status.CANCELLED: "circle-slash",
}
STATUS_TONES: Final = {
    Status.BACKLOG: "neutral",
    Status.TODO: "neutral",
    Status.IN_PROGRESS: "info",
    Status.IN_REVIEW: "primary",
    Status.BLOCKED: "error",
    Status.DONE: "success",
    Status.CANCELLED: "neutral",
}
PRIORITY_ICONS: Final = {
    Priority.LOW: "chevron-down",
    Priority.MEDIUM: "equal",
    Priority.HIGH: "chevron-up",
    Priority.URGENT: "chevrons-up",
}
_LABELS: Final = dict([*STATUS_CHOICES, *PRIORITY_CHOICES])


@register.filter
def markdown(text: str) -> SafeString:
    """What somebody wrote, as HTML that is safe to show."""
    return markdown_text.rendered(text)


@register.inclusion_tag("tasks/components/status.html")
def status(value: str, *, plain: bool = False) -> dict[str, Any]:
    """The mark of a status; `plain` leaves the ground away."""
    return {
        "icon_name": STATUS_ICONS[Status(value)],
        "tone": STATUS_TONES[Status(value)],
        "label": _LABELS[value],
        "plain": plain,
    }


@register.inclusion_tag("tasks/components/priority.html")
def priority(value: str, *, quiet: bool = False) -> dict[str, Any]:
    """The mark of a priority; `quiet` shows its word to screen readers only."""
    return {"icon_name": PRIORITY_ICONS[Priority(value)], "value": value, "label": _LABELS[value], "quiet": quiet}
