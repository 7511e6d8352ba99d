"""What the consumer tells Prometheus of the messages that it has not stored."""

from django.db import connection, transaction
from prometheus_client import REGISTRY, generate_latest

from guildhall.modules.telemetry.models import Watermark
from tests.support import samples
from tests.support.broker import wait_for
from tests.telemetry.test_ingest import publish

MESSAGES = 50


def lag() -> float:
    lines = generate_latest(REGISTRY).decode().splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith("guildhall_telemetry_lag ")))


def test_lag_tells_what_waits_while_the_database_is_held_up_and_goes_back_to_nothing(source, consumer_running):
    publish((source.topic("t"), b"1"))
    wait_for(samples.stored)
    assert lag() == 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Watermark._meta.db_table} IN ACCESS EXCLUSIVE MODE")
        publish((source.topic("t"), b'{"ts": "2026-05-04T10:00:00Z", "value": 1}'))
        publish(*((source.topic("t"), b'{"ts": "2026-05-04T10:00:%02dZ", "value": 1}' % n) for n in range(1, MESSAGES)))
        wait_for(lambda: lag() > MESSAGES / 2)
    wait_for(lambda: len(samples.stored()) == MESSAGES + 1)
    wait_for(lambda: lag() == 0)
