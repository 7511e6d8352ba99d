"""What the gate knows about datasources: a cache in front of the database, never older than two seconds.

Every 200 ms the rights that changed within the last minute are compared with what is cached. Looking at a level, not at
a signal, nothing is missed for being late or away for a moment.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from psycopg import Error

from guildhall.modules.telemetry.store import rights
from guildhall.modules.telemetry.store.connection import Session, StoreUnavailableError
from guildhall.modules.telemetry.store.rights import Credential

logger = logging.getLogger(__name__)

POLL_INTERVAL_S: Final = 0.2
TRUSTED_FOR_S: Final = 2.0
CHANGES_WINDOW_S: Final = 60.0
#: After so long without a poll a change could have left the window unseen.
BLIND_AFTER_S: Final = 30.0
TIMEOUT_S: Final = 3.0
MAX_CACHED: Final = 50_000
LOOKUP_BATCH: Final = 500

Changes = Mapping[str, int | None]


class Credentials:
    """Answers about credentials from memory or, several questions at a time, from the database."""

    def __init__(
        self, *, on_change: Callable[[Changes], Awaitable[None]], on_blind: Callable[[], Awaitable[None]]
    ) -> None:
        self._on_change = on_change
        self._on_blind = on_blind
        self._cache: OrderedDict[str, Credential] = OrderedDict()
        self._polled_at = float("-inf")
        self._waiting: dict[str, asyncio.Future[Credential | None]] = {}
        self._asked = asyncio.Event()
        self._lookup_session = Session("mqtt-auth", timeout_s=TIMEOUT_S)
        self._poll_session = Session("mqtt-auth changes", timeout_s=TIMEOUT_S)

    async def get(self, username: str) -> Credential | None:
        """The credential with this user name, None if there is none.

        Raises:
            StoreUnavailableError: it is not known and can't be asked for.
        """
        if time.monotonic() - self._polled_at < TRUSTED_FOR_S:
            known = self._cache.get(username)
            if known is not None:
                self._cache.move_to_end(username)
                return known
        future = self._waiting.get(username)
        if future is None:
            future = self._waiting[username] = asyncio.get_running_loop().create_future()
            self._asked.set()
        return await asyncio.shield(future)

    async def run_lookups(self) -> None:
        """Answer questions that the cache could not, all that came meanwhile in one query. Runs until cancelled."""
        while True:
            await self._asked.wait()
            batch = dict(list(self._waiting.items())[:LOOKUP_BATCH])
            for username in batch:
                del self._waiting[username]
            if not self._waiting:
                self._asked.clear()
            try:
                async with self._lookup_session.use() as connection:
                    found = await rights.credentials_of(connection, list(batch))
            except (StoreUnavailableError, Error) as error:
                logger.warning("The database can't be asked for credentials: %s", error)
                for future in batch.values():
                    future.set_exception(StoreUnavailableError(str(error)))
                    future.exception()  # Nobody may be waiting any more, which is no news.
                continue
            for username, future in batch.items():
                credential = found.get(username)
                if credential is not None:
                    self._remember(credential)
                future.set_result(credential)

    async def run_poll(self) -> None:
        """Keep the cache true. Runs until cancelled."""
        while True:
            started = time.monotonic()
            try:
                await self._poll(started)
            except (StoreUnavailableError, Error) as error:
                logger.warning("Changes of rights can't be read: %s", error)
                await asyncio.sleep(TRUSTED_FOR_S / 4)
            await asyncio.sleep(max(0.0, POLL_INTERVAL_S - (time.monotonic() - started)))

    async def _poll(self, started: float) -> None:
        async with self._poll_session.use() as connection:
            changes = await rights.changed_rights(connection, within_s=CHANGES_WINDOW_S)
        blind = started - self._polled_at > BLIND_AFTER_S
        if blind:
            self._cache.clear()
        for username, version in changes.items():
            known = self._cache.get(username)
            if known is not None and known.rights_version != version:
                del self._cache[username]
        self._polled_at = started
        await self._on_change(changes)
        if blind:
            await self._on_blind()

    def _remember(self, credential: Credential) -> None:
        self._cache[credential.username] = credential
        self._cache.move_to_end(credential.username)
        if len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)

    async def close(self) -> None:
        await self._lookup_session.close()
        await self._poll_session.close()
