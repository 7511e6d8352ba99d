"""Messages of a stream, strictly in its order, from a durable consumer that is made anew for every run.

What breaks the order (a redelivery, a gap, a lost connection) ends the run; the next one begins behind the watermark.

The stream of unacknowledged messages holds a copy of every acknowledged one too, which is passed over. As long as
nothing but such copies comes, they are taken without their payloads, which would be most of what the broker sends.
"""

import asyncio
import json
from collections import deque
from time import monotonic
from typing import Any, Final, NamedTuple

from nats.aio.client import Client

from guildhall.modules.telemetry import payload
from guildhall.modules.telemetry.broker.stream import (
    ACKNOWLEDGED,
    UNACKNOWLEDGED,
    Source,
    create_consumer,
    delete_consumers,
)
from guildhall.modules.telemetry.broker.wire import Wire, header_of, status_of
from guildhall.modules.telemetry.payload import Columns

MAX_BATCH: Final = 4000
#: Bounds the memory that one request can fill; more than the largest message that the broker takes.
MAX_REQUEST_BYTES: Final = 4 * 1024**2
#: Bounds what is held beyond the batch in work; more than one request brings, so that there is always one to parse.
MAX_HELD_BYTES: Final = 6 * 1024**2
MAX_UNACKNOWLEDGED: Final = 10 * MAX_BATCH
ACKNOWLEDGE_WITHIN_S: Final = 120
REQUEST_EXPIRES_S: Final = 10
HEARTBEAT_S: Final = 2
SILENCE_S: Final = 7
#: After copies of so many bytes, one behind the other, the next ones are taken without their payloads.
COPIED_BYTES: Final = 4 * 1024**2
#: Lists of so many messages are parsed at once.
READ_AT_ONCE: Final = 128
#: In which NATS says with which quality a device published.
QUALITY_HEADER: Final = "Nmqtt-Pub"
#: What is known of headers and subjects is forgotten when there are more of them.
MAX_KNOWN: Final = 50_000

_NANOSECONDS: Final = 10**9
_ACK_PREFIX: Final = "$JS.ACK."
_ACK_WORDS: Final = 5
#: Places in what a message is made of.
_AT: Final = 1
_CONTENT: Final = 3
_POLICIES: Final[dict[Source, dict[str, Any]]] = {
    ACKNOWLEDGED: {
        "ack_wait": ACKNOWLEDGE_WITHIN_S * _NANOSECONDS,
        "max_ack_pending": MAX_UNACKNOWLEDGED,
    },
    # It keeps nothing for anyone, so the broker need not note what was taken.
    UNACKNOWLEDGED: {"ack_policy": "none"},
}


class RunEndedError(Exception):
    """The order of the messages can't be relied on any more."""


class Message(NamedTuple):
    """A message of the stream; `received_at` is the broker's time in microseconds since 1970.

    `columns` are those of a list that is spelt as most are.
    """

    sequence: int
    received_at: int
    subject: str
    payload: bytes
    reply: str
    columns: "Columns | None" = None


