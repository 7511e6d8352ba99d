"""Messages as ordinary devices send them, and the rules by which they become samples."""

import json
import shlex
from datetime import UTC, datetime

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from guildhall.core.errors import InvalidInputError
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.mapping import Rule, applies, read, rules_of
from guildhall.modules.telemetry.models import Datapoint, DeadLetter
from guildhall.modules.telemetry.payload import SECOND, RejectedError
from guildhall.modules.telemetry.web.forms import MappingForm
from tests.support import samples
from tests.support.broker import wait_for
from tests.telemetry.conftest import Source, make_source
from tests.telemetry.test_ingest import publish, watermark_sequence

NOW = int(datetime(2026, 5, 4, 10, tzinfo=UTC).timestamp()) * SECOND
LATER = NOW - 3600 * SECOND

#: As the devices' own documentation shows what they send.
TASMOTA_SENSOR = {
    "Time": "2026-05-04T12:00:00",
    "ENERGY": {
        "TotalStartTime": "2025-08-19T11:08:26", "Total": 12.345, "Yesterday": 1.2, "Today": 0.3, "Period": 0,
        "Power": 104, "ApparentPower": 120, "ReactivePower": 59, "Factor": 0.87, "Voltage": 230, "Current": 0.521,
    },
    "AM2301": {"Temperature": 21.5, "Humidity": 48.0, "DewPoint": 10.1},
    "TempUnit": "C",
}  # fmt: skip
TASMOTA_STATE = {
    "Time": "2026-05-04T12:00:00", "Uptime": "1T02:03:04", "UptimeSec": 93784, "Heap": 27, "SleepMode": "Dynamic",
    "POWER": "ON", "Wifi": {"AP": 1, "SSId": "makers", "RSSI": 72, "Signal": -64},
}  # fmt: skip
ZIGBEE_SENSOR = {
    "battery": 97, "humidity": 48.27, "linkquality": 105, "pressure": 1011.4, "temperature": 21.5, "voltage": 2995,
    "last_seen": "2026-05-04T09:00:00+00:00",
}  # fmt: skip
ZIGBEE_PLUG = {
    "state": "OFF",
    "power": 0,
    "energy": 3.21,
    "contact": True,
    "update": {"state": "idle"},
    "power_on": None,
}

TASMOTA = (
    Rule("/ENERGY/Power", "power", "tele/+/SENSOR"),
    Rule("/ENERGY/Total", "energy", "tele/+/SENSOR"),
    Rule("/AM2301/*", "climate/{name}", "tele/+/SENSOR"),
    Rule("/POWER", "switch", "tele/+/STATE"),
    Rule("/Wifi/Signal", "{topic}/signal", "tele/+/STATE"),
)
ZIGBEE = (Rule("/*", "{topic}/{name}", "+", "/last_seen"),)


@pytest.mark.parametrize(
    ("rules", "topic", "message", "expected"),
    [
        (TASMOTA, "tele/plug/SENSOR", TASMOTA_SENSOR,
         {"power": 104, "energy": 12.345, "climate/Temperature": 21.5, "climate/Humidity": 48, "climate/DewPoint": 10.1}),
        (TASMOTA, "tele/plug/SENSOR", {"ENERGY": {"Power": 5}}, {"power": 5}),
        (TASMOTA, "tele/plug/STATE", TASMOTA_STATE, {"switch": 1, "tele/plug/STATE/signal": -64}),
        (ZIGBEE, "desk", ZIGBEE_PLUG, {"desk/state": 0, "desk/power": 0, "desk/energy": 3.21, "desk/contact": 1}),
        ((Rule("", "{topic}", "+/binary_sensor/+/state"),), "node/binary_sensor/door/state", "ON",
         {"node/binary_sensor/door/state": 1}),
        ((Rule("", "t"),), "x", " 21.50 ", {"t": 21.5}),
        ((Rule("/a~1b/1", "{name}"),), "x", {"a/b": ["no", "+7.5"]}, {"1": 7.5}),
    ],
)  # fmt: skip
def test_messages_of_devices_become_samples(rules, topic, message, expected):
    sent = message if isinstance(message, str) else json.dumps(message)
    assert applies(rules, topic)
    found = read(rules, topic, sent.encode(), NOW)
    assert {key: value for key, _, value in found} == expected
    assert {at for _, at, _ in found} == {NOW}


