"""What a stack consists of: which servers, the environment that the site's processes get, and those processes."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from guildhall.core.processes import READY_FILE, Process
from guildhall.stack.children import dies_with_parent
from guildhall.stack.declared import declared_processes
from guildhall.stack.errors import StackError
from guildhall.stack.home import Home, write_private
from guildhall.stack.jobs import Job, Tier
from guildhall.stack.options import LOOPBACK, OUTSIDE, Options
from guildhall.stack.servers import EmbeddedServer, NatsSecrets, NatsServer, PostgresServer, TlsFiles, ValkeyServer

PROBE_TIMEOUT_S = 5


class Plan:
    """Everything that one run of the stack starts, in order."""

    def __init__(self, home: Home, options: Options) -> None:
        self.home = home
        self.options = options
        folder = home.servers
        self.servers: list[EmbeddedServer] = []
        self.environment: dict[str, str] = {}
        if options.outside("postgresql") is None:
            postgresql = PostgresServer(folder / "postgresql", options.ports["postgresql"])
            self.servers.append(postgresql)
        if options.outside("redis") is None:
            self.servers.append(ValkeyServer(folder / "valkey", options.ports["redis"]))
        if options.outside("nats") is None:
            self.servers.append(self._nats(folder / "nats"))

    @property
    def starts_nats(self) -> bool:
        return self.options.outside("nats") is None

    @property
    def ports(self) -> dict[str, int]:
        """Every port that will be listened on, by name."""
        ports = {name: port for server in self.servers for name, port in server.ports.items()}
        if self.starts_nats:
            ports["mqtts"] = self.options.ports["mqtts"]
        return {**ports, "site": self.options.ports["site"]}

    @property
    def urls(self) -> dict[str, str]:
        """What a person may want to open or connect to."""
        urls = {"site": self.options.public_url}
        if self.starts_nats:
            urls["mqtt"] = f"mqtt://{self.options.host}:{self.options.ports['mqtt']}"
            authority = self.home.certificates / "ca.pem"
            urls["mqtts"] = f"mqtts://{self.options.host}:{self.options.ports['mqtts']} (CA file {authority})"
        return urls

    def prepare(self) -> None:
        """Make secrets and certificates, and write the file by which `manage.py` finds the servers. Blocks."""
        self.home.make_servers_folder()
        for folder in (self.home.static, self.home.media, self.home.ready):
            folder.mkdir(exist_ok=True)
        if self.starts_nats:
            # In a process of its own, for the cryptography library would stay in the runner's memory.
            names = self._own_names()
            make = [sys.executable, "-m", "guildhall.stack.certificates", str(self.home.certificates), *names]
            done = subprocess.run(make, capture_output=True, text=True, check=False)
            if done.returncode:
                raise StackError(f"the certificates could not be made:\n{done.stderr}")
        self.environment = self._environment()
        lines = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        head = "# Written by `guildhall up` at every start; the settings read it, weaker than .env and the environment."
        write_private(self.home.environment, "\n".join([head, *lines, ""]))

    def child_environment(self) -> dict[str, str]:
        """What the site's processes get: all that was given, and where the servers are."""
        return {
            **self.options.given,
            **self.environment,
            "GUILDHALL_HOME": str(self.home.path),
            "PYTHONUNBUFFERED": "1",
            # Threads would otherwise each take an arena of their own, which costs tens of megabytes.
            "MALLOC_ARENA_MAX": "2",
            # The checks load every page into the worker, 45 MB; the site runs the same code beside them.
            "CELERY_SKIP_CHECKS": "1",
        }

    def server_jobs(self) -> list[Job]:
        return [
            Job(
                name=server.name,
                command=server.command,
                options=server.process_options,
                tier=Tier.SERVER,
                prepare=server.prepare,
                ready=server.ready,
                stop_signal=server.stop_signal,
            )
            for server in self.servers
        ]

    def application_jobs(self) -> list[Job]:
        """The site first, for it is what one waits for."""
        jobs = [
            self._python_job("site", self._site_command(), ready=self._site_answers, summary="pages and APIs"),
            *(self._declared_job(process) for process in declared_processes()),
            self._python_job("worker", self._worker_command(), summary="background jobs, also those at set times"),
        ]
        if self.starts_nats:
            ports = self.options.ports
            arguments = [self.options.host, str(ports["mqtts"]), LOOPBACK, str(ports["mqtt"])]
            forward = ["-m", "guildhall.stack.forward", *arguments]
            jobs.append(self._python_job("mqtts", forward, ready=self._mqtts_listens, summary="MQTT over TLS"))
        return jobs

    def demo_job(self) -> Job:
        """The devices of the demo, which go on measuring."""
        entry = "guildhall.modules.telemetry.simulate:of_demo"
        return self._declared_job(Process(name="simulate", entry=entry, summary="what the demo's devices publish"))

    def one_off(self, *arguments: str) -> list[str]:
        """The command line of `guildhall ARGUMENTS` in this environment."""
        return [sys.executable, "-m", "guildhall.stack.cli", *arguments]

    def options_for_children(self) -> dict[str, Any]:
        """Keyword arguments for starting a process of the site."""
        return {"env": self.child_environment(), "preexec_fn": dies_with_parent(signal.SIGKILL)}

    def _python_job(
        self, name: str, arguments: Sequence[str], *, ready: Callable[[], bool] | None = None, summary: str = ""
    ) -> Job:
        command = [sys.executable, *arguments]
        return Job(name=name, command=lambda: command, options=self.options_for_children, ready=ready, summary=summary)

    def _declared_job(self, process: Process) -> Job:
        command = [sys.executable, "-m", "guildhall.stack.entry", process.entry]
        sign = self.home.ready / process.name

        def options() -> dict[str, Any]:
            common = self.options_for_children()
            return common | {"env": {**common["env"], READY_FILE: str(sign)}}

        return Job(
            name=process.name,
            command=lambda: command,
            options=options,
            prepare=lambda: sign.unlink(missing_ok=True),
            ready=sign.exists,
            summary=process.summary,
        )

    def _site_command(self) -> list[str]:
        return [
            *("-m", "uvicorn", "guildhall.config.asgi:application"),
            *("--host", self.options.host, "--port", str(self.options.ports["site"])),
            # A browser that holds a stream open must not delay the stop.
            *("--timeout-graceful-shutdown", "2", "--no-access-log", "--no-server-header"),
            # Whom to believe about an address is said once, by TRUSTED_PROXIES.
            "--no-proxy-headers",
        ]

    def _worker_command(self) -> list[str]:
        # Celery warns at every start as root, for jobs might be pickles; ours are JSON.
        quiet = "ignore:You're running the worker with superuser privileges"
        return ["-W", quiet, "-m", "guildhall.stack.worker", str(self.home.path / "celerybeat-schedule")]

    def _site_answers(self) -> bool:
        """Whether a page is answered; the first one also loads what later ones share."""
        connection = HTTPConnection(self.options.near_host, self.options.ports["site"], timeout=PROBE_TIMEOUT_S)
        try:
            connection.request("HEAD", "/", headers={"Host": LOOPBACK})
            connection.getresponse()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        return True

    def _mqtts_listens(self) -> bool:
        try:
            address = (self.options.near_host, self.options.ports["mqtts"])
            with socket.create_connection(address, timeout=PROBE_TIMEOUT_S):
                return True
        except OSError:
            return False

    def _nats(self, folder: Path) -> NatsServer:
        certificates = self.home.certificates
        return NatsServer(
            folder,
            self.options.ports["nats"],
            secrets=NatsSecrets(
                self._secret("NATS_SERVICE_PASSWORD"),
                self._secret("NATS_SYSTEM_PASSWORD"),
                callout_issuer(self._secret("NATS_CALLOUT_SEED", new_callout_seed)),
            ),
            mqtt_port=self.options.ports["mqtt"],
            mqtt_host=self.options.host,
            tls=TlsFiles(certificates / "server.pem", certificates / "server.key"),
            sync_interval=self.options.sync_interval,
        )

    def _allowed_hosts(self) -> list[str]:
        """What may stand in a request's `Host`; an IPv6 address stands there in brackets."""
        own = [f"[{name}]" if ":" in name else name for name in self._own_names()]
        return list(dict.fromkeys(["localhost", LOOPBACK, "[::1]", *own]))

    def _own_names(self) -> list[str]:
        """The names and addresses by which the local network reaches this machine."""
        if self.options.host == LOOPBACK:
            return []
        if not self.options.listens_everywhere:
            return [socket.gethostname(), self.options.host]
        import psutil

        found = [entry.address for entries in psutil.net_if_addrs().values() for entry in entries]
        addresses = [address for address in found if _is_address(address) and not ip_address(address).is_loopback]
        return [socket.gethostname(), *addresses]

    def _secret(self, name: str, make: Callable[[], str] | None = None) -> str:
        """What was given, or a secret of the home's own."""
        given = self.options.given.get(name)
        if given:
            return given
        return self.home.secret(name, make) if make else self.home.secret(name)

    def _environment(self) -> dict[str, str]:
        values: dict[str, str] = {
            "SECRET_KEY": self._secret("SECRET_KEY"),
            "PUBLIC_URL": self.options.public_url,
            "STATIC_ROOT": str(self.home.static),
            "MEDIA_ROOT": str(self.home.media),
            "ALLOWED_HOSTS": ",".join(self._allowed_hosts()),
        }
        values |= {OUTSIDE[server.name]: server.url for server in self.servers}
        if self.starts_nats:
            nats = next(server for server in self.servers if isinstance(server, NatsServer))
            values |= {
                "NATS_SERVICE_PASSWORD": self._secret("NATS_SERVICE_PASSWORD"),
                "NATS_SYSTEM_PASSWORD": self._secret("NATS_SYSTEM_PASSWORD"),
                "NATS_CALLOUT_SEED": self._secret("NATS_CALLOUT_SEED", new_callout_seed),
                "NATS_LOG_FILE": str(nats.messages_file),
                "MQTT_HOST": LOOPBACK,
                "MQTT_PORT": str(self.options.ports["mqtt"]),
                "MQTTS_PORT": str(self.options.ports["mqtts"]),
                "CA_FILE": str(self.home.certificates / "ca.pem"),
            }
        return {name: self.options.given.get(name, value) for name, value in values.items()}


def _is_address(text: str) -> bool:
    try:
        return not ip_address(text).is_link_local
    except ValueError:
        return False


def new_callout_seed() -> str:
    """The private key of a NATS account, made anew, in NATS' own text form."""
    import nkeys

    seed: bytes = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_ACCOUNT)
    return seed.decode()


def callout_issuer(seed: str) -> str:
    """The public key that belongs to the seed."""
    import nkeys

    public: bytes = nkeys.from_seed(seed.encode()).public_key
    return public.decode()
