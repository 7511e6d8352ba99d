"""Devices as their owners know them: Debian's mosquitto clients, which nobody here wrote."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.stack.stack import StackUnderTest


class Device:
    """A datasource's credentials, used through Debian's mosquitto clients."""

    def __init__(self, stack: StackUnderTest, authority: Path, username: str, secret: str) -> None:
        self.username = username
        self._common = ["-h", "localhost", "-p", str(stack.ports["mqtts"]), "--cafile", str(authority), "-u", username]
        self._secret = ["-P", secret]

    def publish(self, topic: str, text: str, *, secret: str | None = None) -> "subprocess.CompletedProcess[str]":
        password = self._secret if secret is None else ["-P", secret]
        return subprocess.run(
            ["mosquitto_pub", *self._common, *password, "-q", "1", "-t", topic, "-m", text],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    @contextmanager
    def stay_connected(self, log: Path) -> "Iterator[HeldConnection]":
        # Line by line, so that the log can be read while the client runs.
        command = ["stdbuf", "-oL", "mosquitto_pub", "-d", *self._common, *self._secret, "-q", "1", "-l"]
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*command, "-t", f"guildhall/d/{self.username}/held"],
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
            try:
                yield HeldConnection(process, log)
            finally:
                process.kill()
                process.wait()
                with suppress(BrokenPipeError):
                    # A pipe that is left open becomes a warning, and so an error, of whichever test runs then.
                    process.stdin.close()


class HeldConnection:
    """A mosquitto_pub that stays, publishes each line it is given, and comes back when it is cut off."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def log(self) -> str:
        return self._log.read_text()

    def times_connected(self) -> int:
        return self.log().count("received CONNACK (0)")
