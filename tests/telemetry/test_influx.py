"""InfluxDB's clients as writers: its own client library over HTTP, and what is answered when something is wrong."""

import base64
import gzip
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import httpx2
import pytest
import uvicorn
from a2wsgi import WSGIMiddleware
from django.db import connections
from django.test import Client
from influxdb_client import InfluxDBClient, Point, WritePrecision
from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException

from guildhall.config.wsgi import application
from guildhall.core.accounts import api_keys, tokens
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.database import carry_out
from guildhall.modules.telemetry.intake import storing
from guildhall.modules.telemetry.intake.influx import Precision, parse
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.protocols import influx
from guildhall.modules.telemetry.services import RightGiven
from guildhall.modules.telemetry.store import reading
from guildhall.modules.telemetry.store.journal import UnknownDatapointError
from guildhall.modules.telemetry.store.layout import SECOND, microseconds
from guildhall.modules.telemetry.stored import RawFloor
from guildhall.stack.servers import free_port
from tests.support.broker import wait_for
from tests.telemetry.conftest import Source, make_source

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
AT_US = microseconds(AT)
WRITE = "/api/v2/write?org=any&bucket=any"


@pytest.fixture
def source(house) -> Source:
    return make_source(house, thing=house.thing)


def stored() -> dict[str, list[tuple[int, float]]]:
    found = {}
    for datapoint in Datapoint.objects.order_by("key"):
        samples = carry_out(reading.samples_in(datapoint.pk))
        found[datapoint.key] = list(zip(samples.times.tolist(), samples.values.tolist(), strict=True))
    return found


def send(source: Source, lines: str | bytes, path: str = WRITE, **headers: str):
    headers.setdefault("Authorization", f"Token {':'.join(source.login)}")
    return Client().generic("POST", path, lines, content_type="text/plain; charset=utf-8", headers=headers)


def refusal(answer) -> tuple[int, str, str]:
    document = answer.json()
    assert document["message"] == document["error"]
    assert answer.headers["Content-Type"] == "application/json"
    return answer.status_code, document["code"], document["reason"]


def test_lines_are_stored_as_new_datapoints_of_the_place(house, source):
    answer = send(source, f"weather,room=3 t=21.5,h=48i {AT_US * 1000}\nweather,room=3 t=22 {(AT_US + SECOND) * 1000}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert stored() == {
        "weather/room=3/h": [(AT_US, 48.0)],
        "weather/room=3/t": [(AT_US, 21.5), (AT_US + SECOND, 22.0)],
    }
    assert set(Datapoint.objects.values_list("project", "object")) == {(house.project.pk, house.thing.pk)}
    source.datasource.refresh_from_db()
    assert (source.datasource.messages_stored, source.datasource.messages_rejected) == (1, 0)


@pytest.mark.parametrize("body", ["", "\n# nothing\n", 'm text="only"'])
def test_nothing_to_store_is_well(source, body):
    assert send(source, body).status_code == 204
    assert stored() == {}


