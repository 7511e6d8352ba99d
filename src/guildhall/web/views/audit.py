"""The audit log of the organization that its admin looks at; a superuser can look at all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.core.audit import actions, selectors
from guildhall.core.audit.models import AuditEntry
from guildhall.core.audit.selectors import AuditFilter
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.core.pages import Page
from guildhall.web.forms.security import AuditFilterForm

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with its words: what was done, by whom, to whom if that is somebody else, and what else is known."""

    entry: AuditEntry
    action: str
    actor: str | None
    subject: str | None
    details: str


def _people_in(entry: AuditEntry) -> dict[str, UUID | None]:
    """Who did it, and to whose account or role it was done."""
    affected = entry.subject_id if entry.subject_type == "user" else entry.details.get("user")
    return {"actor": entry.actor_id, "subject": UUID(affected) if affected else None}


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_words(inner) for inner in value)
    if isinstance(value, dict):
        return " ".join(_words(inner) for inner in value.values())
    return str(value)


def _rows(entries: Sequence[AuditEntry]) -> list[Row]:
    people = [_people_in(entry) for entry in entries]
    names = selectors.names_of(one for found in people for one in found.values())
    rows = []
    for entry, found in zip(entries, people, strict=True):
        actor, subject = (names.get(key) if (key := found[part]) else None for part in ("actor", "subject"))
        told = {name: value for name, value in entry.details.items() if name != "user" and value is not None}
        rows.append(
            Row(
                entry=entry,
                action=actions.label_of(entry.action),
                actor=actor,
                subject=subject if found["subject"] != found["actor"] else None,
                details=" · ".join(f"{name}: {_words(value)}" for name, value in told.items()),
            )
        )
    return rows


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
        context = {
            "title": _("Audit log"),
            "organization": self.organization,
            "form": form,
            "everywhere": everywhere,
            "rows": _rows(found[:PAGE_SIZE]),
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


def _midnight(day: date) -> datetime:
    """Where the day begins in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
