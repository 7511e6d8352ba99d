"""The ways of samples from earlier releases: from the plain table into the store, and of rollups to another format."""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from guildhall.modules.telemetry import selectors
from guildhall.modules.telemetry.migrations import _rollups
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.services import create_datapoint
from tests.support import samples
from tests.support.people import build_house

BEFORE = ("telemetry", "0005_store")
LONG_AGO = datetime(2024, 2, 29, tzinfo=UTC)
moving = importlib.import_module("guildhall.modules.telemetry.migrations.0006_samples_into_the_store")


def migrate(*targets: tuple[str, str]) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets) or executor.loader.graph.leaf_nodes())


@pytest.fixture
def datapoints(transactional_db: None) -> Iterator[list[Datapoint]]:
    """Two datapoints in a database as it was before."""
    house = build_house()
    made = [create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key=key) for key in "ab"]
    migrate(BEFORE)
    try:
        yield made
    finally:
        migrate()


def insert(*rows: tuple[Datapoint, datetime, float, object, int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO telemetry_sample (datapoint_id, at, value, datasource_id, position)"
            " VALUES (%s, %s, %s::float8, %s, %s)",
            # As text, since SQL's own number has no zero with a sign.
            [(datapoint.pk, at, repr(value), *rest) for datapoint, at, value, *rest in rows],
        )


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_sample_is_moved_with_time_value_and_source(datapoints, monkeypatch):
    monkeypatch.setattr(moving, "AT_ONCE", 7)
    source = uuid4()
    values = [0.1, -0.0, 1 / 3, 5e-324, 1.7976931348623157e308, *map(float, range(20))]
    rows = [
        (datapoint, LONG_AGO + timedelta(days=n, microseconds=n), value, source if n % 2 else None, n % 3)
        for datapoint in datapoints
        for n, value in enumerate(values)
    ]
    insert(*rows)
    migrate()
    expected = [(datapoint.pk, at, repr(value), source_id) for datapoint, at, value, source_id, _ in rows]

    def found():
        return [(one.datapoint_id, one.at, repr(one.value), one.datasource_id) for one in samples.stored()]

    assert found() == expected
    # What is written now wins over what was moved, though that is sealed later.
    samples.put((datapoints[0], LONG_AGO, 7.5))
    samples.seal()
    assert found() == [(*expected[0][:2], "7.5", None), *expected[1:]]
    assert "telemetry_sample" not in connection.introspection.table_names()


def test_streams_resume_behind_the_position_that_they_know(datapoints, monkeypatch):
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    one, other = datapoints
    now = timezone.now()
    insert(
        *((one, LONG_AGO + timedelta(seconds=n), 0.0, None, 0) for n in range(5)),
        *((one, now - timedelta(seconds=20 - n), float(n), None, 10 + n // 3) for n in range(9)),
        (other, now, 9.0, None, 12),
    )
    execute("INSERT INTO telemetry_watermark (stream, sequence, position) VALUES ('a', 1, 5), ('b', 1, 12)")
    migrate()
    assert selectors.current_position() == 12
    assert samples.put((one, now, 10.0)) == 13

    def since(position):
        found = selectors.samples_since([one.pk, other.pk], position)
        return [(sample.value, sample.position) for sample in found]

    assert since(13) == []
    assert since(12) == [(10.0, 13)]
    # The last batch that was seen comes no second time, and none is torn apart.
    assert since(11) == [(6.0, 12), (7.0, 12), (8.0, 12), (9.0, 12), (10.0, 13)]
    assert [value for value, _ in since(10)][:3] == [3.0, 4.0, 5.0]
    assert len(since(0)) == 11
    samples.seal()
    assert since(12) == [(10.0, 13)]
    assert len(samples.stored()) == 16


def test_empty_table_leaves_an_empty_store(datapoints):
    migrate()
    assert samples.stored() == []
    assert selectors.current_position() == 0
    assert samples.put((datapoints[0], LONG_AGO, 1.0)) == 1


def test_store_with_samples_does_not_go_back(datapoints):
    migrate()
    samples.put((datapoints[0], LONG_AGO, 1.0))
    with pytest.raises(RuntimeError, match="can't take them back"):
        migrate(BEFORE)
    assert samples.stored_values() == [1.0]


def test_rollups_of_earlier_versions_are_rewritten(house, monkeypatch, transactional_db):
    monkeypatch.setattr(_rollups, "AT_ONCE", 2)
    datapoint = create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="c")
    for day in range(5):
        at = LONG_AGO + timedelta(days=28 * day)
        values = [n / 4 if day else n / 3 for n in range(2000)]
        if day == 3:
            values[::7] = [-0.0] * len(values[::7])
        samples.put(*((datapoint, at + timedelta(seconds=10 * n), value) for n, value in enumerate(values)))
        samples.seal()
    execute(
        "INSERT INTO telemetry_rollup (datapoint_id, week, body) SELECT datapoint_id, 7, rollup FROM telemetry_chunk"
        " ORDER BY start_at LIMIT 1"
    )

    def bodies():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rollup FROM telemetry_chunk UNION ALL SELECT body FROM telemetry_rollup ORDER BY rollup"
            )
            return [bytes(body) for (body,) in cursor.fetchall()]

    def versions():
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT get_byte(body, 0) FROM telemetry_chunk")
            return {version for (version,) in cursor.fetchall()}

    before, values = bodies(), [value.hex() for value in samples.stored_values()]
    assert len(before) == 6
    assert "-0x0.0p+0" in values
    assert versions() == {1, 2}
    try:
        migrate(("telemetry", "0051_rollups_by_planes"))
        by_planes = bodies()
        assert {body[0] for body in by_planes} == {2}
        assert versions() == {1}
        migrate(("telemetry", "0050_weeks"))
        assert {body[0] for body in bodies()} == {1}
        migrate(("telemetry", "0051_rollups_by_planes"))
        assert bodies() == by_planes
    finally:
        migrate()
    assert bodies() == before
    assert [value.hex() for value in samples.stored_values()] == values
