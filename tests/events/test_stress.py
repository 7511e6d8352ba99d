"""The outbox under load, with relays that are killed and a subscriber that fails: once each, in order."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection, transaction

from guildhall.core.events.models import EventRow, PendingEvent
from tests.events.conftest import append
from tests.support.broker import database_url

WRITERS, EVENTS_EACH, SUBJECTS, KILLS = 8, 5000, 50, 20
EFFECTS = """
CREATE TABLE IF NOT EXISTS tests_effect (
    id bigint GENERATED ALWAYS AS IDENTITY, subject text, number int, event_id uuid
)
"""


def start_relay() -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DATABASE_POOL_SIZE": "2",
        "DJANGO_SETTINGS_MODULE": "guildhall.settings.django",
    }
    return subprocess.Popen([sys.executable, "-m", "tests.events.relay_process"], env=environment)


def write(writer: int) -> None:
    """Append events to random subjects; some transactions are rolled back."""
    chance = random.Random(writer)
    try:
        for number in range(EVENTS_EACH):
            with transaction.atomic():
                append(writer * EVENTS_EACH + number, f"thing/{chance.randrange(SUBJECTS)}")
            if chance.random() < 0.02:
                with transaction.atomic():
                    append(-1, f"thing/{chance.randrange(SUBJECTS)}")
                    transaction.set_rollback(True)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(280)
@pytest.mark.no_cover
def test_every_event_takes_effect_once_and_in_order_while_relays_are_killed():
    with connection.cursor() as cursor:
        cursor.execute(EFFECTS)
        cursor.execute("TRUNCATE tests_effect")
    chance = random.Random(7)
    relays = [start_relay(), start_relay()]
    writers = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
    try:
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.3, 1.2))
            victim = chance.randrange(2)
            relays[victim].send_signal(signal.SIGKILL)
            relays[victim].wait()
            relays[victim] = start_relay()
        for writer in writers:
            writer.join()
        deadline = time.monotonic() + 180
        while PendingEvent.objects.exists() and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        for relay in relays:
            relay.terminate()
        codes = [relay.wait(timeout=20) for relay in relays]
    assert codes == [0, 0]
    assert not PendingEvent.objects.exists()
    expected = list(EventRow.objects.order_by("subject", "id").values_list("subject", "event_id"))
    assert len(expected) == WRITERS * EVENTS_EACH
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, event_id FROM tests_effect ORDER BY subject, id")
        effects = cursor.fetchall()
        cursor.execute("DROP TABLE tests_effect")
    assert len(effects) == len(expected)
    # The identity of an effect is drawn when it is written, so its order is the order of delivery.
    assert effects == expected
