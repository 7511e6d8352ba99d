"""`guildhall simulate telemetry`: publishes over MQTT what the demo's sensors would show, until told to stop.

As real devices do, some fall silent for a while, and some messages come late or twice.
"""

import heapq
import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from guildhall.core.processes import announce_ready
from guildhall.modules.telemetry.policy import topic_prefix
from guildhall.modules.telemetry.signals import OUTDOOR, SIGNALS, Instant, Sensor, Signal
from guildhall.settings import settings

NAME: Final = "Simulation of {object}"
FURTHER_NAME: Final = "Simulation of {object}, device {number}"
MOST_DEVICES: Final = 2000
CONNECT_TIMEOUT_S: Final = 10
#: Values a second of all of the demo.
DEMO_RATE: Final = 2
MAX_IN_FLIGHT: Final = 1000


class SimulationError(SystemExit):
    """The simulation can't run; the text says why."""


@dataclass(frozen=True, slots=True)
class Device:
    """An invented device: credentials, and the sensors that it carries by their keys."""

    username: str
    secret: str
    sensors: dict[str, Sensor]


@dataclass(frozen=True, slots=True)
class Manners:
    """How unreliable the devices are: shares of messages at which one falls silent, that come late, and that repeat."""

    gaps: float = 0.0005
    late: float = 0.01
    repeated: float = 0.01
    #: Seconds, the shortest and the longest.
    silence_s: tuple[float, float] = (30.0, 180.0)
    delay_s: tuple[float, float] = (5.0, 120.0)


@dataclass(order=True, frozen=True, slots=True)
class Message:
    """A payload for a datapoint's key of the device with this index, to be sent at `due_s` (seconds since 1970)."""

    due_s: float
    device: int
    key: str
    payload: str


class Mischief:
    """Decides what becomes of each measured value. Pure but for its random numbers."""

    def __init__(self, manners: Manners, rng: random.Random) -> None:
        self._manners = manners
        self._rng = rng
        self._silent_until: dict[int, float] = {}
        self._held: list[Message] = []

    def messages(self, device: int, key: str, value: float, now_s: float) -> list[Message]:
        """What is sent at once of a value that was measured now: nothing in a gap, or if it is held back."""
        manners, draw = self._manners, self._rng.random()
        if now_s < self._silent_until.get(device, 0.0):
            return []
        if draw < manners.gaps:
            self._silent_until[device] = now_s + self._rng.uniform(*manners.silence_s)
            return []
        draw -= manners.gaps
        stamped = f'{{"ts": "{datetime.fromtimestamp(now_s, tz=UTC).isoformat()}", "value": {value}}}'
        if draw < manners.late:
            heapq.heappush(self._held, Message(now_s + self._rng.uniform(*manners.delay_s), device, key, stamped))
            return []
        if draw < manners.late + manners.repeated:
            return [Message(now_s, device, key, stamped)] * 2
        return [Message(now_s, device, key, str(value))]

    def due(self, now_s: float) -> Iterator[Message]:
        """What was held back and is to be sent now."""
        while self._held and self._held[0].due_s <= now_s:
            yield heapq.heappop(self._held)


def main(
    rate: float = 10,
    seconds: float | None = None,
    tls: str | None = None,
    number_of_devices: int | None = None,
    manners: Manners | None = None,
) -> None:
    """Publish `rate` values a second, spread over all objects of the demo, at QoS 1.

    `tls` is `host:port` of a listener that speaks TLS; plain MQTT at MQTT_HOST where it is not given. There is one
    device for each object, or `number_of_devices` of them, where those beyond the objects' bring datapoints of their
    own. They get datasources of their own, whose secrets are made anew at every start and kept nowhere.

    Raises:
        SimulationError: there is no demo, or the broker lets nobody in.
    """
    if number_of_devices is not None and not 0 < number_of_devices <= MOST_DEVICES:
        raise SimulationError(f"Between 1 and {MOST_DEVICES} devices can be simulated.")
    devices = _devices(number_of_devices)
    if not devices:
        raise SimulationError("There is no demo to simulate; `guildhall seed` makes it.")
    sent = _simulate(devices, manners or Manners(), _told_to_stop(), rate=rate, seconds=seconds, tls=tls)
    print(f"{sent} messages published.")


def of_demo() -> None:
    """Publish for the demo as a process of the stack; where there is no demo any more, wait to be told to stop."""
    stopped = _told_to_stop()
    if devices := _devices(None):
        _simulate(devices, Manners(), stopped, rate=DEMO_RATE)
    else:
        announce_ready()
        stopped.wait()


def _told_to_stop() -> threading.Event:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


