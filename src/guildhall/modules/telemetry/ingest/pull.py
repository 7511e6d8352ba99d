"""Messages of a stream, strictly in its order, from a durable consumer that is made anew for every run.

What breaks the order (a redelivery, a gap, a lost connection) ends the run; the next one begins behind the watermark.
"""

import asyncio
import json
from collections import deque
from contextlib import suppress
from typing import Any, Final, NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from guildhall.modules.telemetry.broker.stream import UNACKNOWLEDGED, Source, create_consumer, delete_consumers

MAX_BATCH: Final = 4000
#: Bounds the memory that one request can fill; more than the largest message that the broker takes.
MAX_REQUEST_BYTES: Final = 4 * 1024**2
#: Bounds what is held beyond the batch in work.
MAX_HELD_BYTES: Final = 4 * 1024**2
MAX_UNACKNOWLEDGED: Final = 10 * MAX_BATCH
ACKNOWLEDGE_WITHIN_S: Final = 120
REQUEST_EXPIRES_S: Final = 10
HEARTBEAT_S: Final = 2
SILENCE_S: Final = 7
#: In which NATS says with which quality a device published.
QUALITY_HEADER: Final = "Nmqtt-Pub"

_NANOSECONDS: Final = 10**9
_ACK_TOKENS: Final = 9


class RunEndedError(Exception):
    """The order of the messages can't be relied on any more."""


class Message(NamedTuple):
    """A message of the stream; `received_at` is the broker's time in microseconds since 1970."""

    sequence: int
    received_at: int
    subject: str
    payload: bytes
    reply: str


class Pull:
    """One run over the stream, from a sequence on."""

    def __init__(self, client: Client, source: Source, changed: asyncio.Event) -> None:
        self.source = source
        self._client = client
        self._consumer = ""
        self._unacknowledged = ""
        self._inbox = client.new_inbox()
        self._held: deque[Message] = deque()
        self._held_bytes = 0
        self._outstanding = 0
        self._delivered = 0
        self._changed = changed
        self._heard_at = 0.0
        self._failure: str | None = None
        self._subscription: Any = None
        self._waiting = 0
        self._in_hand = 0

    @property
    def lag(self) -> int:
        """Messages of the stream that are not stored yet, as far as the broker has told."""
        return self._waiting + len(self._held) + self._in_hand

    async def start(self, sequence: int, *, name: str) -> None:
        """Replace the durable consumers of earlier runs by one that begins at this sequence.

        The new one is there before the old ones go, as a stream forgets what no consumer wants.

        Raises:
            BrokerError, nats.errors.Error: the broker refused or did not answer.
        """
        self._consumer = name
        begin = {
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": sequence,
            "ack_wait": ACKNOWLEDGE_WITHIN_S * _NANOSECONDS,
            "max_ack_pending": MAX_UNACKNOWLEDGED,
        }
        await create_consumer(self._client, self.source, name, begin)
        await self.tidy()
        self._subscription = await self._client.subscribe(
            self._inbox, cb=self._take, pending_bytes_limit=-1, pending_msgs_limit=-1
        )
        self._hear()

    async def tidy(self) -> None:
        """Delete every other consumer of ours."""
        await delete_consumers(self._client, self.source, keep=self._consumer)

    async def stop(self) -> None:
        """Take no more messages. Never fails: the connection may be what broke."""
        if self._subscription is not None:
            with suppress(NatsError):
                await self._subscription.unsubscribe()

    def interrupt(self, why: str) -> None:
        """End the run at the next call of `batch`."""
        self._failure = self._failure or why
        self._changed.set()

    async def take(self) -> list[Message]:
        """The messages that came since the last call, in order; none where none came.

        Raises:
            RunEndedError: the run is over.
        """
        if asyncio.get_running_loop().time() - self._heard_at > SILENCE_S:
            self.interrupt("the broker is silent")
        if self._failure is not None:
            raise RunEndedError(self._failure)
        if self._unacknowledged and not self._held:
            # Everything that was handed out is stored by now, and what was left out needs no storing.
            await self._client.publish(self._unacknowledged, b"+ACK")
            self._unacknowledged = ""
        taken = [self._held.popleft() for _ in range(min(len(self._held), MAX_BATCH))]
        self._held_bytes -= sum(len(message.payload) for message in taken)
        self._in_hand = len(taken)
        if self._held:
            self._changed.set()
        # While this batch is written, the next one comes.
        await self._request()
        return taken

    async def acknowledge(self, message: Message) -> None:
        """Tell the broker that this message and all before it are stored."""
        self._in_hand = 0
        await self._client.publish(message.reply, b"+ACK")

    async def _request(self) -> None:
        if self._outstanding or len(self._held) >= MAX_BATCH or self._held_bytes >= MAX_HELD_BYTES:
            return
        self._outstanding = MAX_BATCH
        request = {
            "batch": MAX_BATCH,
            "max_bytes": MAX_REQUEST_BYTES,
            "expires": REQUEST_EXPIRES_S * _NANOSECONDS,
            "idle_heartbeat": HEARTBEAT_S * _NANOSECONDS,
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self.source.stream}.{self._consumer}"
        await self._client.publish(subject, json.dumps(request).encode(), reply=self._inbox)

    def _hear(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()

    async def _take(self, message: Msg) -> None:
        self._hear()
        tokens = message.reply.split(".")
        if len(tokens) != _ACK_TOKENS:
            self._take_status(message.headers or {})
            return
        # $JS.ACK.<stream>.<consumer>.<times delivered>.<stream sequence>.<consumer sequence>.<time>.<pending>
        delivered, sequence, consumer_sequence, time, self._waiting = map(int, tokens[4:9])
        if delivered != 1 or consumer_sequence != self._delivered + 1:
            self.interrupt(f"message {sequence} came out of order")
            return
        self._delivered = consumer_sequence
        self._outstanding -= 1
        if self.source is UNACKNOWLEDGED and (message.headers or {}).get(QUALITY_HEADER, "0") != "0":
            # The same message comes from the stream of acknowledged ones.
            self._unacknowledged = message.reply
            return
        subject = message.subject.removeprefix(self.source.prefix)
        self._held.append(Message(sequence, time // 1000, subject, message.data, message.reply))
        self._held_bytes += len(message.data)
        self._changed.set()

    def _take_status(self, headers: dict[str, str]) -> None:
        status, description = headers.get("Status", ""), headers.get("Description", "")
        if status == "100":
            return
        ended = status in {"404", "408"} or (
            status == "409" and ("MaxBytes" in description or "Batch Completed" in description)
        )
        if ended:
            self._outstanding = 0
            self._changed.set()
        else:
            self.interrupt(f"{status} {description}")
