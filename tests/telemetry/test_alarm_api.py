"""The API of alarm rules and alarms."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guildhall.modules.telemetry.alarms import services
from guildhall.modules.telemetry.alarms.models import AlarmEpisode, AlarmRule
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.services import create_datapoint

pytestmark = pytest.mark.django_db
RULES = "/api/alarm-rules/"
ALARMS = "/api/alarms/"


@pytest.fixture
def moderator(api, house):
    api.force_authenticate(house.moderator)
    return api


@pytest.fixture
def datapoint(house) -> Datapoint:
    return create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="t")


def make_rule(house, datapoint, name="Too hot", **given) -> AlarmRule:
    given = {"kind": "above", "high": 30.0, **given}
    return services.create_rule(actor=house.admin, datapoint=datapoint, name=name, **given)


def make_alarm(rule, minutes_ago, *, lasted=None) -> AlarmEpisode:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    ended = None if lasted is None else at + timedelta(minutes=lasted)
    return AlarmEpisode.objects.create(rule=rule, began_at=at, started_at=at, ended_at=ended)


def post(api, datapoint, **given):
    body = {"datapoint": datapoint.pk, "name": "New", **given}
    return api.post(RULES, body, format="json")


def test_rule_is_created_read_changed_and_deleted(moderator, datapoint):
    made = post(moderator, datapoint, kind="outside", low=5, high=30, hysteresis=1, duration_s=60, severity="critical")
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    assert made.data["low"] == 5.0
    address = f"{RULES}{made.data['id']}/"
    assert moderator.get(address, headers={"If-None-Match": '"1"'}).status_code == 304
    changed = moderator.patch(address, {"high": 35}, format="json", headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.data["high"], changed.data["low"]) == (200, 35.0, 5.0)
    assert moderator.patch(address, {"high": 36}, format="json", headers={"If-Match": '"1"'}).status_code == 412
    assert moderator.delete(address).status_code == 204
    assert moderator.get(address).status_code == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "above"}, "high"),
        ({"kind": "above", "high": 3, "low": 1}, "low"),
        ({"kind": "below", "low": 3, "hysteresis": -1}, "hysteresis"),
        ({"kind": "outside", "low": 3, "high": 3}, "high"),
        ({"kind": "outside", "low": 3, "high": 4, "hysteresis": 1}, "hysteresis"),
        ({"kind": "rate_of_change", "high": 0}, "high"),
        ({"kind": "silent_for"}, "duration_s"),
        ({"kind": "silent_for", "duration_s": 10**9}, "duration_s"),
        ({"kind": "wind", "high": 3}, "kind"),
        ({"kind": "above", "high": 3, "since": "2999-01-01T00:00:00Z"}, "since"),
        ({"kind": "above", "high": 3, "colour": "red"}, "colour"),
    ],
)
def test_rule_that_makes_no_sense_is_refused_with_its_field(moderator, datapoint, given, field):
    answer = post(moderator, datapoint, **given)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert {error["field"] for error in answer.json()["errors"]} == {field}


def test_rules_are_filtered_by_what_they_watch(moderator, house, datapoint):
    other = create_datapoint(actor=house.admin, project=house.project, key="u")
    rules = [make_rule(house, datapoint), make_rule(house, other, enabled=False)]
    third = create_datapoint(actor=house.admin, project=house.project, key="v")
    make_rule(house, third)

    def found(query):
        return [row["id"] for row in moderator.get(f"{RULES}?{query}").data["results"]]

    assert found(f"datapoint={datapoint.pk}") == [str(rules[0].pk)]
    assert set(found(f"datapoint={datapoint.pk}&datapoint={other.pk}")) == {str(rule.pk) for rule in rules}
    assert found(f"object={house.thing.pk}") == [str(rules[0].pk)]
    assert found("enabled=false") == [str(rules[1].pk)]
    assert found(f"project={house.other_project.pk}") == []


def test_alarms_are_filtered_and_acknowledged(moderator, house, datapoint):
    hot = make_rule(house, datapoint, severity="critical")
    cold = make_rule(house, datapoint, "Too cold", kind="below", high=None, low=1.0, severity="info")
    on, over, old = make_alarm(hot, 10), make_alarm(cold, 20, lasted=5), make_alarm(hot, 90, lasted=1)

    def found(query=""):
        return [row["id"] for row in moderator.get(f"{ALARMS}?{query}").data["results"]]

    assert found() == [on.pk, over.pk, old.pk]
    assert found("open=true") == [on.pk]
    assert found("open=false") == [over.pk, old.pk]
    assert found("severity=info") == [over.pk]
    assert found("severity=info&severity=critical") == [on.pk, over.pk, old.pk]
    assert found(f"rule={hot.pk}") == [on.pk, old.pk]
    assert found(f"datapoint={datapoint.pk}&project={house.project.pk}&object={house.thing.pk}&open=true") == [on.pk]
    assert found(f"datapoint={datapoint.pk + 1}") == []
    hour_ago = (timezone.now() - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert found(f"start={hour_ago}") == [on.pk, over.pk]
    assert found(f"end={hour_ago}") == [old.pk]
    answer = moderator.post(f"{ALARMS}{on.pk}/acknowledge/")
    assert (answer.status_code, answer.data["acknowledged_by_name"]) == (200, "Moderator")
    assert moderator.get(f"{ALARMS}{on.pk}/").data["acknowledged_by"] == house.moderator.pk
    assert moderator.get(f"{ALARMS}{2**70}/").status_code == 404
