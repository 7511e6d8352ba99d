"""Samples sent to the API of a datapoint: what is stored, who may, and what is said about mistakes."""

import base64
import gzip
import io
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.core.handlers.wsgi import WSGIRequest
from redis import Redis
from rest_framework.test import APIClient

from guildhall.core.errors import NotFoundError
from guildhall.core.http import redis as core_redis
from guildhall.core.http.bodies import BodyTooLargeError, LengthNeededError, read_body
from guildhall.core.identity.callers import caller_of_authorization
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.api import uploads
from guildhall.modules.telemetry.database import carry_out
from guildhall.modules.telemetry.intake import announcing, storing
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.policy import LIVE_CHANNEL_PREFIX, LIVE_MISSED_CHANNEL, Right
from guildhall.modules.telemetry.services import RightGiven
from guildhall.modules.telemetry.store import journal, reading
from guildhall.modules.telemetry.store.layout import SECOND, microseconds
from guildhall.modules.telemetry.store.merging import Batch
from guildhall.modules.telemetry.stored import JournalRow, RawFloor, SampleSource
from guildhall.settings import settings
from tests.telemetry.conftest import Source, make_source

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
AT_US = microseconds(AT)


@pytest.fixture
def datapoint(house) -> Datapoint:
    return services.create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="t")


@pytest.fixture
def admin(house) -> APIClient:
    client = APIClient()
    client.force_login(house.admin)
    return client


@pytest.fixture
def device(house) -> Source:
    return make_source(house, thing=house.thing)


def address(datapoint: Datapoint) -> str:
    return f"/api/datapoints/{datapoint.pk}/timeseries/"


def stored(datapoint: Datapoint) -> list[tuple[int, float]]:
    found = carry_out(reading.samples_in(datapoint.pk))
    return list(zip(found.times.tolist(), found.values.tolist(), strict=True))


def as_device(source: Source, scheme: str = "Token") -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"{scheme} {':'.join(source.login)}")
    return client


def test_list_is_stored(admin, datapoint):
    rows = [
        {"ts": "2026-05-04T10:00:00Z", "value": 1},
        {"ts": 1777888801, "value": 2.5},
        {"ts": 1777888801, "value": 3},
    ]
    answer = admin.post(address(datapoint), rows, format="json")
    assert (answer.status_code, answer.json()) == (200, {"stored": 2, "refused": 0})
    assert stored(datapoint) == [(AT_US, 1.0), (AT_US + SECOND, 3.0)]


def test_single_value_without_time_is_of_now(admin, datapoint):
    before = datetime.now(UTC)
    assert admin.post(address(datapoint), {"value": 7}, format="json").status_code == 200
    ((at, value),) = stored(datapoint)
    assert microseconds(before) <= at <= microseconds(datetime.now(UTC))
    assert value == 7


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/csv; charset=utf-8", b"ts,value\n1777888800,1\n1777888801,2\n"),
        ("application/x-ndjson", b'{"ts":1777888800,"value":1}\n{"ts":1777888801,"value":2}\n'),
        ("application/jsonl", b'{"ts":1777888800,"value":1}\n{"ts":1777888801,"value":2}'),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_formats_are_stored(admin, datapoint, kind, body, packed):
    headers = {"Content-Encoding": "gzip"} if packed else {}
    sent = gzip.compress(body) if packed else body
    answer = admin.generic("POST", address(datapoint), sent, content_type=kind, headers=headers)
    assert answer.status_code == 200, answer.content
    assert stored(datapoint) == [(AT_US, 1.0), (AT_US + SECOND, 2.0)]


def test_one_bad_line_keeps_everything_out_and_is_named(admin, datapoint):
    body = b"ts,value\n1777888800,1\n1777888801,warm\n"
    answer = admin.generic("POST", address(datapoint), body, content_type="text/csv")
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["line"] == 3
    assert problem["errors"] == [{"field": "3.value", "message": "The value is not a number"}]
    assert stored(datapoint) == []


