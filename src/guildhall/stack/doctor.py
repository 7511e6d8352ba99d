"""`guildhall doctor`: looks for what keeps a stack from running, and says how each finding is mended."""

import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from guildhall.stack.errors import StackError
from guildhall.stack.home import Home
from guildhall.stack.options import OUTSIDE, Options
from guildhall.stack.ports import is_free, owner_of
from guildhall.stack.servers import binaries

if TYPE_CHECKING:
    from guildhall.modules.telemetry.broker.storage import Storage
    from guildhall.modules.telemetry.store.journal import Tail

OLDEST_PYTHON = (3, 11)
ENOUGH_DISK_BYTES = 2 * 1024**3
CLOCK_TOLERANCE_S = 2.0
CERTIFICATE_WARNING_DAYS = 14
TIMEOUT_S = 3


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at; `mend` says what to do where it is not good."""

    subject: str
    good: bool
    text: str
    mend: str = ""


def print_report(home: Home) -> int:
    """Print every finding; returns the exit code, 1 where something needs mending."""
    findings = list(examine(home))
    for finding in findings:
        print(f"{'ok  ' if finding.good else 'MEND'}  {finding.subject:<14}{finding.text}")
        if not finding.good:
            print(f"{'':<20}-> {finding.mend}")
    return 0 if all(finding.good for finding in findings) else 1


def examine(home: Home) -> Iterator[Finding]:
    """Every finding, the fundamental ones first. Changes nothing."""
    yield python()
    try:
        options = Options.from_environment()
    except StackError as error:
        yield Finding(subject="environment", good=False, text=str(error), mend="correct it there or in .env")
        return
    running = home.runner_pid() is not None
    yield from programs(options)
    yield disk(home)
    yield from ports(options, running=running)
    outside = {server: url for server in OUTSIDE if (url := options.outside(server))}
    yield from reachable_servers(outside)
    if running or "postgresql" in outside:
        yield from database()
    else:
        yield Finding(subject="migrations", good=True, text="not looked at, as no database runs; `guildhall up` does")
    if running or "nats" in outside:
        yield broker_storage()
    yield from certificates(home, options, running=running)


def python() -> Finding:
    """Whether this Python is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Finding(
        subject="python",
        good=sys.version_info >= OLDEST_PYTHON,
        text=version,
        mend=f"install Python {wanted} or newer and remove .venv",
    )


def programs(options: Options) -> Iterator[Finding]:
    """Whether the servers that would be started here are installed and can run on this system."""
    ways: dict[str, tuple[Callable[[], Path], str]] = {
        "postgresql": (lambda: binaries.postgresql_folder() / "bin" / "postgres", "--version"),
        "redis": (binaries.valkey_server, "--version"),
        "nats": (binaries.nats_server, "--version"),
    }
    for server, (find, argument) in ways.items():
        if options.outside(server):
            continue
        try:
            done = subprocess.run([find(), argument], capture_output=True, text=True, check=True)
        except StackError as error:
            yield Finding(subject=server, good=False, text=str(error), mend="`make run` installs it")
        except (OSError, subprocess.CalledProcessError) as error:
            reason = getattr(error, "stderr", "") or str(error)
            mend = f"install the missing library (PostgreSQL needs zlib), or set {OUTSIDE[server]} to a server outside"
            yield Finding(subject=server, good=False, text=f"does not run here: {reason.strip()}", mend=mend)
        else:
            yield Finding(subject=server, good=True, text=done.stdout.strip())


def disk(home: Home) -> Finding:
    """Whether there is room for the data."""
    folder = next(parent for parent in (home.servers, *home.servers.parents) if parent.exists())
    free = shutil.disk_usage(folder).free
    return Finding(
        subject="disk",
        good=free >= ENOUGH_DISK_BYTES,
        text=f"{free / 1024**3:.1f} GiB free for {home.servers}",
        mend="free some, or set GUILDHALL_HOME to a folder on a larger disk",
    )


def ports(options: Options, *, running: bool) -> Iterator[Finding]:
    """Whether the ports are free, or held by the stack that runs."""
    for name, port in options.ports.items():
        if (name in OUTSIDE and options.outside(name)) or (name.startswith("mqtt") and options.outside("nats")):
            continue
        free = is_free(port, options.host if name == "site" else "127.0.0.1")
        yield Finding(
            subject=f"port {port}",
            good=free is not running,
            text=f"{name}: " + ("free" if free else f"held by {owner_of(port)}"),
            mend=f"`guildhall logs {name}` says why nothing listens" if running else "stop that or choose another port",
        )


def reachable_servers(outside: dict[str, str]) -> Iterator[Finding]:
    """Whether the servers from outside can be connected to."""
    usual = {"postgresql": 5432, "redis": 6379, "nats": 4222}
    for server, url in outside.items():
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        host = parts.hostname or options.get("host", "localhost")
        port = parts.port or int(options.get("port") or usual[server])
        # A host that is a folder is that of PostgreSQL's socket.
        place = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else f"{host}:{port}"
        try:
            if host.startswith("/"):
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.settimeout(TIMEOUT_S)
                    probe.connect(place)
            else:
                socket.create_connection((host, port), timeout=TIMEOUT_S).close()
        except OSError as error:
            mend = f"start it, or correct {OUTSIDE[server]}; without that variable one is started here"
            yield Finding(subject=server, good=False, text=f"{place} does not answer: {error}", mend=mend)
        else:
            yield Finding(subject=server, good=True, text=f"{place} answers")


