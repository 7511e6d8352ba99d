"""Where somebody is signed in: sessions of browsers and sign-ins by the API, listed and ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from guildhall.core.accounts.models import BrowserSession, RefreshFamily, User
from guildhall.core.accounts.session_store import stored_key
from guildhall.core.audit.services import record_account
from guildhall.core.errors import NotFoundError

MAX_LISTED: Final = 200


class Kind(StrEnum):
    """By what one is signed in."""

    BROWSER = "browser"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One place where somebody is signed in. Time and origin are those of the last use, to the minute."""

    id: UUID
    kind: Kind
    created_at: datetime
    last_used_at: datetime
    address: str | None
    user_agent: str
    is_current: bool


def sign_in_id_of_session(session_key: str | None) -> UUID | None:
    """The id under which the session of this cookie is listed."""
    if not session_key:
        return None
    return BrowserSession.objects.filter(session_key=stored_key(session_key)).values_list("id", flat=True).first()


def sign_ins_of(user: User, *, current: UUID | None) -> list[SignIn]:
    """Where the user is signed in, the current one first, then by last use; at most 200 of each kind."""
    now = timezone.now()
    sessions = user.browser_sessions.filter(expire_date__gt=now).order_by("-last_used_at")[:MAX_LISTED]
    families = user.refresh_families.filter(revoked_at=None, expires_at__gt=now).order_by("-last_used_at")[:MAX_LISTED]
    found = [
        SignIn(
            id=row.id,
            kind=kind,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            address=row.address,
            user_agent=row.user_agent,
            is_current=row.id == current,
        )
        for kind, rows in ((Kind.BROWSER, sessions), (Kind.API, families))
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.is_current, -one.last_used_at.timestamp(), str(one.id)))


@transaction.atomic
def end_sign_in(*, actor: User, sign_in_id: UUID) -> None:
    """Sign the actor out there, at once.

    Raises:
        NotFoundError: he is not signed in under this id (any more).
    """
    ended, _of_what = BrowserSession.objects.filter(user=actor, id=sign_in_id).delete()
    if not ended:
        ended = RefreshFamily.objects.filter(user=actor, pk=sign_in_id, revoked_at=None).update(
            revoked_at=timezone.now()
        )
    if not ended:
        raise NotFoundError
    record_account("sign_in.ended", actor, actor=actor, details={"sign_in": sign_in_id})


@transaction.atomic
def end_other_sign_ins(*, actor: User, keep: UUID | None) -> int:
    """Sign the actor out everywhere else, at once; returns of how many places. API keys stay. Safe to repeat."""
    ended = end_all(actor, keep=keep)
    if ended:
        record_account("sign_in.others_ended", actor, actor=actor, details={"count": ended})
    return ended


def end_all(user: User, *, keep: UUID | None = None) -> int:
    """Delete the sessions and revoke the token families of the user, but the one to keep; a part of other services."""
    sessions = BrowserSession.objects.filter(user=user)
    families = RefreshFamily.objects.filter(user=user, revoked_at=None)
    if keep is not None:
        sessions, families = sessions.exclude(id=keep), families.exclude(pk=keep)
    return sessions.delete()[0] + families.update(revoked_at=timezone.now())
