"""Redis' protocol (RESP 2), spoken directly: its client library would take a third of a process's memory."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

TIMEOUT_S: Final = 2.0
DEFAULT_PORT: Final = 6379
#: What a connection may fail with; after each of them it is of no use any more.
FAILURES: Final = (OSError, TimeoutError, ConnectionError, asyncio.IncompleteReadError, ValueError)


def command(*words: bytes) -> bytes:
    """A command in Redis' protocol."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


class Connection:
    """A connection to Redis."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, address: str) -> "Connection":
        """Connect, sign in and choose the database.

        Raises:
            FAILURES: it can't be done.
        """
        url = urlsplit(address)
        context = ssl.create_default_context() if url.scheme == "rediss" else None
        async with asyncio.timeout(TIMEOUT_S):
            made = cls(*await asyncio.open_connection(url.hostname, url.port or DEFAULT_PORT, ssl=context))
            await made._begin(url)
        return made

    async def _begin(self, url: SplitResult) -> None:
        commands = []
        if url.password:
            user = [unquote(url.username).encode()] if url.username else []
            commands.append(command(b"AUTH", *user, unquote(url.password).encode()))
        if number := url.path.strip("/"):
            commands.append(command(b"SELECT", number.encode()))
        try:
            await self.exchange(commands)
        except BaseException:
            self._writer.close()
            raise

    async def exchange(self, commands: Sequence[bytes]) -> list[Any]:
        """Send these commands together; the answers are numbers, bytes, None, or lists of those.

        Raises:
            FAILURES: Redis went away, or refused one of them.
        """
        async with asyncio.timeout(TIMEOUT_S):
            self._writer.write(b"".join(commands))
            await self._writer.drain()
            return [await self._answer() for _ in commands]

    async def _answer(self) -> Any:
        line = await self._reader.readline()
        kind, rest = line[:1], line[1:].strip()
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if int(rest) < 0 else (await self._reader.readexactly(int(rest) + 2))[:-2]
        if kind == b"*":
            return [await self._answer() for _ in range(int(rest))]
        raise ConnectionError(line.decode(errors="replace").strip() or "the connection was closed")

    async def close(self) -> None:
        """End the connection; never fails."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(TIMEOUT_S):
                await self._writer.wait_closed()