def database() -> Iterator[Finding]:
    """Whether the database has every migration, and a clock that agrees with ours."""
    import psycopg

    from guildhall.modules.telemetry.store import journal
    from guildhall.modules.telemetry.store.plan import run
    from guildhall.settings import settings
    from guildhall.stack.migrate import pending_migrations

    try:
        with psycopg.connect(settings.database_url.get_secret_value(), connect_timeout=TIMEOUT_S) as connection:
            row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
            difference = abs(float(row[0] if row else 0) - time.time())
            pending = pending_migrations()
            tail = run(journal.tail(), connection.cursor(binary=True)) if not pending else None
    except psycopg.Error as error:
        text = f"the database refuses: {error}".strip()
        yield Finding(subject="migrations", good=False, text=text, mend="correct DATABASE_URL")
        return
    yield Finding(
        subject="migrations",
        good=not pending,
        text=f"{len(pending)} missing, first {pending[0]}" if pending else "none missing",
        mend="`guildhall migrate` applies them",
    )
    yield Finding(
        subject="clock",
        good=difference <= CLOCK_TOLERANCE_S,
        text=f"differs from the database's by {difference:.1f} s",
        mend="let NTP set the clock on both machines",
    )
    if tail is not None:
        yield sealing(tail)
        yield mail()


def sealing(tail: "Tail") -> Finding:
    """Whether measurements are compressed as quickly as they come."""
    return Finding(
        subject="sealing",
        good=tail.excess <= 1,
        text=f"{tail.size_bytes / 1024**2:.1f} MiB wait, the oldest for {max(tail.age_s, 0):.0f} s",
        mend="`guildhall logs telemetry-sealer` says what keeps it; until then measurements are taken more slowly",
    )


def mail() -> Finding:
    """Whether mails get out: the server takes us, and none waits for long."""
    import smtplib

    from django.conf import settings
    from django.core.mail import get_connection
    from django.utils import timezone

    from guildhall.core.accounts.mail import stuck_since

    if not settings.EMAIL_HOST:
        return Finding(subject="mail", good=True, text="written to files, as EMAIL_HOST is not set")
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    mend = "correct EMAIL_HOST, EMAIL_PORT, EMAIL_SECURITY, EMAIL_USER and EMAIL_PASSWORD"
    try:
        connection = get_connection(timeout=TIMEOUT_S)
        connection.open()
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        return Finding(subject="mail", good=False, text=f"{server} does not take mails: {error}", mend=mend)
    now = timezone.now()
    if since := stuck_since(now):
        hours = (now - since).total_seconds() / 3600
        mend = "`guildhall logs worker` says why; the worker tries again every minute until a mail expires"
        return Finding(
            subject="mail", good=False, text=f"{server} answers, but a mail waits for {hours:.1f} h", mend=mend
        )
    return Finding(subject="mail", good=True, text=f"{server} takes mails")


def broker_storage() -> Finding:
    """Whether there is room for what devices publish."""
    import asyncio

    from nats.errors import Error

    from guildhall.modules.telemetry.broker.storage import ask

    try:
        storage = asyncio.run(ask())
    except (OSError, Error) as error:
        mend = "`guildhall logs nats` says more; check NATS_URL and NATS_SYSTEM_PASSWORD"
        return Finding(subject="broker", good=False, text=f"does not tell its storage: {error!r}", mend=mend)
    return storage_finding(storage)


def storage_finding(storage: "Storage") -> Finding:
    """Whether the broker could keep messages for a while if nothing were stored."""
    used, limit = (size / 1024**2 for size in (storage.used_bytes, storage.limit_bytes))
    return Finding(
        subject="broker",
        good=not storage.is_nearly_full,
        text=f"{used:.1f} MiB of {limit:.0f} MiB of its storage used",
        mend="`guildhall logs telemetry-consumer` says why measurements wait; when it is full, new ones are refused",
    )


def certificates(home: Home, options: Options, *, running: bool) -> Iterator[Finding]:
    """Whether the certificate is good for a while, and the TLS port shows it."""
    if options.outside("nats"):
        return
    from guildhall.stack.certificates import Certificates, days_left

    files = Certificates(home.certificates)
    if not files.server.exists():
        yield Finding(subject="certificate", good=True, text="not made yet; `guildhall up` makes it")
        return
    days = days_left(files.server)
    yield Finding(
        subject="certificate",
        good=days >= CERTIFICATE_WARNING_DAYS,
        text=f"runs out in {days} days",
        mend="start the stack anew, which renews it",
    )
    if running:
        yield tls_handshake(files.authority, options.ports["mqtts"])


def tls_handshake(authority: Path, port: int) -> Finding:
    """Whether a client that trusts our authority gets through to the broker over TLS."""
    context = ssl.create_default_context(cafile=str(authority))
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection,
            context.wrap_socket(connection, server_hostname="localhost") as secured,
        ):
            return Finding(subject="mqtts", good=True, text=f"port {port} speaks {secured.version()}")
    except OSError as error:
        mend = "`guildhall logs mqtts` and `guildhall logs nats` say more"
        return Finding(subject="mqtts", good=False, text=f"port {port}: {error}", mend=mend)
