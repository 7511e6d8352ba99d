"""The ways into an account: sign-in, registration, links of mails. And the profile."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, RedirectURLMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views import View

from guildhall.core.accounts.errors import InvalidChallengeError, LockedOutError, WrongCodeError
from guildhall.core.accounts.passwords import request_password_reset, reset_password, verify_email
from guildhall.core.accounts.services import register_user, update_profile
from guildhall.core.accounts.sign_in import finish_sign_in
from guildhall.core.identity.facade import SESSION_BACKEND
from guildhall.core.pages import Page
from guildhall.web.forms.people import (
    ForgottenPasswordForm,
    NewPasswordForm,
    ProfileForm,
    RegistrationForm,
    SecondFactorForm,
    SignInForm,
    TokenForm,
)

#: Under which name the session of a guest keeps the proof of his password.
CHALLENGE: Final = "second_factor_challenge"


class SignIn(LoginView):
    """`/sign-in/`"""

    template_name = "web/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        assert isinstance(form, SignInForm)
        if not form.challenge:
            return super().form_valid(form)
        self.request.session[CHALLENGE] = form.challenge
        following = urlencode({REDIRECT_FIELD_NAME: self.get_success_url()})
        return redirect(f"{reverse('web:second-factor')}?{following}")

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        assert isinstance(form, SignInForm)
        response = super().form_invalid(form)
        if form.retry_after_s is not None:
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
            response["Retry-After"] = str(form.retry_after_s)
        return response


class AdminSignIn(View):
    """`/admin/login/`: the way to our own page; nothing for people who are in and have no business there."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        following = urlencode({REDIRECT_FIELD_NAME: request.GET.get(REDIRECT_FIELD_NAME, "/admin/")}, safe="/")
        return redirect(f"{reverse('web:sign-in')}?{following}")


class SecondFactor(RedirectURLMixin, View):
    """`/sign-in/second-factor/`: the code of somebody who gave his password on the page before."""

    next_page = settings.LOGIN_REDIRECT_URL
    request: HttpRequest

    def get(self, request: HttpRequest) -> HttpResponse:
        if CHALLENGE not in request.session:
            return redirect("web:sign-in")
        return self._page(SecondFactorForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SecondFactorForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        try:
            user = finish_sign_in(challenge=request.session.get(CHALLENGE, ""), code=form.cleaned_data["code"])
        except InvalidChallengeError as error:
            messages.error(request, gettext(error.title))
            return redirect("web:sign-in")
        except (WrongCodeError, LockedOutError) as error:
            form.add_error("code", gettext(error.title))
            response = self._page(form)
            if error.retry_after_s is not None:
                response.status_code = error.status
                response["Retry-After"] = str(error.retry_after_s)
            return response
        del request.session[CHALLENGE]
        login(request, user, backend=SESSION_BACKEND)
        return redirect(self.get_success_url())

    def _page(self, form: SecondFactorForm) -> HttpResponse:
        return render(self.request, "web/second_factor.html", {"form": form, "title": _("Second factor")})


class ForgottenPassword(View):
    """`/reset-password/`: says the same for every address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, ForgottenPasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ForgottenPasswordForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        request_password_reset(email=form.cleaned_data["email"])
        return render(request, "web/mail_sent.html", {"title": _("Look into your mailbox")})

    def _page(self, request: HttpRequest, form: ForgottenPasswordForm) -> HttpResponse:
        return render(request, "web/forgotten_password.html", {"form": form, "title": _("Forgotten password")})


class NewPassword(View):
    """`/reset-password/new/#token=…`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, NewPasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewPasswordForm(request.POST)
        if form.run(lambda: reset_password(**form.cleaned_data)) is None:
            return self._page(request, form)
        logout(request)
        messages.success(request, gettext("Your new password is set. Sign in with it."))
        return redirect("web:sign-in")

    def _page(self, request: HttpRequest, form: NewPasswordForm) -> HttpResponse:
        context = {"form": form, "title": _("New password"), "submit": _("Set the password")}
        return render(request, "web/token_page.html", context)


class VerifyEmail(View):
    """`/verify-email/#token=…`; a button, as programs that look through mails open links too."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, TokenForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST)
        if form.run(lambda: verify_email(**form.cleaned_data)) is None:
            return self._page(request, form)
        messages.success(request, gettext("Your e-mail address is verified."))
        return redirect("web:home")

    def _page(self, request: HttpRequest, form: TokenForm) -> HttpResponse:
        context = {"form": form, "title": _("Verify the e-mail address"), "submit": _("Verify the address")}
        return render(request, "web/token_page.html", context)


class SignOut(LogoutView):
    """`/sign-out/`, by POST."""


class Register(View):
    """`/register/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect("web:join")
        return render(request, "web/register.html", {"form": RegistrationForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RegistrationForm(request.POST)
        language = get_language() or "en"
        user = form.run(lambda: register_user(**form.cleaned_data, language=language))
        if user is None:
            return render(request, "web/register.html", {"form": form})
        login(request, user)
        return redirect("web:home")


class Profile(Page):
    """`/profile/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = self.actor
        initial = {"name": user.name, "language": user.language, "time_zone": user.time_zone}
        return self._page(ProfileForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST)
        if form.run(lambda: update_profile(actor=self.actor, user=self.actor, **form.cleaned_data)) is not None:
            messages.success(request, gettext("Your profile is saved."))
            return redirect("web:profile")
        return self._page(form)

    def _page(self, form: ProfileForm) -> HttpResponse:
        return render(self.request, "web/profile.html", {"form": form, "title": _("Profile")})
