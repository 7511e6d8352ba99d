"""What the tracker's pages share: finding the task that an address names, and saying what was done."""

from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from guildhall.core.errors import GuildhallError
from guildhall.core.pages import EXPLAINED, Page
from guildhall.core.versions import StaleVersionError
from guildhall.modules.tasks import selectors
from guildhall.modules.tasks.models import Task
from guildhall.modules.tasks.policy import Standing
from guildhall.modules.tasks.web.asked import MOST_DIGITS

#: More than this of an address that one is sent back to is not ours.
LONGEST_WAY_BACK: Final = 4000


class TasksPage(Page):
    """A page of the organization's tracker."""

    @cached_property
    def standing(self) -> Standing:
        """How the actor stands in the organization whose pages he looks at."""
        return selectors.standing_of(self.actor, self.organization.pk)

    def task(self, pk: int) -> Task:
        """The task, if the actor sees it.

        Raises:
            Http404: he does not.
        """
        task = selectors.task_for(self.actor, pk)
        if task is None:
            raise Http404
        return task

    def way_back(self, default: str) -> str:
        """Where the form that was sent wants its reader to go afterwards: a page of the tracker, or the default."""
        asked = self.request.POST.get("next", "")
        root = reverse("tasks:list")
        is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and urlsplit(asked).path.startswith(root)
        return asked if is_ours and len(asked) <= LONGEST_WAY_BACK else default

    def done(self, call: Callable[[], object], *, said: str, then: str, undo: str = "") -> HttpResponse:
        """Call a service, say that it is done, with a button that takes it back, or why it is not; then go on."""
        try:
            call()
        except StaleVersionError:
            messages.error(self.request, gettext("Somebody changed this task in the meantime. Look at it first."))
        except GuildhallError as error:
            if error.status not in EXPLAINED:
                raise
            messages.error(self.request, explained(error))
        else:
            messages.success(self.request, undoable(said, undo) if undo else said)
        return HttpResponseRedirect(then)


def explained(error: GuildhallError) -> str:
    """Why a service refused, in one line."""
    findings = [finding for field in error.fields.values() for finding in field]
    return " ".join(dict.fromkeys(findings)) or gettext(error.detail)


def undoable(said: str, what: str) -> str:
    """A message with a button that takes back what it tells of. Its form stands on every page of the tracker."""
    button = format_html(
        '<button class="link font-medium" form="undo" name="what" value="{}">{}</button>', what, gettext("Undo")
    )
    return format_html("{} {}", said, button)


def numbered(ids: Iterable[str]) -> list[int]:
    """Those of the texts that can be keys of tasks."""
    return [int(text) for text in ids if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS]
