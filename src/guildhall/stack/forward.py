"""Carries MQTT over TLS from its usual port to the broker's one listener, which speaks TLS itself.

NATS has a single MQTT listener, where plain and TLS clients are told apart by their first byte. This gives TLS a port
of its own and turns away clients that would speak plainly there. It sees only encrypted bytes.

`python -m guildhall.stack.forward LISTEN_HOST LISTEN_PORT BROKER_HOST BROKER_PORT`
"""

import asyncio
import contextlib
import signal
import sys
from functools import partial

TLS_HANDSHAKE = b"\x16"
FIRST_BYTE_TIMEOUT_S = 10
CHUNK_BYTES = 64 * 1024
BACKLOG = 1024


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until either side ends."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()


async def serve_client(host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Connect one client through to the broker."""
    try:
        async with asyncio.timeout(FIRST_BYTE_TIMEOUT_S):
            first = await reader.read(CHUNK_BYTES)
            if not first.startswith(TLS_HANDSHAKE):
                return
            broker_reader, broker_writer = await asyncio.open_connection(host, port)
    except OSError:  # Includes the timeout: a silent client, or a broker that is just starting again.
        return
    else:
        broker_writer.write(first)
        ways = [
            asyncio.ensure_future(carry(reader, broker_writer)),
            asyncio.ensure_future(carry(broker_reader, writer)),
        ]
        try:
            # MQTT knows no half-closed connection: a client whom the broker cuts off must notice at once.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            broker_writer.close()
    finally:
        writer.close()


async def forward(listen_host: str, listen_port: int, host: str, port: int) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = await asyncio.start_server(partial(serve_client, host, port), listen_host, listen_port, backlog=BACKLOG)
    await stop.wait()
    server.close()


def main(arguments: list[str]) -> None:
    """Read the four arguments and serve."""
    listen_host, listen_port, host, port = arguments
    asyncio.run(forward(listen_host, int(listen_port), host, int(port)))


if __name__ == "__main__":
    main(sys.argv[1:])
