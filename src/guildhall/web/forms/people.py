"""Forms of the ways into an account, and of the profile. What signed-in people do for safety is in `security`."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.errors import LockedOutError, SecondFactorRequiredError, WrongCredentialsError
from guildhall.core.accounts.sign_in import sign_in
from guildhall.core.pages import ServiceForm

PASSWORD_MIN_LENGTH = 8


class SignInForm(AuthenticationForm):
    """E-mail address and password."""

    error_messages = {
        "invalid_login": _("E-mail address or password is not right."),
        "inactive": _("This account is not active."),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
        self.fields["password"].label = _("Password")
        #: Proves the password where a second factor is asked for; then nobody is signed in yet.
        self.challenge = ""
        #: After how many seconds the next attempt may be made; None if at once.
        self.retry_after_s: int | None = None

    def clean(self) -> dict[str, Any]:
        """Ask the service in place of Django's own backends: it counts failures and knows the second factor."""
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email is None or not password:
            return self.cleaned_data
        try:
            self.user_cache = sign_in(email=email, password=password)
        except SecondFactorRequiredError as error:
            self.challenge = error.members["challenge"]
        except LockedOutError as error:
            self.retry_after_s = error.retry_after_s
            raise ValidationError(gettext(error.title)) from error
        except WrongCredentialsError as error:
            raise self.get_invalid_login_error() from error
        return self.cleaned_data


class SecondFactorForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        help_text=_("The six digits that your app shows, or one of your recovery codes."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autofocus": True, "class": "font-mono"}
        ),
    )


class ForgottenPasswordForm(ServiceForm):
    """To which address the link for a new password goes."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )


class TokenForm(ServiceForm):
    """The token of a mail's link, which the page puts in."""

    token = forms.CharField(
        label=_("The end of the link, after “token=”"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "data-from-fragment": "token", "class": "font-mono"}
        ),
    )


class NewPasswordForm(TokenForm):
    """A new password by the token of a mail."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 8 characters, and not a common password."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class RegistrationForm(ServiceForm):
    """A new account, with an invite code if there is one."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 8 characters, and not a common password."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    invite_code = forms.CharField(
        label=_("Invite code"),
        required=False,
        max_length=64,
        help_text=_("If somebody invited you to an organization."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-from-fragment": "code"}),
    )
    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def clean_time_zone(self) -> str:
        """The zone that the browser told; one that is not known here counts as none."""
        name: str = self.cleaned_data["time_zone"]
        return name if name in zoneinfo.available_timezones() else "UTC"


class ProfileForm(ServiceForm):
    """Name, language and time zone."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Times on all pages are shown in it."),
        choices=lambda: [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())],
    )