def _simulate(
    devices: list[Device],
    manners: Manners,
    stopped: threading.Event,
    *,
    rate: float,
    seconds: float | None = None,
    tls: str | None = None,
) -> int:
    """Connect all devices and publish; returns how many messages."""
    mischief = Mischief(manners, random.Random())  # noqa: S311 — invented values.
    clients = [_connect(device, tls) for device in devices]
    announce_ready()
    try:
        return _publish(devices, clients, mischief, rate=rate, seconds=seconds, stopped=stopped)
    finally:
        for client in clients:
            client.disconnect()
            client.loop_stop()


def _devices(number: int | None) -> list[Device]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")
    import django

    django.setup()

    from guildhall.core.organizations.models import ProjectObject
    from guildhall.core.organizations.seed import ORGANIZATION
    from guildhall.modules.telemetry.models import Datasource
    from guildhall.modules.telemetry.selectors import first_admin, latest_values
    from guildhall.modules.telemetry.services import create_datasource, rotate_secret

    things = list(
        ProjectObject.objects.filter(
            project__organization__name=ORGANIZATION, project__organization__personal_owner=None
        )
        .select_related("project")
        .order_by("name", "pk")
    )

    def device(thing: ProjectObject, name: str, sensors: dict[str, Sensor]) -> Device:
        actor = first_admin(thing.project.organization_id)
        known = Datasource.objects.filter(object=thing, name=name).first()
        made = (
            create_datasource(actor=actor, project=thing.project, thing=thing, name=name)
            if known is None
            else rotate_secret(actor=actor, datasource=known)
        )
        return Device(made.datasource.username, made.secret, sensors)

    kinds = {kind.key: kind for kind in (*OUTDOOR, *SIGNALS)}
    devices = []
    for thing in things:
        datapoints = dict(thing.datapoints.filter(key__in=kinds).order_by("key").values_list("key", "pk"))
        latest = {pk: found.value for pk, found in latest_values(list(datapoints.values())).items()}
        sensors = {key: _sensor(kinds[key], f"{thing.pk} {key}", latest.get(pk)) for key, pk in datapoints.items()}
        if sensors:
            devices.append(device(thing, NAME.format(object=thing.name), sensors))
    if number is None or not things:
        return devices
    for count, thing in zip(range(len(devices) + 1, number + 1), itertools.cycle(things), strict=False):
        sensors = {f"device-{count}/{kind.key}": _sensor(kind, f"{count} {kind.key}") for kind in SIGNALS}
        devices.append(device(thing, FURTHER_NAME.format(object=thing.name, number=count), sensors))
    return devices[:number]


def _sensor(kind: Signal, seed: str, latest: float | None = None) -> Sensor:
    return Sensor(kind, random.Random(seed), latest=latest)  # noqa: S311 — invented values.


def _connect(device: Device, tls: str | None) -> mqtt.Client:
    host, port = settings.mqtt_host, settings.mqtt_port
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=device.username)
    client.username_pw_set(device.username, device.secret)
    client.max_inflight_messages_set(MAX_IN_FLIGHT)
    if tls is not None:
        host, _, digits = tls.rpartition(":")
        port = int(digits)
        client.tls_set(ca_certs=None if settings.ca_file is None else str(settings.ca_file))
    connected = threading.Event()
    client.on_connect = lambda _client, _userdata, _flags, reason, _properties: (
        None if reason.is_failure else connected.set()
    )
    try:
        client.connect(host, port)
    except OSError as error:
        raise SimulationError(f"The MQTT server {host}:{port} is away: {error}") from error
    client.loop_start()
    if not connected.wait(CONNECT_TIMEOUT_S):
        client.loop_stop()
        raise SimulationError("The MQTT server lets nobody in; does the process mqtt-auth run?")
    return client


def _publish(
    devices: list[Device],
    clients: list[mqtt.Client],
    mischief: Mischief,
    *,
    rate: float,
    seconds: float | None,
    stopped: threading.Event,
) -> int:
    """Publish until stopped or the time is over; returns how many messages."""
    turns = itertools.cycle([(index, key) for index, device in enumerate(devices) for key in device.sensors])
    started = time.monotonic()
    measured = sent = 0
    while not stopped.is_set():
        elapsed, now_s = time.monotonic() - started, time.time()
        if seconds is not None and elapsed >= seconds:
            break
        messages = list(mischief.due(now_s))
        for index, key in itertools.islice(turns, int(elapsed * rate) - measured):
            value = devices[index].sensors[key].value(Instant.of(now_s))
            messages += mischief.messages(index, key, value, now_s)
            measured += 1
        for message in messages:
            topic = f"{topic_prefix(devices[message.device].username)}/{message.key}"
            # While the server is away the client queues, as a device would.
            clients[message.device].publish(topic, message.payload, qos=1)
        sent += len(messages)
        stopped.wait(min(0.05, 1 / rate))
    return sent
