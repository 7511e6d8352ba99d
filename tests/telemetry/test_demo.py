"""The demo's year, and the simulation that goes on with it."""

import random
import threading
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import Count
from rich.progress import Progress

from guildhall.core.events.models import EventRow
from guildhall.core.organizations.seed import seed_people_and_places
from guildhall.modules.telemetry import payload, simulate
from guildhall.modules.telemetry import seed as demo
from guildhall.modules.telemetry.alarms.models import AlarmEpisode, AlarmRule
from guildhall.modules.telemetry.models import Datapoint, Datasource
from guildhall.modules.telemetry.signals import OUTDOOR, SIGNALS, Instant, Sensor
from tests.support import samples
from tests.support.broker import wait_for

#: Devices that by chance say nothing for a while would be waited for in vain.
FAULTLESS = simulate.Manners(gaps=0, late=0, repeated=0)


def plant(number: int = 1):
    place = seed_people_and_places(random.Random(1), lambda: None)
    with Progress(disable=True) as progress:
        demo.seed(place, rng=random.Random(number), progress=progress)
    return place


@pytest.mark.django_db
def test_every_object_gets_its_sensors_and_their_year_once(monkeypatch):
    monkeypatch.setattr(demo, "DAYS", 40)
    place = plant()
    counts = Datapoint.objects.values("object").annotate(n=Count("pk"))
    assert {row["n"] for row in counts} <= {len(SIGNALS), len(OUTDOOR)}
    assert len(counts) == len(place.objects)
    stored = samples.stored()
    per_datapoint = Counter(sample.datapoint_id for sample in stored)
    assert set(per_datapoint.values()) == {40 * 96}
    assert len(per_datapoint) == Datapoint.objects.count()
    assert (datetime.now(UTC) - max(sample.at for sample in stored)).total_seconds() < 1900
    plant(2)
    assert samples.stored() == stored


@pytest.mark.django_db
def test_demo_has_alarm_rules_with_a_past_and_an_alarm_that_is_on(monkeypatch):
    monkeypatch.setattr(demo, "DAYS", 20)
    plant()
    on = AlarmEpisode.objects.filter(ended_at=None)
    assert on.filter(rule__name="Damp", rule__severity="critical").count() == 1
    assert AlarmEpisode.objects.filter(rule__name="Stuffy air").exclude(ended_at=None).count() > 5
    kinds = set(AlarmRule.objects.values_list("kind", flat=True))
    assert kinds == {"above", "outside", "silent_for"}
    # Only what is on now is told.
    told = EventRow.objects.filter(type__startswith="telemetry.alarm").values_list("type", flat=True)
    assert list(told) == ["telemetry.alarm_raised"] * on.count()


@pytest.mark.parametrize(
    "signal", {signal.name: signal for signal in (*SIGNALS, *OUTDOOR)}.values(), ids=lambda s: s.key
)
def test_signal_is_believable_and_the_same_for_the_same_seed(signal):
    def week(start: int):
        sensor = Sensor(signal, random.Random(7))
        return [sensor.value(Instant.of(start + quarter * 900)) for quarter in range(7 * 96)]

    summer = week(1_783_000_000)
    assert summer == week(1_783_000_000)
    assert min(summer) >= signal.lowest
    assert len(set(summer)) > 3
    assert summer != week(1_767_000_000)


def test_sensor_goes_on_from_its_latest_value_and_wanders_little_in_seconds():
    (signal,) = [one for one in SIGNALS if one.key == "humidity"]
    sensor = Sensor(signal, random.Random(7), latest=55.5)
    minute = [sensor.value(Instant.of(1_783_000_000 + second)) for second in range(60)]
    assert minute[0] == 55.5
    assert max(minute) - min(minute) < signal.wander / 2
    hours = [sensor.value(Instant.of(1_783_000_060 + second)) for second in range(0, 7200, 60)]
    assert max(hours) - min(hours) > signal.wander / 2
    # A clock that is set back disturbs nothing.
    assert sensor.value(Instant.of(1_782_999_000)) == pytest.approx(hours[-1], abs=signal.wander)


