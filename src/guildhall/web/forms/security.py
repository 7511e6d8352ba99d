"""Forms of what signed-in people do for the safety of their account, and with it."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts import scopes
from guildhall.core.accounts.models import User
from guildhall.core.audit import actions
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.selectors import members_of
from guildhall.core.pages import ServiceForm
from guildhall.web.forms.places import PersonField


def _password(label: Any, *, autocomplete: str = "current-password", help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, widget=widget, help_text=help_text)


class ChangePasswordForm(ServiceForm):
    """The current password and a new one."""

    current_password = _password(_("Current password"))
    password = _password(
        _("New password"),
        autocomplete="new-password",
        help_text=_("At least 8 characters, and not a common password."),
    )


class ConfirmForm(ServiceForm):
    """One's own password, before something that only oneself may do."""

    password = _password(_("Your password"))


class FirstCodeForm(ServiceForm):
    """The first code of an app."""

    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "font-mono"}
        ),
    )


class ApiKeyForm(ServiceForm):
    """A new API key: what it is for, how far it reaches, how long it works."""

    FOREVER = "0"
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What uses it: “backup script”, “dashboard in the hall”.")
    )
    access = forms.ChoiceField(
        label=_("May"), choices=[(scopes.READ, _("read")), (scopes.WRITE, _("read and change"))], initial=scopes.READ
    )
    areas = forms.MultipleChoiceField(
        label=_("Where"),
        required=False,
        help_text=_("Choose none for everywhere."),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "checkbox checkbox-sm"}),
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        initial=90,
        choices=[(7, _("1 week")), (30, _("30 days")), (90, _("90 days")), (365, _("1 year")), (FOREVER, _("ever"))],
    )
    renamed: ClassVar[dict[str, str]] = {"expires_at": "days", "scopes": "areas"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = self.fields["areas"]
        assert isinstance(areas, forms.MultipleChoiceField)
        areas.choices = list(scopes.areas().items())

    @property
    def scopes_given(self) -> list[str]:
        """The chosen access, everywhere or in each chosen area."""
        access = self.cleaned_data["access"]
        return [f"{area}:{access}" for area in self.cleaned_data["areas"]] or [access]

    @property
    def expires_at(self) -> datetime | None:
        """When the key ends, or None for never."""
        days: int = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None


class _DateInput(forms.DateInput):
    """The browser's own calendar, which speaks ISO 8601."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "input w-full"}, format="%Y-%m-%d")


class AuditFilterForm(forms.Form):
    """Which entries of the audit log are shown."""

    action = forms.ChoiceField(label=_("What"), required=False, widget=forms.Select(attrs={"class": "select w-full"}))
    actor = PersonField(
        label=_("Who"),
        required=False,
        queryset=User.objects.none(),
        empty_label=_("Everybody"),
        widget=forms.Select(attrs={"class": "select w-full"}),
    )
    since = forms.DateField(label=_("From"), required=False, widget=_DateInput())
    until = forms.DateField(label=_("Until"), required=False, widget=_DateInput())

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        action, actor = self.fields["action"], self.fields["actor"]
        assert isinstance(action, forms.ChoiceField)
        assert isinstance(actor, forms.ModelChoiceField)
        action.choices = [("", _("Everything")), *actions.choices()]
        actor.queryset = members_of(organization)
