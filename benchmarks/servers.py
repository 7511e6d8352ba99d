"""Servers for benchmarks: durable, in a folder that is removed afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from guildhall.stack.children import dies_with_parent
from guildhall.stack.plan import callout_issuer, new_callout_seed
from guildhall.stack.servers import NatsSecrets, NatsServer, ValkeyServer
from guildhall.stack.servers.base import temporary_home
from guildhall.stack.servers.postgresql import PostgresServer

STOP_S = 60


@contextmanager
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL with fsync, to which Django's settings point."""
    with temporary_home() as home, PostgresServer(home / "postgresql") as server:
        os.environ.update(
            {
                "DATABASE_URL": server.url,
                "DJANGO_SETTINGS_MODULE": "guildhall.settings.django",
                "GUILDHALL_HOME": str(home),
                "LOG_LEVEL": "WARNING",
            }
        )
        yield server


@dataclass(frozen=True, slots=True)
class Servers:
    """What a site with measurements needs."""

    postgresql: PostgresServer
    nats: NatsServer


@contextmanager
def site() -> Iterator[Servers]:
    """PostgreSQL, Valkey and NATS, to which the settings point."""
    seed = new_callout_seed()
    secrets = NatsSecrets("service", "system", callout_issuer(seed))
    with (
        postgresql() as database,
        temporary_home() as home,
        ValkeyServer(home / "valkey") as valkey,
        NatsServer(home / "nats", secrets=secrets) as nats,
    ):
        os.environ.update(
            {
                "REDIS_URL": valkey.url,
                "NATS_URL": nats.url,
                "NATS_SERVICE_PASSWORD": secrets.service_password,
                "NATS_SYSTEM_PASSWORD": secrets.system_password,
                "NATS_CALLOUT_SEED": seed,
                "NATS_LOG_FILE": str(nats.messages_file),
                "MQTT_PORT": str(nats.mqtt_port),
            }
        )
        yield Servers(database, nats)


@contextmanager
def process(entry: str, *, start_s: float = 3.0) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of a module, as it runs on a site."""
    command = [sys.executable, "-m", "guildhall.stack.entry", entry]
    started = subprocess.Popen(command, preexec_fn=dies_with_parent(signal.SIGKILL))  # noqa: PLW1509 — no threads.
    time.sleep(start_s)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(STOP_S)


def cpu_seconds(name: str) -> float:
    """What all processes of this machine whose command line holds the name have used up so far."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if name.encode() in (folder / "cmdline").read_bytes():
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
