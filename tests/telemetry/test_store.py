"""The store: writes, deletions, seals and reads."""

import threading
from datetime import UTC
from types import SimpleNamespace

import numpy as np
import psycopg
import pytest
from pydantic import SecretStr

from guildhall.modules.telemetry import sealer
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.services import create_datapoint
from guildhall.modules.telemetry.store import aggregates, filling, journal, reading, retention, sealing
from guildhall.modules.telemetry.store import connection as store_connection
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.filling import Fill, Function
from guildhall.modules.telemetry.store.layout import DAY, PERIOD, QUARTER, SECOND
from guildhall.modules.telemetry.store.merging import NotFiniteError
from guildhall.modules.telemetry.store.plan import run
from guildhall.modules.telemetry.stored import Retention
from tests.support.broker import database_url, wait_for
from tests.support.people import build_house

START = 1_777_888_800 * SECOND


@pytest.fixture
def connection(transactional_db):
    with psycopg.connect(database_url(), autocommit=True) as opened:
        yield opened


@pytest.fixture
def datapoint(transactional_db) -> Datapoint:
    house = build_house()
    return create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="t")


def write(connection, *rows):
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        return run(journal.write(journal.batch_of(rows)), cursor)


def delete(connection, datapoint, start=None, end=None):
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        return run(journal.delete(datapoint, start, end), cursor)


def read(connection, datapoint, *arguments, **options):
    with connection.cursor(binary=True) as cursor:
        found = run(reading.samples_in(datapoint, *arguments, **options), cursor)
    return list(zip(found.times.tolist(), found.values.tolist(), strict=True))


def test_written_samples_are_read_before_and_after_sealing(connection, datapoint):
    rows = [(START + n * SECOND, n / 10) for n in range(100)]
    write(connection, *((datapoint.pk, *row) for row in reversed(rows)))
    assert read(connection, datapoint.pk) == rows
    assert sealing.seal_all(connection) == 100
    assert read(connection, datapoint.pk) == rows
    assert sealing.seal_all(connection) == 0


@pytest.mark.parametrize("sealed", [True, False])
def test_last_write_and_deletion_win(connection, datapoint, sealed):
    write(connection, *((datapoint.pk, START + n, n) for n in range(10)))
    if sealed:
        sealing.seal_all(connection)
    delete(connection, datapoint.pk, START + 2, START + 8)
    write(connection, (datapoint.pk, START + 3, 33.0), (datapoint.pk, START + 9, 99.0), (datapoint.pk, START - 1, -1.0))
    expected = [(START - 1, -1), (START, 0), (START + 1, 1), (START + 3, 33), (START + 8, 8), (START + 9, 99)]
    assert read(connection, datapoint.pk) == expected
    if sealed:
        sealing.seal_all(connection)
    assert read(connection, datapoint.pk) == expected
    delete(connection, datapoint.pk)
    assert read(connection, datapoint.pk) == []
    sealing.seal_all(connection)
    assert read(connection, datapoint.pk) == []


def test_pages_from_both_sides_reach_over_chunks_and_periods(connection, datapoint):
    step = PERIOD // 10
    rows = [(START + n * step, float(n)) for n in range(50)]
    for n in range(0, 50, 5):
        write(connection, *((datapoint.pk, *row) for row in rows[n : n + 5]))
        sealing.seal_all(connection)
    for limit in (1, 7, 50, 60):
        assert read(connection, datapoint.pk, limit=limit) == rows[:limit]
        assert read(connection, datapoint.pk, descending=True, limit=limit) == rows[::-1][:limit]
        assert read(connection, datapoint.pk, START + 3 * step, START + 40 * step, limit=limit) == rows[3:40][:limit]


def scalar(connection, query):
    return connection.execute(query).fetchone()[0]


def daily(connection, datapoint):
    with connection.cursor(binary=True) as cursor:
        found = run(aggregates.aggregates([datapoint], interval=Interval.DAY, zone=UTC), cursor)[datapoint]
    return list(zip(found.buckets.starts.tolist(), found.buckets.counts.tolist(), strict=True))


def test_write_to_a_datapoint_that_is_gone_is_refused_and_its_chunks_go_with_it(connection, datapoint):
    write(connection, (datapoint.pk, START, 1.0))
    sealing.seal_all(connection)
    write(connection, (datapoint.pk, START + 1, 1.0))
    gone = datapoint.pk
    datapoint.delete()
    assert scalar(connection, "SELECT count(*) FROM telemetry_chunk") == 0
    assert scalar(connection, "SELECT count(*) FROM telemetry_rollup") == 0
    assert sealing.seal(connection).rows == 1
    assert scalar(connection, "SELECT count(*) FROM telemetry_chunk") == 0
    with pytest.raises(journal.UnknownDatapointError):
        write(connection, (gone, START, 2.0))


def test_positions_are_in_the_order_of_commits(connection, datapoint):
    """A second writer gets no position before the first one has committed."""
    positions = []
    with psycopg.connect(database_url(), autocommit=True) as other:
        with connection.transaction(), connection.cursor(binary=True) as cursor:
            positions.append(run(journal.write(journal.batch_of([(datapoint.pk, START, 1.0)])), cursor).position)
            thread = threading.Thread(
                target=lambda: positions.append(write(other, (datapoint.pk, START, 2.0)).position), daemon=True
            )
            thread.start()
            thread.join(0.3)
            assert thread.is_alive()
        thread.join(10)
    assert positions == [1, 2]
    assert read(connection, datapoint.pk) == [(START, 2.0)]


