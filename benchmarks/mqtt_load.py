"""Devices that publish at QoS 1 as quickly as the broker acknowledges, for little time of the machine.

Every packet is made before the first is sent, and acknowledgements are only counted. A program of its own: it reads
what to do as JSON from its input, says `ready`, begins at the next line, and says at the end how long it took.
"""

import json
import selectors
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
#: Packets that go out together.
BLOCK = 50
ACKNOWLEDGEMENT = 4
STEP_MS = 10_000
START_MS = 1_767_225_600_000
PACKET_IDS = 65_535
RECEIVE = 1 << 16
ACCEPTED = b"\x20\x02\x00\x00"
CONNECT_S = 30.0


@dataclass(slots=True)
class Device:
    """One connection with what it has to say."""

    connection: socket.socket
    blocks: list[tuple[bytes, int]]
    window: int
    rest: memoryview = field(default_factory=lambda: memoryview(b""))
    next_block: int = 0
    sent: int = 0
    answered_bytes: int = 0

    @property
    def done(self) -> bool:
        return self.next_block == len(self.blocks) and self.answered_bytes == self.sent * ACKNOWLEDGEMENT

    def go_on(self) -> None:
        """Count what was acknowledged, and send what may be sent."""
        try:
            while taken := self.connection.recv(RECEIVE):
                self.answered_bytes += len(taken)
            raise SystemExit("the broker hung up")
        except BlockingIOError:
            pass
        while True:
            if not self.rest:
                in_flight = self.sent - self.answered_bytes // ACKNOWLEDGEMENT
                if self.next_block == len(self.blocks) or in_flight >= self.window:
                    return
                block, count = self.blocks[self.next_block]
                self.next_block += 1
                self.sent += count
                self.rest = memoryview(block)
            try:
                self.rest = self.rest[self.connection.send(self.rest) :]
            except BlockingIOError:
                return


def _text(value: str) -> bytes:
    encoded = value.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _packet(kind: int, body: bytes) -> bytes:
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (128 if left else 0)])
        if not left:
            return bytes([kind]) + length + body


def connect(port: int, username: str, secret: str, client_id: str) -> socket.socket:
    """A connection that the broker took, which it does once the gate is there."""
    deadline = time.monotonic() + CONNECT_S
    while True:
        with suppress(OSError):
            opened, answer = _hello(port, username, secret, client_id)
            if answer == ACCEPTED:
                return opened
            opened.close()
        if time.monotonic() > deadline:
            raise SystemExit(f"the broker does not let {username} in")
        time.sleep(0.5)


def _hello(port: int, username: str, secret: str, client_id: str) -> tuple[socket.socket, bytes]:
    opened = socket.create_connection((HOST, port), timeout=10)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    clean, with_name_and_password = 0x02, 0xC0
    head = _text("MQTT") + bytes([4, clean | with_name_and_password]) + (600).to_bytes(2, "big")
    opened.sendall(_packet(0x10, head + _text(client_id) + _text(username) + _text(secret)))
    return opened, opened.recv(len(ACCEPTED))


def blocks_of(topic: str, *, messages: int, values: int, series: int, first: int) -> list[tuple[bytes, int]]:
    """Packets for so many messages of so many values each; `first` numbers the first one, so that times go on."""
    found: list[tuple[bytes, int]] = []
    topics = [_text(f"{topic}{number}") for number in range(series)]
    block: list[bytes] = []
    for number in range(first, first + messages):
        # Times of a series follow each other, whatever the size of its messages.
        turn, which = divmod(number, series)
        begin = turn * values
        points = [
            f'{{"ts":{START_MS + at * STEP_MS + which},"value":{(1500 + (at * 7 + which * 13) % 1000) / 100}}}'
            for at in range(begin, begin + values)
        ]
        content = points[0] if values == 1 else f"[{','.join(points)}]"
        packet_id = number % PACKET_IDS + 1
        block.append(_packet(0x32, topics[which] + packet_id.to_bytes(2, "big") + content.encode()))
        if len(block) == BLOCK:
            found.append((b"".join(block), len(block)))
            block = []
    if block:
        found.append((b"".join(block), len(block)))
    return found


def main() -> None:
    """Do what the first line of the input says."""
    task: dict[str, Any] = json.loads(sys.stdin.readline())
    selector = selectors.DefaultSelector()
    devices = []
    for username, secret, number in task["devices"]:
        shape = {name: task[name] for name in ("messages", "values", "series", "first")}
        opened = connect(task["port"], username, secret, f"{username}-{number}")
        made = Device(opened, blocks_of(f"guildhall/d/{username}/{number}-", **shape), task["window"])
        made.connection.setblocking(False)
        selector.register(made.connection, selectors.EVENT_READ, made)
        devices.append(made)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    for device in devices:
        device.go_on()
    while not all(device.done for device in devices):
        # What could not be sent at once is tried again a moment later, which spares watching for it.
        found = selector.select(0.002)
        for device in [key.data for key, _ in found] or devices:
            device.go_on()
    print(json.dumps({"seconds": time.perf_counter() - began, "messages": sum(d.sent for d in devices)}), flush=True)
    for device in devices:
        device.connection.close()


if __name__ == "__main__":
    main()
