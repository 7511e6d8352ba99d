"""The live view of a datasource's messages: what became of each, only while somebody looks, and without Redis."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from django.utils import timezone
from redis import Redis

from guildhall.core.http import redis as core_redis
from guildhall.modules.telemetry import policy, services, watched
from guildhall.modules.telemetry.ingest import watching
from guildhall.modules.telemetry.ingest.resp import FAILURES, Connection, command
from guildhall.modules.telemetry.models import Datasource
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.services import RightGiven
from guildhall.settings import settings
from guildhall.stack.servers.base import free_port
from tests.support.broker import Device, wait_for
from tests.telemetry.conftest import make_source


@pytest.fixture
def redis() -> Redis:
    client = Redis.from_url(settings.redis_url.get_secret_value())
    client.delete(policy.WATCHED_KEY)
    yield client
    client.close()


def outcomes(datasource: Datasource) -> list[tuple[str, str]]:
    return [(seen.topic.rpartition("/")[2], seen.outcome) for seen in watched.watch(datasource) or ()]


@pytest.mark.usefixtures("gate_running", "consumer_running")
def test_page_that_is_looked_at_sees_what_became_of_each_message(committed_house, client, redis, monkeypatch):
    monkeypatch.setattr(watching, "INTERVAL_S", 0.05)
    source = make_source(committed_house, thing=committed_house.thing)
    own = RightGiven(Right.PUBLISH, source.topic("#"))
    services.set_topic_rights(
        actor=committed_house.admin, datasource=source.datasource, rights=[own, RightGiven(Right.PUBLISH, "tele/k/#")]
    )
    client.force_login(committed_house.admin)
    address = f"/telemetry/datasources/{source.datasource.pk}/activity/"
    assert "shows here within a second" in client.get(address).content.decode()
    with Device(*source.login) as device:
        wait_for(lambda: (device.publish(source.topic("first"), "1"), outcomes(source.datasource))[1])
        device.publish(source.topic("t"), "warm " + "x" * 300)
        device.publish("tele/k/LWT", "Online")
        wait_for(lambda: len([one for one in outcomes(source.datasource) if one[0] != "first"]) == 2)
    latest, before, *rest = outcomes(source.datasource)
    assert {latest, before} == {("LWT", "passed_over"), ("t", "not_understood")}
    assert set(rest) == {("first", "stored")}
    page = client.get(address).content.decode()
    assert 'data-incoming="not_understood"' in page
    assert "The message is neither a number nor JSON" in page
    assert "passed over: no rule wants it" in page
    (long,) = [seen for seen in watched.watch(source.datasource) if seen.outcome == "not_understood"]
    assert (len(long.payload), long.size) == (watching.BYTES_SHOWN, 305)
    assert abs((timezone.now() - long.at).total_seconds()) < 60


@pytest.mark.usefixtures("gate_running", "consumer_running")
def test_nothing_is_written_while_nobody_looks(committed_house, redis, monkeypatch):
    monkeypatch.setattr(watching, "INTERVAL_S", 0.05)
    source = make_source(committed_house, thing=committed_house.thing)
    redis.zadd(policy.WATCHED_KEY, {str(source.datasource.pk): int(time.time()) - 1})
    with Device(*source.login) as device:
        device.publish(source.topic("t"), "1")
        wait_for(lambda: Datasource.objects.filter(pk=source.datasource.pk, messages_stored=1).exists())
        time.sleep(0.2)
    assert not redis.exists(policy.messages_key(source.datasource.pk))


@pytest.mark.django_db
def test_without_redis_the_page_says_so(house, client, monkeypatch):
    source = make_source(house, thing=house.thing)
    monkeypatch.setattr(core_redis, "settings", SimpleNamespace(redis_url=_nowhere()))
    monkeypatch.setattr(core_redis, "breaker", core_redis.Breaker())
    monkeypatch.setattr(watched.redis, "breaker", core_redis.breaker)
    client.force_login(house.admin)
    page = client.get(f"/telemetry/datasources/{source.datasource.pk}/")
    assert page.status_code == 200
    assert "because Redis does not answer" in page.content.decode()


def _nowhere() -> SimpleNamespace:
    address = f"redis://127.0.0.1:{free_port()}/0"
    return SimpleNamespace(get_secret_value=lambda: address)


def test_watching_without_redis_goes_on_and_watches_nothing():
    async def scenario() -> frozenset:
        one = watching.Watching(f"redis://127.0.0.1:{free_port()}")
        task = asyncio.create_task(one.run())
        await asyncio.sleep(0.2)
        assert not task.done()
        task.cancel()
        return one.watched

    assert asyncio.run(scenario()) == frozenset()


def test_answers_of_redis_are_read_whatever_their_kind(redis):
    async def scenario() -> list:
        connection = await Connection.open(settings.redis_url.get_secret_value())
        try:
            return await connection.exchange(
                [
                    command(b"SET", b"test:a", b"line\r\nline"), command(b"GET", b"test:a"), command(b"DEL", b"test:a"),
                    command(b"GET", b"test:a"), command(b"LRANGE", b"test:b", b"0", b"-1"),
                ]
            )  # fmt: skip
        finally:
            await connection.close()

    assert asyncio.run(scenario()) == [b"OK", b"line\r\nline", 1, None, []]


def test_refused_command_of_redis_is_an_error(redis):
    async def scenario() -> None:
        connection = await Connection.open(settings.redis_url.get_secret_value())
        try:
            await connection.exchange([command(b"NONSENSE")])
        finally:
            await connection.close()

    with pytest.raises(FAILURES, match="unknown command"):
        asyncio.run(scenario())
