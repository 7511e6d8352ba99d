"""A flow of measurements through real servers and processes, any of which can be killed while it runs."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import paho.mqtt.client as mqtt
import psycopg
from paho.mqtt.enums import CallbackAPIVersion
from psycopg.rows import TupleRow

from guildhall.modules.telemetry.store import aggregates, journal
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.plan import run
from guildhall.stack.plan import callout_issuer, new_callout_seed
from guildhall.stack.servers import NatsSecrets, NatsServer, PostgresServer, ValkeyServer
from tests.support import samples
from tests.support.broker import Program, wait_for

#: Values are numbered, and the n-th is n milliseconds after this.
FIRST_AT = datetime(2026, 3, 1, tzinfo=UTC)
MAKE_SOURCE = """
import django; django.setup()
import json
from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Project
from guildhall.modules.telemetry.services import create_datasource
user = User.objects.create_user("ada@example.org", "correct horse battery")
made = create_datasource(actor=user, project=Project.objects.get(organization__personal_owner=user), name="Flow")
print(json.dumps([made.datasource.username, made.secret]))
"""


#: A device has 65,535 packet ids; one that gets no answers for minutes waits rather than using an id twice.
MAX_UNANSWERED = 20_000


class Site:
    """PostgreSQL, Valkey and NATS of its own, with gate, consumer and sealer as processes."""

    def __init__(self, home: Path, running: ExitStack) -> None:
        seed = new_callout_seed()
        secrets = NatsSecrets("service", "system", callout_issuer(seed))
        # PostgreSQL keeps fsync: what is tested is that nothing is lost.
        self.postgresql = running.enter_context(PostgresServer(home / "postgresql"))
        self.valkey = running.enter_context(ValkeyServer(home / "valkey"))
        self.nats = running.enter_context(NatsServer(home / "nats", secrets=secrets))
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "guildhall.settings.django",
            "DATABASE_URL": self.postgresql.url,
            "REDIS_URL": self.valkey.url,
            "NATS_URL": self.nats.url,
            "NATS_SERVICE_PASSWORD": secrets.service_password,
            "NATS_SYSTEM_PASSWORD": secrets.system_password,
            "NATS_CALLOUT_SEED": seed,
            "NATS_LOG_FILE": str(self.nats.messages_file),
            "MQTT_PORT": str(self.nats.mqtt_port),
        }
        self.run_python("-m", "django", "migrate", "--skip-checks", "--verbosity", "0")
        self.username, self.secret = json.loads(self.run_python("-c", MAKE_SOURCE))
        self.gate = running.enter_context(Program("guildhall.modules.telemetry.gate.main:main", self.environment))
        self.consumer = running.enter_context(Program("guildhall.modules.telemetry.ingest.main:main", self.environment))
        self.sealer = running.enter_context(Program("tests.faults.sealing:main", self.environment))

    def run_python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kill(self, victim: str) -> None:
        """End it as a power cut would, and start it again a moment later."""
        server = getattr(self, victim)
        server.kill()
        time.sleep(0.3)
        server.start()

    def connect(self) -> "psycopg.Connection[TupleRow]":
        return psycopg.connect(self.postgresql.url)


class Flow:
    """One device that publishes numbered values with times of their own at QoS 1 and remembers which were acknowledged."""

    def __init__(self, site: Site, rate: float) -> None:
        self._site = site
        self._rate = rate
        self._numbers: dict[int, int] = {}
        self._answered: deque[int] = deque()
        self._early: set[int] = set()
        self._acknowledged: set[int] = set()
        self._stopping = threading.Event()
        self.sent = 0
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="flow", clean_session=False)
        self.client.username_pw_set(site.username, site.secret)
        self.client.max_inflight_messages_set(1000)
        self.client.reconnect_delay_set(0.1, 0.5)
        self.client.on_publish = self._published
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        def connected() -> bool:
            try:
                return self.client.connect("127.0.0.1", self._site.nats.mqtt_port) == 0
            except OSError:
                return False

        wait_for(connected)
        self.client.loop_start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.client.disconnect()
        self.client.loop_stop()

    def wait_until_it_flows(self, values: int = 300) -> None:
        """Wait until so many more values are acknowledged, so that what is killed next is killed at work."""
        enough = len(self.acknowledged) + values
        wait_for(lambda: len(self.acknowledged) >= enough, at_most_s=60, what="acknowledgements")

    def stop(self) -> None:
        """Publish no more."""
        self._stopping.set()
        self._thread.join()

    def finish(self, patience_s: float = 60) -> None:
        """Publish no more, and wait until everything is acknowledged."""
        self.stop()
        wait_for(lambda: len(self.acknowledged) == self.sent, at_most_s=patience_s, what="all acknowledgements")

    def _run(self) -> None:
        began = time.monotonic()
        while not self._stopping.is_set():
            while self.sent < (time.monotonic() - began) * self._rate and len(self._numbers) < MAX_UNANSWERED:
                self._publish(self.sent)
            self._stopping.wait(0.005)

    def _publish(self, number: int) -> None:
        at = FIRST_AT + timedelta(milliseconds=number)
        payload = json.dumps({"ts": at.isoformat(), "value": number})
        topic = f"guildhall/d/{self._site.username}/series-{number % 7}"
        self._numbers[self.client.publish(topic, payload, qos=1).mid] = number
        self.sent += 1

    def _published(self, _client: object, _userdata: object, mid: int, *_: object) -> None:
        # Called under a lock of the client, so nothing may be waited for here.
        self._answered.append(mid)

    @property
    def acknowledged(self) -> set[int]:
        """The numbers of the values that the broker acknowledged."""
        for _ in range(len(self._answered)):
            mid = self._answered.popleft()
            number = self._numbers.pop(mid, None)
            if number is None:
                # The answer came before the publishing thread noted which number it sent, or it came twice.
                if mid not in self._early:
                    self._early.add(mid)
                    self._answered.append(mid)
                continue
            self._early.discard(mid)
            self._acknowledged.add(number)
        return self._acknowledged


def assert_everything_is_stored_once(site: Site, flow: Flow) -> None:
    """Every acknowledged value is stored at its own time, and every message of the stream was counted once."""
    wait_for(lambda: stored_values(site) >= flow.acknowledged, at_most_s=60, what="the consumer to store everything")
    wait_for(lambda: _counted(site)[0] == _counted(site)[1], at_most_s=30, what="the counts to fit the watermark")
    with site.connect() as connection:
        found = sorted((sample.at, sample.value) for sample in samples.stored_in(connection))
        assert found == [(FIRST_AT + timedelta(milliseconds=number), number) for number in range(flow.sent)]
        assert connection.execute("SELECT count(*) FROM telemetry_deadletter").fetchall() == [(0,)]


def assert_chunks_and_rollups_fit(site: Site, flow: Flow) -> None:
    """Once everything is sealed, counts and sums of the buckets are those of the values."""

    def sealed() -> bool:
        with site.connect() as connection, connection.cursor(binary=True) as cursor:
            return run(journal.tail(), cursor) == journal.Tail(0, 0)

    wait_for(sealed, what="the sealer")
    with site.connect() as connection, connection.cursor(binary=True) as cursor:
        ids = [id_ for (id_,) in cursor.execute("SELECT id FROM telemetry_datapoint").fetchall()]
        found = run(aggregates.aggregates(ids, interval=Interval.QUARTER, zone=UTC), cursor)
    buckets = [(one.buckets.counts.sum(), one.buckets.sums.sum()) for one in found.values()]
    assert sum(count for count, _ in buckets) == flow.sent
    assert sum(total for _, total in buckets) == sum(range(flow.sent))


def stored_values(site: Site) -> set[int]:
    """The numbers that are stored; none while the database is away."""
    try:
        with site.connect() as connection:
            return {int(sample.value) for sample in samples.stored_in(connection)}
    except psycopg.OperationalError:
        return set()


def _counted(site: Site) -> tuple[object, object]:
    with site.connect() as connection:
        ((stored, sequence),) = connection.execute(
            "SELECT (SELECT sum(messages_stored + messages_rejected)::bigint FROM telemetry_datasource),"
            " (SELECT sequence FROM telemetry_watermark WHERE stream = '$MQTT_msgs')"
        ).fetchall()
    return stored, sequence
