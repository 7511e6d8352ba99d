"""From devices to committed rows by MQTT at QoS 1, beside what `mosquitto_sub` receives from the same broker.

`make bench-telemetry-mqtt` measures both durability modes of the broker. Eight devices publish as quickly as they are
acknowledged, while gate, consumer and sealer run as on a site; what counts is the time from the first packet until
every message is committed in PostgreSQL. `mosquitto_sub` takes its turns at the same load while the consumer is away,
and what it receives goes nowhere. SCALE=0.1 sends a tenth of the messages.
"""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.report import Figure, report
from benchmarks.servers import Servers, process, site

DEVICES = 8
#: The devices share these; a subscriber of QoS 1 can't have many filters at this broker.
DATASOURCES = 2
SERIES_OF_DEVICE = 125
ROUNDS = 3
WINDOW = 1000
BATCH = 100
SUBSCRIBER = "mosquitto_sub"
CONSUMER = "guildhall.modules.telemetry.ingest.main:main"
#: A run that takes longer has failed.
AT_MOST_S = 180.0
POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Load:
    """What each device sends in one run."""

    messages: int
    values: int = 1

    @property
    def all_messages(self) -> int:
        return self.messages * DEVICES


class Bench:
    """A site, and how many messages its devices have sent so far."""

    def __init__(self, servers: Servers, connection: Any, sources: list[tuple[str, str]]) -> None:
        self._servers = servers
        self._connection = connection
        self._sources = sources
        self._first = 0

    @contextmanager
    def load(self, load: Load) -> Iterator[tuple["subprocess.Popen[str]", float]]:
        """Devices that began to send, and when they began."""
        task = {
            "port": self._servers.nats.mqtt_port,
            "devices": [(*self._sources[number % DATASOURCES], number) for number in range(DEVICES)],
            "messages": load.messages,
            "values": load.values,
            "series": SERIES_OF_DEVICE,
            "first": self._first,
            "window": WINDOW,
        }
        self._first += load.messages
        command = [sys.executable, "-m", "benchmarks.mqtt_load"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            assert program.stdin is not None
            assert program.stdout is not None
            program.stdin.write(json.dumps(task) + "\n")
            program.stdin.flush()
            if program.stdout.readline() != "ready\n":
                raise SystemExit("the load could not be prepared")
            time.sleep(0.5)
            began = time.perf_counter()
            program.stdin.write("\n")
            program.stdin.flush()
            yield program, began

    def stored(self) -> int:
        """Messages that are committed."""
        row = self._connection.execute("SELECT sum(messages_stored) FROM telemetry_datasource").fetchone()
        return int(row[0])

    def by_guildhall(self, load: Load) -> tuple[float, float]:
        """Messages a second, committed, and acknowledged to the devices."""
        expected = self.stored() + load.all_messages
        with self.load(load) as (program, began):
            while self.stored() < expected:
                time.sleep(POLL_S)
                if time.perf_counter() - began > AT_MOST_S:
                    raise SystemExit(f"{expected - self.stored()} messages are missing")
            took = time.perf_counter() - began
            told, _ = program.communicate()
        self.seal()
        return load.all_messages / took, load.all_messages / json.loads(told)["seconds"]

    def by_subscriber(self, load: Load, reader: tuple[str, str]) -> float:
        """Messages a second that `mosquitto_sub` receives."""
        username, secret = reader
        command = [SUBSCRIBER, "-h", "127.0.0.1", "-p", str(self._servers.nats.mqtt_port), "-u", username, "-P", secret]
        command += ["-i", username, "-q", "1", "-C", str(load.all_messages)]
        for source, _ in self._sources:
            command += ["-t", f"guildhall/d/{source}/#"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as subscriber:
            asyncio.run(subscribed(len(self._sources)))
            with self.load(load) as (program, began):
                subscriber.wait(AT_MOST_S)
                took = time.perf_counter() - began
                program.communicate()
        return load.all_messages / took

    def seal(self) -> None:
        """Wait until nothing waits to be sealed, so that every run begins alike."""
        from guildhall.modules.telemetry.store import sealing

        sealing.seal_all(self._connection)

    def points(self) -> int:
        """Points that are in chunks."""
        row = self._connection.execute("SELECT sum(count) FROM telemetry_chunk").fetchone()
        return int(row[0])

    def restart_broker(self, sync_interval: str) -> None:
        """Start the broker anew with this durability."""
        self._servers.nats.stop()
        self._servers.nats.sync_interval = sync_interval
        self._servers.nats.start()


async def subscribed(filters: int) -> None:
    """Wait until so many filters of a subscriber are at work, for each of which the broker has two consumers."""
    from guildhall.modules.telemetry.broker.connection import BrokerUser, connect
    from guildhall.modules.telemetry.broker.stream import ACKNOWLEDGED, CONSUMER_PREFIX, api

    client = await connect(BrokerUser.DEVICES, name="benchmark")
    while True:
        found = (await api(client, f"CONSUMER.NAMES.{ACKNOWLEDGED.stream}")).get("consumers") or []
        if sum(not name.startswith(CONSUMER_PREFIX) for name in found) >= 2 * filters:
            break
        await asyncio.sleep(0.1)
    await client.close()


async def empty_streams() -> None:
    """Remove what nobody of ours is to store."""
    from guildhall.modules.telemetry.broker.connection import BrokerUser, connect
    from guildhall.modules.telemetry.broker.stream import SOURCES, api, delete_consumers, ensure_streams

    client = await connect(BrokerUser.DEVICES, name="benchmark")
    await ensure_streams(client)
    for source in SOURCES:
        await api(client, f"STREAM.PURGE.{source.stream}")
        await delete_consumers(client, source, keep="")
    await client.close()


def _datasources() -> tuple[list[tuple[str, str]], tuple[str, str]]:
    """Credentials of the datasources, and of one that may read what they send."""
    from guildhall.core.accounts.models import User
    from guildhall.core.organizations.models import Project
    from guildhall.modules.telemetry import policy
    from guildhall.modules.telemetry.models import TopicRight
    from guildhall.modules.telemetry.policy import Right
    from guildhall.modules.telemetry.services import create_datasource

    user = User.objects.create_user("ada@example.org", "correct horse battery")
    project = Project.objects.get(organization__personal_owner=user)
    made = [create_datasource(actor=user, project=project, name=f"{number}") for number in range(DATASOURCES + 1)]
    *sources, reader = [(one.datasource.username, one.secret) for one in made]
    TopicRight.objects.bulk_create(
        TopicRight(datasource=made[-1].datasource, action=Right.READ.value, filter=policy.default_filter(username))
        for username, _ in sources
    )
    return sources, reader


def main() -> None:
    """Run and print."""
    scale = float(os.environ.get("SCALE") or "1")
    with site() as servers:
        import django
        import psycopg

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        sources, reader = _datasources()
        with (
            psycopg.connect(servers.postgresql.url, autocommit=True, options="-c TimeZone=UTC") as connection,
            process("guildhall.modules.telemetry.gate.main:main"),
            process("guildhall.modules.telemetry.sealer:main"),
        ):
            figures = _measure(Bench(servers, connection, sources), reader, scale)
    report("telemetry-mqtt", figures)


def _measure(bench: Bench, reader: tuple[str, str], scale: float) -> list[Figure]:
    single, many = Load(int(40_000 * scale)), Load(int(2500 * scale), BATCH)
    slow = Load(int(4000 * scale))
    figures: list[Figure] = []
    received: list[float] = []
    committed: list[tuple[float, float]] = []
    bench.restart_broker("1s")
    asyncio.run(empty_streams())
    with process(CONSUMER):
        bench.by_guildhall(Load(SERIES_OF_DEVICE))  # Which makes the datapoints.
    for _ in range(ROUNDS):
        if shutil.which(SUBSCRIBER) is not None:
            received.append(bench.by_subscriber(single, reader))
            asyncio.run(empty_streams())
        with process(CONSUMER):
            committed.append(bench.by_guildhall(single))
        print(f"one value a message: {committed[-1][0]:,.0f} committed a second; received {received[-1:]}", flush=True)
    ours = statistics.median(rate for rate, _ in committed)
    acknowledged = statistics.median(rate for _, rate in committed)
    figures.append(Figure("1s: one value a message, committed", ours, "messages/s"))
    figures.append(Figure("1s: the same, acknowledged by the broker", acknowledged, "messages/s"))
    if received:
        theirs = statistics.median(received)
        figures.append(Figure(f"1s: the same, received by {SUBSCRIBER}", theirs, "messages/s"))
        ratio = statistics.median(rate / alone for (rate, _), alone in zip(committed, received, strict=True))
        figures.append(Figure(f"1s: committed / received by {SUBSCRIBER}", ratio, "x", 0.5))
    with process(CONSUMER):
        batches = [bench.by_guildhall(many) for _ in range(ROUNDS)]
    points = statistics.median(rate for rate, _ in batches) * BATCH
    figures.append(Figure(f"1s: {BATCH} values a message, committed", points, "points/s", 800_000))
    bench.restart_broker("always")
    with process(CONSUMER):
        durable = [bench.by_guildhall(slow) for _ in range(ROUNDS)]
    rate = statistics.median(rate for rate, _ in durable)
    figures.append(Figure("always: one value a message, committed", rate, "messages/s", 3000))
    loads = [Load(SERIES_OF_DEVICE), *ROUNDS * [single, many, slow]]
    missing = sum(load.all_messages * load.values for load in loads) - bench.points()
    return [*figures, Figure("points missing, or there twice", abs(missing), "points", 0, at_most=True)]


if __name__ == "__main__":
    main()
