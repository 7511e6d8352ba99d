"""Keeps organizations out of each other's MQTT sessions.

A broker knows a session by its client id alone: whoever connects with the id of a connected device cuts it off, and
would be given its stored session. So an id belongs to the organization whose device used it first.
"""

import asyncio
import logging
import time
from typing import Final
from uuid import UUID

from psycopg import Error

from guildhall.modules.telemetry.store import client_ids
from guildhall.modules.telemetry.store.connection import Session, StoreUnavailableError

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 256
BATCH: Final = 500
TIMEOUT_S: Final = 3.0
FORGET_INTERVAL_S: Final = 600.0


class ClientIds:
    """Claims client ids, all that are asked for meanwhile in one statement."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, UUID], asyncio.Future[bool]] = {}
        self._asked = asyncio.Event()
        self._forgot_at = time.monotonic()
        self._session = Session("mqtt-auth client ids", timeout_s=TIMEOUT_S)

    async def claim(self, client_id: str, datasource_id: UUID) -> bool:
        """Whether a device of this datasource may use the id. Without one, the broker makes one up that nobody has.

        Raises:
            StoreUnavailableError: the database can't be asked.
        """
        if not client_id:
            return True
        if "\0" in client_id or len(client_id.encode(errors="replace")) > MAX_BYTES:
            return False
        future = self._waiting.get((client_id, datasource_id))
        if future is None:
            future = asyncio.get_running_loop().create_future()
            self._waiting[client_id, datasource_id] = future
            self._asked.set()
        return await asyncio.shield(future)

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            await self._asked.wait()
            batch = self._next_batch()
            if not self._waiting:
                self._asked.clear()
            try:
                async with self._session.use() as connection:
                    had = await client_ids.claim(connection, dict(batch.keys()))
                    if time.monotonic() - self._forgot_at > FORGET_INTERVAL_S:
                        await client_ids.forget_oldest(connection)
                        self._forgot_at = time.monotonic()
            except (StoreUnavailableError, Error) as error:
                logger.warning("The database can't be asked for client ids: %s", error)
                for future in batch.values():
                    future.set_exception(StoreUnavailableError(str(error)))
                    future.exception()  # Nobody may be waiting any more, which is no news.
                continue
            for (client_id, _), future in batch.items():
                future.set_result(client_id in had)

    def _next_batch(self) -> dict[tuple[str, UUID], asyncio.Future[bool]]:
        """What waits, each id once: a statement can't decide twice about the same."""
        batch: dict[tuple[str, UUID], asyncio.Future[bool]] = {}
        taken: set[str] = set()
        for key in list(self._waiting):
            if key[0] not in taken and len(batch) < BATCH:
                taken.add(key[0])
                batch[key] = self._waiting.pop(key)
        return batch

    async def close(self) -> None:
        await self._session.close()
