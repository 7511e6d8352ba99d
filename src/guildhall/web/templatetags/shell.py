"""Tags of the shell: icons, form fields, initials, islands. Load with `{% load shell %}`."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from guildhall.core.organizations.models import ScopedRole

register = template.Library()

WIDGET_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "checkbox"),
    (forms.Textarea, "textarea w-full"),
    (forms.Select, "select w-full"),
    (forms.ClearableFileInput, "file-input w-full"),
    (forms.widgets.Input, "input w-full"),
)
ERROR_CLASSES = {"checkbox": "checkbox-error", "textarea": "textarea-error", "select": "select-error"}


@lru_cache(maxsize=1)
def _icons() -> dict[str, str]:
    icons: dict[str, str] = json.loads((settings.VITE_OUTPUT / "icons.json").read_text())
    return icons


@register.simple_tag
def icon(name: str, classes: str = "size-5") -> SafeString:
    """An icon of Lucide's set, inline and hidden from screen readers: `{% icon "activity" "size-4" %}`.

    Raises:
        KeyError: there is no such icon.
    """
    drawing = mark_safe(_icons()[name])  # noqa: S308 - from the packaged set; nothing of it comes from a person
    return format_html(
        '<svg class="{} shrink-0" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        classes,
        drawing,
    )


@register.simple_tag
def island(name: str, props: Mapping[str, Any], classes: str = "") -> SafeString:
    """The place of a React component: `{% island "telemetry-chart" props %}`. The props have to fit into JSON."""
    return format_html('<div class="{}" data-island="{}" data-props="{}"></div>', classes, name, json.dumps(props))


@register.filter
def initials(name: object) -> str:
    """At most two capitals for a round badge: of "Ada Lovelace" AL, of "ada@example.org" A."""
    words = str(name).split("@")[0].split()
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def hue(key: object) -> int:
    """A number from 1 to 6 that stays the same for the same thing; picks the colour of its badge."""
    return sum(str(key).encode()) % 6 + 1


@register.filter
def scope_name(held: ScopedRole) -> str:
    """Where a role is held, in words: the organization, the project, or the project with the object."""
    if held.object is not None and held.project is not None:
        return f"{held.project.name} / {held.object.name}"
    return held.project.name if held.project is not None else held.organization.name


def _style(field: BoundField) -> dict[str, str | bool]:
    widget = field.field.widget
    classes = next((found for kind, found in WIDGET_CLASSES if isinstance(widget, kind)), "")
    attributes: dict[str, str | bool] = {}
    if classes:
        kind = classes.split()[0]
        attributes["class"] = f"{classes} {ERROR_CLASSES.get(kind, 'input-error')}" if field.errors else classes
    described = [f"{field.auto_id}_help"] * bool(field.help_text) + [f"{field.auto_id}_errors"] * bool(field.errors)
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return attributes


@register.inclusion_tag("web/components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """One field of a form with label, help and errors, in the site's style: `{% field form.email %}`."""
    widget = bound.field.widget
    return {
        "field": bound,
        "control": bound.as_widget(attrs=_style(bound)),
        "is_checkbox": isinstance(widget, forms.CheckboxInput),
        "is_choice_list": isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect),
        "is_password": isinstance(widget, forms.PasswordInput),
        "shown_when": getattr(bound.form, "shown_when", {}).get(bound.name, ""),
    }


@register.filter
def is_current(request: HttpRequest, url: str) -> bool:
    """Whether the page is the one at this address, or one below it; the home page has nothing below it."""
    return request.path == url or (url != "/" and request.path.startswith(url))
