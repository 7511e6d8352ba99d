"""Whether the site is ready: which of its servers answer, and whether the database has every migration."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from guildhall.core.http import wire
from guildhall.settings import settings

TIMEOUT_S: Final = 2.0
_NATS_PORT: Final = 4222
_NO_SUCH_TABLE: Final = psycopg.errors.UndefinedTable


class MissingError(Exception):
    """Something that the site needs is not there; the text says what is wrong with it."""


async def _connect() -> psycopg.AsyncConnection[Any]:
    url = settings.database_url.get_secret_value()
    return await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=int(TIMEOUT_S))


async def database() -> None:
    """A connection of its own, so that a used-up pool is not taken for a missing server."""
    async with await _connect() as connection:
        await connection.execute("SELECT 1")


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration that the code has."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    return frozenset((app, name) for app, name in loader.graph.nodes)


async def migrations() -> None:
    """Compares names, as Django does."""
    known = await asyncio.to_thread(_known_migrations)
    async with await _connect() as connection:
        try:
            cursor = await connection.execute("SELECT app, name FROM django_migrations")
        except _NO_SUCH_TABLE:
            raise MissingError("none is applied; `guildhall migrate` does") from None
        missing = sorted(known - {(str(app), str(name)) for app, name in await cursor.fetchall()})
    if missing:
        first = ".".join(missing[0])
        raise MissingError(f"{len(missing)} not applied, first {first}; `guildhall migrate` does")


async def redis() -> None:
    """One PING over a connection of its own."""
    async with Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=TIMEOUT_S) as client:
        await client.ping()


async def nats() -> None:
    """Reads the greeting; nobody signs in."""
    parts = urlsplit(settings.nats_url.get_secret_value())
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or _NATS_PORT)
    try:
        if not (await reader.readline()).startswith(b"INFO "):
            raise MissingError("something else answers there")
    finally:
        writer.close()


CHECKS: Final[dict[str, Callable[[], Awaitable[None]]]] = {
    "database": database,
    "migrations": migrations,
    "redis": redis,
    "nats": nats,
}


async def _missing(name: str) -> tuple[str, str] | None:
    """What is missing, and why; only the kind of an error is told, as its text may hold addresses and names."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await CHECKS[name]()
    except MissingError as error:
        return name, str(error)
    except (psycopg.Error, RedisError, OSError, TimeoutError, ValueError) as error:
        return name, f"does not answer ({type(error).__name__})"
    return None


async def readiness() -> tuple[HTTPStatus, dict[str, Any]]:
    """Status and document of `/readyz`: 200, or 503 with an entry for each of READINESS_CHECKS that fails."""
    wanted = settings.readiness_checks
    found = [missing for missing in await asyncio.gather(*map(_missing, wanted)) if missing]
    if not found:
        return HTTPStatus.OK, {"status": "ready", "checked": list(wanted)}
    names = ", ".join(name for name, _ in found)
    document = wire.problem(
        status=HTTPStatus.SERVICE_UNAVAILABLE, code="not_ready", title="Not ready", detail=f"Missing: {names}"
    )
    document["missing"] = [{"name": name, "detail": detail} for name, detail in found]
    return HTTPStatus.SERVICE_UNAVAILABLE, document


def liveness() -> tuple[HTTPStatus, dict[str, Any]]:
    """Status and document of `/healthz`: the process answers, and that is all it says."""
    return HTTPStatus.OK, {"status": "alive"}
