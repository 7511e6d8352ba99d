"""`guildhall ingest --mqtt URL`: subscribes to a broker of someone's own, and stores what is published there.

A message of QoS 1 is acknowledged when it is committed, so whatever dies, nothing is lost. What was committed and not
acknowledged comes again: with a time of its own it replaces itself, without one it may be there twice. The broker keeps
the session while this program is away. Retained messages are of an earlier time, and passed over.
"""

import asyncio
import logging
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterable
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
from guildhall.modules.telemetry.ingest.batch import Storing
from guildhall.modules.telemetry.ingest.pace import Pace
from guildhall.modules.telemetry.ingest.pull import Message
from guildhall.modules.telemetry.running import run_until_stopped
from guildhall.modules.telemetry.store import connection as store_connection
from guildhall.modules.telemetry.store import rights
from guildhall.modules.telemetry.store.connection import Session, StoreUnavailableError
from guildhall.settings import settings

logger = logging.getLogger(__name__)

PORT: Final = 1883
TLS_PORT: Final = 8883
SCHEMES: Final = {"mqtt": False, "mqtts": True}
CONNECT_TIMEOUT_S: Final = 10.0
KEEPALIVE_S: Final = 30
RECONNECT_S: Final = (1, 30)
PAUSE_S: Final = 1.0
#: How often it is looked whether foreign topics were granted.
FOLLOW_INTERVAL_S: Final = 2.0
TIMEOUT_S: Final = 5.0
MAX_BATCH: Final = 4000
#: Messages of QoS 0, which may get lost, beyond so many that wait are dropped. Of the others no more can wait than the
#: broker sends without acknowledgement.
MAX_WAITING: Final = 20_000
#: The largest code with which a broker still grants a subscription.
_GRANTED: Final = 2


