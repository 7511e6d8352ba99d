"""Manners over the wire: problem documents, paging, request ids, requests by cookie."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from guildhall.core.accounts.models import User
from guildhall.core.errors import GuildhallError, InvalidInputError
from guildhall.core.http import wire
from guildhall.core.organizations import services
from tests.support.people import PASSWORD


@given(st.lists(st.one_of(st.text(), st.integers(-(2**53), 2**53), st.booleans()), max_size=4))
def test_cursor_round_trips(values):
    assert wire.decode_cursor(wire.encode_cursor(values), len(values)) == values


@given(st.text())
def test_cursor_of_somebody_else_is_refused_and_never_crashes(text):
    with pytest.raises(InvalidInputError) as caught:
        wire.decode_cursor(text, 77)
    assert list(caught.value.fields) == ["cursor"]


@pytest.mark.parametrize("given_id", [None, "", "short", "x" * 65, "with space in it", "новый-идентификатор"])
def test_request_id_that_is_not_harmless_is_replaced(given_id):
    assert wire.request_id(given_id) not in {given_id, ""}


def test_request_id_of_the_caller_is_kept_and_told(api, db):
    answer = api.get("/api/users/me/", headers={"X-Request-ID": "caller-chose-this"})
    assert answer.headers["X-Request-ID"] == "caller-chose-this"
    assert answer.json()["request_id"] == "caller-chose-this"


def test_problem_names_title_detail_and_fields():
    document = wire.problem_of(InvalidInputError("Look again", fields={"name": ["Too long."]}), "abc")
    assert document == {
        "type": "about:blank",
        "title": "Some fields need another value",
        "detail": "Look again",
        "status": 400,
        "code": "invalid",
        "errors": [{"field": "name", "message": "Too long."}],
        "request_id": "abc",
    }
    assert "detail" not in wire.problem_of(GuildhallError())


def test_unexpected_error_is_logged_and_stays_vague(api, house, monkeypatch, caplog):
    def fail(**_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(services, "create_organization", fail)
    api.force_login(house.admin)
    answer = api.post("/api/organizations/", {"name": "X"})
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert b"secret" not in answer.content
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status", "code"),
    [
        ("POST", "/api/organizations/", b"{", "application/json", 400, "parse_error"),
        ("POST", "/api/organizations/", b'{"name": NaN}', "application/json", 400, "parse_error"),
        ("POST", "/api/organizations/", b"[]", "application/json", 400, "invalid"),
        ("POST", "/api/organizations/", b'"text"', "application/json", 400, "invalid"),
        ("POST", "/api/organizations/", b"name=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("PUT", "/api/organizations/", b"{}", "application/json", 405, "method_not_allowed"),
        ("POST", "/api/organizations/", b'{"name": "a\\u0000b"}', "application/json", 400, "invalid"),
        ("POST", "/api/organizations/", b'{"name": ""}', "application/json", 400, "invalid"),
        ("GET", "/api/organizations/?cursor=nonsense", b"", "application/json", 400, "invalid"),
        ("GET", "/api/organizations/?cursor=WyJhIiwiYiJd", b"", "application/json", 400, "invalid"),
        ("GET", "/api/organizations/?page_size=0", b"", "application/json", 400, "invalid"),
        ("GET", "/api/organizations/?page_size=201", b"", "application/json", 400, "invalid"),
        ("GET", "/api/organizations/?page_size=%D9%A3", b"", "application/json", 400, "invalid"),
        ("GET", "/api/projects/?organization=x", b"", "application/json", 400, "invalid"),
        ("GET", "/api/nowhere/", b"", "application/json", 404, "not_found"),
    ],
)
def test_bad_input_is_answered_by_a_problem_document(api, house, method, path, body, content_type, status, code):
    api.force_login(house.admin)
    answer = api.generic(method, path, body, content_type=content_type)
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_pages_follow_each_other_without_gap_or_repeat(api, house):
    for number in range(23):
        services.create_organization(actor=house.admin, name=f"Same name {number % 3}")
    api.force_login(house.admin)
    address, seen = "/api/organizations/?page_size=5", []
    while address:
        answer = api.get(address).json()
        assert len(answer["results"]) <= 5
        seen += [row["id"] for row in answer["results"]]
        address = answer["next"]
    assert len(seen) == len(set(seen)) == 25


def test_descending_pages_follow_each_other(api, house):
    from guildhall.core.organizations import invites
    from guildhall.core.organizations.policy import Role

    for _ in range(7):
        invites.create_invite(actor=house.admin, organization=house.organization, role=Role.ADMIN)
    api.force_login(house.admin)
    address, seen = f"/api/organizations/{house.organization.pk}/invites/?page_size=3", []
    while address:
        answer = api.get(address).json()
        seen += [row["created_at"] for row in answer["results"]]
        address = answer["next"]
    assert len(seen) == 7
    assert seen == sorted(seen, reverse=True)


def test_people_are_searched_by_name_and_address(api, house):
    api.force_login(house.admin)
    found = api.get("/api/users/?search=MODER").json()["results"]
    assert [row["email"] for row in found] == ["moderator@example.org"]
    assert api.get("/api/users/?search=stranger").json()["results"] == []


@pytest.mark.django_db
def test_unsafe_request_by_cookie_needs_the_token():
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("ada@example.org", PASSWORD))
    answer = client.post("/api/organizations/", {"name": "X"}, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_denied"


def test_profile_takes_only_what_makes_sense(api, house):
    api.force_login(house.user)
    answer = api.put(f"/api/users/{house.user.pk}/", {"name": "New", "language": "ru", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["time_zone"]
    answer = api.put(f"/api/users/{house.user.pk}/", {"name": " New ", "language": "ru", "time_zone": "Asia/Kolkata"})
    assert answer.json()["name"] == "New"
    house.user.refresh_from_db()
    assert (house.user.name, house.user.time_zone) == ("New", "Asia/Kolkata")


def test_profile_fields_outside_the_form_are_refused(house):
    from guildhall.core.accounts.services import update_profile

    with pytest.raises(InvalidInputError):
        update_profile(actor=house.user, user=house.user, is_superuser=True)
