"""Tells live streams of new samples through Redis, as well as it goes: never waits, and loses what can't be sent.

A stream reads from PostgreSQL what it was not told of; after a loss it is told at once that there is something to read.
Redis' protocol is spoken directly, as its client library would take a third of the process's memory.
"""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import unquote, urlsplit

import orjson

from guildhall.modules.telemetry.ingest.batch import Stored
from guildhall.modules.telemetry.policy import LIVE_CHANNEL_PREFIX, LIVE_MISSED_CHANNEL

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 200
TIMEOUT_S: Final = 2.0
PAUSE_S: Final = 1.0
DEFAULT_PORT: Final = 6379


def command(*words: bytes) -> bytes:
    """A command in Redis' protocol (RESP 2)."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def announcements(stored: Stored) -> list[bytes]:
    """The commands that tell of a batch, one for each datapoint."""
    return [
        command(
            b"PUBLISH",
            f"{LIVE_CHANNEL_PREFIX}{datapoint}".encode(),
            orjson.dumps({"position": stored.position, "samples": found}),
        )
        for datapoint, found in (stored.samples or {}).items()
    ]


class Announcer:
    """Sends from a task of its own; `announce` only hands over."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._waiting: asyncio.Queue[Stored] = asyncio.Queue(MAX_WAITING)
        self._missed_from: int | None = None

    def announce(self, batches: Sequence[Stored]) -> None:
        """Tell of these batches soon, or note that they were missed."""
        for stored in batches:
            try:
                self._waiting.put_nowait(stored)
            except asyncio.QueueFull:
                self._miss(stored)

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                await self._send_all()
            except (OSError, TimeoutError, ConnectionError, asyncio.IncompleteReadError, ValueError) as error:
                logger.warning("Redis can't be told of new samples: %s", error)
            while not self._waiting.empty():
                self._miss(self._waiting.get_nowait())
            await asyncio.sleep(PAUSE_S)

    async def _send_all(self) -> None:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await self._connect()
        try:
            while True:
                # The commands of a batch that failed are missed too, so it is noted before and cleared behind.
                stored = await self._waiting.get()
                lost_from, self._missed_from = self._missed_from, self._missed_from or stored.position
                commands = announcements(stored)
                if stored.samples is None:
                    lost_from = lost_from or stored.position
                if lost_from is not None:
                    commands.append(command(b"PUBLISH", LIVE_MISSED_CHANNEL.encode(), b"%d" % lost_from))
                async with asyncio.timeout(TIMEOUT_S):
                    await self._exchange(reader, writer, commands)
                self._missed_from = None
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(TIMEOUT_S):
                    await writer.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        url = self._url
        context = ssl.create_default_context() if url.scheme == "rediss" else None
        reader, writer = await asyncio.open_connection(url.hostname, url.port or DEFAULT_PORT, ssl=context)
        if url.password:
            words = [
                b"AUTH",
                *([unquote(url.username).encode()] if url.username else []),
                unquote(url.password).encode(),
            ]
            await self._exchange(reader, writer, [command(*words)])
        return reader, writer

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, commands: Sequence[bytes]
    ) -> None:
        writer.write(b"".join(commands))
        await writer.drain()
        for _ in commands:
            answer = await reader.readline()
            if not answer.startswith((b":", b"+")):
                raise ConnectionError(answer.decode(errors="replace").strip() or "the connection was closed")

    def _miss(self, stored: Stored) -> None:
        self._missed_from = self._missed_from or stored.position
