"""Keeps the answers to requests with idempotency keys, and sees to it that each of them takes effect once.

Where the effect is written through Django's connection of the same thread, `once` puts effect and answer into one
transaction, so that not even a crash parts them. Elsewhere `claim` and `settle` stand around the work; what crashed in
between may be tried again when its claim has run out.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from guildhall.core.http.idempotency import Answer, Attempt, KeyReusedError, StillRunningError
from guildhall.core.http.models import StoredAnswer

KEPT_FOR: Final = timedelta(hours=24)
#: Longer than any request takes.
CLAIMED_FOR: Final = timedelta(minutes=5)
#: How long a twin waits for the answer of the one that runs.
PATIENCE_S: Final = 10.0
FIRST_PAUSE_S: Final = 0.01
LONGEST_PAUSE_S: Final = 0.2
_CLEANED_AT_ONCE: Final = 5_000


def once(attempt: Attempt, run: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer to the attempt and whether it was stored before; `run` is called in a transaction where it was not.

    What `run` wrote is kept together with its answer, and is undone where that is a failure of ours (5xx).

    Raises:
        KeyReusedError: something else was sent with this key before.
        StillRunningError: a twin of this request runs, and was waited for in vain.
    """
    deadline = time.monotonic() + PATIENCE_S
    for pause in pauses():
        with transaction.atomic():
            if _try_lock(attempt):
                stored = _find(attempt, timezone.now())
                if stored is not None:
                    return stored, True
                answer = run()
                if answer.is_final:
                    _store(attempt, sealed=attempt.seal(answer))
                elif answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    transaction.set_rollback(True)
                return answer, False
        _give_connection_back()
        if time.monotonic() > deadline:
            break
        time.sleep(pause)
    raise StillRunningError


def claim(attempt: Attempt) -> Answer | None:
    """The stored answer, or None, which means that the attempt is the caller's to carry out and to `settle`.

    Raises:
        KeyReusedError: something else was sent with this key before.
        StillRunningError: a twin of this request runs now.
    """
    with transaction.atomic():
        _lock(attempt)
        now = timezone.now()
        stored = _find(attempt, now)
        if stored is None:
            _store(attempt, running_until=now + CLAIMED_FOR)
        return stored


def settle(attempt: Attempt, answer: Answer | None) -> None:
    """Store the answer to a claimed attempt; give the claim up where it is not to be repeated. Safe to call twice."""
    with transaction.atomic():
        _lock(attempt)
        if answer is not None and answer.is_final:
            _store(attempt, sealed=attempt.seal(answer))
        else:
            StoredAnswer.objects.filter(scope=attempt.scope, sealed=None).delete()


def forget_expired(now: datetime) -> int:
    """Delete answers whose time is over; returns how many. Safe to run while requests come."""
    total = 0
    while True:
        expired = StoredAnswer.objects.filter(expires_at__lte=now).order_by("expires_at")[:_CLEANED_AT_ONCE]
        count, _ = StoredAnswer.objects.filter(pk__in=[row.pk for row in expired.only("pk")]).delete()
        total += count
        if count < _CLEANED_AT_ONCE:
            return total


def pauses() -> Iterator[float]:
    """Seconds to wait between two looks, longer each time, without end."""
    pause = FIRST_PAUSE_S
    while True:
        yield pause
        pause = min(pause * 1.5, LONGEST_PAUSE_S)


def _find(attempt: Attempt, now: datetime) -> Answer | None:
    """The answer, None where the attempt is to be carried out; the caller holds the lock."""
    row = StoredAnswer.objects.filter(scope=attempt.scope, expires_at__gt=now).first()
    if row is None or (row.running_until is not None and row.running_until <= now):
        return None
    if bytes(row.fingerprint) != attempt.fingerprint:
        raise KeyReusedError
    if row.sealed is None:
        raise StillRunningError
    return attempt.unseal(bytes(row.sealed))


def _store(attempt: Attempt, *, sealed: bytes | None = None, running_until: datetime | None = None) -> None:
    row = StoredAnswer(
        scope=attempt.scope,
        fingerprint=attempt.fingerprint,
        sealed=sealed,
        running_until=running_until,
        expires_at=timezone.now() + KEPT_FOR,
    )
    StoredAnswer.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["scope"],
        update_fields=["fingerprint", "sealed", "running_until", "expires_at"],
    )


def _number(attempt: Attempt) -> int:
    """The advisory lock that belongs to the scope."""
    return int.from_bytes(attempt.scope[:8], signed=True)


def _try_lock(attempt: Attempt) -> bool:
    """Take the lock until the end of the transaction, unless a twin holds it. It dies with the connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(attempt)])
        row = cursor.fetchone()
    return bool(row and row[0])


def _lock(attempt: Attempt) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(attempt)])


def _give_connection_back() -> None:
    """Whoever waits holds no connection, or the waiting would keep the one that works from getting what it needs."""
    if not connection.in_atomic_block:
        connection.close()