def test_packed_body_and_precision_are_understood(source):
    answer = send(
        source, gzip.compress(b"t value=1 1777888800"), f"{WRITE}&precision=s", **{"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 204
    assert stored() == {"t": [(AT_US, 1.0)]}


def basic(name: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"


def test_datasource_may_say_who_it_is_in_several_ways(source):
    name, secret = source.login
    assert send(source, "t value=1", Authorization=basic(name, secret)).status_code == 204
    assert Client().post(f"/write?db=any&u={name}&p={secret}", b"t value=1", content_type="x/y").status_code == 204


def test_person_writes_on_behalf_of_the_datasource_that_the_bucket_names(house, source):
    name = source.datasource.username
    key = api_keys.create_api_key(actor=house.moderator, name="Telegraf", scopes=["telemetry:write"]).key
    ways = [
        f"Token {key}",
        f"Api-Key {key}",
        basic("any", key),
        f"Bearer {tokens.issue_tokens(user=house.admin).access}",
    ]
    for way in ways:
        for bucket in (name, source.datasource.pk):
            answer = send(source, "t value=1 0", f"/api/v2/write?org=any&bucket={bucket}", Authorization=way)
            assert answer.status_code == 204, answer.content
    assert send(source, "t value=1 0", f"/write?db={name}&u=any&p={key}", Authorization="").status_code == 204
    source.datasource.refresh_from_db()
    assert source.datasource.messages_stored == 9


def test_who_may_not_write_is_told_so(house, source):
    bucket = f"/api/v2/write?bucket={source.datasource.username}"

    def key_of(person, scope="telemetry:write"):
        return f"Token {api_keys.create_api_key(actor=person, name='Key', scopes=[scope]).key}"

    for way, path, expected in (
        ("", bucket, (401, "unauthorized", "not_authenticated")),
        ("Digest x", bucket, (401, "unauthorized", "not_authenticated")),
        ("Token nobody:nothing", bucket, (401, "unauthorized", "datasource_credentials_not_valid")),
        ("Token gh_no_key", bucket, (401, "unauthorized", "api_key_not_valid")),
        (key_of(house.moderator, "telemetry:read"), bucket, (403, "forbidden", "scope_missing")),
        (key_of(house.user), bucket, (403, "forbidden", "permission_denied")),
        (key_of(house.stranger), bucket, (404, "not found", "not_found")),
        (key_of(house.moderator), WRITE, (404, "not found", "not_found")),
    ):
        assert refusal(send(source, "t value=1", path, Authorization=way)) == expected
    assert stored() == {}


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        (b"t value=1\nt value=\n", 2, "unable to parse points: line 2: the field 'value' has no name or no value"),
        (b"t value=1\n\xff value=1", 2, "unable to parse points: line 2: this is not UTF-8"),
        (
            b"t value=1 -5",
            1,
            "unable to parse points: line 1: the time is before 1970 or in the future; is the precision right?",
        ),
    ],
)  # fmt: skip
def test_bad_line_is_told_and_nothing_is_stored(source, body, line, message):
    answer = send(source, body)
    assert refusal(answer) == (400, "invalid", "line_not_valid")
    assert (answer.json()["line"], answer.json()["message"]) == (line, message)
    assert stored() == {}


def test_other_refusals(source):
    assert refusal(send(source, "", f"{WRITE}&precision=day")) == (400, "invalid", "precision")
    assert refusal(send(source, "x" * (influx.MAX_BYTES + 1))) == (413, "request too large", "too_large")
    assert Client().get(WRITE).status_code == 405


def test_what_can_not_be_stored_does_not_keep_out_the_rest(house, source):
    services.create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="known")
    old = services.create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="old")
    RawFloor.objects.create(datapoint=old, raw_from=AT_US)
    services.update_datasource(actor=house.admin, datasource=source.datasource, may_create_datapoints=False)
    answer = send(source, "known value=1 0\nnew value=2 0\nold value=3 0\nnew value=4 1000")
    assert refusal(answer) == (422, "unprocessable entity", "partial_write")
    assert answer.json()["message"] == (
        "partial write: 1 samples are stored, 3 are not; "
        "new: There is no such datapoint, and this datasource may not create any; 1 are older than what is kept"
    )
    assert stored() == {"known": [(0, 1.0)], "old": []}
    source.datasource.refresh_from_db()
    assert (source.datasource.messages_stored, source.datasource.messages_rejected) == (0, 1)


def test_topic_rights_hold_here_too(house, source):
    services.set_topic_rights(
        actor=house.admin, datasource=source.datasource, rights=[RightGiven(Right.PUBLISH, source.topic("a/+"))]
    )
    answer = send(source, "\n".join(f"m{number} value=1 0" for number in range(7)) + "\na/b value=1 0")
    assert answer.status_code == 422
    assert "m0: the datasource may not publish this" in answer.json()["message"]
    assert "2 other keys likewise" in answer.json()["message"]
    assert stored() == {"a/b": [(0, 1.0)]}


