"""One's own account, made safe: password, second factor, sign-ins; its data and its end. API keys are in `api_keys`."""

from abc import ABC, abstractmethod
from uuid import UUID

import orjson
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts import lifecycle, passwords, second_factor, sign_ins
from guildhall.core.accounts.export import export_own_data
from guildhall.core.pages import Page, ServiceForm
from guildhall.web.forms.security import ChangePasswordForm, ConfirmForm, FirstCodeForm


class AccountPage(Page):
    """What the pages of one's own account share."""

    @property
    def current(self) -> UUID | None:
        """The id of the session by which the request came."""
        return sign_ins.sign_in_id_of_session(self.request.session.session_key)

    def confirm_page(
        self, form: ServiceForm, *, title: str | Promise, description: str | Promise, submit: str | Promise
    ) -> HttpResponse:
        """A page that asks for the password."""
        context = {
            "form": form,
            "title": title,
            "description": description,
            "submit": submit,
            "back": {"url": reverse("web:security"), "label": _("Safety")},
        }
        return render(self.request, "web/form_page.html", context)

    def codes_page(self, codes: list[str]) -> HttpResponse:
        """The recovery codes, this once."""
        context = {"title": _("Recovery codes"), "codes": codes, "text": "\n".join(codes)}
        response = render(self.request, "web/recovery_codes.html", context)
        response["Cache-Control"] = "no-store"
        return response


class Security(AccountPage):
    """`/profile/security/`; POST changes the password."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ChangePasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ChangePasswordForm(request.POST)
        done = form.run(lambda: self._change(form))
        return self._page(form) if done is None else done

    def _change(self, form: ChangePasswordForm) -> HttpResponse:
        passwords.change_password(actor=self.actor, keep=self.current, **form.cleaned_data)
        update_session_auth_hash(self.request, self.actor)
        messages.success(self.request, gettext("Your password is changed. Everywhere else you are signed out."))
        return redirect("web:security")

    def _page(self, form: ChangePasswordForm) -> HttpResponse:
        context = {
            "title": _("Safety"),
            "form": form,
            "has_second_factor": second_factor.is_enabled(self.actor),
            "recovery_codes_left": second_factor.recovery_codes_left(self.actor),
            "sign_ins": sign_ins.sign_ins_of(self.actor, current=self.current),
        }
        return render(self.request, "web/security.html", context)


class EndSignIn(AccountPage):
    """`/profile/security/sign-ins/ID/end/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, sign_in_id: UUID) -> HttpResponse:
        return self.carry_out(
            lambda: sign_ins.end_sign_in(actor=self.actor, sign_in_id=sign_in_id),
            done=gettext("You are signed out there."),
            then="web:security",
        )


class EndOtherSignIns(AccountPage):
    """`/profile/security/sign-ins/end-others/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.carry_out(
            lambda: sign_ins.end_other_sign_ins(actor=self.actor, keep=self.current),
            done=gettext("Everywhere else you are signed out."),
            then="web:security",
        )


class ResendVerification(AccountPage):
    """`/profile/security/verify-email/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.carry_out(
            lambda: passwords.request_verification(actor=self.actor),
            done=gettext("A mail with a link is on its way."),
            then="web:security",
        )


class EnrolSecondFactor(AccountPage):
    """`/profile/security/second-factor/`: asks for the password, then leads to the picture."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ConfirmForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ConfirmForm(request.POST)
        if form.run(lambda: second_factor.enrol(actor=self.actor, **form.cleaned_data)) is None:
            return self._page(form)
        return redirect("web:confirm-second-factor")

    def _page(self, form: ConfirmForm) -> HttpResponse:
        return self.confirm_page(
            form,
            title=_("Switch on the second factor"),
            description=_("When you sign in, an app on your phone then shows a code that nobody else knows."),
            submit=_("Continue"),
        )


