"""One identity: Django and the compute service answer alike, whoever asks and however he proves it."""

import asyncio

import anyio
import httpx2
import orjson
import pytest
from django.test import Client
from fastapi.testclient import TestClient

from guildhall.core import identity
from guildhall.core.accounts import tokens
from guildhall.core.accounts.models import User
from guildhall.core.errors import NotAllowedError, NotFoundError, NotSignedInError
from guildhall.core.http import fastapi
from guildhall.core.identity import aio
from guildhall.core.organizations.models import Organization, ProjectObject
from guildhall.core.organizations.policy import Action, Role
from guildhall.core.organizations.selectors import may
from guildhall.services.compute.app import app
from tests.support.people import PASSWORD, build_house
from tests.support.pool import lent_connections

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "http://testserver"
PEOPLE = ("anonymous", "stranger", "user", "moderator", "admin", "superuser")


@pytest.fixture
def house(transactional_db):
    return build_house()


@pytest.fixture
def compute():
    return TestClient(app, base_url=BASE)


def sign_in(client: TestClient, email: str) -> dict[str, str]:
    answer = client.post("/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200
    return {"X-CSRFToken": client.cookies["csrftoken"], "Origin": BASE}


@pytest.mark.parametrize("way", ["session", "token"])
@pytest.mark.parametrize("person", PEOPLE)
def test_both_frameworks_see_the_same_organizations(house, compute, person, way):
    django = Client()
    headers = {}
    user = house.person(person)
    if user is not None and way == "session":
        django.force_login(user)
        compute.cookies.set("guildhall_session", django.cookies["guildhall_session"].value)
    elif user is not None:
        headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=user).access}"}
    theirs = django.get("/api/organizations/", headers=headers)
    ours = compute.get("/organizations", headers=headers)
    assert theirs.status_code == ours.status_code == (401 if user is None else 200)
    if user is None:
        assert theirs.json()["code"] == ours.json()["code"] == "not_authenticated"
    else:
        assert [row["id"] for row in ours.json()] == [row["id"] for row in theirs.json()["results"]]


@pytest.mark.parametrize("person", PEOPLE[1:])
def test_both_facades_give_the_same_rights(house, person):
    user = house.person(person)
    actor = identity.identify(authorization=f"Bearer {tokens.issue_tokens(user=user).access}")
    for thing in ProjectObject.objects.select_related("project"):
        for action in (Action.EDIT, Action.DELETE):
            assert actor.may("object", action, thing.place) == may(user, "object", action, thing)
    for organization in Organization.objects.all():
        seen = Organization.objects.visible_to(user).filter(pk=organization.pk).exists()
        assert actor.sees_organization(organization.pk) == seen


def test_session_of_compute_signs_in_on_pages_and_ends_for_both(house, compute):
    headers = sign_in(compute, house.admin.email)
    django = Client()
    django.cookies["guildhall_session"] = compute.cookies["guildhall_session"]
    assert django.get("/api/users/me/").json()["email"] == house.admin.email
    assert compute.post("/auth/logout", headers=headers).status_code == 204
    assert django.get("/api/users/me/").status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"X-CSRFToken": ""},
        {"X-CSRFToken": "a" * 32},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_unsafe_request_by_cookie_needs_token_and_origin(house, compute, change):
    headers = sign_in(compute, house.admin.email)
    assert compute.post("/organizations", json={"name": "Mine"}, headers=headers).status_code == 201
    answer = compute.post("/organizations", json={"name": "Forged"}, headers={**headers, **change})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert not Organization.objects.filter(name="Forged").exists()
    assert compute.get("/organizations", headers=change).status_code == 200


@pytest.mark.parametrize(("https", "status"), [(True, 201), (False, 403)])
def test_page_by_https_is_own_page_where_the_site_stands_behind_a_proxy(house, compute, monkeypatch, https, status):
    monkeypatch.setattr(fastapi, "settings", fastapi.settings.model_copy(update={"https": https}))
    headers = {**sign_in(compute, house.admin.email), "Origin": "https://testserver", "X-Forwarded-Proto": "https"}
    assert compute.post("/organizations", json={"name": "Mine"}, headers=headers).status_code == status


def test_bearer_needs_no_token_against_forgery(house, compute):
    headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.admin).access}", "Origin": "https://x.example"}
    assert compute.post("/organizations", json={"name": "Mine"}, headers=headers).status_code == 201


