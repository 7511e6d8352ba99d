"""Brokers of background jobs that tests start for themselves, and a worker that can be killed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from guildhall.stack.servers import ValkeyServer
from guildhall.stack.servers.base import free_port, temporary_home
from tests.support.broker import wait_for

INSTALL_RABBITMQ = "apt-get install --yes --no-install-recommends rabbitmq-server"
RABBITMQ_STARTS_IN_S = 60

#: The stack's own worker with its clock. Redis gives a dead worker's jobs to another after seconds instead of an hour,
#: a mail's claim ends after seconds instead of minutes, and the clock sends nothing but the job that looks for mails.
WORKER = """
from datetime import timedelta
import django; django.setup()
from guildhall.celery import app
from guildhall.modules.tasks import mail
from guildhall.stack import worker

mail.CLAIM = timedelta(seconds=8)
if app.conf.broker_url.startswith("redis"):
    # The mutex outlives a worker that is killed while it looks for such jobs.
    app.conf.broker_transport_options = {
        "visibility_timeout": 2, "unacked_mutex_expire": 2, "unacked_restore_interval": 1, "unacked_restore_throttle": 1,
    }
app.conf.beat_schedule = {"mail": {"task": "guildhall.modules.tasks.jobs.send_unsent_mail", "schedule": 1.0}}
worker.main()
"""


@contextmanager
def redis() -> Iterator[str]:
    """A Valkey of its own; yields its address."""
    with temporary_home() as home, ValkeyServer(home / "valkey", persist=False) as server:
        yield server.url


@contextmanager
def rabbitmq() -> Iterator[str]:
    """A RabbitMQ of its own; yields its address. Where it is not installed, the test is skipped."""
    # Debian's program in the path is for an account of its own, the one beside the library for everybody.
    program = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin") or shutil.which("rabbitmq-server")
    if program is None:
        pytest.skip(f"no rabbitmq-server here; as root: {INSTALL_RABBITMQ}")
    with temporary_home() as home:
        port, names_port = free_port(), free_port()
        home.chmod(0o777)
        environment = {
            **os.environ,
            "HOME": str(home),
            "ERL_EPMD_PORT": str(names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"test{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "logs"),
            "RABBITMQ_CONFIG_FILE": str(home / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
        }
        log = (home / "out").open("wb")
        # Its name server would go on by itself where it is not there already.
        names = subprocess.Popen(["epmd", "-port", str(names_port), "-address", "127.0.0.1"], stdout=log, stderr=log)
        server = subprocess.Popen([program], env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_for(lambda: _speaks_amqp(port), at_most_s=RABBITMQ_STARTS_IN_S, what="RabbitMQ")
            yield f"amqp://guest:guest@127.0.0.1:{port}//"
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            names.kill()
            server.wait()
            names.wait()
            log.close()


def _speaks_amqp(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
            probe.sendall(b"AMQP\0\0\x09\x01")
            return bool(probe.recv(1))
    except OSError:
        return False


class Worker:
    """A worker in a process of its own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._schedule = folder / "schedule"
        self._log = folder / "worker.log"
        self._environment = {**os.environ, **environment, "CELERY_SKIP_CHECKS": "1", "LOG_LEVEL": "INFO"}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [sys.executable, "-W", "ignore", "-c", WORKER, str(self._schedule)]
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """As the kernel does where there is no memory left: without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def log(self) -> str:
        return self._log.read_text()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