class ConfirmSecondFactor(AccountPage):
    """`/profile/security/second-factor/confirm/`: the picture for the app, and its first code."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(FirstCodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = FirstCodeForm(request.POST)
        codes = form.run(lambda: second_factor.confirm(actor=self.actor, **form.cleaned_data))
        return self._page(form) if codes is None else self.codes_page(codes)

    def _page(self, form: FirstCodeForm) -> HttpResponse:
        enrolment = second_factor.pending_enrolment(self.actor)
        if enrolment is None:
            return redirect("web:security")
        context = {"title": _("Switch on the second factor"), "form": form, "enrolment": enrolment}
        response = render(self.request, "web/enrol_second_factor.html", context)
        response["Cache-Control"] = "no-store"
        return response


class DisableSecondFactor(AccountPage):
    """`/profile/security/second-factor/disable/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ConfirmForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ConfirmForm(request.POST)
        done = form.run(lambda: self._disable(form.cleaned_data["password"]))
        return self._page(form) if done is None else done

    def _disable(self, password: str) -> HttpResponse:
        second_factor.disable(actor=self.actor, password=password)
        messages.success(self.request, gettext("The second factor is off."))
        return redirect("web:security")

    def _page(self, form: ConfirmForm) -> HttpResponse:
        return self.confirm_page(
            form,
            title=_("Switch off the second factor"),
            description=_("From then on your password alone opens your account."),
            submit=_("Switch it off"),
        )


class RenewRecoveryCodes(AccountPage):
    """`/profile/security/recovery-codes/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ConfirmForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ConfirmForm(request.POST)
        codes = form.run(lambda: second_factor.renew_recovery_codes(actor=self.actor, **form.cleaned_data))
        return self._page(form) if codes is None else self.codes_page(codes)

    def _page(self, form: ConfirmForm) -> HttpResponse:
        return self.confirm_page(
            form,
            title=_("New recovery codes"),
            description=_("The old ones stop working at once."),
            submit=_("Make new codes"),
        )


class OwnData(AccountPage):
    """`/profile/data/`: what is kept about oneself, and the ways out."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "web/own_data.html", {"title": _("Your data")})


class ConfirmedDeed(AccountPage, ABC):
    """A page that asks for the password and then does something about the whole account."""

    title: str | Promise
    description: str | Promise
    submit: str | Promise

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ConfirmForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ConfirmForm(request.POST)
        done = form.run(lambda: self.carry_out_by(form.cleaned_data["password"]))
        return self._page(form) if done is None else done

    @abstractmethod
    def carry_out_by(self, password: str) -> HttpResponse:
        """Do it, by this password."""

    def _page(self, form: ConfirmForm) -> HttpResponse:
        context = {
            "form": form,
            "title": self.title,
            "description": self.description,
            "submit": self.submit,
            "back": {"url": reverse("web:own-data"), "label": _("Your data")},
        }
        return render(self.request, "web/form_page.html", context)


class ExportOwnData(ConfirmedDeed):
    """`/profile/data/export/`"""

    title = _("Take your data along")
    description = _("A JSON file with everything that is kept about you.")
    submit = _("Download")

    def carry_out_by(self, password: str) -> HttpResponse:
        found = export_own_data(actor=self.actor, password=password)
        body = orjson.dumps(found, default=str, option=orjson.OPT_INDENT_2)
        headers = {
            "Content-Disposition": 'attachment; filename="guildhall-export.json"',
            "Cache-Control": "no-store",
        }
        return HttpResponse(body, content_type="application/json", headers=headers)


class DeactivateAccount(ConfirmedDeed):
    """`/profile/data/deactivate/`"""

    title = _("Close your account")
    description = _("You are signed out everywhere and nobody can sign in. Who looks after the site can open it again.")
    submit = _("Close the account")

    def carry_out_by(self, password: str) -> HttpResponse:
        lifecycle.deactivate_self(actor=self.actor, password=password)
        return self._leave(gettext("Your account is closed."))

    def _leave(self, sentence: str) -> HttpResponse:
        logout(self.request)
        messages.success(self.request, sentence)
        return redirect("web:sign-in")


class EraseAccount(DeactivateAccount):
    """`/profile/data/erase/`"""

    title = _("Erase your account")
    description = _(
        "Your name, address, keys and your personal organization go for ever. "
        "What you did in other organizations stays there, under a pseudonym."
    )
    submit = _("Erase it for ever")

    def carry_out_by(self, password: str) -> HttpResponse:
        lifecycle.erase_self(actor=self.actor, password=password)
        return self._leave(gettext("Your account is erased."))
