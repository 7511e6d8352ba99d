"""The live stream: what it sends, how it resumes, and when it ends; through a real server, PostgreSQL and Valkey."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Self

import httpx2
import pytest
import redis
import uvicorn
from django.db import connections
from django.test import Client

from guildhall.core.accounts import api_keys, lifecycle, tokens
from guildhall.core.accounts.models import ApiKey
from guildhall.core.organizations.models import RoleAssignment
from guildhall.live import telemetry as streams
from guildhall.live.app import app
from guildhall.live.hub import Hub
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.ingest.announce import Announcer, announcements
from guildhall.modules.telemetry.ingest.batch import Stored
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.policy import LIVE_MISSED_CHANNEL
from guildhall.modules.telemetry.store.layout import microseconds
from guildhall.settings import settings
from guildhall.stack.servers import free_port
from tests.support import samples
from tests.support.broker import Background, wait_for
from tests.support.people import House, build_house

PATIENCE_S = 10.0


@pytest.fixture
def place(transactional_db: None) -> House:
    return build_house()


@contextmanager
def serving() -> Iterator[str]:
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        connections.close_all()


@pytest.fixture
def server() -> Iterator[str]:
    with serving() as address:
        yield address


def make_datapoint(house: House, key: str = "temperature") -> Datapoint:
    return services.create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key=key)


def store(*values: tuple[Datapoint, float], announce: bool = True) -> None:
    """What the consumer does with a batch; the positions count from 1."""
    at = datetime.now(UTC)
    rows = [(datapoint, at + timedelta(milliseconds=n), value) for n, (datapoint, value) in enumerate(values)]
    position = samples.put(*rows)
    found: dict[int, list[tuple[int, float]]] = {}
    for datapoint, moment, value in rows:
        found.setdefault(datapoint.pk, []).append((microseconds(moment), value))
    if announce:
        channel = redis.Redis.from_url(settings.redis_url.get_secret_value())
        for datapoint_id, of_datapoint in found.items():
            content = json.dumps({"position": position, "samples": of_datapoint})
            channel.publish(f"live:telemetry:{datapoint_id}", content)
        channel.close()


class Stream:
    """An open stream, read in a thread."""

    def __init__(self, address: str, datapoints: list[Datapoint], headers: dict[str, str]) -> None:
        ids = ",".join(str(one.pk) for one in datapoints)
        self.url = f"{address}/telemetry/?datapoints={ids}"
        self.headers = headers
        self.lines: list[str] = []
        self.status = 0
        self.ended = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def _read(self) -> None:
        try:
            with httpx2.stream("GET", self.url, headers=self.headers, timeout=PATIENCE_S * 2) as response:
                self.status = response.status_code
                for line in response.iter_lines():
                    self.lines.append(line)
                    if self._stop.is_set():
                        return
        except httpx2.HTTPError:
            pass
        finally:
            self.ended.set()

    def __enter__(self) -> Self:
        self._thread.start()
        wait_for(lambda: any(line.startswith("id:") for line in self.lines) or self.ended.is_set())
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def values(self) -> list[float]:
        return [json.loads(line[6:])["value"] for line in list(self.lines) if line.startswith("data: ")]

    def last_id(self) -> str:
        return [line[4:] for line in self.lines if line.startswith("id: ")][-1]


def session_of(user) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())}


def token_of(user) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.issue_tokens(user=user).access}"}


@pytest.mark.parametrize("credentials", [session_of, token_of])
def test_new_samples_arrive_within_a_second(place, server, credentials):
    datapoint = make_datapoint(place)
    with Stream(server, [datapoint], credentials(place.user)) as stream:
        began = time.monotonic()
        store((datapoint, 1.5), (datapoint, 2.5))
        wait_for(lambda: stream.values() == [1.5, 2.5])
        assert time.monotonic() - began < 1.5
        data = json.loads(next(line for line in stream.lines if line.startswith("data: "))[6:])
        assert data.keys() == {"datapoint", "ts", "value"}
        assert (data["datapoint"], data["ts"][-1]) == (datapoint.pk, "Z")
        assert stream.last_id() == "1"


def test_only_asked_datapoints_arrive(place, server):
    wanted, other = make_datapoint(place), make_datapoint(place, "other")
    with Stream(server, [wanted], session_of(place.user)) as stream:
        store((other, 1), (wanted, 2))
        store((wanted, 3))
        wait_for(lambda: 3 in stream.values())
        assert stream.values() == [2, 3]


def test_resumed_stream_brings_what_was_missed(place, server):
    datapoint = make_datapoint(place)
    with Stream(server, [datapoint], session_of(place.user)) as stream:
        store((datapoint, 1))
        wait_for(lambda: stream.values() == [1])
        last = stream.last_id()
    store((datapoint, 2), announce=False)
    store((datapoint, 3), (datapoint, 4), announce=False)
    with Stream(server, [datapoint], {**session_of(place.user), "Last-Event-ID": last}) as stream:
        wait_for(lambda: len(stream.values()) == 3)
        assert stream.values() == [2, 3, 4]
        assert stream.last_id() == "3"


def test_several_datapoints_of_a_batch_are_repeated_rather_than_lost(place, server):
    one, two = make_datapoint(place), make_datapoint(place, "two")
    with Stream(server, [one, two], session_of(place.user)) as stream:
        store((one, 1), (two, 2))
        wait_for(lambda: sorted(stream.values()) == [1, 2])
        last = stream.last_id()
    with Stream(server, [one, two], {**session_of(place.user), "Last-Event-ID": last}) as stream:
        wait_for(lambda: {1, 2} <= {*stream.values(), 1, 2})
        store((two, 3))
        wait_for(lambda: 3 in stream.values())


def test_lost_announcements_are_read_from_the_database(place, server):
    datapoint = make_datapoint(place)
    with Stream(server, [datapoint], session_of(place.user)) as stream:
        store((datapoint, 1), announce=False)
        channel = redis.Redis.from_url(settings.redis_url.get_secret_value())
        channel.publish(LIVE_MISSED_CHANNEL, "1")
        channel.close()
        wait_for(lambda: stream.values() == [1])


def test_without_redis_the_database_is_read_each_second(place, monkeypatch):
    monkeypatch.setattr("guildhall.live.app.Hub", lambda _url: Hub(f"redis://127.0.0.1:{free_port()}"))
    datapoint = make_datapoint(place)
    with serving() as address, Stream(address, [datapoint], session_of(place.user)) as stream:
        store((datapoint, 1), announce=False)
        wait_for(lambda: stream.values() == [1], at_most_s=4)
        time.sleep(1.5)
        assert stream.values() == [1]


def test_stream_ends_when_rights_end(place, server):
    datapoint = make_datapoint(place)
    with Stream(server, [datapoint], session_of(place.user)) as stream:
        assert not stream.ended.is_set()
        RoleAssignment.objects.filter(user=place.user, organization=place.organization).delete()
        began = time.monotonic()
        assert stream.ended.wait(PATIENCE_S)
        assert time.monotonic() - began < 5.5


def test_stream_ends_when_the_session_ends(place, server):
    datapoint = make_datapoint(place)
    headers = session_of(place.user)
    with Stream(server, [datapoint], headers) as stream:
        place.user.set_password("another long password")
        place.user.save()
        assert stream.ended.wait(PATIENCE_S)


@pytest.mark.parametrize("way", ["session", "token", "api key"])
def test_stream_ends_when_the_user_is_deactivated(place, server, way):
    datapoint = make_datapoint(place)
    headers = session_of(place.user) if way == "session" else {}
    if way == "token":
        headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=place.user).access}"}
    elif way == "api key":
        key = api_keys.create_api_key(actor=place.user, name="Display", scopes=["telemetry:read"]).key
        headers = {"Authorization": f"Api-Key {key}"}
    with Stream(server, [datapoint], headers) as stream:
        assert not stream.ended.is_set()
        lifecycle.deactivate_user(actor=place.superuser, user=place.user)
        began = time.monotonic()
        assert stream.ended.wait(PATIENCE_S)
        assert time.monotonic() - began < 5.5


@pytest.mark.parametrize("way", ["revoked", "expired"])
def test_stream_ends_when_its_key_ends(place, server, way):
    datapoint = make_datapoint(place)
    made = api_keys.create_api_key(actor=place.user, name="Display", scopes=["telemetry:read"])
    with Stream(server, [datapoint], {"Authorization": f"Api-Key {made.key}"}) as stream:
        assert not stream.ended.is_set()
        if way == "revoked":
            api_keys.revoke_api_key(actor=place.user, api_key=made.api_key)
        else:
            ApiKey.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        began = time.monotonic()
        assert stream.ended.wait(PATIENCE_S)
        assert time.monotonic() - began < 5.5


def test_quiet_stream_says_that_it_is_there(place, server, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.5)
    with Stream(server, [make_datapoint(place)], session_of(place.user)) as stream:
        wait_for(lambda: ": still here" in stream.lines, at_most_s=4)


@pytest.mark.parametrize(
    ("query", "person", "status"),
    [
        ("datapoints={id}", "anonymous", 401),
        ("datapoints={id}", "stranger", 404),
        ("datapoints={id},999999999", "user", 404),
        ("datapoints=99999999999999999999999", "user", 404),
        ("datapoints=", "user", 400),
        ("", "user", 400),
        ("datapoints=x", "user", 400),
        ("datapoints=-1", "user", 400),
        ("datapoints=" + ",".join("1" * 101), "user", 400),
    ],
)
def test_stream_that_can_not_be_opened_is_a_problem(place, server, query, person, status):
    datapoint = make_datapoint(place)
    user = place.person(person)
    headers = session_of(user) if user else {}
    response = httpx2.get(f"{server}/telemetry/?{query.format(id=datapoint.pk)}", headers=headers, timeout=PATIENCE_S)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/problem+json")


def test_announcer_tells_redis_and_says_what_it_missed(place):
    channel = redis.Redis.from_url(settings.redis_url.get_secret_value())
    listening = channel.pubsub(ignore_subscribe_messages=True)
    listening.psubscribe("live:telemetry:*")
    announcer = Announcer(settings.redis_url.get_secret_value())
    heard: list[tuple[bytes, bytes]] = []

    def hear() -> list[tuple[bytes, bytes]]:
        message = listening.get_message(timeout=0.1)
        if message is not None:
            heard.append((message["channel"], message["data"]))
        return heard

    announcer._missed_from = 4
    announcer.announce([Stored(5, {7: [(1, 2.0)]}), Stored(6, None), Stored(7, {7: [(3, 4.0)]})])
    with Background(announcer.run):
        wait_for(lambda: len(hear()) == 4)
    assert heard == [
        (b"live:telemetry:7", b'{"position":5,"samples":[[1,2.0]]}'), (b"live:telemetry:missed", b"4"),
        (b"live:telemetry:missed", b"6"), (b"live:telemetry:7", b'{"position":7,"samples":[[3,4.0]]}'),
    ]  # fmt: skip
    listening.close()
    channel.close()


def test_announcer_without_redis_loses_and_goes_on():
    announcer = Announcer(f"redis://:secret@127.0.0.1:{free_port()}")
    announcer.announce([Stored(number, {1: [(1, 1.0)]}) for number in range(1, 400)])
    with Background(announcer.run):
        wait_for(announcer._waiting.empty)
        assert announcer._missed_from in (200 + 1, 1)


def test_batch_of_nothing_is_not_announced():
    assert announcements(Stored(1, {})) == []