@pytest.mark.usefixtures("gate_running", "consumer_running")
def test_simulation_publishes_for_every_object(monkeypatch, capsys):
    monkeypatch.setattr(demo, "DAYS", 1)
    plant()
    first = min(sample.at for sample in samples.stored())
    monkeypatch.setattr(simulate.signal, "signal", lambda *_: None)
    simulate.main(rate=60, seconds=1.5, manners=FAULTLESS)
    assert int(capsys.readouterr().out.split()[0]) > 60
    sources = Datasource.objects.filter(name__startswith="Simulation")
    wait_for(lambda: sources.filter(messages_stored__gt=5).count() == sources.count())
    assert min(sample.at for sample in samples.stored()) == first
    # A second run takes the same datasources with new secrets.
    count = sources.count()
    simulate.main(rate=10, seconds=0.2)
    assert sources.count() == count


def test_simulation_of_a_demo_that_is_gone_waits_to_be_stopped(db, monkeypatch):
    stopped = threading.Event()
    monkeypatch.setattr(simulate, "_told_to_stop", lambda: stopped)

    def run():
        try:
            simulate.of_demo()
        finally:
            connection.close()

    waiting = threading.Thread(target=run)
    waiting.start()
    waiting.join(0.5)
    assert waiting.is_alive()
    stopped.set()
    waiting.join(10)
    assert not waiting.is_alive()


@pytest.mark.usefixtures("gate_running", "consumer_running")
def test_simulation_further_devices_bring_datapoints_of_their_own(monkeypatch):
    monkeypatch.setattr(demo, "DAYS", 1)
    place = plant()
    monkeypatch.setattr(simulate.signal, "signal", lambda *_: None)
    count = len(place.objects) + 2
    simulate.main(rate=200, seconds=1.5, number_of_devices=count, manners=FAULTLESS)
    assert Datasource.objects.filter(name__startswith="Simulation").count() == count
    wait_for(lambda: Datapoint.objects.filter(key__startswith="device-").count() == 2 * len(SIGNALS))


def mischief(**shares: float) -> simulate.Mischief:
    return simulate.Mischief(simulate.Manners(**{"gaps": 0, "late": 0, "repeated": 0, **shares}), random.Random(3))


def test_mischief_none_sends_the_bare_number_at_once():
    (message,) = mischief().messages(0, "t", 21.5, 1000.0)
    assert (message.due_s, message.payload) == (1000.0, "21.5")


def test_mischief_repeated_message_has_the_same_time_twice():
    first, second = mischief(repeated=1).messages(0, "t", 21.5, 1000.0)
    assert first == second
    assert payload.parse(first.payload.encode(), 0) == [(1_000_000_000, 21.5)]


def test_mischief_late_message_comes_later_with_its_own_time():
    made = mischief(late=1)
    assert made.messages(0, "t", 21.5, 1000.0) == []
    assert list(made.due(1004.0)) == []
    (message,) = made.due(1121.0)
    assert payload.parse(message.payload.encode(), 0) == [(1_000_000_000, 21.5)]
    assert list(made.due(9999.0)) == []


def test_mischief_silent_device_is_silent_for_a_while_and_alone():
    made = mischief(gaps=1)
    assert made.messages(0, "t", 21.5, 1000.0) == []
    made._manners = simulate.Manners(gaps=0, late=0, repeated=0)
    assert made.messages(0, "t", 21.5, 1029.0) == []
    assert len(made.messages(1, "t", 21.5, 1029.0)) == 1
    assert len(made.messages(0, "t", 21.5, 1181.0)) == 1


@pytest.mark.parametrize("number", [0, simulate.MOST_DEVICES + 1])
def test_simulation_of_none_or_too_many_devices_is_refused(number):
    with pytest.raises(simulate.SimulationError, match=str(simulate.MOST_DEVICES)):
        simulate.main(number_of_devices=number)


@pytest.mark.django_db
def test_simulation_without_a_demo_says_so():
    with pytest.raises(simulate.SimulationError, match="guildhall seed"):
        simulate.main()


@pytest.mark.django_db
def test_simulation_without_a_broker_says_so(monkeypatch):
    monkeypatch.setattr(demo, "DAYS", 1)
    plant()
    monkeypatch.setattr(simulate.signal, "signal", lambda *_: None)
    monkeypatch.setattr(simulate, "settings", simulate.settings.model_copy(update={"mqtt_port": 9}))
    with pytest.raises(simulate.SimulationError, match="is away"):
        simulate.main()
    assert threading.active_count() < 10
