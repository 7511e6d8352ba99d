"""What the embedded servers have in common: folders, the account, and a start and stop for those without a runner."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from guildhall.stack.account import Account
from guildhall.stack.children import dies_with_parent
from guildhall.stack.errors import ServerError

HOST = "127.0.0.1"
PROBE_INTERVAL_S = 0.02
PROBE_TIMEOUT_S = 1.0


def free_port() -> int:
    """A port of the loopback address that no one listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A folder that the servers' account can reach, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="guildhall-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class EmbeddedServer(ABC):
    """A server on the loopback address with its data in `home`.

    A runner calls `prepare()`, starts `command()` with `process_options()`, waits for `ready()` and stops it by
    `stop_signal`. Tests use the object as a context manager, or call `start()` and `stop()`.
    """

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    #: Sent by the kernel when whoever started the server dies.
    death_signal: ClassVar[signal.Signals] = signal.SIGKILL

    def __init__(self, home: Path, port: int | None = None) -> None:
        self.home = home.absolute()
        self.port = port or free_port()
        self.account = Account.for_servers(self.home)
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Create or renew what the server needs on disk. Safe to call before every start."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether the server answers now; never waits longer than a second."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients of the site connect, with the password."""

    @property
    def ports(self) -> dict[str, int]:
        """Every port that will be listened on, by what it serves."""
        return {self.name: self.port}

    @property
    def log_file(self) -> Path:
        return self.home / "server.log"

    def environment(self) -> dict[str, str]:
        """The server's whole environment: nothing of the caller's but where programs are found."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def process_options(self) -> dict[str, Any]:
        """Keyword arguments for `subprocess.Popen` or `asyncio.create_subprocess_exec`."""
        options: dict[str, Any] = {
            "env": self.environment(),
            "cwd": "/",
            "stdin": subprocess.DEVNULL,
            "preexec_fn": dies_with_parent(self.death_signal),
        }
        return options | self._identity()

    def _identity(self) -> dict[str, Any]:
        if self.account is None:
            return {}
        return {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}

    def make_home(self) -> None:
        """Create the server's folder for its account alone; raise ServerError where that account cannot get to it."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o700)
        if self.account is None:
            return
        if not self.account.reaches(self.home):
            raise ServerError(
                f"the account {self.account.name}, which {self.name} runs as, cannot reach {self.home}: "
                "a folder above it is closed to others; set GUILDHALL_HOME to an open place such as /var/lib/guildhall"
            )
        self.account.own(self.home)

    def write(self, path: Path, text: str) -> None:
        """Replace a file that only the server's account may read."""
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        if self.account is not None:
            self.account.own(draft)
        draft.write_text(text)
        draft.rename(path)

    def secret(self, name: str) -> str:
        """A password made once and kept in the server's folder."""
        path = self.home / f"{name}.secret"
        if not path.exists():
            self.make_home()
            self.write(path, secrets.token_urlsafe(24))
        return path.read_text().strip()

    def start(self, timeout_s: float = 30) -> Self:
        """Prepare, start and wait for the server to answer; else raise ServerError with the end of its log."""
        self.prepare()
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdout=log, stderr=subprocess.STDOUT, **self.process_options()
            )
        deadline = time.monotonic() + timeout_s
        while not self.ready():
            code = self._process.poll()
            if code is not None or time.monotonic() > deadline:
                self.stop()
                reason = f"ended with code {code}" if code is not None else f"did not answer within {timeout_s:g} s"
                raise ServerError(f"{self.name} {reason}:\n{self._log_tail()}")
            time.sleep(PROBE_INTERVAL_S)
        return self

    def stop(self, timeout_s: float = 10) -> None:
        """Ask the server to end and wait; kill it after the timeout. Does nothing where it is not running."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End the server at once, as a power cut would; for tests of recovery."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def _log_tail(self, lines: int = 15) -> str:
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
