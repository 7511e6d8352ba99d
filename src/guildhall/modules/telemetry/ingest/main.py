"""The process `telemetry-consumer`. One leads, others stand by; after a break a new run begins at the watermark."""

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final

import psycopg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from guildhall.core import metrics
from guildhall.core.processes import announce_ready
from guildhall.modules.telemetry.broker.connection import BrokerUser, connect
from guildhall.modules.telemetry.broker.stream import (
    BrokerError,
    StreamState,
    ensure_stream,
    message_time,
    purge_below,
)
from guildhall.modules.telemetry.ingest.announce import Announcer
from guildhall.modules.telemetry.ingest.batch import Storing
from guildhall.modules.telemetry.ingest.pull import Pull, RunEndedError
from guildhall.modules.telemetry.policy import INGEST_STREAM
from guildhall.modules.telemetry.running import run_until_stopped
from guildhall.modules.telemetry.store import connection as store_connection
from guildhall.modules.telemetry.store import samples, series, watermark
from guildhall.modules.telemetry.store.connection import Connection
from guildhall.modules.telemetry.store.watermark import SupersededError, Watermark
from guildhall.settings import settings

logger = logging.getLogger(__name__)

STANDBY_INTERVAL_S: Final = 0.5
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 2.0
PURGE_INTERVAL_S: Final = 5.0
CLEANING_INTERVAL_S: Final = 60.0


class Consumer:
    """Carries messages from the stream into the tables, run after run."""

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._pull: Pull | None = None
        self._stored_since = False

    async def broker_is_back(self) -> None:
        """End the run: what was on the way when the connection broke is not known."""
        if self._pull is not None:
            self._pull.interrupt("the connection to the broker was lost")

    def lag(self) -> float:
        """Messages of the stream that are not stored yet; of a consumer that stands by, none."""
        return 0 if self._pull is None else self._pull.lag

    async def run(self, broker: Client) -> None:
        """Consume until cancelled."""
        metrics.gauge("guildhall_telemetry_lag", "Messages of the stream that are not stored yet.", self.lag)
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
            await samples.prepare(connection)
            mark = await watermark.take_over(connection, INGEST_STREAM)
            await align(broker, connection, mark)
            logger.info("Storing messages from %d on.", mark.sequence + 1)
            await self._consume(broker, connection, mark)
        finally:
            await connection.close()

    async def _consume(self, broker: Client, connection: Connection, mark: Watermark) -> None:
        storing = Storing(connection, mark)
        pull = self._pull = Pull(broker)
        purged, purged_at = 0, time.monotonic()
        cleaned_at = 0.0
        try:
            await pull.start(mark.sequence + 1)
            while True:
                messages = await pull.batch()
                self._announcer.announce(await storing.store(messages))
                self._stored_since = True
                await pull.acknowledge(messages[-1])
                now = time.monotonic()
                if now - purged_at > PURGE_INTERVAL_S and mark.sequence > purged:
                    # The last stored message stays, for by its time the stream is known again.
                    await purge_below(broker, mark.sequence)
                    purged, purged_at = mark.sequence, now
                if now - cleaned_at > CLEANING_INTERVAL_S:
                    await series.forget_oldest_dead_letters(connection)
                    cleaned_at = now
        finally:
            self._pull = None
            await pull.stop()


async def align(broker: Client, connection: Connection, mark: Watermark) -> None:
    """Make the watermark fit the stream that is there.

    A stream that was made anew is stored from its beginning. One that lost its end, in a power cut while its disk was
    not synchronised with each message, gives known sequences to new messages; those are told by their times.
    """
    state = await ensure_stream(broker)
    if state.created != mark.stream_created:
        await watermark.reset(connection, mark, stream_created=state.created, sequence=0)
    elif mark.message_at is not None and not await _holds(broker, state, mark.sequence, mark.message_at):
        first = await _first_after(broker, state, mark.message_at)
        logger.warning("The stream lost its end; going on at message %d.", first)
        await watermark.reset(connection, mark, stream_created=state.created, sequence=first - 1)


async def _holds(broker: Client, state: StreamState, sequence: int, at: datetime) -> bool:
    """Whether the message with this sequence is the one that was stored under it."""
    if state.last_sequence < sequence:
        return False
    if sequence < state.first_sequence:
        return True
    found = await message_time(broker, sequence)
    return found is None or _moment(found) == at


async def _first_after(broker: Client, state: StreamState, at: datetime) -> int:
    """The sequence of the first message that came after this time, or the next one to come."""
    low, high = max(state.first_sequence, 1), state.last_sequence + 1
    while low < high:
        middle = (low + high) // 2
        found = await message_time(broker, middle)
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
        consumer = Consumer(announcer)
        broker = await connect(BrokerUser.DEVICES, name="telemetry-consumer", on_reconnect=consumer.broker_is_back)
        closing.push_async_callback(broker.close)
        tasks.create_task(consumer.run(broker))


def main() -> None:
    """Entry of the process."""
    run_until_stopped(run)