def test_time_of_the_message_is_taken_where_the_rule_says_so():
    found = read(ZIGBEE, "room", json.dumps(ZIGBEE_SENSOR).encode(), NOW)
    assert {at for _, at, _ in found} == {LATER}
    assert len(found) == 6


@pytest.mark.parametrize(
    ("rule", "message", "reason"),
    [
        (Rule("/a", "k"), "", "empty"),
        (Rule("/a", "k"), " " * 600_000 + "1", "too_large"),
        (Rule("/a", "k"), "{}", "value_missing"),
        (Rule("/a", "k"), '{"a": null}', "value_missing"),
        (Rule("/*", "{name}"), "[1, 2]", "value_missing"),
        (Rule("/a", "k"), '{"a": "warm"}', "not_a_number"),
        (Rule("/a", "k"), '{"a": "nan"}', "not_finite"),
        (Rule("/a", "k"), '{"a": {"b": 1}}', "not_a_number"),
        (Rule("", "k"), b"\xff", "not_understood"),
        (Rule("/*", "{name}"), '{"a b": 1}', "bad_key"),
        (Rule("/a", "k", time="/t"), '{"a": 1, "t": "noon"}', "bad_time"),
    ],
)
def test_what_can_not_be_read_is_rejected_with_a_reason(rule, message, reason):
    with pytest.raises(RejectedError, match=reason):
        read((rule,), "t", message if isinstance(message, bytes) else message.encode(), NOW)


def test_message_with_thousands_of_values_is_too_large():
    message = json.dumps({str(number): number for number in range(10_001)})
    with pytest.raises(RejectedError, match="too_large"):
        read((Rule("/*", "{name}"),), "t", message.encode(), NOW)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule("/a", "k", "a b"), "topic"), (Rule("/a", "k", "#/a"), "topic"), (Rule("a", "k"), "pointer"),
        (Rule("/~2", "k"), "pointer"), (Rule("/a", ""), "key"), (Rule("/a", "a b"), "key"), (Rule("/a", "{x}"), "key"),
        (Rule("/a", "}"), "key"), (Rule("/*", "k"), "key"), (Rule("/a", "k", time="t"), "time"),
        (Rule("/" + "a" * 200, "k"), "pointer"),
    ],
)  # fmt: skip
def test_rules_that_are_not_right_are_refused(rule, field):
    assert rule.problem()[0] == field