class SubscriberError(SystemExit):
    """What is asked can't be done; the text says why."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and how it is spoken to."""

    host: str
    port: int
    username: str = ""
    tls: bool = True

    @classmethod
    def parse(cls, url: str) -> "Broker":
        """The broker that an address stands for.

        Raises:
            SubscriberError: it is no such address, or holds a password, which everybody on the machine could read.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in SCHEMES or not parts.hostname or parts.path.strip("/") or parts.query:
            raise SubscriberError(f"{url} is no address of a broker; write mqtts://USER@HOST:PORT.")
        if parts.password is not None:
            raise SubscriberError("A command line is for all to see; give the password by --password-file.")
        tls = SCHEMES[parts.scheme]
        return cls(parts.hostname, port or (TLS_PORT if tls else PORT), unquote(parts.username or ""), tls=tls)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to be let in."""

    broker: Broker
    client_id: str
    password: str = ""
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message with its number at the broker, which holds for one connection only."""

    message: Message
    connection: int
    number: int
    qos: int


class Subscription:
    """The client, whose thread takes messages, and the messages that wait to be stored."""

    def __init__(self, options: Options) -> None:
        self._broker = options.broker
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Arrived] = deque()
        self._came = asyncio.Event()
        self._connection = 0
        self._lock = threading.Lock()
        self._dropped = 0
        self._answered = asyncio.Event()
        self._refused = ""
        self._filters = {policy.EVERY_TOPIC}
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=options.client_id, clean_session=False, manual_ack=True
        )
        if options.broker.username:
            client.username_pw_set(options.broker.username, options.password or None)
        if options.broker.tls:
            try:
                client.tls_set(ca_certs=None if options.ca_file is None else str(options.ca_file))
            except OSError as error:
                raise SubscriberError(f"{options.ca_file} is no certificate: {error}") from error
        client.reconnect_delay_set(*RECONNECT_S)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_connect_fail = self._on_connect_fail
        client.on_message, client.on_subscribe = self._on_message, self._on_subscribe
        self._client = client

    async def start(self) -> None:
        """Connect and subscribe; a broker that is not there yet is waited for.

        Raises:
            SubscriberError: it is not the one that it should be, or refuses.
        """
        pause_s = RECONNECT_S[0]
        while True:
            try:
                await asyncio.to_thread(self._client.connect, self._broker.host, self._broker.port, KEEPALIVE_S)
            except ssl.SSLError as error:
                raise SubscriberError(f"The broker {self._broker} can't be trusted: {error}") from error
            except OSError as error:
                logger.warning("The broker %s can't be reached, trying again: %s", self._broker, error)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, RECONNECT_S[1])
            else:
                break
        self._client.loop_start()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._answered.wait()
        except TimeoutError:
            self._refused = self._refused or "it does not answer"
        if self._refused:
            raise SubscriberError(f"The broker {self._broker} refuses: {self._refused}")

    async def stop(self) -> None:
        """Disconnect; the broker keeps the session."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def follow(self, foreign: set[str]) -> None:
        """Take these foreign topics beside those of the house, and no others any more."""
        wanted, had = {policy.EVERY_TOPIC, *foreign}, self._filters
        self._filters = wanted
        if wanted - had:
            self._client.subscribe([(filter_, 1) for filter_ in sorted(wanted - had)])
        if had - wanted:
            self._client.unsubscribe(sorted(had - wanted))

    async def take(self) -> list[Arrived]:
        """The messages that came, in their order; waits until there are some."""
        while not self._waiting:
            self._came.clear()
            await self._came.wait()
        if self._dropped:
            logger.warning("%d messages of QoS 0 came more quickly than they could be stored.", self._dropped)
            self._dropped = 0
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]

    def still_ours(self, arrived: Iterable[Arrived]) -> list[Arrived]:
        """Without those that come again, as the connection over which they came is no more."""
        return [one for one in arrived if not one.qos or one.connection == self._connection]

    def acknowledge(self, arrived: Iterable[Arrived]) -> None:
        """Tell the broker that these are stored, unless they came over a connection that is no more."""
        with self._lock:
            for one in arrived:
                if one.qos and one.connection == self._connection:
                    self._client.ack(one.number, one.qos)

    # What follows is called in the client's thread.

    def _on_connect(self, client: mqtt.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            logger.warning("The broker %s refuses: %s", self._broker, reason)
            self._refused = str(reason)
            self._answer()
            return
        # Also where the broker kept the session, as it may have kept it since other rights held.
        client.subscribe([(filter_, 1) for filter_ in sorted(self._filters)])

    def _on_subscribe(self, _client: Any, _userdata: Any, _mid: Any, reasons: Any, _properties: Any) -> None:
        refused = [reason for reason in reasons if reason.value > _GRANTED]
        if refused:
            logger.error("The broker %s does not let us read some of the topics.", self._broker)
            self._refused = "it does not let us read the topics"
        else:
            logger.info("Subscribed at %s.", self._broker)
            self._refused = ""
        self._answer()

    def _on_disconnect(self, _client: Any, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        # What waits comes again; its number may by then be another message's.
        with self._lock:
            self._connection += 1
            self._waiting = deque(self.still_ours(self._waiting))
        logger.warning("The connection to the broker %s ended: %s", self._broker, reason)

    def _on_connect_fail(self, _client: Any, _userdata: Any) -> None:
        logger.warning("The broker %s can't be reached, trying again.", self._broker)

    def _on_message(self, client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        if message.retain:
            client.ack(message.mid, message.qos)
            return
        if not message.qos and len(self._waiting) >= MAX_WAITING:
            self._dropped += 1
            return
        (subject,) = policy.subjects_of(message.topic)
        taken = Message(0, time.time_ns() // 1000, subject, bytes(message.payload), "")
        self._waiting.append(Arrived(taken, self._connection, message.mid, message.qos))
        if len(self._waiting) == 1:
            self._loop.call_soon_threadsafe(self._came.set)

    def _answer(self) -> None:
        self._loop.call_soon_threadsafe(self._answered.set)


async def store_all(subscription: Subscription, announcer: Announcer) -> None:
    """Store what comes, until cancelled. While the database is away, what came waits, and the broker keeps the rest."""
    batch: list[Arrived] = []
    while True:
        try:
            async with AsyncExitStack() as closing:
                connection = await store_connection.connect(name="ingest")
                closing.push_async_callback(connection.close)
                storing, pace = Storing(connection, None), Pace(connection)
                while True:
                    batch = subscription.still_ours(batch) or await subscription.take()
                    announcer.announce(await storing.store([one.message for one in batch]))
                    subscription.acknowledge(batch)
                    batch = []
                    await pace.keep()
        except (psycopg.Error, OSError) as error:
            logger.warning("The database can't store, trying again: %s", error)
            await asyncio.sleep(PAUSE_S)


async def follow_grants(subscription: Subscription) -> None:
    """Take foreign topics as soon as they are granted to a datasource. Runs until cancelled."""
    session = Session("ingest grants", timeout_s=TIMEOUT_S)
    try:
        while True:
            try:
                async with session.use() as connection:
                    subscription.follow(await rights.foreign_filters(connection))
            except (StoreUnavailableError, psycopg.Error) as error:
                logger.warning("What is granted can't be read, trying again: %s", error)
            await asyncio.sleep(FOLLOW_INTERVAL_S)
    finally:
        await session.close()


async def run(options: Options) -> None:
    """Work until cancelled."""
    announcer = Announcer(settings.redis_url.get_secret_value())
    async with AsyncExitStack() as closing:
        subscription = Subscription(options)
        closing.push_async_callback(subscription.stop)
        await subscription.start()
        announce_ready()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(announcer.run())
            tasks.create_task(store_all(subscription, announcer))
            tasks.create_task(follow_grants(subscription))


def main(*, url: str, client_id: str, password_file: Path | None, ca_file: Path | None) -> None:
    """Entry of the command; password, and user where the address names none, may stand in the environment.

    Raises:
        SubscriberError: it can't be done.
    """
    broker = Broker.parse(url)
    if not broker.username:
        broker = Broker(broker.host, broker.port, settings.ingest_mqtt_user, tls=broker.tls)
    try:
        password = (
            settings.ingest_mqtt_password.get_secret_value() if password_file is None else _first_line(password_file)
        )
    except OSError as error:
        raise SubscriberError(f"The password can't be read: {error}") from error
    options = Options(broker=broker, client_id=client_id, password=password, ca_file=ca_file)
    run_until_stopped(lambda: run(options))


def _first_line(file: Path) -> str:
    return file.read_text().partition("\n")[0].rstrip("\r")
