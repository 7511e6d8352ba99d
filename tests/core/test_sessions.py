"""Where one is signed in: what is listed, and that "sign out" works at once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from fastapi.testclient import TestClient
from rest_framework.test import APIClient

from guildhall.core.accounts import sign_ins, tokens
from guildhall.core.accounts.models import BrowserSession, RefreshFamily, User
from guildhall.core.accounts.session_store import SessionStore
from guildhall.core.audit.models import AuditEntry
from guildhall.core.errors import NotFoundError
from guildhall.services.compute.app import app as compute
from tests.support.people import PASSWORD, build_house

ME, SESSIONS = "/api/users/me/", "/api/sessions/"


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def bearer(access: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}"}


@pytest.mark.django_db
class TestList:
    def test_shows_browsers_and_api_with_when_and_from_where(self, house):
        client = Client(headers={"user-agent": "Firefox"}, REMOTE_ADDR="192.0.2.1")
        client.post("/sign-in/", {"username": house.user.email, "password": PASSWORD})
        signed_in = APIClient(headers={"user-agent": "curl"}, REMOTE_ADDR="2001:db8::1").post(
            "/api/auth/login/", {"email": house.user.email, "password": PASSWORD}
        )
        browser_of(house.admin)
        found = client.get(SESSIONS).json()["results"]
        shown = [(one["kind"], one["address"], one["user_agent"], one["is_current"]) for one in found]
        assert shown == [("browser", "192.0.2.1", "Firefox", True), ("api", "2001:db8::1", "curl", False)]
        found = APIClient().get(SESSIONS, headers=bearer(signed_in.json()["access"])).json()["results"]
        assert [(one["kind"], one["is_current"]) for one in found] == [("api", True), ("browser", False)]

    def test_leaves_out_what_ended(self, house):
        tokens.issue_tokens(user=house.user)
        browser_of(house.user)
        assert len(sign_ins.sign_ins_of(house.user, current=None)) == 2
        past = timezone.now() - timedelta(seconds=1)
        RefreshFamily.objects.update(expires_at=past)
        BrowserSession.objects.update(expire_date=past)
        assert sign_ins.sign_ins_of(house.user, current=None) == []

    def test_guests_have_none(self, house):
        Client().get("/sign-in/")
        assert not BrowserSession.objects.exists()


@pytest.mark.django_db
class TestSignOut:
    def test_there_ends_a_browser_at_once(self, house):
        here, there = browser_of(house.user), browser_of(house.user)
        (other,) = [one for one in here.get(SESSIONS).json()["results"] if not one["is_current"]]
        assert here.delete(f"{SESSIONS}{other['id']}/").status_code == 204
        assert (here.get(ME).status_code, there.get(ME).status_code) == (200, 401)
        assert here.delete(f"{SESSIONS}{other['id']}/").status_code == 404
        assert AuditEntry.objects.get(action="sign_in.ended").details == {"sign_in": other["id"]}

    def test_there_ends_an_api_sign_in_at_once(self, house):
        here, pair = browser_of(house.user), tokens.issue_tokens(user=house.user)
        assert here.delete(f"{SESSIONS}{RefreshFamily.objects.get().pk}/").status_code == 204
        assert APIClient().get(ME, headers=bearer(pair.access)).status_code == 401
        assert APIClient().post("/api/auth/refresh/", {"refresh": pair.refresh}).status_code == 401

    def test_of_another_is_not_there(self, house):
        tokens.issue_tokens(user=house.user)
        here = browser_of(house.superuser)
        for row in (RefreshFamily.objects.get().pk, browser_of(house.user) and house.user.browser_sessions.get().id):
            assert here.delete(f"{SESSIONS}{row}/").status_code == 404
            with pytest.raises(NotFoundError):
                sign_ins.end_sign_in(actor=house.superuser, sign_in_id=row)
        assert len(sign_ins.sign_ins_of(house.user, current=None)) == 2

    @pytest.mark.parametrize("way", ["browser", "api"])
    def test_everywhere_else_keeps_this_one_and_others_people(self, house, way):
        kept, others = tokens.issue_tokens(user=house.user), tokens.issue_tokens(user=house.user)
        browsers, foreign = [browser_of(house.user) for _ in range(2)], browser_of(house.admin)
        if way == "browser":
            assert browsers[0].delete(SESSIONS).status_code == 204
            expected = [200, 401, 401, 401]
        else:
            assert APIClient().delete(SESSIONS, headers=bearer(kept.access)).status_code == 204
            expected = [401, 401, 200, 401]
        answers = [client.get(ME) for client in browsers]
        answers += [APIClient().get(ME, headers=bearer(pair.access)) for pair in (kept, others)]
        assert [answer.status_code for answer in answers] == expected
        assert foreign.get(ME).status_code == 200
        assert AuditEntry.objects.get(action="sign_in.others_ended").details == {"count": 3}

    def test_of_this_one_works_too(self, house):
        here = browser_of(house.user)
        (current,) = here.get(SESSIONS).json()["results"]
        assert here.delete(f"{SESSIONS}{current['id']}/").status_code == 204
        assert here.get(ME).status_code == 401


@pytest.mark.django_db
class TestStore:
    def test_table_holds_no_key_that_opens_a_session(self, house):
        client = browser_of(house.user)
        key = client.cookies["guildhall_session"].value
        row = BrowserSession.objects.get()
        assert key not in str(row.__dict__)
        assert SessionStore(row.session_key).load() == {}
        assert SessionStore(key).exists(key)

    def test_last_use_is_written_at_most_once_a_minute(self, house):
        client = browser_of(house.user)
        BrowserSession.objects.update(address="192.0.2.1")
        first = BrowserSession.objects.get().last_used_at
        client.get(ME, REMOTE_ADDR="192.0.2.9")
        row = BrowserSession.objects.get()
        assert (row.last_used_at, row.address) == (first, "192.0.2.1")
        BrowserSession.objects.update(last_used_at=first - timedelta(minutes=2))
        client.get(ME, REMOTE_ADDR="192.0.2.9")
        row = BrowserSession.objects.get()
        assert row.last_used_at > first
        assert row.address == "192.0.2.9"

    def test_changed_content_keeps_beginning_and_origin(self, house):
        client = browser_of(house.user)
        BrowserSession.objects.update(address="192.0.2.1")
        before = BrowserSession.objects.get()
        store = client.session
        store["colour"] = "green"
        store.save()
        after = BrowserSession.objects.get()
        assert (after.id, after.created_at, after.address, after.user) == (
            before.id, before.created_at, "192.0.2.1", house.user
        )  # fmt: skip
        assert after.get_decoded()["colour"] == "green"

    def test_expired_rows_are_cleared(self, house):
        browser_of(house.user)
        kept = browser_of(house.admin)
        BrowserSession.objects.filter(user=house.user).update(expire_date=timezone.now() - timedelta(days=1))
        SessionStore.clear_expired()
        assert BrowserSession.objects.get().user == house.admin
        assert kept.get(ME).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_session_of_compute_is_listed_and_ended_like_any_other():
    house = build_house()
    client = TestClient(compute, base_url="http://testserver", headers={"User-Agent": "notebook"})
    assert client.post("/auth/login", json={"email": house.user.email, "password": PASSWORD}).status_code == 200
    assert client.get("/auth/me").status_code == 200
    (found,) = sign_ins.sign_ins_of(house.user, current=None)
    assert (found.kind, found.user_agent) == ("browser", "notebook")
    sign_ins.end_sign_in(actor=house.user, sign_in_id=found.id)
    assert client.get("/auth/me").status_code == 401
