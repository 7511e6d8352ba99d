"""Averages, which are made from counts and sums alone: right for any range, of one datapoint and of several."""

import math
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guildhall.modules.telemetry.store import aggregates, filling, parts, rollups
from guildhall.modules.telemetry.store.answers import ALL, ALL_OF_ONE, SINGLES
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.filling import Function
from guildhall.modules.telemetry.store.layout import DAY, QUARTER, SECOND
from tests.telemetry.test_store_model import START, act, bucket_key, store

__all__ = ["store"]

STEP = 20 * SECOND
HOUR = 4 * QUARTER
#: As many in each of the seals, so that chunks begin and end in the middle of a quarter.
SEALED = 777
COUNT = 3 * SEALED + 100
END = START + COUNT * STEP
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Africa/Monrovia")
moments = st.integers(START - HOUR, END + HOUR) | st.integers(-4, COUNT // 45 + 4).map(lambda n: START + n * QUARTER)


def signal(which, number):
    return round(20 + 5 * math.sin(number / 200 + which) + number % 7 / 100, 2)


@pytest.fixture
def sensors(store):
    """Two sensors of which the last hundred values are not sealed, and what they sent as dictionaries."""
    connection, ids = store
    model, known = ({}, {}), []
    for part in (*(range(n * SEALED, (n + 1) * SEALED) for n in range(3)), range(3 * SEALED, COUNT)):
        rows = [(which, START + n * STEP, signal(which, n)) for which in (0, 1) for n in part]
        act(connection, ids, model, known, "write", [rows])
        if len(part) == SEALED:
            act(connection, ids, model, known, "seal", [])
    return connection, ids, model, known


def asked(connection, ids, **question):
    """The answer, and the statements that it took."""
    plan, statements = aggregates.aggregates(ids, **question), []
    with connection.cursor(binary=True) as cursor:
        try:
            statement, parameters = next(plan)
            while True:
                statements.append(statement)
                cursor.execute(statement, parameters)
                statement, parameters = plan.send(cursor.fetchall())
        except StopIteration as end:
            return end.value, statements


def averages_of(samples, interval, zone, start, end):
    groups = {}
    for at in sorted(at for at in samples if (start is None or at >= start) and (end is None or at < end)):
        groups.setdefault(bucket_key(at, interval, zone), []).append(samples[at])
    return [math.fsum(group) / len(group) for group in groups.values()]


def assert_right(sensors, interval, zone, start, end):
    connection, ids, model, _ = sensors
    question = {"interval": interval, "zone": zone, "start": start, "end": end}
    together, _ = asked(connection, ids, **question)
    for which, id_ in enumerate(ids):
        alone, _ = asked(connection, [id_], **question)
        expected = averages_of(model[which], interval, zone, start, end)
        for found in (together[id_], alone[id_]):
            assert found.averages.tolist() == pytest.approx(expected, rel=1e-14)
            assert found.starts.tolist() == found.buckets.starts.tolist()


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([Interval.QUARTER, Interval.HOUR, Interval.DAY, Interval.MONTH]),
    st.sampled_from(ZONES),
    st.none() | moments,
    st.none() | moments,
)
def test_averages_of_any_range_are_right(sensors, interval, zone, start, end):
    assert_right(sensors, interval, ZoneInfo(zone), start, end)


def test_nothing_is_asked_where_there_are_no_datapoints_or_no_time(sensors):
    connection, ids, _, _ = sensors
    question = {"interval": Interval.HOUR, "zone": ZoneInfo("UTC")}
    assert asked(connection, [], **question) == ({}, [])
    found, statements = asked(connection, ids, start=END, end=START, **question)
    assert statements == []
    assert [len(one.averages) for one in found.values()] == [0, 0]


def test_averages_are_right_with_late_data_and_deletions(sensors):
    connection, ids, model, known = sensors
    late = [(0, START + 3 * HOUR + 1, 99.5), (1, START + 5 * STEP + 7, 1.234)]
    act(connection, ids, model, known, "write", [late])
    act(connection, ids, model, known, "delete", [0, (START + HOUR, START + HOUR + 5 * STEP)])
    for start, end in [(None, None), (START + 3 * STEP + 1, START + 4 * HOUR + 1), (START + 1, END - 1)]:
        assert_right(sensors, Interval.HOUR, ZoneInfo("UTC"), start, end)


