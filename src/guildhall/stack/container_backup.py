"""Backups of a site in containers: on a schedule into a volume, and back again while nothing else runs."""

import dataclasses
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
from dotenv import dotenv_values

from guildhall.stack import backup as keeping
from guildhall.stack.container import DATABASE_SECRET
from guildhall.stack.errors import StackError
from guildhall.stack.home import Home, write_private
from guildhall.stack.options import Options

FOLDER: Final = Path("/var/lib/guildhall-backups")
PATTERN: Final = "guildhall-*.tar"
RETRY_S: Final = 300.0
_OTHERS: Final = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def _options(home: Home) -> Options:
    """The options, with the database that `init` wrote down."""
    options = Options.from_environment()
    written = {name: value for name, value in dotenv_values(home.environment).items() if value}
    return dataclasses.replace(options, given={**written, **options.given})


def write(*, keep: int) -> Path:
    """Write one backup, then remove the oldest beyond `keep`; returns the new file.

    Raises:
        StackError: the database can't be read.
    """
    home = Home.default()
    target = FOLDER / f"guildhall-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
    keeping.backup(home, _options(home), target)
    for old in sorted(FOLDER.glob(PATTERN))[:-keep]:
        old.unlink()
    return target


def write_for_ever(*, every_s: float, keep: int) -> Iterator[Path | StackError]:
    """Write a backup now and again; after a failure, which is handed out, try again soon."""
    while True:
        try:
            yield write(keep=keep)
            wait = every_s
        except StackError as error:
            yield error
            wait = min(RETRY_S, every_s)
        time.sleep(wait)


def restore(name: str) -> str:
    """Put a backup of the volume back; returns when it was made.

    The database's password stays as it is now, since PostgreSQL knows no other.

    Raises:
        StackError: there is no such backup, it is not whole, or other containers still use the database.
    """
    source = FOLDER / Path(name).name
    if not source.exists():
        there = ", ".join(path.name for path in sorted(FOLDER.glob(PATTERN))) or "none at all"
        raise StackError(f"there is no backup {source.name}; there is {there}")
    home = Home.default()
    options = _options(home)
    with psycopg.connect(options.given["DATABASE_URL"]) as connection:
        row = connection.execute(_OTHERS).fetchone()
    if row and row[0]:
        raise StackError("other containers use the database; stop all but postgres: `docker-compose stop`")
    path = home.path / keeping.SECRETS
    present = json.loads(path.read_text()) if path.exists() else {}
    manifest = keeping.restore(home, options, source)
    secrets = json.loads(path.read_text())
    secrets.pop(DATABASE_SECRET, None)
    if DATABASE_SECRET in present:
        secrets[DATABASE_SECRET] = present[DATABASE_SECRET]
    write_private(path, json.dumps(secrets, indent=2) + "\n")
    return manifest.made_at
