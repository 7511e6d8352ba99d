"""`guildhall ingest --mqtt URL`: subscribes to a broker of someone's own, and stores what is published there.

A message of QoS 1 is acknowledged when it is committed, so whatever dies, nothing is lost. What was committed and not
acknowledged comes again: with a time of its own it replaces itself, without one it may be there twice. The session is
kept by the broker while this program is away. Retained messages are of an earlier time, and passed over.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
import psycopg
from paho.mqtt.enums import CallbackAPIVersion

from guildhall.core.processes import announce_ready
from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.ingest.announce import Announcer
from guildhall.modules.telemetry.ingest.batch import KEY_MAX_LENGTH, Storing
from guildhall.modules.telemetry.ingest.pace import Pace
from guildhall.modules.telemetry.ingest.pull import Message
from guildhall.modules.telemetry.payload import RejectReason
from guildhall.modules.telemetry.running import run_until_stopped
from guildhall.modules.telemetry.store import connection as store_connection
from guildhall.modules.telemetry.store import series
from guildhall.modules.telemetry.store.series import Address
from guildhall.settings import settings

logger = logging.getLogger(__name__)

PORT: Final = 1883
TLS_PORT: Final = 8883
SCHEMES: Final = {"mqtt": False, "mqtts": True}
CONNECT_TIMEOUT_S: Final = 10.0
RECONNECT_S: Final = (1, 30)
PAUSE_S: Final = 1.0
#: So long is looked for more messages, for a commit costs the same for one as for a hundred. No broker sends more than
#: its limit of unacknowledged messages, so a batch never waits to be full.
LINGER_S: Final = 0.02
MAX_BATCH: Final = 4000
MAX_WAITING: Final = 20_000


class SubscriberError(SystemExit):
    """What is asked can't be done; the text says why."""


@dataclass(frozen=True, slots=True)
class Route:
    """Whose messages those are whose topics a filter matches."""

    filter: str
    username: str

    @classmethod
    def parse(cls, text: str) -> "Route":
        """The route that `FILTER=USERNAME` stands for.

        Raises:
            SubscriberError: it is none.
        """
        filter_, _, username = text.rpartition("=")
        problem = policy.filter_problem(filter_.strip("/"))
        if problem is not None or not policy.USERNAME.fullmatch(username):
            raise SubscriberError(f"{text} is not FILTER=USERNAME, with the user name of a datasource.")
        return cls(filter_, username)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The broker, and what to take from it."""

    url: str
    routes: tuple[Route, ...]
    client_id: str
    password: str = ""
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A message with its number at the broker, which holds for one connection only."""

    message: Message
    connection: int
    number: int
    qos: int