def test_retention_drops_partitions_freezes_rollups_and_refuses_older_samples(connection, datapoint):
    day = START // DAY * DAY
    rows = [(datapoint.pk, day - n * 6 * 3600 * SECOND, float(n)) for n in range(4 * 120)]
    write(connection, *rows)
    Retention.objects.create(project=datapoint.project, raw_days=10)
    partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'telemetry_chunk'::regclass"
    sealing.seal_all(connection)
    before, days = scalar(connection, partitions), daily(connection, datapoint.pk)
    assert retention.apply(connection, now=day + 5 * 3600 * SECOND) == 1
    floor = day - 10 * DAY
    assert [at for at, _ in read(connection, datapoint.pk)] == sorted(at for _, at, _ in rows if at >= floor)
    assert scalar(connection, partitions) < before
    assert daily(connection, datapoint.pk) == days
    written = write(connection, (datapoint.pk, floor - 1, 5.0), (datapoint.pk, floor + 1, 5.0))
    assert written.refused == {datapoint.pk: 1}
    delete(connection, datapoint.pk)
    assert read(connection, datapoint.pk) == []
    sealing.seal_all(connection)
    assert daily(connection, datapoint.pk) == [(at, count) for at, count in days if at < floor]
    assert retention.apply(connection, now=day + 6 * 3600 * SECOND) == 0
    Retention.objects.update(rollup_days=50)
    retention.apply(connection, now=day + 6 * 3600 * SECOND)
    left = daily(connection, datapoint.pk)
    assert day - 64 * DAY < left[0][0] <= day - 50 * DAY


def test_samples_since_a_position_come_from_the_journal_and_then_from_chunks(connection, datapoint):
    for n in range(3):
        write(connection, (datapoint.pk, START + n, float(n)))
    sealing.seal_all(connection)

    def since(position, limit=10):
        with connection.cursor(binary=True) as cursor:
            found = run(reading.since([datapoint.pk], position, now=START, limit=limit), cursor)
        return [(new.position, new.value) for new in found]

    assert since(1) == [(2, 1.0), (3, 2.0)]
    sealing.forget(connection, kept_s=0)
    assert since(1) == [(3, 0.0), (3, 1.0), (3, 2.0)]
    assert since(3) == []
    # What the journal has is in a chunk too once it is sealed, and comes once.
    write(connection, (datapoint.pk, START + 3, 3.0), (datapoint.pk, START + 2, 2.5))
    sealing.seal_all(connection)
    assert since(1) == [(3, 0.0), (3, 1.0), (4, 2.5), (4, 3.0)]
    # A limit never divides what has one position, or the rest would be lost for who goes on behind it.
    assert since(1, limit=1) == [(3, 0.0), (3, 1.0)]
    assert since(1, limit=3) == [(3, 0.0), (3, 1.0), (4, 2.5), (4, 3.0)]


def test_writers_are_slowed_down_while_much_is_unsealed(connection, datapoint, monkeypatch):
    with connection.cursor(binary=True) as cursor:
        write(connection, *((datapoint.pk, START + n, 0.0) for n in range(100)))
        assert run(journal.pause_s(), cursor) == 0
        monkeypatch.setattr(journal, "TAIL_BYTES", 1000)
        assert run(journal.pause_s(), cursor) == 2
        sealing.seal_all(connection)
        assert run(journal.pause_s(), cursor) == 0


def test_sealer_seals_in_the_background_and_stops(connection, datapoint, monkeypatch):
    monkeypatch.setattr(store_connection, "settings", SimpleNamespace(database_url=SecretStr(database_url())))
    monkeypatch.setattr(sealer, "INTERVAL_S", 0.0)
    working = sealer.Sealer()
    thread = threading.Thread(target=working.run, daemon=True)
    thread.start()
    try:
        write(connection, (datapoint.pk, START, 1.0))
        wait_for(lambda: scalar(connection, "SELECT count(*) FROM telemetry_chunk") == 1)
    finally:
        working.stop()
        thread.join(10)
    assert not thread.is_alive()


def test_empty_buckets_are_filled_as_asked(connection, datapoint):
    write(connection, (datapoint.pk, 0, 1.0), (datapoint.pk, 3 * QUARTER, 4.0))
    edges = np.arange(-1, 5) * QUARTER
    with connection.cursor(binary=True) as cursor:
        found = run(aggregates.aggregates([datapoint.pk], interval=Interval.QUARTER, zone=UTC), cursor)[datapoint.pk]
    nan = float("nan")
    table = filling.table(found, [Function.LAST, Function.AVG, Function.COUNT])
    for how, expected in {
        "null": [nan, 1, nan, nan, 4, nan],
        "previous": [nan, 1, 1, 1, 4, 4],
        "linear": [nan, 1, 2, 3, 4, nan],
    }.items():
        filled = filling.filled(table, Fill(how), edges)
        np.testing.assert_array_almost_equal(filled.columns["last"], np.array(expected), decimal=12)
        np.testing.assert_array_almost_equal(filled.columns["avg"], np.array(expected), decimal=12)
        assert filled.columns["count"].tolist() == [0, 1, 0, 0, 1, 0]
    assert filling.filled(table, Fill.NONE, edges) is table


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_value_that_is_not_finite_is_refused(value):
    with pytest.raises(NotFiniteError):
        journal.batch_of([(1, START, 1.0), (1, START + 1, value)])
