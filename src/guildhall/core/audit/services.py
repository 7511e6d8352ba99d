"""Writes: record an entry. Called by services in the transaction of their change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from guildhall.core.accounts.models import User
from guildhall.core.audit import actions
from guildhall.core.audit.models import AuditEntry
from guildhall.core.http.context import current_origin, current_request_id
from guildhall.core.organizations.selectors import active_organization


def record(
    action: str,
    *,
    actor: User | None,
    organization_id: UUID | None,
    subject: models.Model | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append an entry about what happens now; from where and in which request is taken from the context.

    Inside a transaction the entry stands or falls with the change. A refusal is recorded outside of the transaction
    that it ends.

    Raises:
        ValueError: the action is not registered.
    """
    if not actions.is_known(action):
        raise ValueError(f"{action!r} is no registered action of the audit log.")
    origin = current_origin.get()
    AuditEntry.objects.create(
        action=action,
        actor_id=actor.pk if actor is not None else None,
        organization_id=organization_id,
        subject_type=subject._meta.model_name or "" if subject is not None else "",  # noqa: SLF001 — documented as public.
        subject_id=str(subject.pk) if subject is not None else "",
        details=dict(details or {}),
        address=origin.address or None,
        user_agent=origin.user_agent,
        request_id=current_request_id.get(),
    )


def record_account(
    action: str,
    user: User,
    *,
    actor: User | None,
    subject: models.Model | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append an entry about somebody's account. It belongs to the organization whose pages the person looks at."""
    organization_id = active_organization(user).pk
    record(action, actor=actor, organization_id=organization_id, subject=subject or user, details=details)


@transaction.atomic
def forget(*, before: datetime) -> int:
    """Forget the entries from before this time, and record that and how many; returns their number. Safe to repeat.

    Raises:
        IntegrityError: some are younger than 30 days.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_forget(%s)", [before])
        (count,) = cursor.fetchone()
    if count:
        record("audit.forgotten", actor=None, organization_id=None, details={"before": before, "entries": count})
    return int(count)
