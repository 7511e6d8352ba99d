"""Lets Django's connection carry out what the store plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import psycopg
from django.db import connection

from guildhall.modules.telemetry.store.plan import Plan, run

T = TypeVar("T")


@contextmanager
def raw_connection() -> Iterator["psycopg.Connection[Any]"]:
    """The connection below Django's, meanwhile with cursors that can be binary, which Django's own can't."""
    connection.ensure_connection()
    raw = cast("psycopg.Connection[Any]", connection.connection)
    of_django = raw.cursor_factory
    raw.cursor_factory = psycopg.Cursor
    try:
        with connection.wrap_database_errors:
            yield raw
    finally:
        raw.cursor_factory = of_django


def carry_out(plan: Plan[T]) -> T:
    """Carry the plan out, within the transaction that is open, if there is one."""
    with raw_connection() as raw, raw.cursor(binary=True) as cursor:
        return run(plan, cursor)
