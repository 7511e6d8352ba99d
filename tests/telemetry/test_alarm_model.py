"""Alarms beside a loop over all samples: whatever comes in whatever order and is looked at whenever, both say the same."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guildhall.core.events.models import EventRow
from guildhall.modules.telemetry.alarms import evaluation, services
from guildhall.modules.telemetry.alarms.evaluation import condition_of
from guildhall.modules.telemetry.alarms.models import AlarmDue, AlarmEpisode, AlarmRule
from guildhall.modules.telemetry.alarms.policy import Kind
from guildhall.modules.telemetry.services import create_datapoint
from guildhall.modules.telemetry.store import compaction, journal, reading, sealing
from guildhall.modules.telemetry.store.layout import DAY, SECOND, microseconds, moment
from guildhall.modules.telemetry.store.plan import run
from tests.support.people import build_house
from tests.telemetry.alarm_model import naive_episodes

pytestmark = pytest.mark.django_db
# Two days meet here.
START = 1_777_888_800 * SECOND // DAY * DAY + DAY - 60 * SECOND
LENGTH = 240

times = st.one_of(st.integers(-20, LENGTH), st.integers(-20, 40)).map(lambda n: START + n * SECOND)
values = st.integers(-6, 6).map(float)
writes = st.lists(st.tuples(times, values), min_size=1, max_size=12)
steps = st.one_of(
    st.tuples(st.just("write"), writes),
    st.tuples(st.just("write"), writes),
    st.tuples(st.just("again"), st.integers(0, 5)),
    st.tuples(st.just("delete"), st.tuples(times, times).map(sorted)),
    st.tuples(st.just("delete"), st.tuples(times, st.none())),
    st.tuples(st.just("delete"), st.tuples(st.none(), times)),
    st.tuples(st.just("evaluate"), st.integers(0, 60)),
    st.tuples(st.just("evaluate"), st.integers(0, 3)),
    st.tuples(st.just("seal"), st.none()),
)
RULES = (
    {"kind": Kind.ABOVE, "high": 2.0},
    {"kind": Kind.ABOVE, "high": 1.0, "hysteresis": 2.0, "duration_s": 15},
    {"kind": Kind.BELOW, "low": -1.0, "hysteresis": 1.0, "duration_s": 7},
    {"kind": Kind.OUTSIDE, "low": -3.0, "high": 3.0, "hysteresis": 2.0, "duration_s": 40},
    {"kind": Kind.RATE_OF_CHANGE, "high": 30.0, "hysteresis": 10.0, "duration_s": 5},
    {"kind": Kind.SILENT_FOR, "duration_s": 11},
)


@pytest.fixture
def datapoint():
    house = build_house()
    made = create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="t")
    for number, given_ in enumerate(RULES):
        since = moment(START + (number % 3) * 15 * SECOND)
        services.create_rule(actor=house.admin, datapoint=made, name=str(number), since=since, **given_)
    return made


def begin_anew():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM telemetry_journal")
        cursor.execute("DELETE FROM telemetry_chunk")
        cursor.execute("DELETE FROM telemetry_rollup")
        cursor.execute("DELETE FROM telemetry_sealed")
        cursor.execute("DELETE FROM telemetry_alarmdue")
        cursor.execute("DELETE FROM telemetry_alarmepisode")
        cursor.execute("TRUNCATE events_event CASCADE")
        cursor.execute(
            "UPDATE telemetry_alarmstate s SET evaluated_until = r.since, clock = r.since, check_at = r.since "
            "FROM telemetry_alarmrule r WHERE r.id = s.rule_id"
        )


def write(datapoint, rows):
    with connection.cursor() as cursor:
        run(journal.write(journal.batch_of([(datapoint.pk, at, value) for at, value in rows])), cursor)


def delete(datapoint, start, end):
    with connection.cursor() as cursor:
        run(journal.delete(datapoint.pk, start, end), cursor)


def assert_same(model, now):
    series = sorted(model.items())
    for rule in AlarmRule.objects.all():
        condition = condition_of(rule)
        rows = rule.episodes.order_by("started_at")
        found = [
            (
                microseconds(row.began_at),
                microseconds(row.started_at),
                row.ended_at and microseconds(row.ended_at),
                row.peak_at and microseconds(row.peak_at),
                row.peak_value,
            )
            for row in rows
        ]
        expected, check_at = naive_episodes(condition, series, now)
        assert found == expected, condition
        # Something that is due sooner does no harm, something that is due later does.
        asked = rule.state.check_at
        assert check_at is None or (asked is not None and microseconds(asked) <= check_at)
    assert not AlarmDue.objects.exists()


def assert_told():
    for rule in AlarmRule.objects.all():
        told = list(EventRow.objects.filter(subject=f"alarm/{rule.pk}").order_by("pk").values_list("type", "data"))
        types = [type_.removeprefix("telemetry.alarm_") for type_, _ in told]
        assert types == (["raised", "cleared"] * len(told))[: len(told)]
        for (_, raised), (_, cleared) in zip(told[::2], told[1::2], strict=False):
            assert raised["started_at"] == cleared["started_at"]
        on = rule.episodes.filter(ended_at=None).first()
        assert (len(told) % 2 == 1) == (on is not None)
        if on is not None:
            assert told[-1][1]["started_at"] == on.started_at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("full", [4, 8192])
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(steps, min_size=1, max_size=12))
def test_alarms_are_what_a_loop_over_all_samples_finds(datapoint, full, actions):
    begin_anew()
    model, known, now = {}, [], START + 30 * SECOND
    with pytest.MonkeyPatch.context() as patch:
        for module in (compaction, reading):
            patch.setattr(module, "FULL", full)
        # Sealing reads binary, which Django's own cursors don't.
        patch.setattr(connection.connection, "cursor_factory", psycopg.Cursor)
        patch.setattr(evaluation, "FIRST_SLICE", 2)
        patch.setattr(evaluation, "LARGEST_SLICE", 8)
        for name, argument in [*actions, ("evaluate", 1)]:
            match name:
                case "write" | "again":
                    rows = argument if name == "write" else known[argument] if argument < len(known) else []
                    if rows:
                        known.append(rows)
                        write(datapoint, rows)
                        model.update(rows)
                case "delete":
                    start, end = argument
                    delete(datapoint, start, end)
                    for at in list(model):
                        if (start is None or at >= start) and (end is None or at < end):
                            del model[at]
                case "evaluate":
                    now += argument * SECOND
                    services.evaluate_due(now=moment(now))
                    assert_same(model, now)
                    assert_told()
                case _:
                    sealing.seal_all(connection.connection)
    assert services.evaluate_due(now=moment(now)) == 0


def test_late_value_far_back_reads_only_what_it_can_change(datapoint, monkeypatch):
    begin_anew()
    # For this one the value stays where nothing begins and nothing ends.
    AlarmRule.objects.filter(hysteresis=2.0, kind=Kind.ABOVE).delete()
    rows = [(START + n * SECOND, 0.0) for n in range(5000)]
    write(datapoint, rows)
    now = rows[-1][0]
    services.evaluate_due(now=moment(now))
    read = []
    samples_in = reading.samples_in

    def counted(*arguments, **options):
        found = yield from samples_in(*arguments, **options)
        read.append(len(found))
        return found

    monkeypatch.setattr(evaluation.reading, "samples_in", counted)
    monkeypatch.setattr(evaluation, "FIRST_SLICE", 100)
    late = START + 100 * SECOND + SECOND // 2
    write(datapoint, [(late, 5.0)])
    services.evaluate_due(now=moment(now + SECOND))
    assert sum(read) < 200 * len(RULES)
    assert_same(dict([*rows, (late, 5.0)]), now + SECOND)
    assert AlarmEpisode.objects.filter(rule__name="0").count() == 1
    # It is long over, so nobody is told.
    assert not EventRow.objects.filter(type="telemetry.alarm_raised", data__name="0").exists()
    assert timedelta(0) < AlarmEpisode.objects.get(rule__name="0").ended_at - moment(late) < timedelta(seconds=1)
