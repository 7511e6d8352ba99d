"""How a module declares a long-running process. The stack, compose and `guildhall status` read the declarations."""

from dataclasses import dataclass
from enum import StrEnum


class Server(StrEnum):
    """A server that a process may need before it can start."""

    POSTGRESQL = "postgresql"
    REDIS = "redis"
    NATS = "nats"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process to keep running.

    `name` is unique over all modules; `entry` is `package.module:function`, called without arguments and expected to
    return only when it is told to stop by SIGTERM; `needs` are the servers that must be ready first.
    """

    name: str
    entry: str
    needs: tuple[Server, ...] = (Server.POSTGRESQL,)
    summary: str = ""
