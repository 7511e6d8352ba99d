"""API keys: `gh_PREFIX_SECRET`. The prefix finds the row, the hash of the secret proves it; the key is shown once."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from guildhall.core.accounts import scopes as scope_rules
from guildhall.core.accounts.errors import InvalidApiKeyError, ScopeMissingError
from guildhall.core.accounts.models import ApiKey, User
from guildhall.core.accounts.models.credentials import HASH_BYTES, PREFIX_LENGTH
from guildhall.core.audit.services import record_account
from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.core.http.context import current_findings
from guildhall.core.validation import clean_or_raise

MARK: Final = "gh"
SECRET_BYTES: Final = 32
MAX_USABLE_KEYS: Final = 50
#: The time of the last use is written at most so often.
LAST_USED_PRECISION: Final = timedelta(minutes=1)
_PREFIX_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class NewKey:
    """An API key in clear, which exists only here."""

    api_key: ApiKey
    key: str


def _hash(secret: str) -> bytes:
    """Plain SHA-256 is enough for a random secret of 256 bits; there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


@transaction.atomic
def create_api_key(*, actor: User, name: str, scopes: Iterable[str], expires_at: datetime | None = None) -> NewKey:
    """Make a key of the actor's own; `expires_at` None means for ever.

    Raises:
        InvalidInputError: a scope is unknown or none is given, the time is past, or there are too many keys.
    """
    wanted = list(dict.fromkeys(scopes))
    if not wanted:
        raise InvalidInputError(fields={"scopes": [_("Choose at least one scope.")]})
    unknown = scope_rules.unknown(wanted)
    if unknown:
        raise InvalidInputError(fields={"scopes": [_("There is no scope %(scope)s.") % {"scope": unknown[0][:64]}]})
    now = timezone.now()
    if expires_at is not None and expires_at <= now:
        raise InvalidInputError(fields={"expires_at": [_("Choose a time in the future.")]})
    # The row of the user is locked, so that the limit holds for two requests at once.
    User.objects.select_for_update().get(pk=actor.pk)
    usable = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
    if actor.api_keys.filter(usable).count() >= MAX_USABLE_KEYS:
        raise InvalidInputError(fields={"": [_("You have as many keys as one can have. Revoke one first.")]})
    secret = secrets.token_urlsafe(SECRET_BYTES)
    api_key = ApiKey(
        user=actor,
        name=name.strip(),
        prefix="".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(PREFIX_LENGTH)),
        secret_hash=_hash(secret),
        scopes=wanted,
        expires_at=expires_at,
    )
    clean_or_raise(api_key)
    api_key.save(force_insert=True)
    api_key.refresh_from_db(fields=["created_at"])
    record_account("api_key.created", actor, actor=actor, subject=api_key, details={"scopes": wanted})
    return NewKey(api_key, f"{MARK}_{api_key.prefix}_{secret}")


@transaction.atomic
def revoke_api_key(*, actor: User, api_key: ApiKey) -> None:
    """Make the key useless. Safe to repeat.

    Raises:
        NotAllowedError: it is another's.
    """
    if api_key.user_id != actor.pk:
        raise NotAllowedError
    if ApiKey.objects.filter(pk=api_key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record_account("api_key.revoked", actor, actor=actor, subject=api_key)


def look_ahead(key: str) -> ApiKey:
    """The key for the limits of a request, whose rights take it from here, once: who asks again, as a live stream does
    each second, finds it as it is then.

    Raises:
        InvalidApiKeyError: it is malformed, unknown, expired or revoked, or the account is not active.
    """
    found = find_api_key(key)
    findings = current_findings.get()
    if findings is not None:
        findings[_finding(key)] = found
    return found


def _finding(key: str) -> str:
    return f"api key {key}"


def find_api_key(key: str) -> ApiKey:
    """The key with its active user.

    Raises:
        InvalidApiKeyError: it is malformed, unknown, expired or revoked, or the account is not active.
    """
    mark, _separator, rest = key.partition("_")
    prefix, _separator, secret = rest.partition("_")
    if mark != MARK or not prefix.isalnum() or not prefix.isascii():
        raise InvalidApiKeyError
    api_key = ApiKey.objects.select_related("user").filter(prefix=prefix).first()
    # The hash is compared for an unknown prefix too, so that the time tells nothing.
    is_right = hmac.compare_digest(bytes(api_key.secret_hash) if api_key else bytes(HASH_BYTES), _hash(secret))
    if api_key is None or not is_right or not api_key.is_usable(timezone.now()) or not api_key.user.is_active:
        raise InvalidApiKeyError
    return api_key


def use_api_key(key: str, *, area: str, method: str) -> ApiKey:
    """The key with its active user, noted as used now.

    Raises:
        InvalidApiKeyError: it is malformed, unknown, expired or revoked, or the account is not active.
        ScopeMissingError: it is good, but not for this.
    """
    api_key = (current_findings.get() or {}).pop(_finding(key), None) or find_api_key(key)
    now = timezone.now()
    if not scope_rules.allows(api_key.scopes, area=area, method=method):
        raise ScopeMissingError
    if api_key.last_used_at is None or api_key.last_used_at <= now - LAST_USED_PRECISION:
        # Of requests at the same time, one writes.
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USED_PRECISION)
        ApiKey.objects.filter(stale, pk=api_key.pk).update(last_used_at=now)
    return api_key
