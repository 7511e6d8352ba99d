"""One process to be kept running, as the runner sees it: how to start it, what it waits for, how it is told to end."""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """What `guildhall status` says of a process."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"


class Tier(StrEnum):
    """Processes of the application stop before the servers that they use."""

    SERVER = "server"
    APPLICATION = "application"


@dataclass(frozen=True, kw_only=True)
class Job:
    """How to run one process.

    `prepare` and `ready` block and are called in a thread; a job without `ready` counts as running once it was started.
    """

    name: str
    command: Callable[[], Sequence[str]]
    options: Callable[[], Mapping[str, Any]]
    tier: Tier = Tier.APPLICATION
    prepare: Callable[[], None] | None = None
    ready: Callable[[], bool] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    summary: str = field(default="", compare=False)
