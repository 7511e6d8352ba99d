"""`guildhall simulate telemetry`: publishes over MQTT what the demo's sensors would show, until told to stop."""

import itertools
import os
import random
import signal
import threading
import time
from dataclasses import dataclass
from typing import Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from guildhall.core.processes import announce_ready
from guildhall.modules.telemetry.policy import topic_prefix
from guildhall.modules.telemetry.signals import OUTDOOR, SIGNALS, Instant, Sensor
from guildhall.settings import settings

NAME: Final = "Simulation of {object}"
CONNECT_TIMEOUT_S: Final = 10
MAX_IN_FLIGHT: Final = 1000


class SimulationError(SystemExit):
    """The simulation can't run; the text says why."""


@dataclass(frozen=True, slots=True)
class Device:
    """An invented device: credentials, and the sensors that it carries by their keys."""

    username: str
    secret: str
    sensors: dict[str, Sensor]


def main(rate: float = 10, seconds: float | None = None, tls: str | None = None) -> None:
    """Publish `rate` values a second, spread over all objects of the demo, at QoS 1.

    `tls` is `host:port` of a listener that speaks TLS; plain MQTT at MQTT_HOST where it is not given.
    The devices get datasources of their own, whose secrets are made anew at every start and kept nowhere.

    Raises:
        SimulationError: there is no demo, or the broker lets nobody in.
    """
    devices = _devices()
    if not devices:
        raise SimulationError("There is no demo to simulate; `guildhall seed` makes it.")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    clients = [_connect(device, tls) for device in devices]
    announce_ready()
    try:
        sent = _publish(devices, clients, rate=rate, seconds=seconds, stopped=stopped)
    finally:
        for client in clients:
            client.disconnect()
            client.loop_stop()
    print(f"{sent} values published.")


def _devices() -> list[Device]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")
    import django

    django.setup()

    from guildhall.core.organizations.models import ProjectObject
    from guildhall.core.organizations.seed import ORGANIZATION
    from guildhall.modules.telemetry.models import Datasource
    from guildhall.modules.telemetry.selectors import first_admin
    from guildhall.modules.telemetry.services import create_datasource, rotate_secret

    devices = []
    things = ProjectObject.objects.filter(
        project__organization__name=ORGANIZATION, project__organization__personal_owner=None
    )
    for thing in things.select_related("project").order_by("name", "pk"):
        actor = first_admin(thing.project.organization_id)
        name = NAME.format(object=thing.name)
        known = Datasource.objects.filter(object=thing, name=name).first()
        made = (
            create_datasource(actor=actor, project=thing.project, thing=thing, name=name)
            if known is None
            else rotate_secret(actor=actor, datasource=known)
        )
        keys = set(thing.datapoints.values_list("key", flat=True))
        kinds = {kind.key: kind for kind in (*OUTDOOR, *SIGNALS)}
        sensors = {
            key: Sensor(kinds[key], random.Random(f"{thing.pk} {key}"))  # noqa: S311 — invented values.
            for key in sorted(keys & kinds.keys())
        }
        if sensors:
            devices.append(Device(made.datasource.username, made.secret, sensors))
    return devices


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
    devices: list[Device], clients: list[mqtt.Client], *, rate: float, seconds: float | None, stopped: threading.Event
) -> int:
    """Publish until stopped or the time is over; returns how many values."""
    turns = itertools.cycle(
        [(client, device, key) for client, device in zip(clients, devices, strict=True) for key in device.sensors]
    )
    started = time.monotonic()
    sent = 0
    while not stopped.is_set():
        elapsed = time.monotonic() - started
        if seconds is not None and elapsed >= seconds:
            break
        for _ in range(int(elapsed * rate) - sent):
            client, device, key = next(turns)
            value = device.sensors[key].value(Instant.of(time.time()))
            # While the server is away the client queues, as a device would.
            client.publish(f"{topic_prefix(device.username)}/{key}", str(value), qos=1)
            sent += 1
        stopped.wait(min(0.05, 1 / rate))
    return sent
