"""Shows the messages of a datasource to the pages that watch it, through Redis, as well as it goes.

A page that is looked at keeps the datasource in a sorted set, with the time until which it counts as watched. Only then
its latest messages are written, as JSON in a list that is forgotten soon. Nothing depends on it.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import orjson

from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.ingest.pull import Message
from guildhall.modules.telemetry.ingest.resp import FAILURES, Connection, command
from guildhall.modules.telemetry.payload import RejectReason

logger = logging.getLogger(__name__)

INTERVAL_S: Final = 0.5
PAUSE_S: Final = 2.0
FORGOTTEN_AFTER_S: Final = 60
BYTES_SHOWN: Final = 200


class Watching:
    """Knows which datasources are watched, and sends what is noted from a task of its own."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._noted: dict[UUID, deque[bytes]] = {}
        self.watched: frozenset[UUID] = frozenset()

    def note(self, datasource: UUID, message: Message, reason: RejectReason | None, *, stored: bool) -> None:
        """Remember to show this message, which is stored, refused for a reason, or neither."""
        done = policy.SHOWN_STORED if stored else policy.SHOWN_PASSED_OVER
        row = {
            "at": message.received_at,
            "topic": policy.topic_of_subject(message.subject),
            "payload": message.payload[:BYTES_SHOWN].decode(errors="replace"),
            "size": len(message.payload),
            "outcome": done if reason is None else reason.value,
        }
        self._noted.setdefault(datasource, deque(maxlen=policy.SHOWN_MESSAGES)).append(orjson.dumps(row))

    async def run(self) -> None:
        """Ask who is watched and send what was noted. Runs until cancelled."""
        while True:
            try:
                connection = await Connection.open(self._address)
                try:
                    while True:
                        await self._exchange(connection)
                        await asyncio.sleep(INTERVAL_S)
                finally:
                    self.watched = frozenset()
                    self._noted.clear()
                    await connection.close()
            except FAILURES as error:
                logger.info("Redis can't be asked which datasources are watched: %s", error)
            await asyncio.sleep(PAUSE_S)

    async def _exchange(self, connection: Connection) -> None:
        noted, self._noted = self._noted, {}
        now = b"%d" % int(time.time())
        asked = command(b"ZRANGEBYSCORE", policy.WATCHED_KEY.encode(), now, b"+inf")
        shown = [one for datasource, rows in noted.items() for one in _shown(datasource, rows)]
        watched, *_ = await connection.exchange([asked, *shown])
        self.watched = frozenset(UUID(one.decode()) for one in watched)


def _shown(datasource: UUID, rows: Iterable[bytes]) -> list[bytes]:
    key = policy.messages_key(datasource).encode()
    return [
        command(b"LPUSH", key, *rows),
        command(b"LTRIM", key, b"0", b"%d" % (policy.SHOWN_MESSAGES - 1)),
        command(b"EXPIRE", key, b"%d" % FORGOTTEN_AFTER_S),
    ]