@pytest.mark.parametrize(
    ("kind", "encoding", "body", "status", "code"),
    [
        ("application/xml", "", b"<a/>", 415, "unsupported_media_type"),
        ("text/csv", "br", b"ts,value\n", 415, "content_encoding"),
        ("text/csv", "gzip", b"ts,value\n", 415, "content_encoding"),
        ("text/csv", "gzip", gzip.compress(b"ts,value\n", mtime=0)[:-3], 415, "content_encoding"),
        ("text/csv", "", b"0" * (uploads.MAX_BYTES + 1), 413, "too_large"),
        ("text/csv", "gzip", gzip.compress(b"0" * (uploads.MAX_UNPACKED_BYTES + 1), mtime=0), 413, "too_large"),
        ("application/json", "", b"", 400, "invalid"),
    ],
)
def test_what_is_not_taken_is_told(admin, datapoint, kind, encoding, body, status, code):
    headers = {"Content-Encoding": encoding} if encoding else {}
    answer = admin.generic("POST", address(datapoint), body, content_type=kind, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_gzip_of_several_members_is_read_whole(admin, datapoint):
    body = gzip.compress(b"ts,value\n0,1\n", mtime=0) + gzip.compress(b"1,2\n")
    answer = admin.generic(
        "POST", address(datapoint), body, content_type="text/csv", headers={"Content-Encoding": "x-gzip"}
    )
    assert answer.json() == {"stored": 2, "refused": 0}


def test_repeated_request_with_a_key_is_carried_out_once(admin, datapoint):
    for replayed in (None, "true"):
        answer = admin.post(
            address(datapoint), [{"ts": 0, "value": 1}], format="json", headers={"Idempotency-Key": "once"}
        )
        assert answer.json() == {"stored": 1, "refused": 0}
        assert answer.headers.get("Idempotency-Replayed") == replayed
    assert JournalRow.objects.count() == 1


def test_large_body_may_carry_a_key(admin, datapoint):
    """Which is more than Django keeps in memory by itself."""
    body = b" " * 3 * 1024**2 + b'{"value": 1}'
    answer = admin.generic(
        "POST", address(datapoint), body, content_type="application/json", headers={"Idempotency-Key": "large"}
    )
    assert answer.json() == {"stored": 1, "refused": 0}


def test_samples_older_than_what_is_kept_are_refused_and_counted(admin, datapoint):
    RawFloor.objects.create(datapoint=datapoint, raw_from=AT_US)
    answer = admin.post(address(datapoint), [{"ts": 0, "value": 1}, {"ts": 1777888800, "value": 2}], format="json")
    assert answer.json() == {"stored": 1, "refused": 1}
    assert stored(datapoint) == [(AT_US, 2.0)]


def test_nothing_is_taken_while_sealing_is_far_behind(admin, datapoint):
    admin.post(address(datapoint), {"value": 1}, format="json")
    JournalRow.objects.update(written_at=datetime.now(UTC) - timedelta(seconds=5 * journal.TAIL_S))
    answer = admin.post(address(datapoint), {"value": 1}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (503, "sealing_is_behind")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("scheme", ["Token", "token", "Basic"])
def test_datasource_writes_with_its_own_credentials(device, datapoint, scheme):
    client = as_device(device, scheme)
    if scheme == "Basic":
        login = base64.b64encode(":".join(device.login).encode()).decode()
        client.credentials(HTTP_AUTHORIZATION=f"Basic {login}")
    assert client.post(address(datapoint), {"value": 1}, format="json").status_code == 200
    device.datasource.refresh_from_db()
    assert device.datasource.messages_stored == 1
    assert device.datasource.last_seen_at is not None
    source = SampleSource.objects.get(datasource_id=device.datasource.pk)
    assert carry_out(reading.samples_in(datapoint.pk)).sources.tolist() == [source.pk]
    # What it may write it may not read.
    assert client.get(address(datapoint)).status_code == 401


def test_datasource_reaches_its_own_place_and_topics_only(house, device, datapoint):
    elsewhere = services.create_datapoint(actor=house.admin, project=house.project, thing=house.other_thing, key="t")
    client = as_device(device)
    assert client.post(address(elsewhere), {"value": 1}, format="json").status_code == 404
    services.set_topic_rights(
        actor=house.admin, datasource=device.datasource, rights=[RightGiven(Right.PUBLISH, device.topic("other"))]
    )
    assert client.post(address(datapoint), {"value": 1}, format="json").status_code == 403
    assert stored(datapoint) == stored(elsewhere) == []


@pytest.mark.parametrize(
    "header", ["Token nobody:x", "Token :", "Basic !!", "Basic bm9ib2R5OmEAYg==", "Token {name}:x"]
)
def test_wrong_credentials_are_refused(device, datapoint, header):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header.format(name=device.datasource.username))
    answer = client.post(address(datapoint), {"value": 1}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (401, "datasource_credentials_not_valid")


@pytest.mark.parametrize("change", [{"enabled": False}, {"expires_at": AT}])
def test_datasource_that_may_not_connect_may_not_write(house, device, datapoint, change):
    services.update_datasource(actor=house.admin, datasource=device.datasource, **change)
    assert as_device(device).post(address(datapoint), {"value": 1}, format="json").status_code == 401


def test_keys_of_two_datasources_of_one_address_are_apart(house, device, datapoint):
    other = make_source(house, thing=house.thing, name="Other")
    for source in (device, other):
        answer = as_device(source).post(
            address(datapoint), {"ts": 0, "value": 1}, format="json", headers={"Idempotency-Key": "same"}
        )
        assert "Idempotency-Replayed" not in answer.headers
    assert JournalRow.objects.count() == 2


def test_datasource_has_a_limit_of_its_own(device):
    name, secret = device.login
    assert caller_of_authorization(f"Token {name}:{secret}") == device.datasource.pk
    assert caller_of_authorization(f"Token {name}:{secret}x") is None
    assert caller_of_authorization("Digest x") is None


def chunked(pieces: bytes, **headers: str) -> WSGIRequest:
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/", "wsgi.input": io.BytesIO(pieces),
        "HTTP_TRANSFER_ENCODING": "chunked", **headers,
    }  # fmt: skip
    return WSGIRequest(environ)


def test_body_in_chunks_is_read():
    assert read_body(chunked(b"a" * 100_000), at_most=100_000) == b"a" * 100_000
    with pytest.raises(BodyTooLargeError):
        read_body(chunked(b"a" * 100_001), at_most=100_000)
    with pytest.raises(LengthNeededError):
        read_body(chunked(b"a", HTTP_IDEMPOTENCY_KEY="k"), at_most=100)


@pytest.fixture
def redis_channels():
    client = Redis.from_url(settings.redis_url.get_secret_value())
    with client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
        pubsub.psubscribe("live:telemetry:*")
        pubsub.get_message(timeout=2)

        def take() -> list[tuple[str, object]]:
            found = []
            while (message := pubsub.get_message(timeout=0.3)) is not None:
                found.append((message["channel"].decode(), orjson.loads(message["data"])))
            return found

        yield take


def test_live_streams_hear_of_it(admin, datapoint, redis_channels, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(address(datapoint), [{"ts": 1777888800, "value": 1}], format="json")
    position = JournalRow.objects.get().position
    expected = {"position": position, "samples": [[AT_US, 1.0]]}
    assert redis_channels() == [(f"{LIVE_CHANNEL_PREFIX}{datapoint.pk}", expected)]


def test_streams_are_told_to_read_what_was_too_much_or_lost(redis_channels, monkeypatch):
    monkeypatch.setattr(core_redis, "breaker", core_redis.Breaker(clock=iter(range(0, 1000, 10)).__next__))
    monkeypatch.setattr(announcing, "MAX_ANNOUNCED", 2)
    missed = LIVE_MISSED_CHANNEL

    def batch(count: int) -> Batch:
        return journal.batch_of([(1, at, 1.0) for at in range(count)])

    announcing.Announcer().announce(batch(3), journal.Written(5))
    assert redis_channels() == [(missed, 5)]
    announcing.Announcer().announce(batch(2), journal.Written(6, {1: 1}))
    assert redis_channels() == [(missed, 6)]
    client = Redis.from_url("redis://127.0.0.1:1")
    announcer = announcing.Announcer(client)
    for position in (8, 7):
        announcer.announce(batch(1), journal.Written(position))
    announcer._connection = None
    announcer.announce(batch(1), journal.Written(9))
    channel = f"{LIVE_CHANNEL_PREFIX}1"
    assert redis_channels() == [(channel, {"position": 9, "samples": [[0, 1.0]]}), (missed, 7)]
    announcer.announce(batch(1), journal.Written(10))
    assert redis_channels() == [(channel, {"position": 10, "samples": [[0, 1.0]]})]


def test_write_to_a_datapoint_that_is_gone_is_not_found(datapoint):
    Datapoint.objects.filter(pk=datapoint.pk).delete()
    with pytest.raises(NotFoundError):
        storing.store_in(datapoint, [(0, 1.0)])
