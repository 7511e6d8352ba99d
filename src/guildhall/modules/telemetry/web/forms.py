"""The forms of telemetry's pages. Their rules live in the services that they feed."""

import shlex
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar, Final, TypeVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.errors import GuildhallError
from guildhall.core.organizations.models import Organization, Project, ProjectObject
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import may
from guildhall.modules.telemetry.mapping import Rule, rules_of
from guildhall.modules.telemetry.models import Datasource
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.services import RightGiven

T = TypeVar("T")
#: What a form can explain; everything else is an answer to the whole page.
EXPLAINED: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})


class LocalMoment(forms.DateTimeInput):
    """The browser's own choice of day and time, in the reader's time zone."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class Lines(forms.Textarea):
    """A few lines of code-like text."""

    def __init__(self) -> None:
        super().__init__(attrs={"rows": 3, "spellcheck": "false"})


class TelemetryForm(forms.Form):
    """A form that shows what a service finds wrong."""

    #: Which of this form's fields shows what is wrong with the service's field.
    shown_in: ClassVar[dict[str, str]] = {}

    def run(self, call: Callable[[], T]) -> T | None:
        """The service's answer, or None if something is wrong, which the form then shows.

        Raises:
            GuildhallError: it is nothing that another input could mend.
        """
        if not self.is_valid():
            return None
        try:
            return call()
        except GuildhallError as error:
            if error.status not in EXPLAINED:
                raise
            for name, findings in (error.fields or {"": [gettext(error.detail)]}).items():
                place = self.place_of(name)
                self.add_error(place if place in self.fields else None, list(findings))
            return None

    def place_of(self, name: str) -> str:
        """The field of this form at which to show what is wrong with a field of the service."""
        return self.shown_in.get(name, name)


class PlacedForm(TelemetryForm):
    """A form of something that belongs to a project or an object."""

    shown_in = {"project": "place", "object": "place"}
    #: What is to be created there.
    resource: ClassVar[str]

    def __init__(self, data: Any = None, *, actor: User, organization: Organization, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._places = _places(actor, organization, self.resource)
        self.fields["place"] = forms.ChoiceField(
            label=_("Belongs to"),
            choices=[(key, label) for key, (label, _project, _thing) in self._places.items()],
        )
        self.order_fields(self.field_order)

    @property
    def has_places(self) -> bool:
        """Whether there is any place in which the actor may create one."""
        return bool(self._places)

    @property
    def scope(self) -> tuple[Project, ProjectObject | None]:
        """The chosen project, and the object of it unless it is to belong to the whole project."""
        _label, project, thing = self._places[self.cleaned_data["place"]]
        return project, thing


class DatasourceForm(PlacedForm):
    """Name, place and what it may."""

    resource = "datasource"
    field_order = ("name", "place", "may_create_datapoints", "expires_at")

    name = forms.CharField(label=_("Name"), max_length=120)
    may_create_datapoints = forms.BooleanField(
        label=_("May create datapoints"),
        required=False,
        initial=True,
        help_text=_("A topic seen for the first time becomes a datapoint."),
    )
    expires_at = forms.DateTimeField(
        label=_("Expires"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["place"].help_text = _("Its datapoints belong to the same place.")


def _places(
    actor: User, organization: Organization, resource: str
) -> dict[str, tuple[str, Project, ProjectObject | None]]:
    """Where in the organization the actor may create such things, with labels."""
    found: dict[str, tuple[str, Project, ProjectObject | None]] = {}
    projects = Project.objects.visible_to(actor).filter(organization=organization).order_by("name", "pk")
    for project in projects.prefetch_related("objects_in_project"):
        if not may(actor, resource, Action.CREATE, project):
            continue
        found[f"project:{project.pk}"] = (gettext("%(project)s (whole project)") % {"project": project}, project, None)
        for thing in sorted(project.objects_in_project.all(), key=lambda one: one.name.casefold()):
            found[f"object:{thing.pk}"] = (f"{project} / {thing}", project, thing)
    return found


class DatasourceChangeForm(TelemetryForm):
    """What can be changed of a datasource without cutting it off."""

    name = forms.CharField(label=_("Name"), max_length=120)
    may_create_datapoints = forms.BooleanField(label=_("May create datapoints"), required=False)
    expires_at = forms.DateTimeField(
        label=_("Expires"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class RightsForm(TelemetryForm):
    """Topic filters, one a line."""

    publish = forms.CharField(
        label=_("May publish to"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    read = forms.CharField(
        label=_("May read"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    @classmethod
    def of(cls, datasource: Datasource) -> "RightsForm":
        """The form with the rights that are held."""
        held: dict[Right, list[str]] = {right: [] for right in Right}
        for row in datasource.topic_rights.order_by("filter"):
            held[Right(row.action)].append(row.filter)
        return cls(initial={right.value: "\n".join(filters) for right, filters in held.items()})

    @property
    def rights(self) -> list[RightGiven]:
        """The rights that stand in the lines."""
        return [
            RightGiven(right, line.strip())
            for right in Right
            for line in self.cleaned_data[right.value].splitlines()
            if line.strip()
        ]

    def place_of(self, name: str) -> str:
        _rights, _dot, rest = name.partition(".")
        index = rest.partition(".")[0]
        return self.rights[int(index)].action.value if index.isdecimal() else name


class MappingForm(TelemetryForm):
    """Rules, one a line, and a message to try them with."""

    shown_in = {"mapping": "rules"}

    rules = forms.CharField(
        label=_("Rules"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "font-mono"}),
        help_text=_("TOPIC POINTER KEY, and a pointer to the time where there is one; what holds spaces is quoted."),
    )
    topic = forms.CharField(label=_("Topic of a message"), required=False, max_length=200)
    message = forms.CharField(
        label=_("The message"),
        required=False,
        strip=False,
        max_length=64 * 1024,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "font-mono"}),
    )

    @classmethod
    def of(cls, datasource: Datasource) -> "MappingForm":
        """The form with the rules that hold."""
        lines = [
            shlex.join([rule.topic, rule.pointer, rule.key, *([rule.time] if rule.time else [])])
            for rule in rules_of(datasource.mapping)
        ]
        return cls(initial={"rules": "\n".join(lines)})

    def clean_rules(self) -> list[dict[str, str]]:
        """The rules as rows."""
        rows = []
        for number, line in enumerate(self.cleaned_data["rules"].splitlines(), 1):
            try:
                parts = shlex.split(line)
            except ValueError as error:
                raise forms.ValidationError(_("Line %(line)s: a quote is open."), params={"line": number}) from error
            if not parts:
                continue
            if len(parts) not in {3, 4}:
                message = _("Line %(line)s: write a topic, a pointer, a key, and perhaps a pointer to the time.")
                raise forms.ValidationError(message, params={"line": number})
            topic, pointer, key, *time = parts
            rows.append(Rule(pointer, key, topic, *time).as_row())
        return rows