def test_datapoint_that_vanishes_meanwhile_is_made_anew(source, monkeypatch):
    given = parse("t value=1 0", Precision.NANOSECONDS, AT_US)
    real, calls = storing.journal.write, []

    def write(batch):
        calls.append(batch)
        if len(calls) == 1:
            raise UnknownDatapointError
        return real(batch)

    monkeypatch.setattr(storing.journal, "write", write)
    assert storing.store_points(source.datasource, given).stored == 1
    monkeypatch.setattr(storing.journal, "write", lambda batch: (_ for _ in ()).throw(UnknownDatapointError))
    with pytest.raises(UnknownDatapointError):
        storing.store_points(source.datasource, given)


def test_pings_are_answered():
    for path in ("/ping", "/api/v2/ping"):
        answer = Client().get(path)
        assert (answer.status_code, answer.headers["X-Influxdb-Version"]) == (204, influx.VERSION)
    assert Client().get("/health").json()["status"] == "pass"


@pytest.fixture
def site(transactional_db: None) -> Iterator[str]:
    """Django's part of the site as the site serves it."""
    port = free_port()
    app = cast("Any", WSGIMiddleware(cast("Any", application), workers=4))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    connections.close_all()


@pytest.fixture
def device(site: str, committed_house) -> Source:
    return make_source(committed_house, thing=committed_house.thing)


def test_influx_own_client_writes(site, device):
    with InfluxDBClient(url=site, token=":".join(device.login), org="any", enable_gzip=True) as client:
        assert client.ping()
        assert client.version() == influx.VERSION
        points = [
            Point("weather").tag("room", f"no {number % 3}").field("t", number / 2).field("state", "on")
            .time(AT_US + number, WritePrecision.US)
            for number in range(30)
        ]  # fmt: skip
        client.write_api(write_options=SYNCHRONOUS).write(bucket="any", record=points)
        client.write_api(write_options=SYNCHRONOUS).write("any", record="plain value=1i 5000")
    assert stored() == {
        "plain": [(5, 1.0)],
        **{
            f"weather/room=no%20{room}/t": [(AT_US + number, number / 2) for number in range(room, 30, 3)]
            for room in range(3)
        },
    }


def test_influx_own_client_batches_and_says_what_was_wrong(site, device, committed_house):
    failures: list[InfluxDBError] = []
    with InfluxDBClient(url=site, token=":".join(device.login), org="any") as client:
        with client.write_api(error_callback=lambda _about, _data, error: failures.append(error)) as batching:
            batching.write("any", record=[Point("t").field("value", at).time(at, WritePrecision.S) for at in range(10)])
            batching.write("any", record=Point("t").field("value", 1).time(-1, WritePrecision.NS))
        assert [point for points in stored().values() for point in points] == [(at * SECOND, at) for at in range(10)]
        (failure,) = failures
        assert failure.message.startswith("unable to parse points: line 1: the time is before 1970")
    with (
        InfluxDBClient(url=site, token="nobody:nothing", org="any") as stranger,
        pytest.raises(ApiException) as caught,
    ):
        stranger.write_api(write_options=SYNCHRONOUS).write("any", record="t value=1")
    assert caught.value.status == 401
    assert "user name or secret is not right" in caught.value.message


def test_body_in_chunks_is_taken(site, device):
    """As Telegraf sends it when it packs."""
    packed = gzip.compress(b"".join(b"t value=%d %d\n" % (number, number * 1000) for number in range(20_000)))

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(packed), 5000):
            yield packed[start : start + 5000]

    headers = {"Authorization": f"Token {':'.join(device.login)}", "Content-Encoding": "gzip"}
    answer = httpx2.post(f"{site}{WRITE}", content=pieces(), headers=headers)
    assert answer.status_code == 204, answer.text
    assert stored() == {"t": [(number, float(number)) for number in range(20_000)]}
