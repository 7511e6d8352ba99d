"""What the person at the terminal may choose about the stack: ports, and servers from outside.

These are read apart from the site's settings, because the settings also read what an earlier stack wrote about its own
servers, which must not be taken for servers from outside. Nothing heavy is imported, as the runner stays in memory.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from dotenv import dotenv_values

from guildhall.stack.errors import StackError

LOOPBACK = "127.0.0.1"
#: Variable and default of each port. The servers' own ports lie off the usual ones, which are often taken, and below
#: the range from which the system draws ports for outgoing connections.
PORTS = {
    "site": ("GUILDHALL_PORT", 8000),
    "postgresql": ("POSTGRES_PORT", 15432),
    "redis": ("REDIS_PORT", 16379),
    "nats": ("NATS_PORT", 14222),
    "mqtt": ("MQTT_PORT", 1883),
    "mqtts": ("MQTTS_PORT", 8883),
}
#: Each of these, when set, points at a server from outside, which is then not started here.
OUTSIDE = {"postgresql": "DATABASE_URL", "redis": "REDIS_URL", "nats": "NATS_URL"}
SYNC_INTERVALS = ("always", "1s")


@dataclass(frozen=True, kw_only=True)
class Options:
    """Choices for one run of the stack."""

    given: Mapping[str, str] = field(repr=False)
    ports: Mapping[str, int]
    host: str = LOOPBACK
    sync_interval: str = "always"

    @classmethod
    def from_environment(cls, *, host: str | None = None, port: int | None = None) -> Self:
        """Read the environment and, weaker, `.env` of the working folder. Raise StackError for a value of no sense."""
        from_file = {name: value for name, value in dotenv_values(Path.cwd() / ".env").items() if value}
        given = {**from_file, **{name: value for name, value in os.environ.items() if value}}
        ports = {name: _port(given, *variable) for name, variable in PORTS.items()}
        if port is not None:
            ports["site"] = port
        sync_interval = given.get("NATS_SYNC_INTERVAL", "always")
        if sync_interval not in SYNC_INTERVALS:
            raise StackError(f"NATS_SYNC_INTERVAL is {sync_interval!r}, but must be one of {', '.join(SYNC_INTERVALS)}")
        return cls(
            given=given,
            ports=ports,
            host=host or given.get("GUILDHALL_HOST", LOOPBACK),
            sync_interval=sync_interval,
        )

    def outside(self, server: str) -> str | None:
        """The address of the server from outside that is to be used, or None where one is started here."""
        return self.given.get(OUTSIDE[server])

    @property
    def public_url(self) -> str:
        return self.given.get("PUBLIC_URL", f"http://{self.near_host}:{self.ports['site']}")

    @property
    def near_host(self) -> str:
        """The address by which programs on this machine reach what listens on `host`."""
        return LOOPBACK if self.listens_everywhere else self.host

    @property
    def listens_everywhere(self) -> bool:
        try:
            return ip_address(self.host).is_unspecified
        except ValueError:
            return False


def _port(given: Mapping[str, str], variable: str, default: int) -> int:
    text = given.get(variable, str(default))
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise StackError(f"{variable} is {text!r}, but must be a port between 1 and 65535")
    return int(text)
