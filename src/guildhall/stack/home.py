"""The one folder with all data of a stack on one machine: its layout, its lock and the secrets made for it."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from guildhall.stack.account import Account
from guildhall.stack.errors import StackError

SHARED_FOLDER = Path("/var/lib/guildhall")
#: How long the children of a killed runner are given to end before the next one gives up.
ORPHANS_TIMEOUT_S = 10


class Home:
    """Paths inside the folder. Creating the object touches nothing on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.state = self.path / "state.json"
        self.environment = self.path / "stack.env"
        self.certificates = self.path / "certificates"
        self.static = self.path / "static"
        self.media = self.path / "media"
        self.ready = self.path / "ready"
        self.seeded = self.path / "seeded"
        self.demo_accounts = self.path / "demo-accounts.txt"
        self._lock_path = self.path / "stack.lock"
        self._secrets_path = self.path / "secrets.json"
        self._lock_file: TextIO | None = None

    @classmethod
    def default(cls) -> "Home":
        """`GUILDHALL_HOME`, or `.guildhall` in the working folder; the same rule as in the settings."""
        given = os.environ.get("GUILDHALL_HOME")
        return cls(Path(given).expanduser().resolve() if given else Path.cwd() / ".guildhall")

    def make(self) -> None:
        """Create the folders. The servers' account passes through the home but reads nothing in it."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        self.logs.mkdir(exist_ok=True)

    @property
    def servers(self) -> Path:
        """Where the servers keep their data: in the home, or in a shared place if their account can't reach the home.

        The second happens where root starts the stack from a folder that is closed to others, such as /root.
        """
        inside = self.path / "servers"
        if inside.is_symlink():
            return inside.resolve()
        account = Account.for_servers(inside)
        if account is None or account.reaches(inside):
            return inside
        digest = hashlib.sha256(str(self.path).encode()).hexdigest()[:8]
        return SHARED_FOLDER / f"{self.path.parent.name or 'home'}-{digest}"

    @property
    def servers_are_elsewhere(self) -> bool:
        return self.path not in self.servers.parents

    def make_servers_folder(self) -> Path:
        """Create the servers' folder and, where it is elsewhere, a link to it in the home."""
        folder = self.servers
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        link = self.path / "servers"
        if folder != link and not link.exists():
            link.symlink_to(folder)
        return folder

    def secret(self, name: str, make: Callable[[], str] = secrets.token_urlsafe) -> str:
        """A secret made at the first call and kept, readable to the owner only."""
        known: dict[str, str] = json.loads(self._secrets_path.read_text()) if self._secrets_path.exists() else {}
        if name not in known:
            known[name] = make()
            write_private(self._secrets_path, json.dumps(known, indent=2) + "\n")
        return known[name]

    def lock(self) -> int:
        """Take the lock for this runner and its children; returns the descriptor that children inherit.

        The children hold the lock too, so that after the runner was killed nobody starts beside what is still ending.
        Raises StackError where another runner lives.
        """
        file = self._lock_path.open("a+")
        try:
            self._wait_for(file)
        except StackError:
            file.close()
            raise
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._lock_file = file
        return file.fileno()

    def _wait_for(self, file: TextIO) -> None:
        deadline = time.monotonic() + ORPHANS_TIMEOUT_S
        while not _try_lock(file):
            pid = self.runner_pid()
            if pid is not None:
                raise StackError(
                    f"a stack is already running in {self.path} (pid {pid}); `guildhall status` shows it, "
                    "`guildhall stop` stops it"
                )
            if time.monotonic() > deadline:
                raise StackError(f"processes of an earlier stack still run in {self.path}; `guildhall stop` ends them")
            time.sleep(0.05)

    def unlock(self) -> None:
        """Give the lock back; children that live on keep it."""
        if self._lock_file is not None:
            self._lock_file.truncate(0)
            self._lock_file.close()
            self._lock_file = None

    def runner_pid(self) -> int | None:
        """The pid of the runner that holds the lock, or None where none does."""
        try:
            with self._lock_path.open("r+") as file:
                if _try_lock(file):
                    return None
                pid = int(file.read() or 0)
        except (FileNotFoundError, ValueError):
            return None
        return pid if pid and _alive(pid) else None

    def locked(self) -> bool:
        """Whether a runner or a child of one still lives."""
        try:
            with self._lock_path.open("r+") as file:
                return not _try_lock(file)
        except FileNotFoundError:
            return False

    def erase(self) -> None:
        """Remove everything, wherever the servers' data are."""
        folder = self.servers
        if folder.exists():
            shutil.rmtree(folder)
        if self.path.exists():
            shutil.rmtree(self.path)


def write_private(path: Path, text: str) -> None:
    """Replace a file that only its owner may read, all at once."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    draft.rename(path)


def _try_lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
