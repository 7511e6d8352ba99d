"""The consumer's own connection to NATS: what comes in pieces, and how it ends."""

import asyncio

import pytest

from guildhall.modules.telemetry.broker import wire as module
from guildhall.modules.telemetry.broker.connection import BrokerUser, connect
from guildhall.modules.telemetry.broker.wire import Wire, WireError, header_of, status_of

RECEIVED = (
    b"MSG plain 1 5\r\nhello\r\nMSG asked 2 back 2\r\n\r\n\r\nHMSG head.ed 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"
    b"+OK\r\nHMSG asked 2 back 12 12\r\nNATS/1.0\r\n\r\n\r\n"
)
HANDED = [
    (1, b"plain", b"", b"", b"hello"),
    (2, b"asked", b"back", b"", b"\r\n"),
    (1, b"head.ed", b"", b"NATS/1.0\r\n\r\n", b"hi"),
    (2, b"asked", b"back", b"NATS/1.0\r\n\r\n", b""),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, len(RECEIVED)])
def test_messages_that_come_in_pieces_are_handed_over_whole(size):
    handed = []
    wire = Wire(pytest.fail)
    for number in (1, 2):
        wire._takers[b"%d" % number] = lambda *message, number=number: handed.append((number, *message))
    rest = b""
    for at in range(0, len(RECEIVED), size):
        rest = wire._take(rest + RECEIVED[at : at + size])
    assert handed == HANDED
    assert rest == b""


def test_refusal_of_the_broker_ends_the_connection():
    with pytest.raises(WireError, match="Permissions Violation"):
        Wire(pytest.fail)._take(b"-ERR 'Permissions Violation'\r\n")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (b"NATS/1.0 409 Message Size Exceeds MaxBytes\r\n\r\n", ("409", "Message Size Exceeds MaxBytes")),
        (b"NATS/1.0 100\r\n\r\n", ("100", "")),
        (b"NATS/1.0\r\nA:b\r\n\r\n", ("", "")),
        (b"", ("", "")),
    ],
)
def test_status_stands_in_the_first_line_of_headers(headers, expected):
    assert status_of(headers) == expected


def test_header_is_found_by_its_whole_name():
    assert header_of(b"NATS/1.0\r\nNmqtt-Public:3\r\nNmqtt-Pub: 1\r\n\r\n", b"Nmqtt-Pub") == b"1"
    assert header_of(b"NATS/1.0\r\n\r\n", b"Nmqtt-Pub") == b""


def with_client(work):
    async def run():
        client = await connect(BrokerUser.DEVICES, name="test")
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(run())


def test_message_goes_out_and_comes_back(nats_server):
    async def work(client):
        came = asyncio.get_running_loop().create_future()
        wire = Wire(pytest.fail)
        await wire.open(client, BrokerUser.DEVICES, name="test")
        wire.subscribe("there", lambda *message: came.set_result(message))
        wire.publish(b"there", b"\r\nMSG", b"back")
        found = await asyncio.wait_for(came, 5)
        await wire.close()
        return found

    assert with_client(work) == (b"there", b"back", b"", b"\r\nMSG")


def test_wrong_password_is_refused(nats_server, monkeypatch):
    async def work(client):
        monkeypatch.setattr(module, "credentials_of", lambda user: {"user": user.value, "pass": "wrong"})
        wire = Wire(pytest.fail)
        with pytest.raises(WireError, match="Authorization Violation"):
            await wire.open(client, BrokerUser.DEVICES, name="test")
        await wire.close()

    with_client(work)


def test_death_of_the_broker_is_told(nats_server):
    async def work(client):
        told = asyncio.get_running_loop().create_future()
        wire = Wire(told.set_result)
        await wire.open(client, BrokerUser.DEVICES, name="test")
        nats_server.kill()
        try:
            await asyncio.wait_for(told, 5)
        finally:
            nats_server.start()
            await wire.close()

    with_client(work)
