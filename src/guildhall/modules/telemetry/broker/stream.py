"""The streams that keep what devices published until it stands in the database: creating them, asking about them.

NATS acknowledges a publish of QoS 1 or 2 as soon as it stands in a stream of its own, `$MQTT_msgs`. Any other stream
on the same subjects is written beside that, later, and what it had not written yet when NATS was killed is lost,
although it was acknowledged (seen: 202 messages in one of four kills). So these qualities are taken from `$MQTT_msgs`
itself, which keeps a message as long as there is a consumer that has not acknowledged it. QoS 0 promises nothing and
has a small stream in memory.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from nats.aio.client import Client

from guildhall.modules.telemetry.policy import HOUSE_SUBJECTS

REQUEST_TIMEOUT_S = 5.0
STREAM_NOT_FOUND = 10059
MESSAGE_NOT_FOUND = 10037
CONSUMER_NOT_FOUND = 10014

MQTT_PREFIX: Final = "$MQTT.msgs."


@dataclass(frozen=True, slots=True)
class Source:
    """A stream, and what stands before the device's subject in its own."""

    stream: str
    prefix: str = ""


ACKNOWLEDGED: Final = Source("$MQTT_msgs", MQTT_PREFIX)
UNACKNOWLEDGED: Final = Source("GUILDHALL")
SOURCES: Final = (ACKNOWLEDGED, UNACKNOWLEDGED)

#: Consumers of ours are called so, each run's with its own number behind.
CONSUMER_PREFIX: Final = "telemetry-"

_SETTINGS: Final[dict[Source, dict[str, Any]]] = {
    # As NATS itself would create it with the first device. No limit: a full stream would refuse what it acknowledges.
    ACKNOWLEDGED: {
        "name": ACKNOWLEDGED.stream,
        "subjects": [f"{MQTT_PREFIX}>"],
        "retention": "interest",
        "storage": "file",
        "discard": "old",
        "num_replicas": 1,
    },
    UNACKNOWLEDGED: {
        "name": UNACKNOWLEDGED.stream,
        # And those of foreign topics, as soon as somebody is let in who may publish to them.
        "subjects": [HOUSE_SUBJECTS],
        "retention": "limits",
        "storage": "memory",
        "max_bytes": 32 * 1024**2,
        "discard": "old",
        "num_replicas": 1,
    },
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


async def ensure_streams(client: Client) -> None:
    """Create what is missing, so that no message is acknowledged without being kept. Safe to repeat."""
    for source in SOURCES:
        await ensure_stream(client, source)
    if not await consumers_of(client, ACKNOWLEDGED):
        # Nobody stored anything yet, but from now on somebody will want what comes.
        await create_consumer(client, ACKNOWLEDGED, f"{CONSUMER_PREFIX}0", {"deliver_policy": "all"})


async def ensure_stream(client: Client, source: Source) -> StreamState:
    """Create the stream where it is missing, and tell its state."""
    try:
        return await stream_state(client, source)
    except BrokerError as error:
        if error.code != STREAM_NOT_FOUND:
            raise
    return _state(await api(client, f"STREAM.CREATE.{source.stream}", _SETTINGS[source]))


async def ensure_subjects(client: Client, subjects: Collection[str]) -> None:
    """Let the stream of unacknowledged messages take these subjects too. Safe to repeat.

    Raises:
        BrokerError: there is no such stream, or it refused.
    """
    answer = await api(client, f"STREAM.INFO.{UNACKNOWLEDGED.stream}")
    taken = answer["config"]["subjects"]
    missing = sorted(set(subjects) - set(taken))
    if missing:
        config = {**answer["config"], "subjects": [*taken, *missing]}
        await api(client, f"STREAM.UPDATE.{UNACKNOWLEDGED.stream}", config)


async def stream_state(client: Client, source: Source) -> StreamState:
    """The state of the stream.

    Raises:
        BrokerError: there is none.
    """
    return _state(await api(client, f"STREAM.INFO.{source.stream}"))


def _state(answer: dict[str, Any]) -> StreamState:
    state = answer["state"]
    return StreamState(answer["created"], state["first_seq"], state["last_seq"], state["messages"])


async def message_time(client: Client, source: Source, sequence: int) -> str | None:
    """When the message with this sequence came, as the broker writes it; None where it is not in the stream."""
    try:
        answer = await api(client, f"STREAM.MSG.GET.{source.stream}", {"seq": sequence})
    except BrokerError as error:
        if error.code == MESSAGE_NOT_FOUND:
            return None
        raise
    time: str = answer["message"]["time"]
    return time


async def create_consumer(client: Client, source: Source, name: str, settings: dict[str, Any]) -> None:
    """Create a durable consumer that acknowledges a message with all before it."""
    config = {
        "name": name,
        "durable_name": name,
        "ack_policy": "all",
        "max_deliver": -1,
        **settings,
    }
    await api(
        client,
        f"CONSUMER.CREATE.{source.stream}.{name}",
        {"stream_name": source.stream, "config": config, "action": "create"},
    )


async def consumers_of(client: Client, source: Source) -> list[str]:
    """The names of our consumers of the stream."""
    answer = await api(client, f"CONSUMER.NAMES.{source.stream}")
    return [name for name in answer.get("consumers") or () if name.startswith(CONSUMER_PREFIX)]


async def delete_consumers(client: Client, source: Source, *, keep: str) -> None:
    """Delete our consumers of earlier runs, so that the stream keeps nothing for them."""
    for name in await consumers_of(client, source):
        if name == keep:
            continue
        try:
            await api(client, f"CONSUMER.DELETE.{source.stream}.{name}")
        except BrokerError as error:
            if error.code != CONSUMER_NOT_FOUND:
                raise
