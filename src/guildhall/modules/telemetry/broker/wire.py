"""A connection to NATS that takes many messages for little time: the client library needs 25 us for each of them.

It speaks just enough of NATS' client protocol to subscribe, to be handed what comes, and to publish; it does not
reconnect. Everything else is done by the library's connection, to whose server this one goes too.
"""

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from nats.aio.client import Client

from guildhall.modules.telemetry.broker.connection import CONNECT_TIMEOUT_S, BrokerUser, credentials_of
from guildhall.settings import settings

DEFAULT_PORT: Final = 4222
READ_BYTES: Final = 1 << 17
_END: Final = b"\r\n"

#: Is given subject, reply, headers as they come, and the payload.
Take = Callable[[bytes, bytes, bytes, bytes], None]


class WireError(ConnectionError):
    """The broker refused or hung up."""


class Wire:
    """One connection. `lost` is called once when it ends by itself."""

    def __init__(self, lost: Callable[[str], None]) -> None:
        self._lost = lost
        self._takers: dict[bytes, Take] = {}
        self._numbers: dict[str, bytes] = {}
        self._subscribed = 0
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def open(self, client: Client, user: BrokerUser, *, name: str) -> None:
        """Connect to the server to which the client is connected.

        Raises:
            WireError: the broker refuses.
            OSError, TimeoutError: it can't be reached.
        """
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            server = client.connected_url
            if server is None:
                raise WireError("the connection to the broker was lost")
            reader, self._writer = await asyncio.open_connection(
                server.hostname, server.port or DEFAULT_PORT, limit=4 * READ_BYTES
            )
            greeting = json.loads((await reader.readline()).removeprefix(b"INFO ") or b"{}")
            if greeting.get("tls_required") or server.scheme == "tls":
                await self._writer.start_tls(_tls(), server_hostname=server.hostname)
            hello = {
                **credentials_of(user),
                "name": name,
                "lang": "guildhall",
                "version": "1",
                "protocol": 1,
                "verbose": False,
                "pedantic": False,
                "headers": True,
                "no_responders": True,
            }
            self._writer.write(b"CONNECT %b\r\nPING\r\n" % json.dumps(hello).encode())
            answer = await reader.readline()
            if answer.strip() != b"PONG":
                raise WireError(answer.decode(errors="replace").strip() or "the broker hung up")
        self._reading = asyncio.create_task(self._read(reader))

    def subscribe(self, subject: str, take: Take) -> None:
        """Have everything handed over that comes to this subject."""
        self._subscribed += 1
        number = self._numbers[subject] = b"%d" % self._subscribed
        self._takers[number] = take
        self._write(b"SUB %b %b\r\n" % (subject.encode(), number))

    def unsubscribe(self, subject: str) -> None:
        """Have nothing handed over any more that comes to this subject."""
        number = self._numbers.pop(subject)
        del self._takers[number]
        self._write(b"UNSUB %b\r\n" % number)

    def publish(self, subject: bytes, payload: bytes, reply: bytes = b"") -> None:
        """Send a message soon."""
        self._write(b"PUB %b %b %d\r\n%b\r\n" % (subject, reply, len(payload), payload))

    async def close(self) -> None:
        """End it. Never fails: the connection may be what broke."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    await self._writer.wait_closed()

    def _write(self, what: bytes) -> None:
        assert self._writer is not None
        self._writer.write(what)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        rest = b""
        try:
            while more := await reader.read(READ_BYTES):
                rest = self._take(rest + more if rest else more)
                # What is buffered is read without waiting, and a transaction that waits for its turn holds locks.
                await asyncio.sleep(0)
            self._lost("the broker hung up")
        except (OSError, ValueError) as error:
            self._lost(str(error) or type(error).__name__)

    def _take(self, received: bytes) -> bytes:
        """Hand over what is complete; the rest."""
        at = 0
        while (end := received.find(_END, at)) >= 0:
            words = received[at:end].split()
            kind = words[0] if words else b""
            if kind in (b"HMSG", b"MSG"):
                begin, stop = end + 2, end + 2 + int(words[-1])
                if len(received) < stop + 2:
                    break
                body = begin + int(words[-2]) if kind == b"HMSG" else begin
                has_reply = len(words) == (6 if kind == b"HMSG" else 5)
                reply = words[3] if has_reply else b""
                take = self._takers.get(words[2])
                if take is not None:
                    take(words[1], reply, received[begin:body], received[body:stop])
                at = stop + 2
                continue
            if kind == b"PING":
                self._write(b"PONG\r\n")
            elif kind == b"-ERR":
                raise WireError(received[at:end].decode(errors="replace"))
            at = end + 2
        return received[at:] if at else received


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if settings.ca_file is None else str(settings.ca_file))


def status_of(headers: bytes) -> tuple[str, str]:
    """The status and its description in the first line of headers; empty where there are none."""
    _, _, told = headers.partition(_END)[0].decode(errors="replace").partition(" ")
    status, _, description = told.partition(" ")
    return status, description


def header_of(headers: bytes, name: bytes) -> bytes:
    """What stands in the header of this name; empty where it is missing."""
    for line in headers.split(_END)[1:]:
        key, _, value = line.partition(b":")
        if key == name:
            return value.strip()
    return b""
