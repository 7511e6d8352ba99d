"""The pages of alarms and rules as people see them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from guildhall.core.organizations.services import choose_active_organization
from guildhall.modules.telemetry.alarms import services
from guildhall.modules.telemetry.alarms.models import AlarmEpisode, AlarmRule
from guildhall.modules.telemetry.alarms.policy import Kind, Severity
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.services import create_datapoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, house):
    choose_active_organization(actor=house.moderator, organization=house.organization)
    client.force_login(house.moderator)
    return client


@pytest.fixture
def datapoint(house) -> Datapoint:
    return create_datapoint(
        actor=house.admin, project=house.project, thing=house.thing, key="t", name="Heat of oven", unit="°C"
    )


@pytest.fixture
def rule(house, datapoint) -> AlarmRule:
    return services.create_rule(
        actor=house.admin,
        datapoint=datapoint,
        name="Too hot",
        kind=Kind.ABOVE.value,
        high=30.0,
        duration_s=60,
        severity=Severity.CRITICAL.value,
    )


@pytest.fixture
def alarm(rule) -> AlarmEpisode:
    now = timezone.now()
    return AlarmEpisode.objects.create(rule=rule, began_at=now, started_at=now, peak_value=35.25, peak_at=now)


def rules_of(datapoint):
    return f"/telemetry/datapoints/{datapoint.pk}/alarms/"


def test_rule_is_made_on_the_page_of_the_datapoint(page, datapoint):
    empty = page.get(rules_of(datapoint))
    assert "No rule yet" in empty.text
    assert re.search(
        r'<input[^>]*name="hysteresis"[^>]*value="0"|<input[^>]*value="0"[^>]*name="hysteresis"', empty.text
    )
    body = {"name": "Too cold", "kind": "below", "low": "5", "severity": "info", "enabled": "on"}
    answer = page.post(rules_of(datapoint), body)
    made = AlarmRule.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, rules_of(datapoint))
    assert (made.kind, made.low, made.high, made.enabled) == ("below", 5.0, None, True)
    assert "below 5 °C" in page.get(rules_of(datapoint)).text


def test_threshold_that_makes_no_sense_is_shown_at_its_field(page, datapoint):
    body = {"name": "Band", "kind": "outside", "low": "9", "high": "5", "severity": "info", "enabled": "on"}
    answer = page.post(rules_of(datapoint), body)
    assert "It has to be more than the lower threshold." in answer.text
    assert not AlarmRule.objects.exists()


def test_fields_that_a_kind_does_not_show_are_left_out(page, datapoint):
    body = {
        "name": "Quiet",
        "kind": "silent_for",
        "low": "9",
        "hysteresis": "1",
        "duration_s": "600",
        "severity": "info",
    }
    page.post(rules_of(datapoint), body)
    made = AlarmRule.objects.get()
    assert (made.low, made.hysteresis, made.duration_s, made.enabled) == (None, 0.0, 600, False)
    assert "no value comes for 600 s" in page.get(rules_of(datapoint)).text


def test_rule_is_changed_by_its_form(page, rule):
    address = f"/telemetry/alarm-rules/{rule.pk}/"
    assert 'type="hidden" name="low"' in page.get(address).text
    body = {"name": "Hot", "high": "31.5", "duration_s": "5", "severity": "info", "enabled": "on", "version": "1"}
    assert page.post(address, body).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.high, rule.duration_s, rule.version) == ("Hot", 31.5, 5, 2)
    assert "Somebody else saved it" in page.post(address, body).text


def test_alarm_is_shown_wherever_people_look_and_acknowledged(page, rule, alarm, house):
    assert "Heat of oven: Too hot" in page.get("/").text
    way = f"/telemetry/alarms/{alarm.pk}/acknowledge/"
    for address in ("/telemetry/", "/telemetry/alarms/", "/telemetry/alarms/now/", "/telemetry/alarms/on/"):
        shown = page.get(address).text
        assert f'data-alarm-on="{alarm.pk}"' in shown
        assert f'form="acknowledge" formaction="{way}"' in shown
    for address in ("/telemetry/", "/telemetry/alarms/", f"/telemetry/datapoints/{rule.datapoint_id}/"):
        assert '<form id="acknowledge" method="post"' in page.get(address).text
    assert page.post(way, {"next": "/telemetry/alarms/"})["Location"] == "/telemetry/alarms/"
    assert way not in page.get("/telemetry/alarms/").text
    for elsewhere in ("//elsewhere.example/telemetry/", "https://elsewhere.example/telemetry/", "/admin/"):
        assert page.post(way, {"next": elsewhere})["Location"] == f"/telemetry/alarm-rules/{rule.pk}/"
    alarm.acknowledged_at = alarm.acknowledged_by = None
    alarm.save()
    assert "worst 35.25 °C" in page.get(f"/telemetry/alarm-rules/{rule.pk}/").text
    assert page.post(f"/telemetry/alarms/{alarm.pk}/acknowledge/").status_code == 302
    alarm.refresh_from_db()
    assert alarm.acknowledged_by == house.moderator
    assert "Moderator knows of it" in page.get("/telemetry/alarms/").text
    assert "Heat of oven: Too hot" not in page.get("/").text
    alarm.ended_at = alarm.started_at + timedelta(seconds=1)
    alarm.save()
    assert "data-alarm-on" not in page.get("/telemetry/alarms/").text
    assert "data-alarm-on" not in page.get("/telemetry/").text


def test_alarm_is_shown_on_the_page_of_its_datapoint_and_not_on_others(page, house, datapoint, alarm):
    other = create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="other")
    for shown in (datapoint, other):
        for address in (f"/telemetry/datapoints/{shown.pk}/", f"/telemetry/alarms/on/?datapoint={shown.pk}"):
            assert (f'data-alarm-on="{alarm.pk}"' in page.get(address).text) is (shown == datapoint)
    assert "data-alarm-on" not in page.get("/telemetry/alarms/on/?datapoint=9999999999999999999").text


def test_part_that_is_read_again_and_again_is_the_same_as_long_as_nothing_happens(page, alarm):
    for part in ("now", "on"):
        assert page.get(f"/telemetry/alarms/{part}/").text == page.get(f"/telemetry/alarms/{part}/").text


def test_deleted_rule_is_gone_with_its_alarms(page, rule, alarm):
    assert page.post(f"/telemetry/alarm-rules/{rule.pk}/delete/").status_code == 302
    assert not AlarmEpisode.objects.exists()


def test_user_of_the_object_acknowledges_but_makes_no_rules(client, house, datapoint, rule, alarm):
    choose_active_organization(actor=house.user, organization=house.organization)
    client.force_login(house.user)
    assert "New rule" not in client.get(rules_of(datapoint)).text
    shown = client.get(f"/telemetry/alarm-rules/{rule.pk}/").text
    assert ("delete-rule" in shown, "Acknowledge" in shown) == (False, True)
    assert client.post(rules_of(datapoint), {}).status_code == 403
    assert client.post(f"/telemetry/alarms/{alarm.pk}/acknowledge/").status_code == 302


def test_admin_shows_rules_and_alarms_and_deletes_them_only_with_the_organization(client, house, rule, alarm):
    client.force_login(house.superuser)
    for model, pk in (("alarmrule", rule.pk), ("alarmepisode", alarm.pk)):
        assert "Too hot" in client.get(f"/admin/telemetry/{model}/").text
        assert client.get(f"/admin/telemetry/{model}/{pk}/change/").status_code == 200
        assert client.post(f"/admin/telemetry/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
    address = f"/admin/organizations/organization/{house.organization.pk}/delete/"
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert not AlarmRule.objects.exists()
