"""Sign-in, registration, sign-out, profile."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views import View

from guildhall.core.accounts.services import register_user, update_profile
from guildhall.web.forms.people import ProfileForm, RegistrationForm, SignInForm
from guildhall.web.views.base import Page


class SignIn(LoginView):
    """`/sign-in/`"""

    template_name = "web/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


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
