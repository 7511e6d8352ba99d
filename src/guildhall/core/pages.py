"""What the pages of every module share: the view of a signed-in person, and the form that feeds a service.

Templates, navigation and the pages of the site's own are in `guildhall.web`.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
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

T = TypeVar("T")

#: What a form can explain; everything else (not allowed, not found) is an answer to the whole page.
EXPLAINED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})


class ServiceForm(forms.Form):
    """A form whose rules live in the service that it feeds."""

    #: Shows a field only while another has one of the values: {"project": "role=moderator,user"}.
    shown_when: ClassVar[dict[str, str]] = {}
    #: Names of the service's fields that have another name here.
    renamed: ClassVar[dict[str, str]] = {}

    def run(self, call: Callable[[], T]) -> T | None:
        """The service's answer, or None if the form or the service finds something wrong, which the form then shows.

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
            self._explain(error)
            return None

    def _explain(self, error: GuildhallError) -> None:
        if not error.fields:
            self.add_error(None, gettext(error.detail))
        for name, findings in error.fields.items():
            place = self.renamed.get(name, name)
            self.add_error(place if place in self.fields else None, list(findings))


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
