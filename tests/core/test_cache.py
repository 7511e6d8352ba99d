"""Caches: kept per scope, ended by tags, never older than a change, and missing without harm."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client, override_settings

from guildhall.core.accounts import tokens
from guildhall.core.http import redis
from guildhall.core.http.cache import cached, invalidate
from guildhall.core.organizations import services
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.policy import Place, Role
from guildhall.settings import settings
from guildhall.stack.servers import ValkeyServer
from guildhall.stack.servers.base import free_port, temporary_home
from tests.support.people import PASSWORD, build_house

pytestmark = pytest.mark.django_db(transaction=True)


class Counter:
    """Computes something new each time."""

    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return {"calls": self.calls}


@pytest.fixture
def tag():
    return f"tag:{uuid4()}"


def ask(compute, tag, *, scope="everybody", key=()):
    return cached(scope=scope, tags=[tag], key=key, compute=compute)["calls"]


def test_answer_is_computed_once_per_scope_and_key(tag):
    compute = Counter()
    assert [ask(compute, tag) for _ in range(3)] == [1, 1, 1]
    assert ask(compute, tag, scope="user:1") == 2
    assert ask(compute, tag, key=["page", 2]) == 3
    assert ask(compute, tag) == 1


def test_invalidated_answer_is_computed_anew(tag):
    compute, other, elsewhere = Counter(), Counter(), f"{tag}:other"
    ask(compute, tag)
    ask(other, elsewhere)
    assert invalidate(tag)
    assert ask(compute, tag) == 2
    assert ask(other, elsewhere) == 1


def test_answer_that_was_overtaken_by_a_change_is_not_kept(tag):
    compute = Counter()

    def overtaken():
        found = compute()
        invalidate(tag)
        return found

    assert ask(overtaken, tag) == 1
    assert ask(compute, tag) == 2


def test_generation_that_redis_lost_never_comes_again(tag):
    compute = Counter()
    ask(compute, tag)
    redis.client().delete(f"guildhall:generation:{tag}")
    assert ask(compute, tag) == 2


def test_nothing_is_kept_of_what_is_not_committed(tag):
    compute = Counter()
    with transaction.atomic():
        assert [ask(compute, tag) for _ in range(2)] == [1, 2]
    assert ask(compute, tag) == 3


def members(client, house):
    answer = client.get(f"/api/organizations/{house.organization.pk}/members/")
    assert answer.status_code == 200, answer.content
    return {row["user"]["name"]: sorted(role["role"] for role in row["roles"]) for row in answer.json()["results"]}


@pytest.fixture
def house(transactional_db):
    return build_house()


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_members_are_read_from_the_cache_until_a_role_changes(house):
    client, theirs = client_of(house.admin), client_of(house.user)
    before = members(client, house)
    assert before == {"Admin": ["admin"], "Moderator": ["moderator"], "User": ["user"]}
    with redis_reads() as reads:
        assert members(theirs, house) == before
    assert reads() > 0
    place = Place(house.organization.pk, house.project.pk)
    assignment = services.grant_role(actor=house.admin, user=house.user, role=Role.MODERATOR, place=place)
    assert members(client, house)["User"] == ["moderator", "user"]
    services.revoke_role(actor=house.admin, assignment=assignment)
    assert members(theirs, house)["User"] == ["user"]
    services.remove_member(actor=house.admin, organization=house.organization, user=house.moderator)
    assert "Moderator" not in members(client, house)


def test_members_show_a_new_name_and_a_deleted_person(house):
    client = client_of(house.admin)
    members(client, house)
    house.user.name = "Renamed"
    house.user.save()
    assert "Renamed" in members(client, house)
    house.user.delete()
    assert "Renamed" not in members(client, house)


def test_cache_opens_nothing(house):
    members(client_of(house.admin), house)
    url = f"/api/organizations/{house.organization.pk}/members/"
    assert client_of(house.stranger).get(url).status_code == 404
    assert Client().get(url).status_code == 401
    theirs = client_of(house.user)
    members(theirs, house)
    services.remove_member(actor=house.admin, organization=house.organization, user=house.user)
    assert theirs.get(url).status_code == 404


class redis_reads:  # noqa: N801 — reads like a function.
    """Counts what Redis answered with a value."""

    def __enter__(self):
        self._before = redis.client().info("stats")["keyspace_hits"]
        return lambda: redis.client().info("stats")["keyspace_hits"] - self._before

    def __exit__(self, *_):
        return None


@pytest.fixture
def own_redis(monkeypatch):
    """A Redis for one test, which it may stop and start; everything here believes it to be the one."""
    from pydantic import SecretStr

    with temporary_home() as home:
        server = ValkeyServer(home / "valkey", free_port(), persist=False)
        changed = settings.model_copy(
            update={"redis_url": SecretStr(server.url), "rate_limit_anonymous": "3/3600", "rate_limit_user": "1000/60"}
        )
        monkeypatch.setattr("guildhall.core.http.redis.settings", changed)
        monkeypatch.setattr("guildhall.core.http.limits.settings", changed)
        monkeypatch.setattr(redis, "breaker", redis.Breaker())
        default = {"BACKEND": "guildhall.core.http.cache.TolerantRedisCache", "LOCATION": server.url}
        with override_settings(CACHES={"default": default}):
            server.start()
            yield server
            server.stop()


def test_site_goes_on_without_redis_and_with_it_again(house, own_redis, caplog, tag):
    cache, compute = caches["default"], Counter()
    cache.set("key", "value")
    assert (cache.get("key"), ask(compute, tag), ask(compute, tag)) == ("value", 1, 1)
    assert [Client().get("/api/users/me/").status_code for _ in range(4)] == [401, 401, 401, 429]
    client = client_of(house.admin)
    members(client, house)

    own_redis.stop()
    begun = time.perf_counter()
    credentials = {"email": house.admin.email, "password": PASSWORD}
    by_api = Client().post("/api/auth/login/", credentials, content_type="application/json")
    assert by_api.status_code == 200
    headers = {"Authorization": f"Bearer {by_api.json()['access']}"}
    assert Client(headers=headers).get("/api/users/me/").status_code == 200
    page = Client()
    signed_in = page.post("/sign-in/", {"username": house.admin.email, "password": PASSWORD})
    assert signed_in.status_code == 302, signed_in.content
    assert page.get("/").status_code == 200
    made = page.post(
        "/api/organizations/",
        {"name": "Made meanwhile"},
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )
    assert made.status_code == 201
    assert [Client().get("/api/users/me/").status_code for _ in range(6)] == [401] * 6
    assert len(members(client, house)) == 3
    services.remove_member(actor=house.admin, organization=house.organization, user=house.moderator)
    assert len(members(client, house)) == 2
    cache.set("key", "value")
    assert cache.get("key", "default") == "default"
    assert cache.add("key", 1) is cache.touch("key") is cache.delete("key") is cache.has_key("key") is False
    assert cache.get_many(["key"]) == {}
    assert cache.set_many({"key": 1}) == ["key"]
    cache.delete_many(["key"])
    cache.clear()
    with pytest.raises(ValueError, match="not found"):
        cache.incr("key")
    assert [ask(compute, tag) for _ in range(2)] == [2, 3]
    assert not invalidate(tag)
    assert time.perf_counter() - begun < 15
    warnings = [record.getMessage() for record in caplog.records if "Redis" in record.getMessage()]
    assert warnings == [f"Redis does not answer (ConnectionError); going on without {warnings[0].split('without ')[1]}"]

    own_redis.start()
    time.sleep(redis.PAUSE_S)
    assert [Client().get("/api/users/me/").status_code for _ in range(4)] == [401, 401, 401, 429]
    cache.set("key", "value")
    assert cache.get("key") == "value"
    assert len(members(client, house)) == 2
    assert Organization.objects.filter(name="Made meanwhile").count() == 1
    assert "Redis answers again." in caplog.text


def test_many_threads_read_while_the_tag_is_invalidated(tag):
    """Whoever asks after a change was told never gets an answer from before it."""
    version, barrier = [0], Barrier(9)
    stale = []

    def read(_):
        barrier.wait()
        try:
            for _ in range(100):
                least = version[0]
                if cached(scope="all", tags=[tag], key=[], compute=lambda: data[0]) < least:
                    stale.append(least)
        finally:
            connection.close()

    def write(_):
        barrier.wait()
        for number in range(1, 100):
            invalidate_after(number)

    def invalidate_after(number):
        # `version` is what is told to readers; the data changed and were invalidated before.
        data[0] = number
        invalidate(tag)
        version[0] = number

    data = [0]
    with ThreadPoolExecutor(9) as pool:
        list(pool.map(lambda run: run(None), [write, *[read] * 8]))
    assert stale == []


def test_token_is_good_without_redis(house, own_redis):
    own_redis.stop()
    headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.admin).access}"}
    assert Client(headers=headers).get("/api/organizations/").status_code == 200
    own_redis.start()