@pytest.mark.parametrize("value", [30.5, 30.1234, 1 / 3, -0.0])
def test_averages_are_right_where_the_newest_values_have_other_decimals(sensors, value):
    connection, ids, model, known = sensors
    act(connection, ids, model, known, "write", [[(0, END + 1, value), (1, END + 1, value)]])
    assert_right(sensors, Interval.HOUR, ZoneInfo("UTC"), START + 1, None)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START + 7 * STEP + 1, None),
        (START + 7 * STEP + 1, END + DAY + 1),
        (START, START + 5 * HOUR + 1),
        (START + HOUR + 1, START + SEALED * STEP - 8 * STEP),
        (START + HOUR + 1, START + HOUR + STEP + 1),
    ],
)
def test_range_that_divides_quarters_takes_one_statement(sensors, count, start, end):
    connection, ids, model, _ = sensors
    question = {"interval": Interval.HOUR, "zone": ZoneInfo("UTC"), "start": start, "end": end}
    found, statements = asked(connection, ids[:count], **question)
    assert statements == [ALL if count > 1 else ALL_OF_ONE]
    for which in range(count):
        expected = averages_of(model[which], Interval.HOUR, ZoneInfo("UTC"), start, end)
        assert found[ids[which]].averages.tolist() == pytest.approx(expected, rel=1e-14)


def test_chunk_beside_the_one_that_the_end_divides_is_read_too(sensors):
    connection, ids, model, _ = sensors
    # The first two seals made one chunk; it ends, and the next one begins, before this and in the same quarter.
    end = START + (2 * SEALED + 2) * STEP + 1
    assert end // QUARTER == (START + (2 * SEALED - 1) * STEP) // QUARTER
    question = {"interval": Interval.QUARTER, "zone": ZoneInfo("UTC"), "start": START, "end": end}
    found, statements = asked(connection, ids, **question)
    assert statements == [ALL, SINGLES]
    expected = averages_of(model[0], Interval.QUARTER, ZoneInfo("UTC"), START, end)
    assert found[ids[0]].averages.tolist() == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("functions", [[Function.MIN, Function.MAX], [Function.AVG, Function.MAX]])
def test_other_columns_are_made_once_and_no_averages_beside_them(sensors, monkeypatch, functions):
    connection, ids, model, _ = sensors
    question = {"interval": Interval.HOUR, "zone": ZoneInfo("UTC"), "start": START + 1, "end": END}
    monkeypatch.setattr(rollups, "added_up", None)
    monkeypatch.setattr(parts, "averaged", None)
    for some in (ids[:1], ids):
        found, _ = asked(connection, some, **question)
        table = filling.table(found[ids[0]], functions)
        hours = averages_of(model[0], Interval.HOUR, ZoneInfo("UTC"), START + 1, END)
        assert list(table.columns) == [function.value for function in functions]
        assert len(table) == len(hours)
        if Function.AVG in functions:
            assert table.columns["avg"].tolist() == pytest.approx(hours, rel=1e-14)


def test_averages_take_nothing_but_sums_and_of_one_sensor_no_arrays(sensors, monkeypatch):
    connection, ids, model, _ = sensors
    question = {"interval": Interval.HOUR, "zone": ZoneInfo("UTC"), "start": START + 1, "end": END}
    expected = averages_of(model[0], Interval.HOUR, ZoneInfo("UTC"), START + 1, END)
    monkeypatch.setattr(rollups, "unpack", None)
    several, _ = asked(connection, ids, **question)
    assert several[ids[0]].averages.tolist() == pytest.approx(expected, rel=1e-14)
    monkeypatch.setattr(parts, "averaged", None)
    alone, _ = asked(connection, ids[:1], **question)
    assert alone[ids[0]].averages.tolist() == pytest.approx(expected, rel=1e-14)
