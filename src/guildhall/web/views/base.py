"""What the views of signed-in people share."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.views import View

from guildhall.core.accounts.models import User
from guildhall.core.errors import GuildhallError
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.selectors import active_organization
from guildhall.web.forms.base import EXPLAINED


class Page(LoginRequiredMixin, View):
    """A page of the organization that the user looks at."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        # What one member saw must not come back from a cache after he signed out.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    @property
    def actor(self) -> User:
        """Who is asking."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @cached_property
    def organization(self) -> Organization:
        """The organization whose pages he looks at."""
        return active_organization(self.actor)

    def carry_out(self, call: Callable[[], object], *, done: str, then: str, **arguments: Any) -> HttpResponse:
        """Call a service, say that it is `done` (or what spoke against it) in a toast, and go to the page `then`."""
        try:
            call()
        except GuildhallError as error:
            if error.status not in EXPLAINED:
                raise
            findings = [finding for field in error.fields.values() for finding in field]
            messages.error(self.request, " ".join(findings) or gettext(error.detail))
        else:
            messages.success(self.request, done)
        return redirect(reverse(then, kwargs=arguments))


def uuid_or_404(text: str | None) -> UUID:
    """The UUID that a form sent.

    Raises:
        Http404: it is none, so it names nothing.
    """
    try:
        return UUID(text or "")
    except ValueError as error:
        raise Http404 from error
