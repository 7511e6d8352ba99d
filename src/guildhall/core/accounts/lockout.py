"""Locks sign-in for a while after repeated failures, per account and per network address.

Counted in PostgreSQL, so that it holds with Redis stopped and on any number of machines. An account is counted by the
address that was typed, whether it exists or not, so the lock tells nothing. Attempts during a lock count nothing.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from guildhall.core.accounts.errors import LockedOutError
from guildhall.core.accounts.models import FailureCount, normalize_email
from guildhall.core.http.addresses import limit_subject
from guildhall.core.http.context import current_origin
from guildhall.settings import settings

FORGET_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """From how many failures on sign-in is locked: first for `first`, then twice as long each time, up to `longest`."""

    failures: int
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)

    def lock_after(self, failures: int) -> timedelta | None:
        """How long nobody may try again after so many failures; None if at once."""
        beyond = failures - self.failures
        if beyond < 0:
            return None
        # Beyond 2**20 every lock is the longest one.
        factor: int = 2 ** min(beyond, 20)
        return min(self.longest, self.first * factor)


ACCOUNT: Final = Rule(failures=settings.sign_in_failures_per_account)
ADDRESS: Final = Rule(failures=settings.sign_in_failures_per_address)


def _account_key(email: str) -> str:
    return f"account {hashlib.sha256(normalize_email(email).encode(errors='replace')).hexdigest()}"


def _rules(email: str) -> dict[str, Rule]:
    """What is counted for an attempt that is made now, in the order in which rows are locked."""
    rules = {_account_key(email): ACCOUNT}
    address = current_origin.get().address
    if address:
        rules[f"address {limit_subject(address)}"] = ADDRESS
    return rules


def require_open(email: str) -> None:
    """Do nothing if somebody may try to sign in to this account from here now.

    Raises:
        LockedOutError: after too many failures nobody may, for some time.
    """
    now = timezone.now()
    locked = FailureCount.objects.filter(key__in=_rules(email), locked_until__gt=now).values_list("locked_until")
    until = max((found for (found,) in locked if found is not None), default=None)
    if until is not None:
        raise LockedOutError(retry_after_s=math.ceil((until - now).total_seconds()))


@transaction.atomic
def note_failure(email: str) -> bool:
    """Count a failure against the account and the network address; returns whether that locked one of them."""
    now = timezone.now()
    locked = [_count(key, rule, now) for key, rule in _rules(email).items()]
    return any(locked)


def _count(key: str, rule: Rule, now: datetime) -> bool:
    row, _is_new = FailureCount.objects.select_for_update().get_or_create(key=key, defaults={"last_failed_at": now})
    row.failures = 1 if row.last_failed_at < now - FORGET_AFTER else row.failures + 1
    row.last_failed_at = now
    lock = rule.lock_after(row.failures)
    row.locked_until = now + lock if lock is not None else None
    row.save()
    return lock is not None


def forgive(email: str) -> None:
    """Forget the account's failures, after somebody proved that it is his. The network address's stay."""
    FailureCount.objects.filter(key=_account_key(email)).delete()


def clear_forgotten(now: datetime) -> None:
    """Remove the counts that no longer matter."""
    FailureCount.objects.filter(last_failed_at__lt=now - FORGET_AFTER).delete()
