"""One's own API keys: make, revoke. A key in clear stands only in the answer to the request that made it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.api_keys import NewKey, create_api_key, revoke_api_key
from guildhall.core.accounts.models import ApiKey
from guildhall.core.pages import Page
from guildhall.web.forms.security import ApiKeyForm


class ApiKeys(Page):
    """`/profile/api-keys/`; POST makes a key and shows it in the answer."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(ApiKeyForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ApiKeyForm(request.POST)
        made = form.run(
            lambda: create_api_key(
                actor=self.actor,
                name=form.cleaned_data["name"],
                scopes=form.scopes_given,
                expires_at=form.expires_at,
            )
        )
        return self._page(ApiKeyForm(), made=made) if made else self._page(form)

    def _page(self, form: ApiKeyForm, *, made: NewKey | None = None) -> HttpResponse:
        now = timezone.now()
        keys = list(ApiKey.objects.filter(user=self.actor).order_by("-created_at", "pk"))
        context = {
            "title": _("API keys"),
            "form": form,
            "made": made,
            "usable_keys": [key for key in keys if key.is_usable(now)],
            "ended_keys": [key for key in keys if not key.is_usable(now)],
        }
        response = render(self.request, "web/api_keys.html", context)
        response["Cache-Control"] = "no-store"
        return response


class RevokeApiKey(Page):
    """`/profile/api-keys/ID/revoke/`"""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, key_id: UUID) -> HttpResponse:
        key = get_object_or_404(ApiKey, pk=key_id, user=self.actor)
        return self.carry_out(
            lambda: revoke_api_key(actor=self.actor, api_key=key),
            done=gettext("The key no longer works."),
            then="web:api-keys",
        )
