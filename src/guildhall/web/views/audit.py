"""The audit log of the organization that its admin looks at; a superuser can look at all of it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.core.audit import actions, selectors
from guildhall.core.audit.models import AuditEntry
from guildhall.core.audit.selectors import AuditFilter
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.web.forms.security import AuditFilterForm
from guildhall.web.views.base import Page

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with its words."""

    entry: AuditEntry
    action: str
    actor: str | None


class Audit(Page):
    """`/organization/audit/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        require(self.actor, "audit", Action.VIEW, self.organization)
        everywhere = self.actor.is_superuser and "everywhere" in request.GET
        form = AuditFilterForm(request.GET or None, organization=self.organization)
        entries = selectors.entries_for(self.actor, self._wanted(form, everywhere=everywhere))
        before = request.GET.get("before", "")
        if before.isascii() and before.isdigit():
            entries = entries.filter(pk__lt=int(before[:18]))
        found = list(entries.order_by("-id")[: PAGE_SIZE + 1])
        query = request.GET.copy()
        if len(found) > PAGE_SIZE:
            query["before"] = str(found[PAGE_SIZE - 1].pk)
        names = selectors.names_of(entry.actor_id for entry in found)
        context = {
            "title": _("Audit log"),
            "organization": self.organization,
            "form": form,
            "everywhere": everywhere,
            "rows": [
                Row(entry, actions.label_of(entry.action), names.get(entry.actor_id) if entry.actor_id else None)
                for entry in found[:PAGE_SIZE]
            ],
            "earlier": f"?{query.urlencode()}" if len(found) > PAGE_SIZE else "",
        }
        return render(request, "web/audit.html", context)

    def _wanted(self, form: AuditFilterForm, *, everywhere: bool) -> AuditFilter:
        organization = None if everywhere else self.organization.pk
        if not form.is_valid():
            return AuditFilter(organization=organization)
        given = form.cleaned_data
        return AuditFilter(
            action=given["action"] or None,
            actor=given["actor"].pk if given["actor"] else None,
            organization=organization,
            since=_midnight(given["since"]) if given["since"] else None,
            # The last day is meant whole.
            until=_midnight(given["until"] + timedelta(days=1)) if given["until"] else None,
        )


def _midnight(day: datetime) -> datetime:
    """Where the day begins in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
