"""The store's statements on the site's own connection."""

import psycopg
import pytest
from django.db import connection, transaction

from guildhall.modules.telemetry.database import carry_out, raw_connection
from guildhall.modules.telemetry.store import reading

pytestmark = pytest.mark.django_db


def kept_plans():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_the_server_keeps_the_plans_of_the_store_and_no_others():
    before = len(kept_plans())
    for _ in range(5):
        carry_out(reading.latest([1]))
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM telemetry_datapoint")
    kept = kept_plans()
    assert len(kept) == before + 1
    assert "telemetry_chunk" in kept[-1]


@pytest.mark.django_db(transaction=True)
def test_reading_goes_on_after_a_rollback_which_drops_kept_plans():
    for _ in range(5):
        carry_out(reading.latest([1]))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        carry_out(reading.latest([1]))
        raise ZeroDivisionError
    for _ in range(5):
        assert carry_out(reading.latest([1])) == {}
    assert "telemetry_chunk" in kept_plans()[-1]


def test_the_connection_is_as_django_left_it_after_a_fault():
    connection.ensure_connection()
    raw = connection.connection
    with pytest.raises(Exception, match="division by zero"), transaction.atomic(), raw_connection() as below:
        assert below.cursor_factory is psycopg.Cursor
        below.execute("SELECT 1 / 0")
    assert raw.prepare_threshold is None
    assert raw.cursor_factory is not psycopg.Cursor