@given(st.binary(max_size=80) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_whatever_comes_is_finite_samples_or_a_reason(message):
    rules = (Rule("/a", "k"), Rule("/b/*", "{name}"), Rule("", "all", time="/a"))
    try:
        found = read(rules, "t", message, NOW)
    except RejectedError:
        return
    assert found
    assert all(abs(value) < float("inf") for _, _, value in found)


def rows(rules):
    return [rule.as_row() for rule in rules]


def test_consumer_reads_by_the_rules_and_the_rest_as_ever(committed_house, source, consumer_running):
    services.update_datasource(actor=committed_house.admin, datasource=source.datasource, mapping=rows(TASMOTA))
    publish(
        (source.topic("tele/plug/SENSOR"), json.dumps(TASMOTA_SENSOR).encode()),
        (source.topic("tele/plug/STATE"), json.dumps({"POWER": "broken"}).encode()),
        (source.topic("plain"), b"7"),
    )
    wait_for(lambda: watermark_sequence() == 3)
    stored = {Datapoint.objects.get(pk=one.datapoint_id).key: one.value for one in samples.stored()}
    assert stored == {
        "power": 104, "energy": 12.345, "climate/Temperature": 21.5, "climate/Humidity": 48, "climate/DewPoint": 10.1,
        "plain": 7,
    }  # fmt: skip
    # A message that can't be stored makes no datapoint.
    assert Datapoint.objects.count() == len(stored)
    (letter,) = DeadLetter.objects.all()
    assert (letter.reason, letter.topic) == ("not_a_number", source.topic("tele/plug/STATE"))
    source.datasource.refresh_from_db()
    assert (source.datasource.messages_stored, source.datasource.messages_rejected) == (2, 1)


def test_what_has_no_datapoint_does_not_keep_out_the_rest_of_a_message(committed_house, consumer_running):
    closed = make_source(committed_house, name="Closed", may_create_datapoints=False, mapping=rows(ZIGBEE))
    services.create_datapoint(actor=committed_house.admin, project=committed_house.project, key="room/humidity")
    publish((closed.topic("room"), b'{"humidity": 48, "battery": 97}'))
    wait_for(lambda: watermark_sequence() == 1)
    assert [one.value for one in samples.stored()] == [48]
    assert DeadLetter.objects.get().reason == "unknown_datapoint"


@pytest.fixture
def device(house) -> Source:
    return make_source(house, thing=house.thing)


@pytest.fixture
def admin(house) -> APIClient:
    client = APIClient()
    client.force_login(house.admin)
    return client


def test_mapping_is_set_shown_and_tried_by_the_api(admin, device):
    url = f"/api/datasources/{device.datasource.pk}/"
    given = [{"pointer": "/a", "key": "k"}]
    answer = admin.patch(url, {"mapping": given}, format="json")
    assert answer.json()["mapping"] == [{"topic": "#", "pointer": "/a", "key": "k", "time": ""}]
    tried = admin.post(f"{url}mapping/try/", {"topic": "t", "payload": '{"a": 5}'}, format="json").json()
    assert tried["reason"] is None
    assert [(one["key"], one["value"]) for one in tried["samples"]] == [("k", 5.0)]
    tried = admin.post(f"{url}mapping/try/", {"topic": "t", "payload": "7", "mapping": []}, format="json").json()
    assert [(one["key"], one["value"]) for one in tried["samples"]] == [("t", 7.0)]
    for topic, message, reason in (("t", "{}", "value_missing"), ("a b", "1", "bad_key")):
        tried = admin.post(f"{url}mapping/try/", {"topic": topic, "payload": message}, format="json").json()
        assert tried == {"samples": [], "reason": reason}


def test_wrong_rules_are_told_of(admin, device, house):
    url = f"/api/datasources/{device.datasource.pk}/"
    wrong = [{"pointer": "/a", "key": "k"}, {"pointer": "a", "key": "k"}]
    for answer in (
        admin.patch(url, {"mapping": wrong}, format="json"),
        admin.post(f"{url}mapping/try/", {"topic": "t", "payload": "1", "mapping": wrong}, format="json"),
    ):
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["field"] == "mapping"
        assert error["message"].startswith("Rule 2, pointer: a pointer is empty, or keys")
    for rows_given in ("rules", [{"key": "k"}], [{}] * 201):
        with pytest.raises(InvalidInputError):
            services.update_datasource(actor=house.admin, datasource=device.datasource, mapping=rows_given)


@pytest.fixture
def browser(house) -> Client:
    client = Client()
    client.force_login(house.admin)
    return client


def test_page_tries_and_saves_rules(browser, device):
    url = f"/telemetry/datasources/{device.datasource.pk}/mapping/"
    assert browser.get(url).status_code == 200
    rules = "+ '/*' '{topic}/{name}' /last_seen\n\na/# '' plain\n"
    asked = {"rules": rules, "topic": "room", "message": json.dumps(ZIGBEE_SENSOR), "try": "yes"}
    page = browser.post(url, asked).content.decode()
    assert "room/temperature" in page
    assert "21.5" in page
    device.datasource.refresh_from_db()
    assert device.datasource.mapping == []
    assert browser.post(url, {"rules": rules}).status_code == 302
    device.datasource.refresh_from_db()
    assert rules_of(device.datasource.mapping) == (
        Rule("/*", "{topic}/{name}", "+", "/last_seen"),
        Rule("", "plain", "a/#"),
    )
    assert "{topic}/{name}" in browser.get(url).content.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"rules": "a 'b"}, "Line 1: a quote is open."),
        ({"rules": "\na b"}, "Line 2: write a topic, a pointer, a key, and perhaps a pointer to the time."),
        ({"rules": "# a k"}, "Rule 1, pointer: a pointer is empty, or keys each with a slash before it."),
        ({"rules": "", "topic": "t", "message": "warm", "try": "y"},
         "Nothing would be stored: The message is neither a number nor JSON."),
    ],
)  # fmt: skip
def test_page_says_what_is_wrong(browser, device, asked, said):
    page = browser.post(f"/telemetry/datasources/{device.datasource.pk}/mapping/", asked).content.decode()
    assert said in page.replace("&#x27;", "'")


def test_page_shows_rules_so_that_they_can_be_saved_again(device):
    device.datasource.mapping = rows((Rule("/a b", "k", "#", "/t"), Rule("", "k")))
    text = MappingForm.of(device.datasource).initial["rules"]
    assert [shlex.split(line) for line in text.splitlines()] == [["#", "/a b", "k", "/t"], ["#", "", "k"]]
