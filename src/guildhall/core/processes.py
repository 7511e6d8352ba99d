"""How a module declares a long-running process. The stack, compose and `guildhall status` read the declarations."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

#: The variable that names the file by which a process says that it does its work now.
READY_FILE = "GUILDHALL_READY_FILE"


class Server(StrEnum):
    """A server that a process may need before it can start."""

    POSTGRESQL = "postgresql"
    REDIS = "redis"
    NATS = "nats"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process to keep running. It calls `announce_ready` as soon as it does its work.

    `name` is unique over all modules; `entry` is `package.module:function`, called without arguments and expected to
    return only when it is told to stop by SIGTERM; `needs` are the servers that must be ready first.
    """

    name: str
    entry: str
    needs: tuple[Server, ...] = (Server.POSTGRESQL,)
    summary: str = ""


def announce_ready() -> None:
    """Tell whoever started this process that it does its work now. Does nothing where nobody wants to know."""
    if name := os.environ.get(READY_FILE):
        Path(name).touch()
