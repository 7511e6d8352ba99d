"""A NATS server where the settings of the tests look for it, and programs and clients around it."""

import asyncio
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlencode, urlsplit

import paho.mqtt.client as mqtt
import pytest
from django.db import connection
from paho.mqtt.enums import CallbackAPIVersion

from guildhall.settings import settings
from guildhall.stack.certificates import ensure_certificates, local_names
from guildhall.stack.plan import callout_issuer
from guildhall.stack.servers import NatsSecrets, NatsServer, TlsFiles

PATIENCE_S = 15.0
INSTALL_MOSQUITTO = "apt-get install --yes --no-install-recommends mosquitto-clients"
INSTALL_MOSQUITTO_SERVER = "apt-get install --yes --no-install-recommends mosquitto"
T = TypeVar("T")


def nats_home() -> Path:
    assert settings.nats_log_file is not None
    return settings.nats_log_file.parent


def authority() -> Path:
    """The CA by which clients know the broker."""
    return nats_home().parent / "certificates" / "ca.pem"


@contextmanager
def start_nats() -> Iterator[NatsServer]:
    assert settings.nats_callout_seed is not None
    files = ensure_certificates(nats_home().parent / "certificates", local_names())
    server = NatsServer(
        nats_home(),
        urlsplit(settings.nats_url.get_secret_value()).port,
        secrets=NatsSecrets(
            settings.nats_service_password.get_secret_value(),
            settings.nats_system_password.get_secret_value(),
            callout_issuer(settings.nats_callout_seed.get_secret_value()),
        ),
        mqtt_port=settings.mqtt_port,
        tls=TlsFiles(files.server, files.server_key),
    )
    with server:
        yield server


def database_url() -> str:
    """The database of the running test."""
    of = connection.settings_dict
    where = urlencode({"host": of["HOST"], "port": of["PORT"]})
    return f"postgresql://{of['USER']}:{of['PASSWORD']}@/{of['NAME']}?{where}"


def wait_for(probe: Callable[[], T], *, at_most_s: float = PATIENCE_S, what: str = "") -> T:
    """What the probe says once it says something true."""
    deadline = time.monotonic() + at_most_s
    while not (found := probe()):
        assert time.monotonic() < deadline, f"waited {at_most_s:g} s for {what or probe}"
        time.sleep(0.02)
    return found


class Background:
    """Runs an asynchronous entry in a thread with a loop of its own, where the test's coverage sees it."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._work = work
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._started = threading.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.current_task()
            self._started.set()
            await self._work()

        try:
            asyncio.run(main())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 — told to the test in `__exit__`.
            self.error = error
            self._started.set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._task is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error


class Program:
    """A process of the module in a real process, which can be killed and started again."""

    def __init__(self, entry: str, environment: dict[str, str]) -> None:
        self._entry = entry
        self._environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "guildhall.stack.entry", self._entry]
        self.process = subprocess.Popen(command, env={**os.environ, **self._environment}, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class Device:
    """An MQTT client that counts what happens to it."""

    def __init__(self, username: str, secret: str, **options: Any) -> None:
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, **options)
        self.client.username_pw_set(username, secret)
        self.client.on_connect = self._connected
        self.client.on_disconnect = self._disconnected
        self.client.on_message = lambda _c, _u, message: self.received.append((message.topic, message.payload))
        self.connects = 0
        self.refusals = 0
        self.disconnects = 0
        self.received: list[tuple[str, bytes]] = []

    def _connected(self, _client: Any, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self.refusals += 1
        else:
            self.connects += 1

    def _disconnected(self, *_: Any) -> None:
        self.disconnects += 1

    def connect(self) -> "Device":
        self.client.connect("127.0.0.1", settings.mqtt_port)
        self.client.loop_start()
        wait_for(lambda: self.connects or self.refusals, what="an answer to CONNECT")
        return self

    def publish(self, topic: str, payload: Any, qos: int = 1) -> None:
        info = self.client.publish(topic, payload, qos=qos)
        info.wait_for_publish(PATIENCE_S)
        assert info.is_published()

    def __enter__(self) -> Self:
        return self.connect()

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def mosquitto_program(name: str) -> str:
    """Where a client that nobody here wrote is; where it is not installed, the test is skipped."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} here; as root: {INSTALL_MOSQUITTO}")
    return found


def mosquitto(
    program: str, *arguments: str, username: str, secret: str, tls: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a client that nobody here wrote; where it is not installed, the test is skipped."""
    command = [
        mosquitto_program(program),
        "-h",
        "127.0.0.1",
        "-p",
        str(settings.mqtt_port),
        "-u",
        username,
        "-P",
        secret,
    ]
    if tls:
        command += ["--cafile", str(authority())]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
