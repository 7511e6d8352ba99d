"""Starts the real servers before Django reads its settings; loaded by `-p` in pyproject.toml, ahead of pytest-django.

One PostgreSQL serves the whole run (pytest-django gives each worker its own database in it); every worker has a Valkey of
its own at once, and a NATS of its own as soon as a test asks for the fixture `nats_server`. PostgreSQL and Redis may also be
servers from outside, as in the container that runs the tests.
"""

import atexit
import os
import secrets
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from guildhall.stack.plan import new_callout_seed
from guildhall.stack.servers.base import free_port, temporary_home
from guildhall.stack.servers.postgresql import PostgresServer
from guildhall.stack.servers.valkey import ValkeyServer

POSTGRES_URL = "GUILDHALL_TEST_DATABASE_URL"
#: A server from outside, without a database's number: each worker takes the one of its own.
REDIS_URL = "GUILDHALL_TEST_REDIS_URL"
#: Of each worker and its threads; a pool keeps for minutes what a race of fifty threads opened.
POOL_SIZE = 60
MOST_WORKERS = 4
#: What the image of the site sets for its processes, and the tests want as it is elsewhere.
OF_THE_IMAGE = ("METRICS_HOST", "METRICS_PORT", "LOG_FORMAT", "MEDIA_ROOT", "CELERY_SKIP_CHECKS")

_running = ExitStack()
atexit.register(_running.close)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let the tests reach servers from outside; all others than this machine stay out of reach."""
    outside = [urlsplit(os.environ[name]).hostname for name in (POSTGRES_URL, REDIS_URL) if name in os.environ]
    config.option.allow_hosts = ",".join(filter(None, [config.option.allow_hosts, *outside]))


def _start_servers() -> Path:
    for name in OF_THE_IMAGE:
        os.environ.pop(name, None)
    home = _running.enter_context(temporary_home())
    if POSTGRES_URL not in os.environ:
        room = 2 * MOST_WORKERS * POOL_SIZE
        postgres = _running.enter_context(PostgresServer(home / "postgresql", fsync=False, connections=room))
        os.environ[POSTGRES_URL] = postgres.url
    static_files = home / "static"
    static_files.mkdir()
    os.environ.update(
        {
            # Nothing of a stack that happens to run beside the tests may be found.
            "GUILDHALL_HOME": str(home),
            "GUILDHALL_MODE": "development",
            "DATABASE_URL": os.environ[POSTGRES_URL],
            "DATABASE_POOL_SIZE": str(POOL_SIZE),
            "REDIS_URL": _redis_url(home),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "NATS_URL": f"nats://127.0.0.1:{free_port()}",
            "NATS_SERVICE_PASSWORD": secrets.token_urlsafe(12),
            "NATS_SYSTEM_PASSWORD": secrets.token_urlsafe(12),
            "NATS_CALLOUT_SEED": new_callout_seed(),
            "NATS_LOG_FILE": str(home / "nats" / "nats.log"),
            "MQTT_PORT": str(free_port()),
            "LOG_LEVEL": "WARNING",
            # The limits have tests of their own; everybody else here asks from one address.
            "RATE_LIMIT_ANONYMOUS": "off",
            "RATE_LIMIT_USER": "off",
            "RATE_LIMIT_AUTH": "off",
            "STATIC_ROOT": str(static_files),
        }
    )
    return home


def _redis_url(home: Path) -> str:
    if outside := os.environ.get(REDIS_URL):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        return f"{outside}/{worker}"
    return _running.enter_context(ValkeyServer(home / "valkey", persist=False)).url


HOME = _start_servers()
