"""The relay as a process."""

import logging
import signal
import threading
from datetime import UTC, datetime, timedelta
from types import FrameType

import django

from guildhall.core import metrics
from guildhall.core.processes import announce_ready

POLL_INTERVAL_S = 0.1
PAUSE_AFTER_ERROR_S = 1.0
CLEAN_EVERY = timedelta(hours=1)

logger = logging.getLogger(__name__)


def main() -> None:
    """Deliver until told to stop; a database that is away is waited for."""
    django.setup()
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    run(stop)


def waiting() -> dict[tuple[str, ...], float]:
    """How many events wait to be told, and how many of them behind one that failed."""
    from django.db import connection
    from django.db.models import Count

    from guildhall.core.events.models import PendingEvent

    try:
        counts = dict(PendingEvent.objects.values_list("held").annotate(Count("pk")))
    finally:
        connection.close()
    return {("pending",): float(counts.get(False, 0)), ("held",): float(counts.get(True, 0))}


def run(stop: threading.Event) -> None:
    """Deliver until `stop` is set."""
    from django.db import DatabaseError, connection

    from guildhall.core.events.relay import deliver_once, forget_deliveries

    clean_at = datetime.now(UTC)
    metrics.gauge("guildhall_events", "Events that are still to be told.", waiting, labels=("state",))
    announce_ready()
    while not stop.is_set():
        pause = POLL_INTERVAL_S
        try:
            if deliver_once():
                continue
            if datetime.now(UTC) >= clean_at:
                forget_deliveries(datetime.now(UTC))
                clean_at = datetime.now(UTC) + CLEAN_EVERY
        except DatabaseError as error:
            logger.warning("The relay waits for the database: %s", error)
            connection.close()
            pause = PAUSE_AFTER_ERROR_S
        stop.wait(pause)
    connection.close()
