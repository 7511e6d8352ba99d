"""Debian's mosquitto as a broker of someone's own: with TLS, passwords and an access list."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from guildhall.stack.certificates import ensure_certificates, local_names
from guildhall.stack.servers.base import free_port
from tests.support.broker import INSTALL_MOSQUITTO_SERVER, PATIENCE_S, wait_for

PASSWORDS = {"collector": "collects", "device": "publishes"}
CONFIGURATION = """
user root
listener {port} 127.0.0.1
cafile {authority}
certfile {certificate}
keyfile {key}
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl
persistence true
persistence_location {folder}/
max_queued_messages 0
max_inflight_messages 1000
"""


def program(name: str) -> str:
    """Where a program of mosquitto's server is; where it is not installed, the test is skipped."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.skip(f"no {name} here; as root: {INSTALL_MOSQUITTO_SERVER}")
    return found


class Mosquitto:
    """The server, which can be stopped, killed and started again with what it kept."""

    def __init__(self, folder: Path, acl: str) -> None:
        self._program = program("mosquitto")
        files = ensure_certificates(folder / "certificates", local_names())
        self.port, self.authority = free_port(), files.authority
        self._folder = folder
        (folder / "acl").write_text(acl)
        passwords = folder / "passwords"
        passwords.write_text("".join(f"{name}:{password}\n" for name, password in PASSWORDS.items()))
        passwords.chmod(0o600)
        subprocess.run([program("mosquitto_passwd"), "-U", str(passwords)], check=True)
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text(
            CONFIGURATION.format(
                port=self.port, authority=files.authority, certificate=files.server, key=files.server_key, folder=folder
            )
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([self._program, "-c", str(self._configuration)], stderr=log)
        wait_for(self._listens, what="mosquitto")

    def _listens(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """SIGTERM lets it write down what it keeps, SIGKILL does not."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(PATIENCE_S)
            self._process = None

    def write_down(self) -> None:
        """Let it write down sessions and messages now."""
        assert self._process is not None
        kept = self._folder / "mosquitto.db"
        before = kept.stat().st_mtime_ns if kept.exists() else 0
        self._process.send_signal(signal.SIGUSR1)
        wait_for(lambda: kept.exists() and kept.stat().st_mtime_ns > before, what="mosquitto.db")

    def client(self, username: str = "device", **options: Any) -> mqtt.Client:
        """A connected client whose loop runs, for whoever disconnects it."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2, **options)
        client.username_pw_set(username, PASSWORDS[username])
        client.tls_set(ca_certs=str(self.authority))
        client.reconnect_delay_set(1, 1)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        return client

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
