"""Connections to PostgreSQL for the processes that do without Django."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg import AsyncConnection, InterfaceError, OperationalError
from psycopg.rows import TupleRow

from guildhall.settings import settings

Connection: TypeAlias = AsyncConnection[TupleRow]

CONNECT_TIMEOUT_S = 3
#: A server that vanished without a word is noticed within about ten seconds.
_KEEPALIVE: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class StoreUnavailableError(Exception):
    """The database can't be reached or does not answer."""


async def connect(*, name: str, autocommit: bool = True) -> Connection:
    """A new connection in UTC.

    Raises:
        psycopg.OperationalError: the server can't be reached.
    """
    url = settings.database_url.get_secret_value()
    return await AsyncConnection.connect(url, autocommit=autocommit, **_options(name))


def connect_sync(*, name: str) -> "psycopg.Connection[TupleRow]":
    """A new connection in UTC that commits by itself, for a thread.

    Raises:
        psycopg.OperationalError: the server can't be reached.
    """
    return psycopg.connect(settings.database_url.get_secret_value(), autocommit=True, **_options(name))


def _options(name: str) -> dict[str, Any]:
    return {
        "application_name": f"guildhall {name}",
        "connect_timeout": CONNECT_TIMEOUT_S,
        "options": "-c TimeZone=UTC",
        **_KEEPALIVE,
    }


class Session:
    """One connection for one task at a time, opened when it is needed and again after it broke."""

    def __init__(self, name: str, *, timeout_s: float) -> None:
        self._name = name
        self._timeout_s = timeout_s
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Connection]:
        """The connection, for as long as the timeout allows.

        Raises:
            StoreUnavailableError: the database can't be reached, or did not answer in time.
        """
        async with self._lock:
            try:
                async with asyncio.timeout(self._timeout_s):
                    if self._connection is None or self._connection.closed:
                        self._connection = await connect(name=self._name)
                    yield self._connection
            except (OperationalError, InterfaceError, TimeoutError) as error:
                await self._drop()
                raise StoreUnavailableError(str(error)) from error
            except BaseException:
                # Cancelled or surprised in the middle of something: what the connection is at is not known.
                await self._drop()
                raise

    async def close(self) -> None:
        async with self._lock:
            await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
