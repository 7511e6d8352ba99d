"""The process `telemetry-consumer`. One leads, others stand by; after a break a new run begins at the watermark."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from typing import Final

import psycopg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from guildhall.core import metrics
from guildhall.core.processes import announce_ready
from guildhall.modules.telemetry.broker.connection import BrokerUser, connect
from guildhall.modules.telemetry.broker.stream import (
    CONSUMER_PREFIX,
    SOURCES,
    BrokerError,
    Source,
    StreamState,
    ensure_stream,
    message_time,
)
from guildhall.modules.telemetry.broker.wire import Wire
from guildhall.modules.telemetry.ingest.announce import Announcer
from guildhall.modules.telemetry.ingest.batch import Storing
from guildhall.modules.telemetry.ingest.floods import Floods, Limit
from guildhall.modules.telemetry.ingest.pace import Pace
from guildhall.modules.telemetry.ingest.pull import Pull, RunEndedError
from guildhall.modules.telemetry.ingest.watching import Watching
from guildhall.modules.telemetry.running import run_until_stopped
from guildhall.modules.telemetry.store import connection as store_connection
from guildhall.modules.telemetry.store import series, watermark
from guildhall.modules.telemetry.store.connection import Connection
from guildhall.modules.telemetry.store.watermark import SupersededError, Watermark
from guildhall.settings import settings

logger = logging.getLogger(__name__)

STANDBY_INTERVAL_S: Final = 0.5
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 2.0
UPKEEP_INTERVAL_S: Final = 60.0
#: More messages are awaited so long, for a commit costs the same for one as for a hundred.
LINGER_S: Final = 0.05
#: Unless so many are there already.
MANY_WAITING: Final = 1000


class Consumer:
    """Carries messages from the stream into the tables, run after run."""

    def __init__(self, announcer: Announcer, watching: Watching) -> None:
        self._announcer = announcer
        self._watching = watching
        self._pulls: list[Pull] = []
        self._stored_since = False

    async def broker_is_back(self) -> None:
        """End the run: what was on the way when the connection broke is not known."""
        self._interrupt("the connection to the broker was lost")

    def _interrupt(self, why: str) -> None:
        for pull in self._pulls:
            pull.interrupt(why)

    def lag(self) -> float:
        """Messages of the streams that are not stored yet; of a consumer that stands by, none."""
        return sum(pull.lag for pull in self._pulls)

    async def run(self, broker: Client) -> None:
        """Consume until cancelled."""
        metrics.gauge("guildhall_telemetry_lag", "Messages of the streams that are not stored yet.", self.lag)
        pause = FIRST_PAUSE_S
        while True:
            self._stored_since = False
            try:
                await self._lead(broker)
            except (
                RunEndedError,
                SupersededError,
                NatsError,
                BrokerError,
                psycopg.Error,
                OSError,
                TimeoutError,
            ) as error:
                logger.warning("Starting again at the watermark: %s", str(error) or type(error).__name__)
            pause = FIRST_PAUSE_S if self._stored_since else min(pause * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause)

    async def _lead(self, broker: Client) -> None:
        connection = await store_connection.connect(name="telemetry-consumer")
        announce_ready()  # One that stands by does its work too.
        try:
            while not await watermark.try_to_lead(connection):  # noqa: ASYNC110 — another process leads.
                await asyncio.sleep(STANDBY_INTERVAL_S)
            marks = {}
            for source in SOURCES:
                mark = marks[source] = await watermark.take_over(connection, source.stream)
                await align(broker, connection, source, mark)
                logger.info("Storing messages of %s from %d on.", source.stream, mark.sequence + 1)
            await self._consume(broker, connection, marks)
        finally:
            await connection.close()

    async def _consume(self, broker: Client, connection: Connection, marks: dict[Source, Watermark]) -> None:
        changed = asyncio.Event()
        floods = Floods(
            all_messages=Limit.parse(settings.mqtt_rate_limit), rejected=Limit.parse(settings.mqtt_rejected_limit)
        )
        wire = Wire(self._interrupt)
        runs = [
            (Pull(broker, wire, source, changed), Storing(connection, mark, floods, self._watching), mark)
            for source, mark in marks.items()
        ]
        self._pulls = pulls = [pull for pull, _, _ in runs]
        upkeep, pace = Upkeep(broker, connection, pulls), Pace(connection)
        try:
            await wire.open(broker, BrokerUser.DEVICES, name="telemetry-consumer messages")
            for pull, _, mark in runs:
                await pull.start(mark.sequence + 1, name=f"{CONSUMER_PREFIX}{mark.epoch}")
            while True:
                changed.clear()
                taken = [(pull, storing, pull.take()) for pull, storing, _ in runs]
                for pull, storing, messages in taken:
                    if messages:
                        self._announcer.announce(await storing.store(messages))
                        self._stored_since = True
                        pull.acknowledge(messages[-1])
                        await pace.keep()
                for pull in pulls:
                    await pull.settle()
                await upkeep.when_due()
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await changed.wait()
                if max(pull.lag for pull in pulls) < MANY_WAITING:
                    await asyncio.sleep(LINGER_S)
        finally:
            self._pulls = []
            await wire.close()


class Upkeep:
    """What is done beside storing, now and then."""

    def __init__(self, broker: Client, connection: Connection, pulls: Sequence[Pull]) -> None:
        self._broker = broker
        self._connection = connection
        self._pulls = pulls
        self._done_at = float("-inf")

    async def when_due(self) -> None:
        """Forget the oldest dead letters, and consumers that a gate may have made while this one was starting."""
        now = time.monotonic()
        if now - self._done_at > UPKEEP_INTERVAL_S:
            self._done_at = now
            await series.forget_oldest_dead_letters(self._connection)
            for pull in self._pulls:
                await pull.tidy()


async def align(broker: Client, connection: Connection, source: Source, mark: Watermark) -> None:
    """Make the watermark fit the stream that is there.

    A stream that was made anew is stored from its beginning. One that lost its end, in a power cut while its disk was
    not synchronised with each message, gives known sequences to new messages; those are told by their times.
    """
    state = await ensure_stream(broker, source)
    if state.created != mark.stream_created:
        await watermark.reset(connection, mark, stream_created=state.created, sequence=0)
    elif mark.message_at is not None and not await _holds(broker, source, state, mark):
        first = await _first_after(broker, source, state, mark.message_at)
        logger.warning("The stream %s lost its end; going on at message %d.", source.stream, first)
        await watermark.reset(connection, mark, stream_created=state.created, sequence=first - 1)


async def _holds(broker: Client, source: Source, state: StreamState, mark: Watermark) -> bool:
    """Whether the message with the watermark's sequence is the one that was stored under it."""
    if state.last_sequence < mark.sequence:
        return False
    if mark.sequence < state.first_sequence:
        return True
    found = await message_time(broker, source, mark.sequence)
    return found is None or _moment(found) == mark.message_at


async def _first_after(broker: Client, source: Source, state: StreamState, at: datetime) -> int:
    """The sequence of the first message that came after this time, or the next one to come."""
    low, high = max(state.first_sequence, 1), state.last_sequence + 1
    while low < high:
        middle = (low + high) // 2
        found = await message_time(broker, source, middle)
        if found is None or _moment(found) <= at:
            low = middle + 1
        else:
            high = middle
    return low


def _moment(text: str) -> datetime:
    """A time as the broker writes it, in nanoseconds, cut to microseconds."""
    return datetime.fromisoformat(text)


async def run() -> None:
    """Work until cancelled."""
    async with AsyncExitStack() as closing, asyncio.TaskGroup() as tasks:
        announcer = Announcer(settings.redis_url.get_secret_value())
        tasks.create_task(announcer.run())
        watching = Watching(settings.redis_url.get_secret_value())
        tasks.create_task(watching.run())
        consumer = Consumer(announcer, watching)
        broker = await connect(BrokerUser.DEVICES, name="telemetry-consumer", on_reconnect=consumer.broker_is_back)
        closing.push_async_callback(broker.close)
        tasks.create_task(consumer.run(broker))


def main() -> None:
    """Entry of the process."""
    run_until_stopped(run)