class Pull:
    """One run over the stream, from a sequence on."""

    def __init__(self, client: Client, wire: Wire, source: Source, changed: asyncio.Event) -> None:
        self.source = source
        self._client = client
        self._wire = wire
        self._name = ""
        self._consumer = ""
        self._begun = 0
        self._inbox = ""
        self._replies = b""
        self._with_payloads = True
        self._copied_bytes = 0
        self._last_sequence = 0
        self._came: list[tuple[int, int, str, bytes, str]] = []
        self._held: deque[Message] = deque()
        self._held_bytes = 0
        self._outstanding = 0
        self._delivered = 0
        self._changed = changed
        self._heard_at = 0.0
        self._failure: str | None = None
        self._waiting = 0
        self._in_hand = 0
        self._subjects: dict[bytes, str] = {}
        self._copies: dict[bytes, bool] = {}

    @property
    def lag(self) -> int:
        """Messages of the stream that are not stored yet, as far as the broker has told."""
        return self._waiting + len(self._held) + len(self._came) + self._in_hand

    async def start(self, sequence: int, *, name: str) -> None:
        """Replace the durable consumers of earlier runs by one that begins at this sequence.

        The new one is there before the old ones go, as a stream forgets what no consumer wants.

        Raises:
            BrokerError, nats.errors.Error: the broker refused or did not answer.
        """
        self._name = name
        await self._begin(sequence, with_payloads=True)

    async def settle(self) -> None:
        """Leave payloads out from here on, or take them again, as what came tells.

        Raises:
            BrokerError, nats.errors.Error: the broker refused or did not answer.
        """
        if self._failure is None and self._with_payloads != self._needs_payloads:
            await self._begin(self._last_sequence + 1, with_payloads=self._needs_payloads)

    @property
    def _needs_payloads(self) -> bool:
        return self._copied_bytes < COPIED_BYTES

    async def _begin(self, sequence: int, *, with_payloads: bool) -> None:
        if self._inbox:
            self._wire.unsubscribe(self._inbox)
        self._inbox = self._client.new_inbox()
        self._consumer = f"{self._name}-{self._begun}" if self._begun else self._name
        self._begun += 1
        self._replies = f"{_ACK_PREFIX}{self.source.stream}.{self._consumer}.".encode()
        self._with_payloads = with_payloads
        self._delivered = self._outstanding = 0
        self._last_sequence = sequence - 1
        begin = {
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": sequence,
            "headers_only": not with_payloads,
            **_POLICIES[self.source],
        }
        await create_consumer(self._client, self.source, self._consumer, begin)
        await self.tidy()
        self._wire.subscribe(self._inbox, self._take)

    async def tidy(self) -> None:
        """Delete every other consumer of ours."""
        await delete_consumers(self._client, self.source, keep=self._consumer)

    def interrupt(self, why: str) -> None:
        """End the run at the next call of `take`."""
        self._failure = self._failure or why
        self._changed.set()

    def take(self) -> list[Message]:
        """The messages that came since the last call, in order; none where none came.

        Raises:
            RunEndedError: the run is over.
        """
        if self._outstanding and monotonic() - self._heard_at > SILENCE_S:
            self.interrupt("the broker is silent")
        if self._failure is not None:
            raise RunEndedError(self._failure)
        self._read()
        taken = [self._held.popleft() for _ in range(min(len(self._held), MAX_BATCH))]
        self._held_bytes -= sum(len(message.payload) for message in taken)
        self._in_hand = len(taken)
        if self._held:
            self._changed.set()
        # While this batch is written, the next one comes.
        self._request()
        return taken

    def acknowledge(self, message: Message) -> None:
        """Tell the broker that this message and all before it are stored."""
        self._in_hand = 0
        if self.source is ACKNOWLEDGED:
            self._wire.publish(message.reply.encode(), b"+ACK")

    def _request(self) -> None:
        if (
            self._failure is not None
            or self._outstanding
            or len(self._held) >= MAX_BATCH
            or self._held_bytes >= MAX_HELD_BYTES
        ):
            return
        self._outstanding = MAX_BATCH
        request = {
            "batch": MAX_BATCH,
            "max_bytes": MAX_REQUEST_BYTES,
            "expires": REQUEST_EXPIRES_S * _NANOSECONDS,
            "idle_heartbeat": HEARTBEAT_S * _NANOSECONDS,
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self.source.stream}.{self._consumer}"
        self._wire.publish(subject.encode(), json.dumps(request).encode(), self._inbox.encode())
        self._heard_at = monotonic()

    def _take(self, subject: bytes, reply: bytes, headers: bytes, content: bytes) -> None:
        # $JS.ACK.<stream>.<consumer>.<times delivered>.<stream sequence>.<consumer sequence>.<time>.<pending>
        self._heard_at = monotonic()
        words = reply[len(self._replies) :].split(b".")
        if len(words) != _ACK_WORDS or not reply.startswith(self._replies):
            self._take_status(*status_of(headers))
            return
        if self._failure is not None:
            return
        delivered, sequence, consumer_sequence, at_ns, self._waiting = map(int, words)
        if delivered != 1 or consumer_sequence != self._delivered + 1:
            self.interrupt(f"message {sequence} came out of order")
            return
        self._delivered = consumer_sequence
        self._outstanding -= 1
        if self.source is UNACKNOWLEDGED and self._is_left_out(sequence, headers, content):
            if not self._outstanding:
                self._changed.set()
            return
        self._last_sequence = sequence
        self._came.append((sequence, at_ns // 1000, self._subject(subject), content, reply.decode()))
        self._held_bytes += len(content)
        if len(self._came) >= READ_AT_ONCE:
            self._read()
        self._changed.set()

    def _is_left_out(self, sequence: int, headers: bytes, content: bytes) -> bool:
        """Whether this message is a copy, or comes again with its payload, as then does everything behind it."""
        if not self._with_payloads and self._needs_payloads:
            return True
        if headers and self._is_copy(headers):
            self._last_sequence = sequence
            self._copied_bytes += len(content)
            return True
        self._copied_bytes = 0
        if not self._with_payloads:
            self._changed.set()
        return not self._with_payloads

    def _read(self) -> None:
        """Parse the lists among what came, all at once, while the database stores the messages before them."""
        came = self._came
        lists = [place for place, message in enumerate(came) if message[_CONTENT].startswith(b"[")]
        columns: list[Columns | None] = [None] * len(came)
        if lists:
            contents, times = [came[place][_CONTENT] for place in lists], [came[place][_AT] for place in lists]
            for place, found in zip(lists, payload.columns_of_lists(contents, times), strict=True):
                columns[place] = found
        self._held.extend(Message(*message, one) for message, one in zip(came, columns, strict=True))
        self._came.clear()

    def _is_copy(self, headers: bytes) -> bool:
        known = self._copies.get(headers)
        if known is None:
            if len(self._copies) > MAX_KNOWN:
                self._copies.clear()
            quality = header_of(headers, QUALITY_HEADER.encode())
            known = self._copies[headers] = quality not in (b"", b"0")
        return known

    def _subject(self, subject: bytes) -> str:
        known = self._subjects.get(subject)
        if known is None:
            if len(self._subjects) > MAX_KNOWN:
                self._subjects.clear()
            known = self._subjects[subject] = subject.decode(errors="replace").removeprefix(self.source.prefix)
        return known

    def _take_status(self, status: str, description: str) -> None:
        if status == "100":
            return
        ended = status in {"404", "408"} or (
            status == "409" and ("MaxBytes" in description or "Batch Completed" in description)
        )
        if ended:
            self._outstanding = 0
            self._changed.set()
            self._request()
        else:
            self.interrupt(f"{status} {description}")
