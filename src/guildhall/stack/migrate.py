"""`guildhall migrate`: brings the database to the code's shape, one process at a time however many machines try."""

import contextlib
import time
from collections.abc import Iterator

import psycopg

from guildhall.settings import settings
from guildhall.stack.errors import StackError

#: Any fixed number will do; it is "guildhal" in ASCII.
LOCK_KEY = 0x6775696C6468616C
LOCK_TIMEOUT_S = 600
CONNECT_TIMEOUT_S = 30
HINT = "DATABASE_URL says where it is; `guildhall doctor` looks closer"


@contextlib.contextmanager
def migration_lock() -> Iterator[None]:
    """Hold the database's advisory lock; wait for the database to answer, and for whoever holds the lock."""
    with connect(CONNECT_TIMEOUT_S) as connection:
        connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_TIMEOUT_S}s"])
        try:
            connection.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        except psycopg.errors.LockNotAvailable:
            raise StackError(
                f"another migration has been running for {LOCK_TIMEOUT_S} s; wait for it or end it"
            ) from None
        yield


def connect(timeout_s: float) -> psycopg.Connection:
    """Wait for the database to answer; raise StackError when it does not in time, or refuses."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return psycopg.connect(settings.database_url.get_secret_value(), autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as error:
            refused = "FATAL" in str(error) and "starting up" not in str(error)
            if refused or time.monotonic() > deadline:
                raise StackError(f"the database does not let us in ({error}); {HINT}") from error
            time.sleep(0.5)


def migrate() -> None:
    """Apply every migration that is missing. Calling it twice changes nothing."""
    import django
    from django.core.management import call_command

    with migration_lock():
        django.setup()
        call_command("migrate", interactive=False, verbosity=1)


def pending_migrations() -> list[str]:
    """Names of the migrations that the database lacks."""
    import django
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    finally:
        connection.close()
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def unwritten_migrations() -> list[str]:
    """Names of the apps whose models differ from their migrations; no database is asked."""
    import django
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    django.setup()
    loader = MigrationLoader(None, ignore_no_migrations=True)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    return sorted(detector.changes(graph=loader.graph))
