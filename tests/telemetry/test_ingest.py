"""The consumer: order, repeats, dead letters, retention, pauses, and what it does when the stream is not the one that it was."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest
from django.db import connection

from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.broker.connection import BrokerUser, connect
from guildhall.modules.telemetry.broker.stream import (
    ACKNOWLEDGED,
    CONSUMER_PREFIX,
    UNACKNOWLEDGED,
    api,
    consumers_of,
    ensure_streams,
    stream_state,
)
from guildhall.modules.telemetry.ingest import main as ingest
from guildhall.modules.telemetry.ingest import pull
from guildhall.modules.telemetry.ingest.batch import Storing
from guildhall.modules.telemetry.ingest.pace import Pace
from guildhall.modules.telemetry.ingest.pull import QUALITY_HEADER, Message
from guildhall.modules.telemetry.models import Datapoint, Datasource, DeadLetter, Watermark
from guildhall.modules.telemetry.store import connection as store_connection
from guildhall.modules.telemetry.store import journal, watermark
from guildhall.modules.telemetry.store.watermark import SupersededError
from guildhall.modules.telemetry.stored import RawFloor
from tests.support import samples
from tests.support.broker import Background, wait_for
from tests.telemetry.conftest import make_source

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
AT_US = int(AT.timestamp()) * 1_000_000


def publish(*messages: tuple[str, bytes], acknowledged: bool = False, quality: str = "") -> None:
    """Put messages into a stream as the broker does with what devices publish."""
    prefix = ACKNOWLEDGED.prefix if acknowledged else ""

    async def send() -> None:
        client = await connect(BrokerUser.DEVICES, name="test")
        await ensure_streams(client)
        for topic, payload in messages:
            headers = {QUALITY_HEADER: quality} if quality else None
            subject = prefix + topic.replace("/", ".")
            if acknowledged:
                await client.request(subject, payload, headers=headers)
            else:
                await client.publish(subject, payload, headers=headers)
        await client.flush()
        await client.close()

    asyncio.run(send())


def stored():
    # Behind the samples, whose datapoints are there before them.
    found = samples.stored()
    keys = dict(Datapoint.objects.values_list("pk", "key"))
    return sorted((keys[one.datapoint_id], one.at, one.value) for one in found)


def watermark_sequence() -> int:
    return Watermark.objects.filter(stream=UNACKNOWLEDGED.stream).values_list("sequence", flat=True).first() or 0


def test_messages_become_samples_of_datapoints_of_the_same_place(source, consumer_running, committed_house):
    publish(
        (source.topic("temperature"), b'{"ts": "2026-05-04T10:00:00Z", "value": 21.5}'),
        (source.topic("deep/key"), b'[{"ts": 1777888800, "value": 1}, {"ts": 1777888801, "value": 2}]'),
    )
    wait_for(lambda: watermark_sequence() == 2)
    assert stored() == [("deep/key", AT, 1.0), ("deep/key", AT + timedelta(seconds=1), 2.0), ("temperature", AT, 21.5)]
    datapoint = Datapoint.objects.get(key="temperature")
    assert (datapoint.object, datapoint.project, datapoint.name) == (
        committed_house.thing, committed_house.project, "temperature",
    )  # fmt: skip


def test_value_without_time_takes_the_time_of_the_stream(source, consumer_running):
    before = datetime.now(UTC)
    publish((source.topic("t"), b"5"))
    wait_for(lambda: watermark_sequence() == 1)
    ((_, at, _),) = stored()
    assert before - timedelta(seconds=1) < at < datetime.now(UTC)


def test_last_of_repeated_values_wins(source, consumer_running):
    publish(*((source.topic("t"), b'{"ts": 1777888800, "value": %d}' % value) for value in (1, 2)))
    wait_for(lambda: watermark_sequence() == 2)
    publish((source.topic("t"), b'{"ts": 1777888800, "value": 3}'))
    wait_for(lambda: watermark_sequence() == 3)
    assert stored() == [("t", AT, 3.0)]


def test_two_sources_of_a_place_feed_one_datapoint(committed_house, source, consumer_running):
    other = make_source(committed_house, thing=committed_house.thing, name="Other")
    publish(
        (source.topic("t"), b'{"ts": 1777888800, "value": 1}'), (other.topic("t"), b'{"ts": 1777888801, "value": 2}')
    )
    wait_for(lambda: watermark_sequence() == 2)
    assert Datapoint.objects.count() == 1
    assert {one.datasource_id for one in samples.stored()} == {source.datasource.pk, other.datasource.pk}


def test_bad_messages_become_dead_letters_with_reasons(committed_house, source, consumer_running):
    closed = make_source(committed_house, name="Closed", may_create_datapoints=False)
    publish(
        (source.topic("t"), b"warm"),
        (source.topic("t"), b"nan"),
        (source.topic("k" * 201), b"1"),
        (closed.topic("t"), b"1"),
        ("guildhall/d/aaaaaaaaaa/t", b"1"),
        ("guildhall/elsewhere", b"1"),
        (source.topic("t"), b"1"),
    )
    wait_for(lambda: watermark_sequence() == 7)
    assert list(DeadLetter.objects.order_by("pk").values_list("reason", "datasource")) == [
        ("not_understood", source.datasource.pk),
        ("not_finite", source.datasource.pk),
        ("bad_key", None),
        ("unknown_datapoint", closed.datasource.pk),
        ("unknown_datasource", None),
        ("not_a_topic_of_a_datasource", None),
    ]
    assert DeadLetter.objects.first().payload_text == "warm"
    counted = Datasource.objects.get(pk=source.datasource.pk)
    assert (counted.messages_stored, counted.messages_rejected) == (1, 2)


def test_consumer_goes_on_behind_the_watermark_and_counts_nothing_twice(source, store, empty_stream):
    for expected in (1, 2):
        publish((source.topic("t"), b"1"))
        with Background(ingest.run):
            wait_for(lambda expected=expected: watermark_sequence() == expected)
    source.datasource.refresh_from_db()
    assert source.datasource.messages_stored == 2


def test_new_stream_is_stored_from_its_beginning(source, store, empty_stream, nats_server):
    publish((source.topic("t"), b"1"), (source.topic("t"), b"2"))
    with Background(ingest.run):
        wait_for(lambda: watermark_sequence() == 2)
    asyncio.run(delete_stream())
    publish((source.topic("t"), b"3"))
    with Background(ingest.run):
        wait_for(lambda: samples.is_stored(3))
    assert watermark_sequence() == 1


async def delete_stream() -> None:
    client = await connect(BrokerUser.DEVICES, name="test")
    await api(client, f"STREAM.DELETE.{UNACKNOWLEDGED.stream}")
    await client.close()


def test_stream_that_lost_its_end_gives_known_sequences_to_new_messages(source, store, empty_stream):
    publish(*((source.topic("t"), b'{"ts": %d, "value": 1}' % second) for second in range(5)))
    with Background(ingest.run):
        wait_for(lambda: watermark_sequence() == 5)
    # As after a power cut: the last three were stored, but the stream knows only two and gives 3 to a new message.
    Watermark.objects.filter(stream=UNACKNOWLEDGED.stream).update(sequence=8)
    publish((source.topic("t"), b"100"))
    with Background(ingest.run):
        wait_for(lambda: samples.is_stored(100))
    assert watermark_sequence() == 6
    assert len(samples.stored()) == 6


@pytest.mark.parametrize("acknowledged", [True, False])
def test_consumer_goes_on_when_the_broker_comes_back(source, consumer_running, nats_server, acknowledged):
    publish((source.topic("t"), b"1"), acknowledged=acknowledged)
    wait_for(lambda: samples.is_stored(1))
    nats_server.kill()
    nats_server.start()
    publish((source.topic("t"), b"2"), acknowledged=acknowledged)
    wait_for(lambda: samples.is_stored(2))
    assert sorted(samples.stored_values()) == [1, 2]


def test_acknowledged_message_waits_for_its_consumer_through_a_kill_of_the_broker(
    source, store, empty_stream, nats_server
):
    with Background(ingest.run):
        publish((source.topic("t"), b"1"), acknowledged=True)
        wait_for(samples.stored)
    publish((source.topic("t"), b"2"), acknowledged=True)
    nats_server.kill()
    nats_server.start()
    with Background(ingest.run):
        wait_for(lambda: samples.is_stored(2))


def test_message_of_both_streams_is_stored_from_one(source, consumer_running):
    topic = source.topic("t")
    publish((topic, b"1"), quality="1")
    publish((topic, b"1"), acknowledged=True, quality="1")
    publish((topic, b"2"), quality="0")
    wait_for(lambda: len(samples.stored()) == 2)
    source.datasource.refresh_from_db()
    assert source.datasource.messages_stored == 2


def payloads_are_taken() -> list[bool]:
    """Whether each consumer of the unacknowledged stream gets payloads."""

    async def ask() -> list[bool]:
        client = await connect(BrokerUser.DEVICES, name="test")
        try:
            # In one answer, as consumers come and go.
            found = (await api(client, f"CONSUMER.LIST.{UNACKNOWLEDGED.stream}")).get("consumers") or []
        finally:
            await client.close()
        return [not one["config"].get("headers_only") for one in found if one["name"].startswith(CONSUMER_PREFIX)]

    return asyncio.run(ask())


def test_copies_are_taken_without_payloads_until_another_message_comes(source, store, empty_stream, monkeypatch):
    monkeypatch.setattr(pull, "COPIED_BYTES", 1000)
    copies = [(source.topic("copy"), b"[%s]" % (b"1," * 100 + b"1"))] * 10
    with Background(ingest.run):
        for turn in range(2):
            publish(*copies, quality="1")
            wait_for(lambda: payloads_are_taken() == [False], what="a consumer without payloads")
            for number in range(3):
                publish((source.topic("t"), b"%d" % (10 * turn + number)), quality="0" if number else "")
                publish(*copies[:3], quality="1")
            wait_for(lambda turn=turn: len(stored()) == 3 * (turn + 1))
    assert [value for _, _, value in stored()] == [0, 1, 2, 10, 11, 12]
    source.datasource.refresh_from_db()
    assert source.datasource.messages_stored == 6


def test_consumers_of_earlier_runs_are_deleted_and_stored_messages_forgotten(source, store, empty_stream):
    for value in (1, 2):
        with Background(ingest.run):
            publish((source.topic("t"), b"%d" % value), acknowledged=True)
            wait_for(partial(samples.is_stored, value))

    async def left() -> tuple[list[str], int]:
        client = await connect(BrokerUser.DEVICES, name="test")
        names, state = await consumers_of(client, ACKNOWLEDGED), await stream_state(client, ACKNOWLEDGED)
        await client.close()
        return names, state.messages

    names, messages = asyncio.run(left())
    assert (len(names), messages) == (1, 0)


def test_consumer_comes_back_when_its_database_session_is_ended(source, consumer_running):
    publish((source.topic("t"), b"1"))
    wait_for(lambda: watermark_sequence() == 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'guildhall telemetry-consumer'"
        )
    publish((source.topic("t"), b"2"))
    wait_for(lambda: watermark_sequence() == 2)


def message(source, sequence: int, payload: bytes, key: str = "t", at: int = AT_US) -> Message:
    return Message(sequence, at, source.topic(key).replace("/", "."), payload, "")


def run_storing(store: str, work):
    """Run `work(connection, storing)` as the leader."""

    async def run():
        opened = await store_connection.connect(name="test")
        try:
            mark = await watermark.take_over(opened, UNACKNOWLEDGED.stream)
            return await work(opened, Storing(opened, mark))
        finally:
            await opened.close()

    return asyncio.run(run())


def test_batch_seen_before_is_skipped(source, store):
    batch = [message(source, 1, b"1"), message(source, 2, b"2", key="u")]

    async def work(_, storing):
        first = await storing.store(batch)
        assert await storing.store(batch) == []
        return first

    (first,) = run_storing(store, work)
    assert first.position == 1
    assert sorted(found for values in first.samples.values() for found in values) == [(AT_US, 1.0), (AT_US, 2.0)]
    source.datasource.refresh_from_db()
    assert source.datasource.messages_stored == 2


def test_of_a_large_batch_only_its_position_is_told(source, store, monkeypatch):
    monkeypatch.setattr("guildhall.modules.telemetry.ingest.batch.TOLD_AT_MOST", 2)
    small, large = (
        b'[{"ts": 1, "value": 1}, 2]',
        b'[{"ts": 2, "value": 1}, {"ts": 3, "value": 2}, {"ts": 4, "value": 3}]',
    )

    async def work(_, storing):
        return [*await storing.store([message(source, 1, small)]), *await storing.store([message(source, 2, large)])]

    told, untold = run_storing(store, work)
    assert [len(samples) for samples in told.samples.values()] == [2]
    assert (untold.position, untold.samples) == (2, None)
    assert len(stored()) == 5


def test_superseded_leader_stores_nothing_more(source, store):
    async def work(opened, storing):
        await watermark.take_over(opened, UNACKNOWLEDGED.stream)
        with pytest.raises(SupersededError):
            await storing.store([message(source, 1, b"1")])

    run_storing(store, work)
    assert samples.stored() == []


def test_message_that_the_database_refuses_is_a_dead_letter_alone(source, store, monkeypatch):
    genuine = journal.write

    def refuse_thirteen(batch):
        if any(13 in found.values for _, found in batch.each()):
            raise psycopg.DataError("13")
        return genuine(batch)

    monkeypatch.setattr(journal, "write", refuse_thirteen)
    batch = [message(source, number, b"%d" % number, at=AT_US + number) for number in range(1, 21)]
    assert len(run_storing(store, lambda _, storing: storing.store(batch))) > 1
    assert len(samples.stored()) == 19
    assert DeadLetter.objects.get().reason == "not_storable"
    assert watermark_sequence() == 20


def test_datapoint_deleted_meanwhile_is_made_again(source, store, committed_house):
    async def work(_, storing):
        await storing.store([message(source, 1, b"1")])
        await asyncio.to_thread(delete_datapoint)
        await storing.store([message(source, 2, b"2")])

    def delete_datapoint() -> None:
        try:
            services.delete_datapoint(actor=committed_house.admin, datapoint=Datapoint.objects.get())
        finally:
            connection.close()

    run_storing(store, work)
    assert [value for _, _, value in stored()] == [2.0]


def test_values_of_all_times_are_stored(source, store):
    recent, old = AT_US, 0
    batch = [
        message(source, 1, b'{"ts": %d, "value": 1}' % (recent // 1000)),
        message(source, 2, b'{"ts": %d, "value": 2}' % old),
    ]
    run_storing(store, lambda _, storing: storing.store(batch))
    assert stored() == [("t", datetime(1970, 1, 1, tzinfo=UTC), 2.0), ("t", AT, 1.0)]


def test_values_older_than_the_raw_retention_are_refused_and_told(source, store, committed_house):
    datapoint = services.create_datapoint(
        actor=committed_house.admin, project=committed_house.project, thing=committed_house.thing, key="t"
    )
    RawFloor.objects.create(datapoint=datapoint, raw_from=AT_US)
    old = AT_US // 1_000_000 - 1
    batch = [
        message(source, 1, b'{"ts": %d, "value": 1}' % old),
        message(source, 2, b'[{"ts": %d, "value": 2}, {"ts": %d, "value": 3}]' % (old, old + 2)),
        message(source, 3, b"4"),
        message(source, 4, b'{"ts": %d, "value": 5}' % old, key="u"),
    ]
    (told,) = run_storing(store, lambda _, storing: storing.store(batch))
    assert [value for _, _, value in stored()] == [4, 3, 5]
    assert told.samples[datapoint.pk] == [(AT_US, 4), (AT_US + 1_000_000, 3)]
    assert list(DeadLetter.objects.order_by("pk").values_list("reason", "payload_size")) == [
        ("older_than_kept", len(batch[0].payload)), ("older_than_kept", len(batch[1].payload)),
    ]  # fmt: skip
    source.datasource.refresh_from_db()
    # The second message is stored in part.
    assert (source.datasource.messages_stored, source.datasource.messages_rejected) == (3, 1)


def test_batch_of_nothing_but_dead_letters_has_no_position(source, store):
    assert run_storing(store, lambda _, storing: storing.store([message(source, 1, b"warm")])) == []
    assert watermark_sequence() == 1


def test_consumer_waits_between_batches_while_sealing_is_behind(source, store, monkeypatch):
    monkeypatch.setattr(journal, "TAIL_BYTES", 30)
    monkeypatch.setattr(journal, "LONGEST_PAUSE_S", 0.3)

    async def work(opened, storing):
        async def paused_s() -> float:
            began = time.monotonic()
            await Pace(opened).keep()
            return time.monotonic() - began

        before = await paused_s()
        await storing.store([message(source, number, b"1", at=AT_US + number) for number in (1, 2)])
        behind = await paused_s()
        await asyncio.to_thread(seal)
        return before, behind, await paused_s()

    def seal() -> None:
        try:
            samples.seal()
        finally:
            connection.close()

    before, behind, after = run_storing(store, work)
    assert behind >= 0.3
    assert max(before, after) < 0.2


def test_name_taken_by_another_key_does_not_hold_up_a_new_datapoint(source, store, committed_house):
    services.create_datapoint(
        actor=committed_house.admin, project=committed_house.project, thing=committed_house.thing, key="other", name="t"
    )
    run_storing(store, lambda _, storing: storing.store([message(source, 1, b"1")]))
    assert Datapoint.objects.get(key="t").name == f"t ({source.datasource.username})"


def test_project_full_of_datapoints_takes_no_more(source, store, monkeypatch):
    from guildhall.modules.telemetry.store import series

    monkeypatch.setattr(series, "MAX_CREATED_IN_PROJECT", 1)
    run_storing(store, lambda _, storing: storing.store([message(source, 1, b"1"), message(source, 2, b"1", key="u")]))
    assert Datapoint.objects.count() == 1
    assert DeadLetter.objects.get().reason == "too_many_datapoints"


def test_only_the_latest_dead_letters_are_kept(source, store, monkeypatch):
    from guildhall.modules.telemetry.store import series

    monkeypatch.setattr(series, "DEAD_LETTERS_KEPT", 3)

    async def work(opened, storing):
        await storing.store([message(source, number, b"x%d" % number) for number in range(1, 6)])
        await series.forget_oldest_dead_letters(opened)

    run_storing(store, work)
    assert [letter.payload_text for letter in DeadLetter.objects.order_by("pk")] == ["x3", "x4", "x5"]
