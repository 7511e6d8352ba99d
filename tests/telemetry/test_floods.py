"""Which datasources are paused for sending too much, for how long, and what that does."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.broker.stream import UNACKNOWLEDGED
from guildhall.modules.telemetry.ingest.batch import Storing
from guildhall.modules.telemetry.ingest.floods import FORGIVEN_AFTER_S, LONGEST_PAUSE_S, Floods, Limit
from guildhall.modules.telemetry.ingest.pull import Message
from guildhall.modules.telemetry.models import Datasource
from guildhall.modules.telemetry.store import connection as store_connection
from guildhall.modules.telemetry.store import watermark
from guildhall.modules.telemetry.store.series import Tally
from tests.support.broker import Device, wait_for
from tests.telemetry.conftest import make_source

A, B = UUID(int=1), UUID(int=2)
START = datetime(2026, 5, 4, tzinfo=UTC)


def tally(at_s: float, *, stored: int = 0, rejected: int = 0) -> Tally:
    return Tally(stored=stored, rejected=rejected, at=START + timedelta(seconds=at_s))


def test_only_who_exceeds_a_limit_is_paused():
    floods = Floods(all_messages=Limit(1000, 10), rejected=Limit(100, 10))
    assert floods.note({A: tally(0, stored=1000), B: tally(0, rejected=101)}) == {B: 10.0}
    assert floods.note({A: tally(0, stored=1)}) == {A: 10.0}


def test_evenly_sent_messages_are_within_the_limit():
    floods = Floods(all_messages=None, rejected=Limit(100, 10))
    for second in range(100):
        assert floods.note({A: tally(second, stored=10**6, rejected=10)}) == {}
    assert floods.note({A: tally(100, rejected=101)}) == {A: 10.0}


def test_each_pause_is_longer_until_it_is_forgiven():
    floods = Floods(all_messages=Limit.parse("10/1"), rejected=Limit.parse("off"))
    at, pauses = 0.0, []
    for _ in range(9):
        ((_, pause),) = floods.note({A: tally(at, stored=100)}).items()
        # What was on the way when it was cut off.
        assert floods.note({A: tally(at + pause / 2, stored=100)}) == {}
        pauses.append(pause)
        at += pause + 1
    assert pauses == [10, 20, 40, 80, 160, 320, 600, 600, LONGEST_PAUSE_S]
    assert floods.note({A: tally(at + FORGIVEN_AFTER_S, stored=100)}) == {A: 10.0}


def test_without_limits_nobody_is_paused():
    assert Floods(all_messages=None, rejected=None).note({A: tally(0, stored=10**9, rejected=10**9)}) == {}


def test_paused_datasource_is_cut_kept_out_and_let_in_again(committed_house, gate_running, source):
    with Device(*source.login) as device:
        before = source.datasource.rights_version
        Datasource.objects.update(paused_until=timezone.now() + timedelta(seconds=60))
        wait_for(lambda: device.disconnects, what="the cut")
        source.datasource.refresh_from_db()
        assert source.datasource.rights_version > before
        assert not source.datasource.is_usable(timezone.now())
        wait_for(lambda: device.refusals, what="a refusal")
        services.update_datasource(actor=committed_house.admin, datasource=source.datasource, enabled=True)
        wait_for(lambda: device.connects == 2, what="the way back in")


@pytest.mark.parametrize("limits", [(Limit(3, 60), None), (None, Limit(3, 60))])
def test_consumer_pauses_who_floods(source, committed_house, store, limits):
    other = make_source(committed_house, name="Other")
    now = int(timezone.now().timestamp() * 1_000_000)

    async def run() -> None:
        connection = await store_connection.connect(name="test")
        mark = await watermark.take_over(connection, UNACKNOWLEDGED.stream)
        storing = Storing(connection, mark, Floods(all_messages=limits[0], rejected=limits[1]))
        subjects = [(source.topic("t"), b"garbage")] * 4 + [(other.topic("t"), b"1")] * 3
        messages = [
            Message(number, now, topic.replace("/", "."), payload, "")
            for number, (topic, payload) in enumerate(subjects, 1)
        ]
        await storing.store(messages)
        await connection.close()

    asyncio.run(run())
    source.datasource.refresh_from_db()
    other.datasource.refresh_from_db()
    assert source.datasource.paused_until > timezone.now()
    assert source.datasource.messages_rejected == 4
    assert (other.datasource.paused_until, other.datasource.messages_stored) == (None, 3)
