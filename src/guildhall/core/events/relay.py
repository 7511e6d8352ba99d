"""Delivery: takes pending events out of the outbox and calls their subscribers.

A relay claims whole subjects and delivers their events in order, all in one transaction with the effects of the
subscribers: a relay that dies has done nothing, one that commits has done everything, once. Several relays share the
work. There is no cursor over positions, as the order in which transactions commit can't be seen from outside.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from guildhall.core.events import policy
from guildhall.core.events.envelope import Event
from guildhall.core.events.models import Delivery, EventRow, HeldSubject, PendingEvent
from guildhall.core.events.registry import Subscription, subscriptions
from guildhall.core.http.context import current_request_id

logger = logging.getLogger(__name__)

WINDOW = 1000
SUBJECTS_AT_ONCE = 50
EVENTS_AT_ONCE = 500
ERROR_LENGTH = 2000

# The oldest pending events show which subjects have waited longest.
CANDIDATES = """
SELECT subject, min(event_id) AS head, max(event_id) AS tail FROM (
    SELECT subject, event_id FROM events_pendingevent WHERE NOT held AND event_id > %s ORDER BY event_id LIMIT %s
) AS oldest GROUP BY subject ORDER BY head
"""
# A lock of its own kind, so that a relay never waits for a writer or makes one wait.
CLAIM = "SELECT pg_try_advisory_xact_lock(hashtextextended('guildhall relay ' || %s, 0))"
DUE = "SELECT subject FROM events_heldsubject WHERE retry_at <= %s ORDER BY retry_at LIMIT %s"
REMEMBER = """
INSERT INTO events_delivery (subscriber, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id
"""


class DeliveryFailedError(Exception):
    """A subscriber failed; its effect is rolled back."""

    def __init__(self, subscription: Subscription, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.subscription = subscription


def deliver_once() -> int:
    """Deliver what is pending now, as far as one transaction goes; returns how many events were dealt with.

    Call it again as long as it returns something; 0 means that there is nothing to do, or others are doing it.
    """
    with transaction.atomic():
        due = _claim_due_subjects()
        # Only rows of claimed subjects are touched, so that relays never wait for each other.
        PendingEvent.objects.filter(subject__in=due, held=True).update(held=False)
        claimed = due + _claim_subjects(besides=due)
        if not claimed:
            return 0
        troubled = {row.subject: row for row in HeldSubject.objects.filter(subject__in=claimed)}
        # The earlier events of one that has become due since then are held still, so its later ones have to wait.
        held = {subject for subject, row in troubled.items() if subject not in due or not _is_due(row)}
        # Read anew after the claim, as another relay may have delivered in between.
        pending = list(
            PendingEvent.objects.filter(subject__in=set(claimed) - held, held=False)
            .select_related("event")
            .order_by("event_id")[:EVENTS_AT_ONCE]
        )
        late = PendingEvent.objects.filter(subject__in=held, held=False).update(held=True) if held else 0
        done, failed = [], set[str]()
        for row in pending:
            if row.subject in failed:
                continue
            if _deliver(row.event, troubled.get(row.subject)):
                done.append(row.event_id)
            else:
                failed.add(row.subject)
        PendingEvent.objects.filter(pk__in=done).delete()
        return len(done) + len(failed) + late


def _claim_due_subjects() -> list[str]:
    """Held subjects whose failed event is to be tried again now, and that nobody else is delivering."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, [timezone.now(), SUBJECTS_AT_ONCE])
        due = [subject for (subject,) in cursor.fetchall()]
        return [subject for subject in due if _claim(cursor, subject)]


def _claim(cursor: CursorWrapper, subject: str) -> bool:
    cursor.execute(CLAIM, [subject])
    (is_claimed,) = cursor.fetchone()
    return bool(is_claimed)


def _is_due(row: HeldSubject) -> bool:
    return row.retry_at is not None and row.retry_at <= timezone.now()


def _claim_subjects(*, besides: Sequence[str]) -> list[str]:
    """Subjects that nobody else is delivering, those that have waited longest first."""
    claimed: list[str] = []
    after = 0
    with connection.cursor() as cursor:
        while len(claimed) < SUBJECTS_AT_ONCE:
            cursor.execute(CANDIDATES, [after, WINDOW])
            candidates = cursor.fetchall()
            for subject, _, tail in candidates:
                after = max(after, tail)
                if subject in claimed or subject in besides or len(claimed) >= SUBJECTS_AT_ONCE:
                    continue
                if _claim(cursor, subject):
                    claimed.append(subject)
            if not candidates or claimed:
                break
    return claimed


def _deliver(row: EventRow, trouble: HeldSubject | None) -> bool:
    """Call every subscriber that has not handled the event yet; False if one failed and the subject is held up.

    `trouble` is what is known of an earlier failure in this subject.
    """
    event = as_event(row)
    try:
        for subscription in subscriptions(row.type):
            _call(subscription, event)
    except DeliveryFailedError as error:
        _hold(row, error, trouble)
        return False
    if trouble is not None and trouble.event_id == row.pk:
        trouble.delete()
    return True


def _call(subscription: Subscription, event: Event) -> None:
    token = current_request_id.set(event.request_id)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(REMEMBER, [subscription.name, event.id])
                is_new = cursor.fetchone() is not None
            if is_new:
                subscription.handler(event)
    except Exception as error:
        # Whatever a subscriber raises holds up its subject and nothing else.
        logger.exception("%s failed on %s of %s.", subscription.name, event.type, event.subject)
        raise DeliveryFailedError(subscription, error) from error
    finally:
        current_request_id.reset(token)


def _hold(row: EventRow, error: DeliveryFailedError, trouble: HeldSubject | None) -> None:
    attempts = trouble.attempts + 1 if trouble is not None and trouble.event_id == row.pk else 1
    HeldSubject.objects.update_or_create(
        pk=row.subject,
        defaults={
            "event": row,
            "subscriber": error.subscription.name,
            "attempts": attempts,
            "error": str(error).replace("\0", "")[:ERROR_LENGTH],
            "failed_at": timezone.now(),
            "retry_at": policy.retry_at(attempts, timezone.now()),
        },
    )
    PendingEvent.objects.filter(subject=row.subject).update(held=True)


def as_event(row: EventRow) -> Event:
    """The stored event as subscribers see it."""
    return Event(
        position=row.pk,
        id=row.event_id,
        type=row.type,
        version=row.version,
        subject=row.subject,
        organization_id=row.organization_id,
        actor_id=row.actor_id,
        request_id=row.request_id,
        time=row.time,
        data=row.data,
    )


@transaction.atomic
def replay(subjects: Iterable[str]) -> int:
    """Try the failed events of these subjects again at once; returns how many subjects were held up."""
    chosen = list(subjects)
    count = HeldSubject.objects.filter(pk__in=chosen).update(retry_at=timezone.now())
    PendingEvent.objects.filter(subject__in=chosen, held=True).update(held=False)
    return count


@transaction.atomic
def skip(subjects: Iterable[str]) -> int:
    """Give up the failed event of each of these subjects and go on with the next; returns how many were skipped."""
    rows = list(HeldSubject.objects.select_for_update().filter(pk__in=list(subjects)))
    PendingEvent.objects.filter(pk__in=[row.event_id for row in rows]).delete()
    PendingEvent.objects.filter(subject__in=[row.pk for row in rows]).update(held=False)
    HeldSubject.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def drain(deliver: Callable[[], int] = deliver_once) -> int:
    """Deliver until there is nothing left that can be delivered now; for tests and one-off commands."""
    total = 0
    while found := deliver():
        total += found
    return total


def forget_deliveries(now: datetime) -> int:
    """Remove the memory of deliveries so old that their events can't come again; returns how many."""
    pending = EventRow.objects.filter(pending__isnull=False).values("event_id")
    old = Delivery.objects.filter(delivered_at__lt=now - policy.DELIVERIES_KEPT).exclude(event_id__in=pending)
    return old.delete()[0]
