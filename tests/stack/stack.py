"""Drives `guildhall` as a person does: as a program of its own, with an environment that says nothing of other stacks."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from guildhall.stack.options import OUTSIDE, PORTS
from guildhall.stack.servers import free_port, temporary_home
from guildhall.stack.state import ProcessState, StackState

OWN_VARIABLES = {
    *OUTSIDE.values(),
    *(variable for variable, _ in PORTS.values()),
    "CELERY_BROKER_URL",
    "SECRET_KEY",
    "PUBLIC_URL",
    "GUILDHALL_MODE",
    "NATS_SERVICE_PASSWORD",
    "NATS_SYSTEM_PASSWORD",
    "NATS_CALLOUT_SEED",
    "NATS_LOG_FILE",
    "DATABASE_POOL_SIZE",
    "STATIC_ROOT",
    "LOG_LEVEL",
}
READY_TIMEOUT_S = 180


def lives(process):
    """Whether it runs; what nobody has collected yet after its end does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class StackUnderTest:
    """A home, ports for it, and the runner that may be running there."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.ports = {name: free_port() for name in PORTS}
        clean = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}
        ports = {variable: str(self.ports[name]) for name, (variable, _) in PORTS.items()}
        self.environment = {**clean, **ports, "GUILDHALL_HOME": str(home), **environment}
        self.runner: subprocess.Popen[str] | None = None
        self.output = home.with_name(home.name + ".out")

    def up(self, *arguments: str) -> None:
        with self.output.open("w") as file:
            self.runner = subprocess.Popen(
                [sys.executable, "-m", "guildhall.stack.cli", "up", *arguments],
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
                # Only what the tests send may reach it.
                start_new_session=True,
            )

    def run(self, *arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "guildhall.stack.cli", *arguments],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        return json.loads(self.run("status", "--json").stdout)

    def process(self, name: str) -> dict[str, Any]:
        return next(row for row in self.status()["processes"] if row["name"] == name)

    def wait_ready(self) -> None:
        assert self.runner is not None
        deadline = time.monotonic() + READY_TIMEOUT_S
        while (state := self._state()) is None or not state.ready:
            assert self.runner.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)

    def wait_restarted(self, name: str, earlier: int) -> ProcessState:
        deadline = time.monotonic() + 30
        while True:
            state = self._state()
            assert state is not None
            row = next(row for row in state.processes if row.name == name)
            if row.state == "running" and row.pid != earlier:
                return row
            assert time.monotonic() < deadline, row
            time.sleep(0.1)

    def _state(self) -> StackState | None:
        """What the present runner says; an earlier one may have left its word."""
        assert self.runner is not None
        state = StackState.read(self.home / "state.json")
        return state if state is not None and state.pid == self.runner.pid else None

    def said(self) -> str:
        return self.output.read_text()

    def wait_end(self, timeout_s: float) -> int:
        assert self.runner is not None
        return self.runner.wait(timeout_s)

    def family(self) -> list[psutil.Process]:
        assert self.runner is not None
        return psutil.Process(self.runner.pid).children(recursive=True)

    def end(self) -> None:
        if self.runner is not None and self.runner.poll() is None:
            self.runner.send_signal(signal.SIGTERM)
            try:
                self.runner.wait(10)
            except subprocess.TimeoutExpired:
                self.runner.kill()
                self.runner.wait()


@contextmanager
def running() -> "Iterator[StackUnderTest]":
    """A whole stack in a folder of its own, which is gone afterwards."""
    with temporary_home() as folder:
        stack = StackUnderTest(folder / "home")
        stack.up()
        try:
            stack.wait_ready()
            yield stack
        finally:
            stack.end()
