"""Alarm rules in the database: their services, their evaluation, and the process that does it."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from guildhall.core.audit.models import AuditEntry
from guildhall.core.errors import InvalidInputError, NotAllowedError, NotFoundError
from guildhall.core.events.models import EventRow
from guildhall.core.versions import StaleVersionError
from guildhall.modules.telemetry import background
from guildhall.modules.telemetry.alarms import services, watching
from guildhall.modules.telemetry.alarms.models import AlarmDue, AlarmEpisode, AlarmRule, AlarmState
from guildhall.modules.telemetry.alarms.policy import Kind
from guildhall.modules.telemetry.database import carry_out
from guildhall.modules.telemetry.errors import NameTakenError
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.services import create_datapoint
from guildhall.modules.telemetry.store import journal
from guildhall.modules.telemetry.store.layout import microseconds, moment
from guildhall.modules.telemetry.store.plan import run
from tests.support.broker import Program, database_url, wait_for
from tests.support.people import build_house

START = datetime(2026, 5, 4, 10, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def make_datapoint(house, key="t") -> Datapoint:
    return create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key=key)


def make_rule(house, datapoint, name="Too hot", **given) -> AlarmRule:
    given = {"kind": Kind.ABOVE.value, "high": 30.0, "since": START, **given}
    return services.create_rule(actor=house.admin, datapoint=datapoint, name=name, **given)


def write(datapoint, *rows):
    carry_out(journal.write(journal.batch_of([(datapoint.pk, microseconds(later(at)), value) for at, value in rows])))


def evaluate(at: float):
    return services.evaluate_due(now=later(at))


def episodes(rule):
    rows = rule.episodes.order_by("started_at").values_list("started_at", "ended_at")
    return [
        ((start - START).total_seconds(), None if end is None else (end - START).total_seconds()) for start, end in rows
    ]


def told(rule):
    rows = EventRow.objects.filter(subject=f"alarm/{rule.pk}").order_by("pk")
    return [row.type.removeprefix("telemetry.alarm_") for row in rows]


@pytest.fixture
def datapoint(house) -> Datapoint:
    return make_datapoint(house)


def test_trigger_marks_nothing_without_a_rule_that_is_enabled(house, datapoint):
    write(datapoint, (0, 1.0))
    rule = make_rule(house, datapoint, enabled=False)
    write(datapoint, (1, 1.0))
    assert not AlarmDue.objects.exists()
    services.update_rule(actor=house.admin, rule=rule, enabled=True)
    write(make_datapoint(house, "other"), (1, 1.0))
    assert not AlarmDue.objects.exists()
    write(datapoint, (2, 1.0))
    assert AlarmDue.objects.get().datapoint_id == datapoint.pk


def test_trigger_marks_the_times_of_each_datapoint(house, datapoint):
    others = [make_datapoint(house, f"other{number}") for number in range(3)]
    make_rule(house, datapoint)
    make_rule(house, others[2])
    early = microseconds(datetime(1901, 1, 1, tzinfo=UTC))
    rows = [
        (others[0].pk, 5, 1.0),
        (datapoint.pk, early, 1.0),
        (datapoint.pk, microseconds(later(9)), 1.0),
        (others[2].pk, microseconds(later(3)), 1.0),
    ]
    carry_out(journal.write(journal.batch_of(rows)))
    write(others[2], (1, 1.0))
    carry_out(journal.delete(others[2].pk, microseconds(later(2)), microseconds(later(7))))
    found = {mark.datapoint_id: (mark.dirty_from, mark.dirty_until, mark.position) for mark in AlarmDue.objects.all()}
    assert found == {
        datapoint.pk: (early, microseconds(later(9)), 1),
        others[2].pk: (microseconds(later(1)), microseconds(later(7)), 3),
    }


def test_alarm_is_raised_and_cleared_as_values_come(house, datapoint):
    rule = make_rule(house, datapoint, duration_s=10)
    write(datapoint, (0, 29.0), (5, 31.0))
    evaluate(6)
    assert (episodes(rule), told(rule)) == ([], [])
    assert evaluate(14) == 0
    # Nothing came, yet its time is over.
    evaluate(15)
    assert (episodes(rule), told(rule)) == ([(15, None)], ["raised"])
    write(datapoint, (20, 35.5), (22, 30.0))
    evaluate(23)
    assert (episodes(rule), told(rule)) == ([(15, 22)], ["raised", "cleared"])
    data = EventRow.objects.get(type="telemetry.alarm_cleared").data
    assert (data["value"], data["withdrawn"], data["severity"]) == (35.5, False, "warning")
    row = rule.episodes.get()
    assert (row.began_at, row.peak_at) == (later(5), later(20))


def test_late_values_change_the_past_and_tell_only_how_things_are(house, datapoint):
    rule = make_rule(house, datapoint)
    write(datapoint, (0, 20.0), (100, 31.0))
    evaluate(101)
    write(datapoint, (50, 40.0), (60, 20.0))
    evaluate(102)
    assert (episodes(rule), told(rule)) == ([(50, 60), (100, None)], ["raised"])
    # The value that raised it is corrected.
    write(datapoint, (100, 21.0))
    evaluate(103)
    assert (episodes(rule), told(rule)) == ([(50, 60)], ["raised", "cleared"])
    assert EventRow.objects.get(type="telemetry.alarm_cleared").data["withdrawn"] is True


def test_short_alarm_between_two_looks_is_told(house, datapoint):
    rule = make_rule(house, datapoint, since=None)
    write(
        datapoint, *[((rule.since - START).total_seconds() + number, 20.0 + 20 * (number == 1)) for number in range(4)]
    )
    services.evaluate_due(now=rule.since + timedelta(seconds=5))
    assert told(rule) == ["raised", "cleared"]


def test_history_of_a_new_rule_is_recorded_and_not_told(house, datapoint):
    write(datapoint, (-5, 40.0), (10, 20.0), (50, 40.0), (60, 20.0))
    rule = make_rule(house, datapoint, since=START)
    evaluate(70)
    assert (episodes(rule), told(rule)) == ([(0, 10), (50, 60)], [])


def test_silence_is_raised_by_the_clock_and_ends_with_a_value(house, datapoint):
    rule = make_rule(house, datapoint, kind=Kind.SILENT_FOR.value, high=None, duration_s=60)
    write(datapoint, (0, 1.0))
    evaluate(59)
    assert told(rule) == []
    evaluate(60)
    assert (episodes(rule), told(rule)) == ([(60, None)], ["raised"])
    write(datapoint, (90, 1.0))
    evaluate(91)
    assert (episodes(rule), told(rule)) == ([(60, 90)], ["raised", "cleared"])
    assert AlarmState.objects.get(rule=rule).check_at == later(150)


def test_changed_threshold_holds_from_now_on_and_keeps_an_alarm_that_is_on(house, datapoint):
    rule = make_rule(house, datapoint)
    write(datapoint, (0, 20.0), (1, 35.0))
    evaluate(2)
    changed = services.update_rule(actor=house.admin, rule=rule, high=34.0, name="Hot")
    services.evaluate_due(now=changed.since)
    assert (episodes(rule), told(rule), changed.version) == ([(1, None)], ["raised"], 2)
    assert rule.episodes.get().peak_value == 35.0
    again = services.update_rule(actor=house.admin, rule=rule, high=36.0)
    services.evaluate_due(now=again.since)
    assert told(rule) == ["raised", "cleared"]
    assert rule.episodes.get().ended_at == again.since
    with pytest.raises(StaleVersionError):
        services.update_rule(actor=house.admin, rule=rule, high=1.0, expected=frozenset({1}))


def test_longer_silence_takes_back_an_alarm_that_is_on(house, datapoint):
    rule = make_rule(house, datapoint, kind=Kind.SILENT_FOR.value, high=None, duration_s=60)
    write(datapoint, ((timezone.now() - START).total_seconds() - 120, 1.0))
    services.evaluate_due()
    assert told(rule) == ["raised"]
    services.update_rule(actor=house.admin, rule=rule, duration_s=600)
    services.evaluate_due()
    assert told(rule) == ["raised", "cleared"]


def test_new_name_leaves_the_rule_as_it_was(house, datapoint):
    rule = make_rule(house, datapoint)
    services.update_rule(actor=house.admin, rule=rule, name="Hot", severity="critical")
    assert AlarmRule.objects.get().since == START


def test_disabled_rule_clears_and_watches_again_when_enabled(house, datapoint):
    rule = make_rule(house, datapoint)
    write(datapoint, (1, 35.0))
    evaluate(2)
    services.update_rule(actor=house.admin, rule=rule, enabled=False)
    assert told(rule) == ["raised", "cleared"]
    assert AlarmState.objects.get().check_at is None
    services.update_rule(actor=house.admin, rule=rule, enabled=True)
    services.evaluate_due()
    assert told(rule) == ["raised", "cleared", "raised"]
    services.delete_rule(actor=house.admin, rule=rule)
    assert told(rule) == []
    assert EventRow.objects.filter(type="telemetry.alarm_cleared").count() == 2
    actions = list(AuditEntry.objects.filter(action__startswith="alarm_rule").values_list("action", flat=True))
    assert sorted(actions) == [f"alarm_rule.{what}" for what in ("changed", "changed", "created", "deleted")]


def test_marks_of_a_datapoint_without_rules_are_taken_away(house, datapoint):
    rule = make_rule(house, datapoint)
    write(datapoint, (1, 35.0))
    rule.delete()
    assert evaluate(2) == 1
    assert not AlarmDue.objects.exists()


def test_acknowledgement_remembers_the_first_and_survives_evaluation(house, datapoint):
    rule = make_rule(house, datapoint)
    write(datapoint, (1, 35.0))
    evaluate(2)
    alarm = services.acknowledge(actor=house.user, episode=rule.episodes.get())
    services.acknowledge(actor=house.admin, episode=alarm)
    write(datapoint, (3, 40.0))
    evaluate(4)
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.peak_value) == (house.user, 40.0)
    with pytest.raises(NotAllowedError):
        services.acknowledge(actor=house.stranger, episode=alarm)
    AlarmEpisode.objects.all().delete()
    with pytest.raises(NotFoundError):
        services.acknowledge(actor=house.user, episode=alarm)


def test_rule_of_the_future_a_taken_name_and_too_many_are_refused(house, datapoint, monkeypatch):
    make_rule(house, datapoint)
    with pytest.raises(NameTakenError):
        make_rule(house, datapoint)
    with pytest.raises(InvalidInputError) as refused:
        make_rule(house, datapoint, "Other", since=timezone.now() + timedelta(days=1))
    assert set(refused.value.fields) == {"since"}
    monkeypatch.setattr(services, "MAX_RULES", 1)
    with pytest.raises(InvalidInputError) as refused:
        make_rule(house, datapoint, "Other")
    assert set(refused.value.fields) == {"datapoint"}


@pytest.mark.parametrize(
    ("given", "constraint"),
    [
        ({"high": None}, "alarmrule_thresholds_fit_kind"),
        ({"kind": "outside", "low": 31.0}, "alarmrule_thresholds_fit_kind"),
        ({"kind": "wind"}, "alarmrule_thresholds_fit_kind"),
        ({"high": float("nan")}, "alarmrule_numbers_are_finite"),
        ({"hysteresis": -1.0}, "alarmrule_numbers_are_finite"),
        ({"severity": "bad"}, "alarmrule_words_known"),
    ],
)
def test_database_refuses_rules_that_make_no_sense(house, datapoint, given, constraint):
    fields = {"kind": "above", "high": 30.0, "since": START, "name": "x", **given}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AlarmRule.objects.create(datapoint=datapoint, **fields)


def test_database_refuses_a_second_alarm_that_is_on(house, datapoint):
    rule = make_rule(house, datapoint)
    AlarmEpisode.objects.create(rule=rule, began_at=START, started_at=START)
    with pytest.raises(IntegrityError, match="alarmepisode_one_open"), transaction.atomic():
        AlarmEpisode.objects.create(rule=rule, began_at=START, started_at=later(1))
    with pytest.raises(IntegrityError, match="alarmepisode_ends_after_start"), transaction.atomic():
        AlarmEpisode.objects.create(rule=rule, began_at=START, started_at=later(1), ended_at=later(1))


@pytest.fixture
def committed(transactional_db):
    house = build_house()
    return house, make_datapoint(house)


def test_evaluation_leaves_alone_what_another_process_evaluates(committed):
    house, datapoint = committed
    rule = make_rule(house, datapoint)
    write(datapoint, (1, 35.0))
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT id FROM telemetry_alarmrule FOR NO KEY UPDATE")
        assert evaluate(2) == 0
    assert AlarmDue.objects.exists()
    assert evaluate(2) == 1
    assert told(rule) == ["raised"]


def test_write_during_an_evaluation_waits_for_nothing_and_is_looked_at_next(committed, monkeypatch):
    house, datapoint = committed
    rule = make_rule(house, datapoint)
    write(datapoint, (1, 35.0))
    tell = services.tell

    def write_meanwhile(*arguments):
        rows = [(datapoint.pk, microseconds(later(2)), 20.0)]
        impatient = psycopg.connect(database_url(), options="-c lock_timeout=500")
        with impatient as other, other.cursor(binary=True) as cursor:
            run(journal.write(journal.batch_of(rows)), cursor)
        monkeypatch.undo()
        tell(*arguments)

    monkeypatch.setattr(services, "tell", write_meanwhile)
    evaluate(3)
    assert AlarmDue.objects.count() == 1
    evaluate(3)
    assert (episodes(rule), told(rule)) == ([(1, 2)], ["raised", "cleared"])


def test_new_rule_waits_for_the_write_under_way(committed):
    house, datapoint = committed
    with psycopg.connect(database_url()) as writer:
        with writer.cursor(binary=True) as cursor:
            run(journal.write(journal.batch_of([(datapoint.pk, microseconds(later(1)), 35.0)])), cursor)
        made = []

        def make():
            try:
                made.append(make_rule(house, datapoint))
            finally:
                connection.close()

        thread = threading.Thread(target=make)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        writer.commit()
        thread.join(10)
    evaluate(2)
    assert told(made[0]) == ["raised"]


def is_in_the_midst() -> bool:
    """Whether another connection is writing alarms, and has not committed them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'telemetry_alarmepisode'::regclass "
            "AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
        )
        (count,) = cursor.fetchone()
    return count > 0


