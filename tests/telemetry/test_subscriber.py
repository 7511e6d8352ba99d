"""`guildhall ingest`: a broker of someone's own, here Debian's mosquitto, with nothing lost whoever dies."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Self

import pytest
from typer.testing import CliRunner

from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.ingest import subscriber
from guildhall.modules.telemetry.ingest.subscriber import Broker, Options, SubscriberError
from guildhall.modules.telemetry.models import Datapoint, Datasource, DeadLetter
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.services import RightGiven
from guildhall.stack.cli import app
from tests.support import samples
from tests.support.broker import PATIENCE_S, Background, database_url, wait_for
from tests.support.mosquitto import PASSWORDS, Mosquitto
from tests.telemetry.conftest import Source, make_source, said

AT = 1_780_000_000


@pytest.fixture
def source(committed_house) -> Source:
    return make_source(committed_house, thing=committed_house.thing)


@pytest.fixture
def broker(source, tmp_path) -> Iterator[Mosquitto]:
    acl = (
        "user collector\ntopic read guildhall/d/#\ntopic read tele/#\n"
        f"user device\ntopic write {source.topic('#')}\ntopic write tele/#\n"
    )
    with Mosquitto(tmp_path, acl) as server:
        yield server


def options(broker: Mosquitto, **changes) -> Options:
    given = {
        "broker": Broker("127.0.0.1", broker.port, "collector"),
        "client_id": "guildhall-ingest",
        "password": PASSWORDS["collector"],
        "ca_file": broker.authority,
        **changes,
    }
    return Options(**given)


@contextmanager
def ingesting(broker: Mosquitto) -> Iterator[None]:
    with (
        said(subscriber.logger, "Subscribed at") as ready,
        Background(lambda: subscriber.run(options(broker))) as background,
    ):
        wait_for(lambda: background.error or ready(), what="the subscription")
        yield


class Ingest:
    """The command in a process of its own."""

    def __init__(self, broker: Mosquitto, folder: Path) -> None:
        (folder / "password").write_text(f"{PASSWORDS['collector']}\n")
        self._command = [
            sys.executable, "-m", "guildhall.stack.cli", "ingest",
            "--mqtt", f"mqtts://collector@127.0.0.1:{broker.port}",
            "--password-file", str(folder / "password"), "--ca-file", str(broker.authority),
        ]  # fmt: skip
        self._environment = {**os.environ, "DATABASE_URL": database_url(), "LOG_LEVEL": "INFO"}
        self.log = folder / "ingest.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stderr=log)

    def subscriptions(self) -> int:
        return self.log.read_text().count("Subscribed at")

    def end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(PATIENCE_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)


def values() -> list[float]:
    return sorted(sample.value for sample in samples.stored())


def test_message_at_a_broker_of_ones_own_is_stored_and_counted(source, broker, store):
    device = broker.client()
    with ingesting(broker):
        device.publish(source.topic("temperature"), "21.5", qos=1)
        device.publish(source.topic("tank/ph"), f'{{"ts": {AT}, "value": 7}}', qos=1)
        device.publish(source.topic("temperature"), "warm", qos=0)
        wait_for(lambda: len(samples.stored()) == 2 and DeadLetter.objects.exists())
    device.disconnect()
    device.loop_stop()
    found = {Datapoint.objects.get(pk=one.datapoint_id).key: one for one in samples.stored()}
    assert {key: one.value for key, one in found.items()} == {"temperature": 21.5, "tank/ph": 7}
    assert {one.datasource_id for one in found.values()} == {source.datasource.pk}
    counted = Datasource.objects.get(pk=source.datasource.pk)
    assert (counted.messages_stored, counted.messages_rejected) == (2, 1)
    assert DeadLetter.objects.get().topic == source.topic("temperature")


def test_what_the_access_list_forbids_and_what_is_retained_is_not_stored(source, broker, store):
    device = broker.client()
    device.publish(source.topic("old"), "1", qos=1, retain=True).wait_for_publish(PATIENCE_S)
    device.publish("guildhall/d/abcdefgh/t", "2", qos=1).wait_for_publish(PATIENCE_S)
    with ingesting(broker):
        device.publish("guildhall/d/abcdefgh/t", "3", qos=1)
        device.publish(source.topic("new"), "4", qos=1)
        wait_for(samples.stored)
    device.disconnect()
    device.loop_stop()
    assert values() == [4]
    assert not DeadLetter.objects.exists()


def test_broker_keeps_what_comes_while_nobody_ingests(source, broker, store):
    device = broker.client()
    with ingesting(broker):
        pass
    device.publish(source.topic("t"), "1", qos=1).wait_for_publish(PATIENCE_S)
    with ingesting(broker):
        device.publish(source.topic("t"), f'{{"ts": {AT}, "value": 2}}', qos=1)
        wait_for(lambda: len(samples.stored()) == 2)
    device.disconnect()
    device.loop_stop()
    assert values() == [1, 2]


def test_granted_topics_are_taken_while_they_are_granted(committed_house, source, broker, store, monkeypatch):
    monkeypatch.setattr(subscriber, "FOLLOW_INTERVAL_S", 0.1)
    own = RightGiven(Right.PUBLISH, source.topic("#"))
    granted = RightGiven(Right.PUBLISH, "tele/kettle/#")

    def grant(*rights: RightGiven) -> None:
        services.set_topic_rights(actor=committed_house.admin, datasource=source.datasource, rights=rights)

    device = broker.client()
    grant(own, granted)
    with ingesting(broker):
        device.publish("tele/lamp/power", "1", qos=1)
        wait_for(
            lambda: (device.publish("tele/kettle/power", f'{{"ts": {AT}, "value": 2}}', qos=1), samples.stored())[1]
        )
        grant(own)
        time.sleep(0.5)
        device.publish("tele/kettle/power", "3", qos=1)
        device.publish(source.topic("t"), "4", qos=1)
        wait_for(lambda: len(samples.stored()) == 2)
    device.disconnect()
    device.loop_stop()
    assert values() == [2, 4]
    assert not DeadLetter.objects.exists()


def test_kills_of_ingest_and_of_the_broker_lose_nothing(source, broker, store, tmp_path):
    device = broker.client(client_id="device", clean_session=False)
    numbers = iter(range(900))

    def publish(count: int) -> None:
        for number in islice(numbers, count):
            device.publish(source.topic("t"), f'{{"ts": {AT + number}, "value": {number}}}', qos=1)

    def stored() -> int:
        return len(samples.stored())

    with Ingest(broker, tmp_path) as ingest:
        wait_for(lambda: ingest.subscriptions() == 1, what="the subscription")
        broker.write_down()
        publish(400)
        wait_for(lambda: stored() > 10)
        ingest.end(signal.SIGKILL)
        publish(200)
        ingest.start()
        wait_for(lambda: stored() > 450)
        # What the broker took and nobody got yet is written down by it at the end.
        broker.end(signal.SIGTERM)
        publish(200)
        broker.start()
        wait_for(lambda: stored() == 800)
        broker.end(signal.SIGKILL)
        broker.start()
        publish(100)
        wait_for(lambda: stored() == 900)
        assert ingest.end(signal.SIGTERM) == 0
    device.disconnect()
    device.loop_stop()
    assert values() == list(range(900))


def test_broker_that_refuses_the_password_ends_the_command(source, broker, store):
    with pytest.raises(SubscriberError, match="refuses: Not authorized"):
        asyncio.run(subscriber.run(options(broker, password="wrong")))


# The client's library leaves the socket to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*SSLSocket")
def test_broker_of_an_unknown_authority_ends_the_command(source, broker, store):
    with pytest.raises(SubscriberError, match="can't be trusted"):
        asyncio.run(subscriber.run(options(broker, ca_file=None)))
    gc.collect()


def test_broker_that_is_not_there_yet_is_waited_for(source, broker, store):
    broker.end()
    with said(subscriber.logger, "can't be reached, trying again") as waits, ingesting_when(broker, waits):
        pass


@contextmanager
def ingesting_when(broker: Mosquitto, waits) -> Iterator[None]:
    with said(subscriber.logger, "Subscribed at") as ready, Background(lambda: subscriber.run(options(broker))):
        wait_for(waits, what="the first try")
        broker.start()
        wait_for(ready, what="the subscription")
        yield


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtts://b.example", Broker("b.example", 8883)),
        ("mqtt://u%40x@b.example:1884/", Broker("b.example", 1884, "u@x", tls=False)),
        ("mqtt://[::1]", Broker("::1", 1883, tls=False)),
    ],
)
def test_address_of_a_broker_is_understood(url, expected):
    assert Broker.parse(url) == expected


@pytest.mark.parametrize("url", ["b.example", "http://b.example", "mqtts://", "mqtts://b:port", "mqtts://b/topic"])
def test_address_of_no_broker_is_told(url):
    done = CliRunner().invoke(app, ["ingest", "--mqtt", url])
    assert done.exit_code == 1
    assert "is no address of a broker" in str(done.exception or done.output)


def test_password_on_the_command_line_is_refused():
    with pytest.raises(SubscriberError, match="for all to see"):
        Broker.parse("mqtts://user:secret@b.example")
