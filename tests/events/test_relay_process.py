"""The relay as a process: it outlives the loss of its connections, and stops when told to."""

import time

import pytest
from django.db import connection, transaction

from guildhall.core.events.models import PendingEvent
from tests.events.conftest import append
from tests.events.test_stress import EFFECTS, start_relay

CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'relay-under-test'
"""


def wait_until_delivered() -> None:
    deadline = time.monotonic() + 60
    while PendingEvent.objects.exists():
        assert time.monotonic() < deadline, "the relay delivers no more"
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
def test_relay_whose_connections_are_cut_goes_on_and_delivers_once(monkeypatch):
    monkeypatch.setenv("PGAPPNAME", "relay-under-test")
    with connection.cursor() as cursor:
        cursor.execute(EFFECTS)
        cursor.execute("TRUNCATE tests_effect")
    relay = start_relay()
    try:
        for number in range(3):
            with transaction.atomic():
                append(number)
            wait_until_delivered()
            with connection.cursor() as cursor:
                cursor.execute(CUT)
                assert cursor.fetchone()[0] >= 1
        with transaction.atomic():
            append(3)
        wait_until_delivered()
    finally:
        relay.terminate()
        code = relay.wait(timeout=20)
    assert code == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM tests_effect ORDER BY id")
        numbers = [number for (number,) in cursor.fetchall()]
        cursor.execute("DROP TABLE tests_effect")
    assert numbers == [0, 1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_waiting_and_held_events_are_counted():
    from guildhall.core.events.main import waiting

    assert waiting() == {("pending",): 0, ("held",): 0}
    with transaction.atomic():
        append(1, "thing/1")
        append(2, "thing/2")
    PendingEvent.objects.filter(subject="thing/2").update(held=True)
    assert waiting() == {("pending",): 1, ("held",): 1}
