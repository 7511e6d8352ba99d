"""The pages of configuration documents: a list, an editor, and the versions with a way back."""

from typing import Any, Final
from uuid import UUID

import orjson
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import may, require
from guildhall.core.versions import StaleVersionError
from guildhall.modules.telemetry import configurations, selectors
from guildhall.modules.telemetry.models import Configuration
from guildhall.modules.telemetry.web.forms import PlacedForm, TelemetryForm
from guildhall.modules.telemetry.web.views import MAX_SHOWN, TelemetryPage

SHOWN_VERSIONS: Final = 20


class JsonField(forms.CharField):
    """Text that is JSON; cleaned, it is the value."""

    def __init__(self, **kwargs: Any) -> None:
        editor = forms.Textarea(attrs={"rows": 18, "spellcheck": "false"})
        super().__init__(strip=False, widget=editor, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            where = {"line": error.lineno, "column": error.colno}
            raise forms.ValidationError(
                gettext("This is not JSON; look at line %(line)s, column %(column)s.") % where
            ) from error


class ConfigurationForm(TelemetryForm):
    """Name and document, and the version from which the edit started."""

    name = forms.CharField(label=_("Name"), max_length=120)
    document = JsonField(label=_("Document (JSON)"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NewConfigurationForm(PlacedForm):
    """Name, place and document."""

    resource = "configuration"
    field_order = ("name", "place", "document")

    name = forms.CharField(label=_("Name"), max_length=120)
    document = JsonField(label=_("Document (JSON)"), initial="{\n}")


def written(document: Any) -> str:
    """The document as people read it."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def _new_form(actor: User, organization: Organization, data: Any = None) -> NewConfigurationForm:
    return NewConfigurationForm(data, actor=actor, organization=organization)


class ConfigurationPage(TelemetryPage):
    def configuration(self, pk: UUID) -> Configuration:
        """The configuration, if the actor sees it."""
        return get_object_or_404(selectors.configurations_for(self.actor), pk=pk)


class Configurations(ConfigurationPage):
    """`/telemetry/configurations/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = selectors.configurations_for(self.actor, organization_id=self.organization.pk)
        context = {
            "title": _("Configurations"),
            "configurations": rows.order_by("project__name", "object__name", "name", "pk")[:MAX_SHOWN],
            "may_create": _new_form(self.actor, self.organization).has_places,
        }
        return render(request, "telemetry/configurations.html", context)


class CreateConfiguration(ConfigurationPage):
    """`/telemetry/configurations/new/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(_new_form(self.actor, self.organization))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = _new_form(self.actor, self.organization, request.POST)
        made = form.run(lambda: self.create(form))
        return redirect("telemetry:configuration", pk=made.pk) if made else self.page(form)

    def create(self, form: NewConfigurationForm) -> Configuration:
        project, thing = form.scope
        given = {name: form.cleaned_data[name] for name in ("name", "document")}
        return configurations.create_configuration(actor=self.actor, project=project, thing=thing, **given)

    def page(self, form: NewConfigurationForm) -> HttpResponse:
        return render(
            self.request, "telemetry/configuration_form.html", {"title": _("New configuration"), "form": form}
        )


class ShowConfiguration(ConfigurationPage):
    """`/telemetry/configurations/ID/`: the document and its versions; POST changes it."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        configuration = self.configuration(pk)
        return self.page(configuration, self.form_of(configuration))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        configuration = self.configuration(pk)
        require(self.actor, "configuration", Action.EDIT, configuration)
        form = ConfigurationForm(request.POST)
        try:
            if form.run(lambda: self.change(configuration, form)):
                messages.success(request, gettext("Saved as version %(number)s.") % {"number": configuration.version})
                return redirect("telemetry:configuration", pk=pk)
        except StaleVersionError:
            form.add_error(
                None, gettext("Somebody else saved it in the meantime. Your text is still here; theirs is below.")
            )
        return self.page(self.configuration(pk), form)

    def change(self, configuration: Configuration, form: ConfigurationForm) -> Configuration:
        given = {name: form.cleaned_data[name] for name in ("name", "document")}
        version = form.cleaned_data["version"]
        expected = None if version is None else frozenset({version})
        return configurations.replace_document(
            actor=self.actor, configuration=configuration, expected=expected, **given
        )

    def form_of(self, configuration: Configuration) -> ConfigurationForm:
        document = written(configurations.document_of(configuration))
        return ConfigurationForm(
            initial={"name": configuration.name, "document": document, "version": configuration.version}
        )

    def page(self, configuration: Configuration, form: ConfigurationForm) -> HttpResponse:
        context = {
            "title": configuration.name,
            "configuration": configuration,
            "form": form,
            "document": written(configurations.document_of(configuration)),
            "is_stale": bool(form.non_field_errors()),
            "versions": selectors.versions_of(configuration).order_by("-number")[:SHOWN_VERSIONS],
            "may_edit": may(self.actor, "configuration", Action.EDIT, configuration),
            "may_delete": may(self.actor, "configuration", Action.DELETE, configuration),
        }
        return render(self.request, "telemetry/configuration.html", context)


class RestoreConfiguration(ConfigurationPage):
    """`/telemetry/configurations/ID/versions/N/restore/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
        configuration = self.configuration(pk)
        configurations.restore_version(actor=self.actor, configuration=configuration, number=number)
        messages.success(request, gettext("Version %(number)s is the current one again.") % {"number": number})
        return redirect("telemetry:configuration", pk=pk)


class DeleteConfiguration(ConfigurationPage):
    """`/telemetry/configurations/ID/delete/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        configurations.delete_configuration(actor=self.actor, configuration=self.configuration(pk))
        messages.success(request, gettext("The configuration is deleted with all its versions."))
        return redirect("telemetry:configurations")