def test_process_killed_in_the_midst_loses_and_doubles_nothing(committed):
    house, datapoint = committed
    rule = make_rule(house, datapoint, since=None)
    silence = make_rule(house, datapoint, "Quiet", since=None, kind=Kind.SILENT_FOR.value, high=None, duration_s=1)
    environment = {"DJANGO_SETTINGS_MODULE": "guildhall.settings.django", "DATABASE_URL": database_url()}
    expected = []
    with Program("guildhall.modules.telemetry.background:main", environment) as program:
        for kills in range(3):
            base = microseconds(timezone.now())
            rows = [(datapoint.pk, base + step * 100, 20.0 + 20 * (step % 2)) for step in range(301)]
            carry_out(journal.write(journal.batch_of(rows)))
            expected += [moment(at) for _, at, value in rows if value > 30]
            if kills < 2:
                wait_for(is_in_the_midst, at_most_s=40)
                program.kill()
                assert rule.episodes.count() % 150 == 0
                program.start()
        wait_for(lambda: rule.episodes.count() == len(expected) and not AlarmDue.objects.exists(), at_most_s=40)
        wait_for(lambda: silence.episodes.filter(ended_at=None).exists())
    assert list(rule.episodes.order_by("started_at").values_list("started_at", flat=True)) == expected
    rows = EventRow.objects.filter(subject=f"alarm/{rule.pk}").order_by("pk").values_list("type", "data__started_at")
    times = [at.isoformat().replace("+00:00", "Z") for at in expected]
    assert list(rows) == [(f"telemetry.alarm_{what}", at) for at in times for what in ("raised", "cleared")]


def test_process_stops_when_told_and_goes_on_after_the_database_was_away(committed, monkeypatch):
    house, datapoint = committed
    rule = make_rule(house, datapoint)
    write(datapoint, (1, 35.0))
    stop = threading.Event()
    evaluate_due = services.evaluate_due
    calls = []

    def sometimes(**options):
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("away")
        return evaluate_due(**options)

    monkeypatch.setattr(services, "evaluate_due", sometimes)
    monkeypatch.setattr(watching, "PAUSE_AFTER_ERROR_S", 0.01)
    thread = threading.Thread(target=watching.run, args=[stop])
    thread.start()
    try:
        wait_for(lambda: told(rule) == ["raised"])
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def test_process_ends_with_the_half_that_failed(monkeypatch):
    def fail(_stop):
        raise ArithmeticError("broken")

    stopped = []
    monkeypatch.setattr(watching, "run", fail)
    monkeypatch.setattr(background.Sealer, "run", lambda self: stopped.append(self._stopping.wait(10)))
    with pytest.raises(ArithmeticError):
        asyncio.run(background.run())
    assert stopped == [True]
