"""Servers for benchmarks: durable, in a folder that is removed afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from guildhall.stack.servers.base import temporary_home
from guildhall.stack.servers.postgresql import PostgresServer


@contextmanager
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL with fsync, to which Django's settings point."""
    with temporary_home() as home, PostgresServer(home / "postgresql") as server:
        os.environ.update(
            {
                "DATABASE_URL": server.url,
                "DJANGO_SETTINGS_MODULE": "guildhall.settings.django",
                "GUILDHALL_HOME": str(home),
                "LOG_LEVEL": "WARNING",
            }
        )
        yield server