class Subscription:
    """The client, whose thread takes messages, and the messages that wait to be stored."""

    def __init__(self, options: Options) -> None:
        url = urlsplit(options.url)
        if url.scheme not in SCHEMES or not url.hostname:
            raise SubscriberError(f"{url.scheme}://{url.hostname} is no address of a broker; write mqtts://HOST:PORT.")
        self._host, self._port = url.hostname, url.port or (TLS_PORT if SCHEMES[url.scheme] else PORT)
        self._routes = options.routes
        self._waiting: deque[_Arrived] = deque()
        self._connections = 0
        self.connected = asyncio.Event()
        self.refused = ""
        self._loop = asyncio.get_running_loop()
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=options.client_id, clean_session=False, manual_ack=True
        )
        password = options.password or unquote(url.password or "")
        if url.username:
            client.username_pw_set(unquote(url.username), password or None)
        if SCHEMES[url.scheme]:
            client.tls_set(ca_certs=None if options.ca_file is None else str(options.ca_file))
        client.reconnect_delay_set(*RECONNECT_S)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_message, client.on_subscribe = self._on_message, self._on_subscribe
        self._client = client

    async def start(self) -> None:
        """Connect and subscribe.

        Raises:
            SubscriberError: the broker can't be reached, or refused.
        """
        try:
            await asyncio.to_thread(self._client.connect, self._host, self._port, 30)
        except OSError as error:
            raise SubscriberError(f"The broker {self._host}:{self._port} can't be reached: {error}") from error
        self._client.loop_start()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self.connected.wait()
        except TimeoutError:
            self.refused = self.refused or "it does not answer"
        if self.refused:
            raise SubscriberError(f"The broker {self._host}:{self._port} refuses: {self.refused}")

    async def stop(self) -> None:
        """Disconnect; the broker keeps the session."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    async def take(self) -> list[_Arrived]:
        """The messages that came, in their order; waits until there are some."""
        while not self._waiting:
            await asyncio.sleep(LINGER_S)
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]

    def acknowledge(self, arrived: Iterable[_Arrived]) -> None:
        """Tell the broker that these are stored, unless they came over a connection that is no more."""
        for one in arrived:
            if one.qos and one.connection == self._connections:
                self._client.ack(one.number, one.qos)

    # What follows is called in the client's thread.

    def _on_connect(self, client: mqtt.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            logger.warning("The broker refuses: %s", reason)
            self.refused = str(reason)
            self._loop.call_soon_threadsafe(self.connected.set)
            return
        client.subscribe([(filter_, 1) for filter_ in dict.fromkeys(route.filter for route in self._routes)])

    def _on_subscribe(self, _client: Any, _userdata: Any, _mid: Any, reasons: Any, _properties: Any) -> None:
        refused = [reason for reason in reasons if reason.is_failure]
        if refused:
            logger.error("The broker does not let us read some of the topics: %s", refused[0])
            self.refused = f"it does not let us read some of the topics ({refused[0]})"
        else:
            logger.info("Subscribed at %s:%s.", self._host, self._port)
        self._loop.call_soon_threadsafe(self.connected.set)

    def _on_disconnect(self, _client: Any, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        # What waits comes again; its number may by then be another message's.
        self._connections += 1
        self._waiting.clear()
        logger.info("The connection to the broker ended: %s", reason)

    def _on_message(self, client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        while len(self._waiting) >= MAX_WAITING:
            time.sleep(LINGER_S)
        if message.retain:
            client.ack(message.mid, message.qos)
            return
        (subject,) = policy.subjects_of(message.topic)
        taken = Message(0, time.time_ns() // 1000, subject, message.payload, "")
        self._waiting.append(_Arrived(taken, self._connections, message.mid, message.qos))


def finder(routes: Sequence[Route]) -> Any:
    """A function that tells whose message a subject is and what its key is: the topic, without slashes around it."""

    def find(subject: str) -> Address | RejectReason:
        topic = policy.topic_of_subject(subject)
        username = next((route.username for route in routes if policy.matches(route.filter, topic)), None)
        if username is None:
            return RejectReason.NOT_A_TOPIC_OF_A_DATASOURCE
        key = topic.strip("/")
        if len(key) > KEY_MAX_LENGTH or policy.topic_problem(key) is not None:
            return RejectReason.BAD_KEY
        return username, key

    return find


async def store_all(subscription: Subscription, routes: Sequence[Route], announcer: Announcer) -> None:
    """Store what comes, until cancelled. While the database is away, what came waits, and the broker keeps the rest."""
    batch: list[_Arrived] = []
    while True:
        try:
            async with AsyncExitStack() as closing:
                connection = await store_connection.connect(name="ingest")
                closing.push_async_callback(connection.close)
                storing, pace = Storing(connection, None, find_address=finder(routes)), Pace(connection)
                while True:
                    batch = batch or await subscription.take()
                    announcer.announce(await storing.store([one.message for one in batch]))
                    subscription.acknowledge(batch)
                    batch = []
                    await pace.keep()
        except (psycopg.Error, OSError) as error:
            logger.warning("Storing begins anew: %s", error)
            await asyncio.sleep(PAUSE_S)


async def _require_datasources(routes: Sequence[Route]) -> None:
    async with AsyncExitStack() as closing:
        connection = await store_connection.connect(name="ingest")
        closing.push_async_callback(connection.close)
        known = await series.find_sources(connection, {route.username for route in routes})
    for route in routes:
        if route.username not in known:
            raise SubscriberError(f"There is no datasource with the user name {route.username}.")


async def run(options: Options) -> None:
    """Work until cancelled."""
    await _require_datasources(options.routes)
    subscription = Subscription(options)
    announcer = Announcer(settings.redis_url.get_secret_value())
    async with AsyncExitStack() as closing:
        closing.push_async_callback(subscription.stop)
        await subscription.start()
        announce_ready()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(announcer.run())
            tasks.create_task(store_all(subscription, options.routes, announcer))


def main(*, url: str, topics: Sequence[str], client_id: str, password_file: Path | None, ca_file: Path | None) -> None:
    """Entry of the command."""
    if not topics:
        raise SubscriberError("Say with --topic FILTER=USERNAME what to take, and whose it is.")
    options = Options(
        url=url,
        routes=tuple(Route.parse(topic) for topic in topics),
        client_id=client_id,
        password=password_file.read_text().strip() if password_file is not None else "",
        ca_file=ca_file,
    )
    run_until_stopped(lambda: run(options))
