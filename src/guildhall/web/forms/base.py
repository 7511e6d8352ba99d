"""How a form's data reach a service, and how the service's findings come back into the form."""

from collections.abc import Callable
from http import HTTPStatus
from typing import ClassVar, TypeVar

from django import forms
from django.utils.translation import gettext

from guildhall.core.errors import GuildhallError

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
