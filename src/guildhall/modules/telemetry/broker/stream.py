"""The stream that keeps what devices published until it stands in the database: creating it, asking about it."""

import json
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client

from guildhall.modules.telemetry.policy import INGEST_STREAM, INGEST_SUBJECTS

REQUEST_TIMEOUT_S = 5.0
STREAM_NOT_FOUND = 10059
MESSAGE_NOT_FOUND = 10037
CONSUMER_NOT_FOUND = 10014

#: No limit of its own: the broker acknowledges a device even when the stream is full, so only the disk may end it.
STREAM_SETTINGS: dict[str, Any] = {
    "name": INGEST_STREAM,
    "subjects": [INGEST_SUBJECTS],
    "retention": "limits",
    "storage": "file",
    "discard": "new",
    "num_replicas": 1,
    "max_msgs": -1,
    "max_bytes": -1,
    "max_age": 0,
    "max_msg_size": -1,
    "max_consumers": -1,
}


class BrokerError(Exception):
    """JetStream refused a request; `code` is its own number."""

    def __init__(self, description: str, code: int) -> None:
        super().__init__(f"{description} ({code})")
        self.code = code


@dataclass(frozen=True, slots=True)
class StreamState:
    """Which incarnation of the stream this is, and the sequences of the messages in it."""

    created: str
    first_sequence: int
    last_sequence: int
    messages: int


async def api(client: Client, subject: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask JetStream's API.

    Raises:
        BrokerError: it refused.
        nats.errors.Error: it did not answer.
    """
    payload = json.dumps(body).encode() if body is not None else b""
    message = await client.request(f"$JS.API.{subject}", payload, timeout=REQUEST_TIMEOUT_S)
    answer: dict[str, Any] = json.loads(message.data)
    if "error" in answer:
        raise BrokerError(answer["error"].get("description", ""), answer["error"].get("err_code", 0))
    return answer


async def ensure_stream(client: Client) -> StreamState:
    """Create the stream where it is missing, and tell its state. Safe to repeat, also side by side."""
    try:
        return await stream_state(client)
    except BrokerError as error:
        if error.code != STREAM_NOT_FOUND:
            raise
    return _state(await api(client, f"STREAM.CREATE.{INGEST_STREAM}", STREAM_SETTINGS))


async def stream_state(client: Client) -> StreamState:
    """The state of the stream.

    Raises:
        BrokerError: there is none.
    """
    return _state(await api(client, f"STREAM.INFO.{INGEST_STREAM}"))


def _state(answer: dict[str, Any]) -> StreamState:
    state = answer["state"]
    return StreamState(answer["created"], state["first_seq"], state["last_seq"], state["messages"])


async def message_time(client: Client, sequence: int) -> str | None:
    """When the message with this sequence came, as the broker writes it; None where it is not in the stream."""
    try:
        answer = await api(client, f"STREAM.MSG.GET.{INGEST_STREAM}", {"seq": sequence})
    except BrokerError as error:
        if error.code == MESSAGE_NOT_FOUND:
            return None
        raise
    time: str = answer["message"]["time"]
    return time


async def purge_below(client: Client, sequence: int) -> None:
    """Forget all messages with a smaller sequence."""
    await api(client, f"STREAM.PURGE.{INGEST_STREAM}", {"seq": sequence})
