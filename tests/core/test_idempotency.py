"""Idempotency keys: one effect and one answer, however often and at once a request comes, in Django and in FastAPI."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import orjson
import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone
from fastapi.testclient import TestClient

from guildhall.core.accounts import api_keys, tokens
from guildhall.core.accounts.models import User
from guildhall.core.http import answers
from guildhall.core.http.idempotency import (
    Answer,
    Attempt,
    KeyReusedError,
    MalformedKeyError,
    StillRunningError,
    parse_key,
)
from guildhall.core.http.models import StoredAnswer
from guildhall.core.organizations import services
from guildhall.core.organizations.models import Invite, Organization
from guildhall.services.compute.app import app as compute
from tests.support.people import PASSWORD, build_house
from tests.support.pool import lent_connections

URL = "/api/organizations/"
BODY = {"name": "Once"}


def bearer(user):
    return f"Bearer {tokens.issue_tokens(user=user).access}"


def post(client, key, body=BODY, url=URL, **headers):
    return client.post(
        url, orjson.dumps(body), content_type="application/json", headers={"Idempotency-Key": key, **headers}
    )


@pytest.mark.parametrize("header", ["k", "8e03978e-40d5-43dd-bc93-6894a57f9324", '"in quotes"', "x" * 255, "a:b/c+d=~"])
def test_key_is_taken_bare_and_quoted(header):
    assert parse_key(header) == header.strip('"')


@pytest.mark.parametrize("header", ["", " ", '""', '"', "two words", "x" * 256, "ключ", "a\x00b", 'a"b', "a\\b"])
def test_key_that_is_malformed_is_refused(header):
    with pytest.raises(MalformedKeyError):
        parse_key(header)


def attempt(**changes):
    values = {"secret": "s", "key": "k", "actor": "user:1", "method": "POST", "path": "/p", "query": b"", "body": b"{}"}
    return Attempt.of(**{**values, **changes})


@pytest.mark.parametrize(
    "change", [{"secret": "t"}, {"key": "l"}, {"actor": "user:2"}, {"method": "PUT"}, {"path": "/q"}]
)
def test_attempt_has_a_scope_of_its_own_for_each_actor_and_route(change):
    assert attempt(**change).scope != attempt().scope


@pytest.mark.parametrize("change", [{"query": b"a=1"}, {"body": b"{ }"}, {"query": b"{", "body": b"}"}])
def test_attempt_tells_what_was_sent_apart(change):
    assert attempt(**change).scope == attempt().scope
    assert attempt(**change).fingerprint != attempt().fingerprint


def test_sealed_answer_is_read_by_the_same_key_alone():
    from cryptography.exceptions import InvalidTag

    answer = Answer.of(201, [("Content-Type", "text/plain"), ("Date", "now"), ("X-Request-ID", "1")], b"the code \xff")
    sealed = attempt().seal(answer)
    assert b"code" not in sealed
    assert attempt().unseal(sealed) == answer
    assert answer.headers == (("Content-Type", "text/plain"),)
    with pytest.raises(InvalidTag):
        attempt(key="l").unseal(sealed)


@pytest.mark.parametrize(
    ("status", "final"), [(200, True), (409, True), (401, False), (403, False), (429, False), (500, False)]
)
def test_answer_of_the_moment_is_not_final(status, final):
    assert Answer(status, (), b"").is_final is final


@pytest.mark.parametrize("way", ["session", "token", "api_key"])
def test_repeated_request_gets_the_same_answer_and_no_second_effect(house, way):
    client = Client()
    headers = {}
    if way == "session":
        client.force_login(house.admin)
    elif way == "api_key":
        made = api_keys.create_api_key(actor=house.admin, name="test", scopes=["write"])
        headers = {"Authorization": f"Api-Key {made.key}"}
    else:
        headers = {"Authorization": bearer(house.admin)}
    first, second = (post(client, "key-1", **headers) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Content-Type"] == second.headers["Content-Type"] == "application/json"
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert Organization.objects.filter(name="Once").count() == 1


def test_key_with_another_body_is_refused(house, api):
    api.force_login(house.admin)
    post(api, "key-1")
    answer = post(api, "key-1", {"name": "Twice"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Organization.objects.filter(name="Twice").exists()


def test_key_is_the_actors_own(house, api):
    api.force_login(house.admin)
    post(api, "key-1")
    api.force_login(house.user)
    answer = post(api, "key-1", {"name": "Mine"})
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers


def test_malformed_key_is_told(house, api):
    api.force_login(house.admin)
    answer = post(api, "two words")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_malformed")
    assert [error["field"] for error in answer.json()["errors"]] == ["Idempotency-Key"]


def test_key_does_not_open_what_credentials_do_not(house, api):
    assert post(api, "key-1").status_code == 401
    assert post(api, "key-1", Authorization="Bearer nonsense").json()["code"] == "token_not_valid"
    assert not StoredAnswer.objects.exists()


def test_key_without_a_write_is_ignored(house, api):
    api.force_login(house.admin)
    assert api.get(URL, headers={"Idempotency-Key": "two words"}).status_code == 200


def test_secret_of_an_answer_is_not_readable_in_the_database(house, api):
    api.force_login(house.admin)
    url = f"{URL}{house.organization.pk}/invites/"
    first, second = (post(api, "key-1", {"role": "admin"}, url) for _ in range(2))
    assert first.json()["code"] == second.json()["code"]
    assert Invite.objects.filter(organization=house.organization).count() == 1
    stored = StoredAnswer.objects.get()
    assert first.json()["code"].encode() not in bytes(stored.sealed) + bytes(stored.fingerprint) + bytes(stored.scope)


def test_delete_can_be_repeated(house, api):
    api.force_login(house.admin)
    url = f"/api/objects/{house.other_thing.pk}/"
    answers_ = [api.delete(url, headers={"Idempotency-Key": "key-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers_] == [204, 204]
    assert answers_[1].content == b""


def test_registration_can_be_repeated_by_somebody_who_is_not_signed_in(db, api):
    body = {"email": "new@example.org", "password": PASSWORD}
    first, second = (post(api, "key-1", body, "/api/auth/register/") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert User.objects.filter(email="new@example.org").count() == 1


def test_failure_of_ours_is_not_stored_and_leaves_nothing(house, api, monkeypatch):
    real = services.create_organization

    def fail(**arguments):
        real(**arguments)
        raise ZeroDivisionError

    api.force_login(house.admin)
    with monkeypatch.context() as broken:
        broken.setattr(services, "create_organization", fail)
        assert post(api, "key-1").status_code == 500
    assert not Organization.objects.filter(name="Once").exists()
    assert post(api, "key-1").status_code == 201
    assert Organization.objects.filter(name="Once").count() == 1


def test_refused_input_is_answered_again(house, api):
    api.force_login(house.admin)
    first, second = (post(api, "key-1", {"name": ""}) for _ in range(2))
    assert first.status_code == second.status_code == 400
    assert second.headers["Idempotency-Replayed"] == "true"


def test_expired_answers_are_forgotten(house, api):
    api.force_login(house.admin)
    post(api, "old", {"name": "Old"})
    StoredAnswer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    post(api, "new", {"name": "New"})
    assert answers.forget_expired(timezone.now()) == 1
    assert StoredAnswer.objects.count() == 1
    assert post(api, "old", {"name": "Old"}).status_code == 201
    assert Organization.objects.filter(name="Old").count() == 2


def test_database_refuses_a_row_that_is_neither_stored_nor_awaited(db):
    row = StoredAnswer(scope=b"s", fingerprint=b"f", expires_at=timezone.now())
    with pytest.raises(IntegrityError, match="answer_is_stored_or_awaited"):
        row.save()


def at_once(count, call):
    barrier = Barrier(count)

    def run(number):
        barrier.wait()
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_fifty_threads_with_one_key_have_one_effect_and_one_answer_in_django():
    house = build_house()
    token = bearer(house.admin)
    found = at_once(50, lambda _: post(Client(), "key-1", Authorization=token))
    assert {answer.status_code for answer in found} == {201}
    assert len({answer.content for answer in found}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in found) == 1
    assert Organization.objects.filter(name="Once").count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_threads_with_one_key_have_one_effect_and_one_answer_in_fastapi():
    house = build_house()
    headers = {"Authorization": bearer(house.admin), "Idempotency-Key": "key-1"}

    with TestClient(compute, base_url="http://testserver") as client:
        found = at_once(50, lambda _: client.post("/organizations", json=BODY, headers=headers))
    assert {answer.status_code for answer in found} == {201}
    assert len({answer.content for answer in found}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in found) == 1
    assert Organization.objects.filter(name="Once").count() == 1


@pytest.mark.django_db(transaction=True)
def test_waiting_twins_hold_no_connection():
    house = build_house()
    token = bearer(house.admin)
    at_once(20, lambda number: post(Client(), f"key-{number % 2}", Authorization=token))
    assert lent_connections() == 0


@pytest.mark.django_db(transaction=True)
class TestCompute:
    @pytest.fixture
    def house(self, transactional_db):
        return build_house()

    @pytest.fixture
    def client(self):
        return TestClient(compute, base_url="http://testserver")

    @pytest.fixture
    def headers(self, house):
        return {"Authorization": bearer(house.admin), "Idempotency-Key": "key-1"}

    def test_repeated_request_gets_the_same_answer(self, house, client, headers):
        first, second = (client.post("/organizations", json=BODY, headers=headers) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.content == second.content
        assert second.headers["Idempotency-Replayed"] == "true"
        assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
        other = client.post("/organizations", json={"name": "Other"}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert other.headers["Content-Type"] == "application/problem+json"

    def test_malformed_key_is_told(self, client, headers):
        answer = client.post("/organizations", json=BODY, headers={**headers, "Idempotency-Key": "two words"})
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_malformed")

    def test_session_may_repeat_too(self, house, client):
        credentials = {"email": house.admin.email, "password": PASSWORD}
        assert client.post("/auth/login", json=credentials).status_code == 200
        headers = {
            "X-CSRFToken": client.cookies["csrftoken"],
            "Origin": "http://testserver",
            "Idempotency-Key": "key-1",
        }
        found = [client.post("/organizations", json=BODY, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in found] == [201, 201]
        assert found[1].headers["Idempotency-Replayed"] == "true"
        forged = client.post("/organizations", json=BODY, headers={**headers, "X-CSRFToken": ""})
        assert (forged.status_code, forged.json()["code"]) == (403, "csrf_failed")

    def test_registration_can_be_repeated(self, house, client):
        body = {"email": "new@example.org", "password": PASSWORD}
        found = [client.post("/auth/register", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
        assert [answer.status_code for answer in found] == [201, 201]
        assert found[0].json() == found[1].json()

    def test_failure_of_ours_gives_the_key_free(self, house, client, headers, monkeypatch):
        from guildhall.core import identity

        def fail(*_, **__):
            raise ZeroDivisionError

        with monkeypatch.context() as broken:
            broken.setattr(identity, "create_organization", fail)
            assert client.post("/organizations", json=BODY, headers=headers).status_code == 500
        assert not StoredAnswer.objects.exists()
        assert client.post("/organizations", json=BODY, headers=headers).status_code == 201

    def test_missing_credentials_are_told_as_ever(self, house, client):
        answer = client.post("/organizations", json=BODY, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert not StoredAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_claim_is_one_callers_until_it_is_settled_or_runs_out():
    mine = attempt(key=str(uuid4()))
    assert answers.claim(mine) is None
    with pytest.raises(StillRunningError):
        answers.claim(mine)
    with pytest.raises(KeyReusedError):
        answers.claim(Attempt(mine.scope, b"other", mine._seal_key))
    StoredAnswer.objects.update(running_until=timezone.now())
    assert answers.claim(mine) is None
    answers.settle(mine, None)
    assert answers.claim(mine) is None
    answer = Answer(200, (), b"done")
    answers.settle(mine, answer)
    answers.settle(mine, None)
    assert answers.claim(mine) == answer


@pytest.mark.django_db(transaction=True)
def test_twin_of_a_long_request_gives_up_after_a_while(monkeypatch):
    monkeypatch.setattr(answers, "PATIENCE_S", 0.05)
    mine = attempt(key=str(uuid4()))

    def run():
        with pytest.raises(StillRunningError), ThreadPoolExecutor(1) as pool:
            pool.submit(twin).result()
        return Answer(200, (), b"")

    def twin():
        try:
            answers.once(mine, lambda: Answer(200, (), b"a second effect"))
        finally:
            connection.close()

    assert answers.once(mine, run) == (Answer(200, (), b""), False)
