"""One subscription to Redis for all streams of this process. While Redis is away, the streams read PostgreSQL."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from guildhall.modules.telemetry.policy import LIVE_CHANNEL_PREFIX, LIVE_MISSED_CHANNEL

logger = logging.getLogger(__name__)

#: A stream that does not keep up is told to read again rather than given more.
MAX_WAITING: Final = 1000
CONFIRMATION_S: Final = 2.0
PAUSE_S: Final = 1.0
HEALTH_CHECK_S: Final = 10
READ_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Announcement:
    """Samples of one datapoint that a batch brought: pairs of microseconds since 1970 and the value."""

    datapoint_id: int
    position: int
    samples: list[tuple[int, float]]


@dataclass(eq=False, slots=True)
class Listener:
    """What one stream was told and has not taken yet. `behind` means: more than that, read the database."""

    datapoint_ids: frozenset[int]
    waiting: asyncio.Queue[Announcement] = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    behind: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, announcement: Announcement) -> None:
        """Hand over an announcement."""
        try:
            self.waiting.put_nowait(announcement)
        except asyncio.QueueFull:
            self.behind = True
        self.woken.set()

    def fall_behind(self) -> None:
        """Make the stream read the database."""
        self.behind = True
        self.woken.set()


class Hub:
    """Gives each listener what is announced for its datapoints."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url, health_check_interval=HEALTH_CHECK_S, socket_connect_timeout=CONFIRMATION_S
        )
        self._pubsub: PubSub | None = None
        self._listeners: defaultdict[int, set[Listener]] = defaultdict(set)
        self._confirmed: dict[str, asyncio.Event] = {}

    @property
    def connected(self) -> bool:
        """Whether announcements come; while they don't, the database has to be read."""
        return self._pubsub is not None

    @asynccontextmanager
    async def listening(self, datapoint_ids: Iterable[int]) -> AsyncIterator[Listener]:
        """A listener that misses nothing that is announced from now on, as long as the hub is connected."""
        listener = Listener(frozenset(datapoint_ids))
        for datapoint in listener.datapoint_ids:
            self._listeners[datapoint].add(listener)
        try:
            await self._subscribe(listener)
            yield listener
        finally:
            alone = []
            for datapoint in listener.datapoint_ids:
                self._listeners[datapoint].discard(listener)
                if not self._listeners[datapoint]:
                    del self._listeners[datapoint]
                    alone.append(_channel(datapoint))
            await self._unsubscribe(alone)

    async def run(self) -> None:
        """Listen to Redis until cancelled."""
        try:
            while True:
                try:
                    await self._listen()
                except (RedisError, OSError, TimeoutError) as error:
                    logger.warning("Redis announces nothing, so live streams read the database: %s", error)
                finally:
                    self._pubsub = None
                    self._confirmed.clear()
                await asyncio.sleep(PAUSE_S)
        finally:
            with suppress(RedisError, OSError):
                await self._redis.aclose()

    async def _listen(self) -> None:
        async with self._redis.pubsub() as pubsub:
            channels = [LIVE_MISSED_CHANNEL, *(_channel(datapoint) for datapoint in self._listeners)]
            self._confirmed = {channel: asyncio.Event() for channel in channels}
            await pubsub.subscribe(*channels)
            self._pubsub = pubsub
            # What was announced while nobody listened is in the database.
            self._all_behind()
            while True:
                message = await pubsub.get_message(timeout=READ_TIMEOUT_S)
                if message is not None:
                    self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        channel = message["channel"].decode()
        if message["type"] == "subscribe":
            confirmed = self._confirmed.get(channel)
            if confirmed is not None:
                confirmed.set()
        elif message["type"] == "message" and channel == LIVE_MISSED_CHANNEL:
            self._all_behind()
        elif message["type"] == "message":
            datapoint = int(channel.removeprefix(LIVE_CHANNEL_PREFIX))
            content = orjson.loads(message["data"])
            announcement = Announcement(datapoint, content["position"], content["samples"])
            for listener in self._listeners.get(datapoint, ()):
                listener.tell(announcement)

    async def _subscribe(self, listener: Listener) -> None:
        channels = [_channel(datapoint) for datapoint in listener.datapoint_ids]
        new = [channel for channel in channels if channel not in self._confirmed]
        pubsub = self._pubsub
        if pubsub is None:
            return
        for channel in new:
            self._confirmed[channel] = asyncio.Event()
        try:
            if new:
                await pubsub.subscribe(*new)
            async with asyncio.timeout(CONFIRMATION_S):
                for channel in channels:
                    if channel in self._confirmed:
                        await self._confirmed[channel].wait()
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("Redis did not take a subscription: %s", error)
            listener.fall_behind()

    async def _unsubscribe(self, channels: list[str]) -> None:
        pubsub = self._pubsub
        for channel in channels:
            self._confirmed.pop(channel, None)
        if pubsub is not None and channels:
            with suppress(RedisError, OSError):
                await pubsub.unsubscribe(*channels)

    def _all_behind(self) -> None:
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.fall_behind()


def _channel(datapoint_id: int) -> str:
    return f"{LIVE_CHANNEL_PREFIX}{datapoint_id}"
