"""Reads: entries of the audit log by filter, and the names that belong to their ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from guildhall.core.accounts.models import User
from guildhall.core.audit.models import AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are wanted; what is None does not matter. `since` is included, `until` is not."""

    action: str | None = None
    actor: UUID | None = None
    organization: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def entries_for(user: User, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """The entries that the user sees and asked for, in no order."""
    entries = AuditEntry.objects.visible_to(user)
    conditions = {
        "action": wanted.action,
        "actor_id": wanted.actor,
        "organization_id": wanted.organization,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
    }
    return entries.filter(**{name: value for name, value in conditions.items() if value is not None})


def names_of(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """How the people with these ids are called now; whose account is deleted is missing."""
    people = User.objects.filter(pk__in={one for one in ids if one is not None})
    return {person.pk: str(person) for person in people}
