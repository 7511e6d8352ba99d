"""Lets Django's connection carry out what the store plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar, cast

import psycopg
from django.db import connection

from guildhall.modules.telemetry.store.plan import Plan, run

T = TypeVar("T")

#: As often a statement is seen before the server keeps its plan, which for years of partitions takes longer to make
#: than to carry out.
_SEEN_BEFORE: Final = 2


@contextmanager
def raw_connection() -> Iterator["psycopg.Connection[Any]"]:
    """The connection below Django's, meanwhile with what Django's own can't: binary cursors and prepared statements."""
    connection.ensure_connection()
    raw = cast("psycopg.Connection[Any]", connection.connection)
    of_django = raw.cursor_factory, raw.prepare_threshold
    raw.cursor_factory, raw.prepare_threshold = psycopg.Cursor, _SEEN_BEFORE
    try:
        with connection.wrap_database_errors:
            yield raw
    finally:
        raw.cursor_factory, raw.prepare_threshold = of_django


def carry_out(plan: Plan[T]) -> T:
    """Carry the plan out, within the transaction that is open, if there is one."""
    with raw_connection() as raw, raw.cursor(binary=True) as cursor:
        return run(plan, cursor)
