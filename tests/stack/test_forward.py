"""The TLS port: carries encrypted bytes to the broker and turns everything else away."""

import asyncio
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from guildhall.stack.certificates import ensure_certificates
from guildhall.stack.servers import free_port


@contextmanager
def forwarder(port, broker_port):
    arguments = ["127.0.0.1", str(port), "127.0.0.1", str(broker_port)]
    process = subprocess.Popen([sys.executable, "-m", "guildhall.stack.forward", *arguments])
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


@pytest.fixture
async def echo(tmp_path):
    """A TLS server that gives back what it gets, as the broker's listener would take it."""
    files = ensure_certificates(tmp_path, ["localhost"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.server, files.server_key)

    async def serve(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1], ssl.create_default_context(cafile=str(files.authority))
    server.close()


async def test_forward_carries_large_tls_traffic_both_ways(echo):
    broker_port, context = echo
    port = free_port()
    sent = bytes(range(256)) * 8192
    with forwarder(port, broker_port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
        writer.write(sent)
        assert await asyncio.wait_for(reader.readexactly(len(sent)), 20) == sent
        writer.close()
        await writer.wait_closed()


async def test_forward_turns_plain_clients_away(echo):
    broker_port, _ = echo
    port = free_port()
    with forwarder(port, broker_port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_forward_closes_client_while_broker_is_down():
    port = free_port()
    with forwarder(port, free_port()):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
