"""Tells live streams of new samples through Redis, as well as it goes: never waits, and loses what can't be sent.

A stream reads from PostgreSQL what it was not told of; after a loss it is told at once that there is something to read.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

import orjson

from guildhall.modules.telemetry.ingest.batch import Stored
from guildhall.modules.telemetry.ingest.resp import FAILURES, Connection, command
from guildhall.modules.telemetry.policy import LIVE_CHANNEL_PREFIX, LIVE_MISSED_CHANNEL

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 200
PAUSE_S: Final = 1.0


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
        self._address = url
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
            except FAILURES as error:
                logger.warning("Redis can't be told of new samples: %s", error)
            while not self._waiting.empty():
                self._miss(self._waiting.get_nowait())
            await asyncio.sleep(PAUSE_S)

    async def _send_all(self) -> None:
        connection = await Connection.open(self._address)
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
                await connection.exchange(commands)
                self._missed_from = None
        finally:
            await connection.close()

    def _miss(self, stored: Stored) -> None:
        self._missed_from = self._missed_from or stored.position