def test_token_that_is_not_valid_is_told_and_not_taken_for_nobody(house, compute):
    answer = compute.get("/organizations", headers={"Authorization": "Bearer nonsense"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_session_ends_with_a_new_password_or_deactivation(house, compute):
    sign_in(compute, house.user.email)
    assert compute.get("/auth/me").status_code == 200
    house.user.set_password("another good password")
    house.user.save()
    assert compute.get("/auth/me").status_code == 401
    sign_in(compute, house.admin.email)
    User.objects.filter(pk=house.admin.pk).update(is_active=False)
    assert compute.get("/auth/me").status_code == 401


def test_session_without_a_browser_is_refused(house, compute):
    sign_in(compute, house.user.email)
    with pytest.raises(NotAllowedError):
        identity.identify(session_key=compute.cookies["guildhall_session"])


def test_organization_made_by_compute_can_be_joined_by_its_code(house, compute):
    headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.admin).access}"}
    made = compute.post("/organizations", json={"name": "Lab"}, headers=headers).json()
    assert made["role"] == "admin"
    newcomer = compute.post(
        "/auth/register",
        json={"email": "new@example.org", "password": PASSWORD, "invite_code": made["invite_code"]},
    )
    assert newcomer.status_code == 201
    assert User.objects.get(email="new@example.org").role_assignments.get(organization=made["id"]).role == "user"
    rotated = compute.post(f"/organizations/{made['id']}/invite-code", headers=headers).json()["invite_code"]
    theirs = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.user).access}"}
    old = compute.post("/organizations/join", json={"code": made["invite_code"]}, headers=theirs)
    assert (old.status_code, old.json()["code"]) == (400, "invite_not_valid")
    joined = compute.post("/organizations/join", json={"code": rotated}, headers=theirs)
    assert joined.json()["role"] == "user"


def test_rotating_without_an_open_invite_tells_so(house):
    actor = identity.identify(authorization=f"Bearer {tokens.issue_tokens(user=house.admin).access}")
    with pytest.raises(NotFoundError):
        identity.rotate_invite_code(actor, organization_id=house.organization.pk)


def test_actor_whose_account_went_is_not_signed_in_any_more(house):
    actor = identity.identify(authorization=f"Bearer {tokens.issue_tokens(user=house.user).access}")
    house.user.delete()
    with pytest.raises(NotSignedInError):
        identity.organizations_of(actor)


def test_membership_shows_the_widest_role(house):
    pair = identity.issue_tokens(email=house.moderator.email, password=PASSWORD)
    actor = identity.identify(authorization=f"Bearer {pair.access}")
    roles = {membership.name: membership.role for membership in identity.organizations_of(actor)}
    assert roles == {"Makers": Role.MODERATOR, "Moderator": Role.ADMIN}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"nam": "x"}, "name"),
        ({"name": ["x"]}, "name"),
    ],
)
def test_bad_input_to_compute_names_the_field(house, compute, body, field):
    headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.admin).access}"}
    answer = compute.post("/organizations", json=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert field in {error["field"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("email", ["a\0@example.org", "\ud800@example.org"])
def test_credentials_that_can_not_be_stored_are_just_wrong(house, compute, email):
    body = orjson.dumps({"email": "X", "password": PASSWORD}).replace(
        b"X", email.encode("unicode-escape").replace(b"\\x00", b"\\u0000")
    )
    answer = compute.post("/auth/login", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == (400 if "\ud800" in email else 401), answer.text


def test_unknown_address_and_method_of_compute_are_problem_documents(compute):
    for answer, status in ((compute.get("/nowhere"), 404), (compute.put("/auth/login"), 405)):
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-ID"]


def test_defect_in_compute_is_logged_and_stays_vague(house, compute, monkeypatch, caplog):
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(identity, "organizations_of", fail)
    headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.admin).access}"}
    answer = compute.get("/organizations", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert "secret detail" in caplog.text


def test_facade_gives_every_connection_back(house):
    headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.admin).access}"}

    async def many() -> list[int]:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
            with anyio.fail_after(60):
                answers = await asyncio.gather(*(client.get("/organizations") for _ in range(200)))
        return [answer.status_code for answer in answers]

    assert set(anyio.run(many)) == {200}
    assert lent_connections() == 0


def test_facade_never_uses_more_threads_than_half_the_pool():
    async def limit() -> float:
        return aio._limit().total_tokens

    from guildhall.settings import settings

    assert anyio.run(limit) == settings.database_pool_size // 2
