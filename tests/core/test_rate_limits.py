"""Rate limits: exact under threads, told in headers, apart per user and address, and gone without Redis."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from guildhall.core.accounts import api_keys, tokens
from guildhall.core.http import limits, redis
from guildhall.core.http.addresses import client_address, limit_subject
from guildhall.core.http.limits import Limit, Policy, check, is_signing_in
from guildhall.live.app import app as live
from guildhall.services.compute.app import app as compute
from guildhall.settings import settings
from tests.support.people import PASSWORD, build_house

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def limit(quota, window_s, name="test"):
    return Limit(Policy(name=name, quota=quota, window_s=window_s), uuid4().hex)


@pytest.fixture
def limited(monkeypatch):
    """Sets the limits of this process; the settings themselves are frozen."""

    def choose(**texts):
        changed = settings.model_copy(update={f"rate_limit_{name}": text for name, text in texts.items()})
        monkeypatch.setattr(limits, "settings", changed)

    return choose


def test_setting_is_read_as_quota_and_window():
    assert Policy.parse("user", "300/60") == Policy(name="user", quota=300, window_s=60)
    assert Policy.parse("user", "off") is None


@pytest.mark.parametrize("quota", [1, 7, 100])
def test_quota_passes_at_once_and_not_one_more(quota):
    one = limit(quota, 3600)
    passed = [check([one]).passes for _ in range(quota + 3)]
    assert passed == [True] * quota + [False] * 3


def test_limit_is_exact_under_fifty_threads():
    one, barrier = limit(100, 3600), Barrier(50)

    def ask(_):
        barrier.wait()
        return sum(check([one]).passes for _ in range(5))

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(ask, range(50))) == 100


def test_bucket_refills_evenly():
    one = limit(10, 1)
    for _ in range(10):
        assert check([one]).passes
    assert not check([one]).passes
    time.sleep(0.25)
    passed = sum(check([one]).passes for _ in range(10))
    assert 2 <= passed <= 4


def test_one_used_up_limit_takes_nothing_from_the_others():
    wide, narrow = limit(100, 3600, "wide"), limit(1, 3600, "narrow")
    assert check([wide, narrow]).passes
    for _ in range(5):
        assert not check([wide, narrow]).passes
    verdict = check([wide])
    assert verdict.standings[0].remaining == 98


def test_headers_say_what_is_left():
    one = limit(2, 60)
    first, second, third = (check([one]) for _ in range(3))
    assert first.headers() == {"RateLimit-Policy": '"test";q=2;w=60', "RateLimit": '"test";r=1;t=30'}
    assert second.headers()["RateLimit"] == '"test";r=0;t=60'
    assert not third.passes
    assert third.headers()["RateLimit"] == '"test";r=0;t=60'
    assert third.retry_after_s == 30


def test_nothing_stays_in_redis_for_longer_than_it_matters():
    one = limit(2, 10)
    check([one])
    assert 0 < redis.client().pttl(one.key) <= 5_100


@given(st.integers(1, 10_000), st.integers(1, 86_400))
def test_intervals_make_up_the_period(quota, window_s):
    policy = Policy(name="p", quota=quota, window_s=window_s)
    assert policy.interval_us * quota == policy.period_us <= window_s * 1_000_000
    assert policy.period_us > window_s * 1_000_000 - quota


@pytest.mark.parametrize(
    ("remote", "forwarded_for", "found"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.2.3.4", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, nonsense, 10.0.0.2", "10.0.0.2"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_address_is_what_trusted_proxies_say(remote, forwarded_for, found):
    assert client_address(remote, forwarded_for, TRUSTED) == found


def test_forwarded_address_counts_for_nothing_without_a_trusted_proxy():
    assert client_address("10.0.0.1", "198.51.100.1", []) == "10.0.0.1"


def test_addresses_of_one_network_of_version_six_are_one_subject():
    assert limit_subject("2001:db8::1") == limit_subject("2001:db8::ffff:1") == "2001:db8::/64"
    assert limit_subject("::ffff:192.0.2.1") == "192.0.2.1"
    assert limit_subject("") == limit_subject("testclient") == "unknown"


@pytest.mark.parametrize(
    ("method", "path", "signing_in"),
    [
        ("POST", "/api/auth/login/", True),
        ("POST", "/api/auth/register/", True),
        ("POST", "/api/v1/auth/login", True),
        ("POST", "/sign-in/", True),
        ("POST", "/register/", True),
        ("GET", "/sign-in/", False),
        ("POST", "/api/auth/refresh/", False),
        ("POST", "/api/v1/auth/logout", False),
        ("POST", "/api/organizations/", False),
    ],
)
def test_signing_in_is_told_from_the_rest(method, path, signing_in):
    assert is_signing_in(method, path) is signing_in


def statuses(client, path, count, **options):
    return [client.get(path, **options).status_code for _ in range(count)]


def test_anonymous_are_limited_by_address(db, limited):
    limited(anonymous="3/3600")
    client = Client()
    assert statuses(client, "/api/users/me/", 4) == [401, 401, 401, 429]
    assert statuses(client, "/api/users/me/", 1, REMOTE_ADDR="192.0.2.7") == [401]
    answer = client.get("/api/users/me/")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "too_many_requests"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["RateLimit-Policy"] == '"anonymous";q=3;w=3600'
    assert answer.headers["RateLimit"] == '"anonymous";r=0;t=3600'
    assert answer.headers["Retry-After"] == "1200"


@pytest.mark.parametrize("way", ["session", "token", "api_key"])
def test_signed_in_people_are_limited_each_for_himself(house, limited, way):
    limited(anonymous="1/3600", user="3/3600")

    def client_of(user):
        client = Client()
        if way == "session":
            client.force_login(user)
            return client
        if way == "api_key":
            made = api_keys.create_api_key(actor=user, name="test", scopes=["read"])
            return Client(headers={"Authorization": f"Api-Key {made.key}"})
        return Client(headers={"Authorization": f"Bearer {tokens.issue_tokens(user=user).access}"})

    admin, user = client_of(house.admin), client_of(house.user)
    assert statuses(admin, "/api/users/me/", 4) == [200, 200, 200, 429]
    assert statuses(user, "/api/users/me/", 1) == [200]
    assert statuses(client_of(house.admin), "/api/users/me/", 1, REMOTE_ADDR="192.0.2.7") == [429]


def test_made_up_credentials_count_for_the_address(db, limited):
    limited(anonymous="2/3600", user="1000/60")
    found = []
    for number in range(3):
        kind = ("Bearer", "Api-Key", "Other")[number]
        client = Client(headers={"Authorization": f"{kind} nonsense{number}"})
        client.cookies["guildhall_session"] = f"nonsense{number}"
        found += statuses(client, "/api/users/me/", 1)
    assert found == [401, 401, 429]


def test_signing_in_is_limited_more_tightly_for_each_address(db, limited):
    limited(anonymous="100/60", user="100/60", auth="2/3600")
    client = Client()
    body = {"email": "nobody@example.org", "password": "wrong"}
    found = [client.post("/api/auth/login/", body, content_type="application/json") for _ in range(3)]
    assert [answer.status_code for answer in found] == [401, 401, 429]
    assert found[0].headers["RateLimit-Policy"] == '"anonymous";q=100;w=60, "auth";q=2;w=3600'
    assert client.get("/api/users/me/").status_code == 401
    assert client.post("/sign-in/", {"username": "x", "password": "y"}).status_code == 429


def test_page_says_it_as_a_page(db, limited):
    limited(auth="1/3600")
    client = Client()
    client.post("/sign-in/", {"username": "x", "password": "y"})
    answer = client.post("/sign-in/", {"username": "x", "password": "y"})
    assert answer.status_code == 429
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Too many requests" in answer.text
    assert answer.headers["Retry-After"] == "3600"


@pytest.mark.django_db(transaction=True)
class TestCompute:
    @pytest.fixture
    def house(self, transactional_db):
        return build_house()

    def test_anonymous_are_limited_by_address_but_health_is_not(self, limited):
        limited(anonymous="2/3600")
        client = TestClient(compute, base_url="http://testserver")
        assert statuses(client, "/organizations", 3) == [401, 401, 429]
        answer = client.get("/organizations")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"] == "1800"
        assert answer.json()["code"] == "too_many_requests"
        assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
        assert statuses(client, "/healthz", 3) == [200, 200, 200]

    def test_live_streams_are_limited_too(self, limited):
        limited(anonymous="2/3600")
        client = TestClient(live, base_url="http://testserver")
        assert statuses(client, "/telemetry/?datapoints=1", 3) == [401, 401, 429]

    def test_both_frameworks_count_together(self, house, limited):
        limited(anonymous="1/3600", user="3/3600")
        headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.admin).access}"}
        client = TestClient(compute, base_url="http://testserver", headers=headers)
        assert statuses(client, "/organizations", 2) == [200, 200]
        assert statuses(Client(headers=headers), "/api/users/me/", 2) == [200, 429]
        assert statuses(client, "/organizations", 1) == [429]

    def test_session_counts_for_its_user(self, house, limited):
        client = TestClient(compute, base_url="http://testserver")
        client.post("/auth/login", json={"email": house.admin.email, "password": PASSWORD})
        limited(anonymous="1/3600", user="3/3600")
        assert statuses(client, "/organizations", 4) == [200, 200, 200, 429]

    def test_fifty_threads_get_what_the_limit_allows(self, house, limited):
        limited(user="60/3600")
        headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.admin).access}"}
        barrier = Barrier(50)

        def ask(_):
            barrier.wait()
            try:
                return statuses(Client(headers=headers), "/api/users/me/", 2)
            finally:
                connection.close()

        with ThreadPoolExecutor(50) as pool:
            found = [status for pair in pool.map(ask, range(50)) for status in pair]
        assert (found.count(200), found.count(429)) == (60, 40)


class TestBreaker:
    def test_failure_is_told_once_an_interval_and_nobody_waits(self, caplog):
        now = [0.0]
        calls = []
        breaker = redis.Breaker(lambda: now[0])

        def fail():
            calls.append(now[0])
            raise ConnectionError

        for second in range(100):
            now[0] = second / 2
            assert breaker.call(fail, "default", lost="tests") == "default"
        assert len(calls) == 50
        warnings = [record.getMessage() for record in caplog.records]
        assert warnings == ["Redis does not answer (ConnectionError); going on without tests."] * 2

    def test_recovery_is_told_and_the_next_failure_again(self, caplog):
        now = [0.0]
        breaker = redis.Breaker(lambda: now[0])

        def fail():
            raise ConnectionError

        breaker.call(fail, None, lost="tests")
        now[0] = 2.0
        with caplog.at_level(logging.WARNING):
            assert breaker.call(lambda: "there", None, lost="tests") == "there"
            breaker.call(fail, None, lost="tests")
        assert [record.getMessage() for record in caplog.records][1:] == [
            "Redis answers again.",
            "Redis does not answer (ConnectionError); going on without tests.",
        ]

    def test_other_errors_are_no_outage(self):
        breaker = redis.Breaker()
        with pytest.raises(ZeroDivisionError):
            breaker.call(lambda: 1 / 0, None, lost="tests")
