"""API tokens: they rotate, they end, and a stolen one gives itself away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from guildhall.core.accounts import tokens
from guildhall.core.accounts.errors import InvalidTokenError, TokenReusedError
from guildhall.core.accounts.models import RefreshFamily, User
from tests.support.people import PASSWORD


def me(api: APIClient, access: str) -> int:
    return api.get("/api/users/me/", headers={"Authorization": f"Bearer {access}"}).status_code


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada@example.org", PASSWORD)


@pytest.mark.django_db
class TestSignIn:
    def test_login_gives_tokens_that_work(self, api, ada):
        answer = api.post("/api/auth/login/", {"email": " ADA@example.org ", "password": PASSWORD})
        assert answer.status_code == 200
        assert answer.json()["user"]["email"] == "ada@example.org"
        assert me(api, answer.json()["access"]) == 200

    @pytest.mark.parametrize(
        ("email", "password"), [("ada@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("", PASSWORD)]
    )
    def test_login_with_wrong_credentials_tells_nothing(self, api, ada, email, password):
        answer = api.post("/api/auth/login/", {"email": email or "x", "password": password})
        assert answer.status_code == 401
        assert answer.json()["code"] == "wrong_credentials"

    def test_login_of_an_inactive_account_tells_nothing(self, api, ada):
        User.objects.update(is_active=False)
        answer = api.post("/api/auth/login/", {"email": "ada@example.org", "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")

    def test_register_creates_account_and_signs_in(self, api, db):
        answer = api.post("/api/auth/register/", {"email": "New@Example.org", "password": PASSWORD, "name": "New"})
        assert answer.status_code == 201
        assert me(api, answer.json()["access"]) == 200
        assert User.objects.get().email == "new@example.org"

    @pytest.mark.parametrize(
        ("body", "status", "field"),
        [
            ({"email": "not an address", "password": PASSWORD}, 400, "email"),
            ({"email": "a@example.org", "password": "short"}, 400, "password"),
            ({"email": "a@example.org", "password": "password1234"}, 400, "password"),
            ({"email": "a@example.org"}, 400, "password"),
            ({"email": "ADA@example.org", "password": PASSWORD}, 409, "email"),
            ({"email": "a@example.org", "password": PASSWORD, "invite_code": "no"}, 400, "invite_code"),
            ({"email": "a@example.org", "password": PASSWORD, "nick": "a"}, 400, "nick"),
            ({"email": "a\0@example.org", "password": PASSWORD}, 400, "email"),
        ],
    )
    def test_register_with_bad_input_names_the_field_and_creates_nothing(self, api, ada, body, status, field):
        answer = api.post("/api/auth/register/", body)
        assert answer.status_code == status, answer.content
        assert {error["field"] for error in answer.json()["errors"]} == {field}
        assert User.objects.count() == 1

    def test_register_with_invite_code_joins(self, api, house):
        from guildhall.core.organizations import invites
        from guildhall.core.organizations.policy import Role

        made = invites.create_invite(
            actor=house.admin, organization=house.organization, role=Role.MODERATOR, project=house.project
        )
        body = {"email": "new@example.org", "password": PASSWORD, "invite_code": made.code}
        assert api.post("/api/auth/register/", body).status_code == 201
        newcomer = User.objects.get(email="new@example.org")
        assert newcomer.active_organization == house.organization
        assert newcomer.role_assignments.get(organization=house.organization).role == "moderator"


@pytest.mark.django_db
class TestRefresh:
    def test_refresh_rotates_and_the_new_pair_works(self, api, ada):
        first = tokens.issue_tokens(user=ada)
        answer = api.post("/api/auth/refresh/", {"refresh": first.refresh})
        assert answer.status_code == 200
        assert answer.json()["refresh"] != first.refresh
        assert me(api, answer.json()["access"]) == 200
        assert api.post("/api/auth/refresh/", {"refresh": answer.json()["refresh"]}).status_code == 200

    def test_refresh_token_used_twice_revokes_the_family(self, api, ada):
        first = tokens.issue_tokens(user=ada)
        other_sign_in = tokens.issue_tokens(user=ada)
        second = api.post("/api/auth/refresh/", {"refresh": first.refresh}).json()
        answer = api.post("/api/auth/refresh/", {"refresh": first.refresh})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_reused")
        answer = api.post("/api/auth/refresh/", {"refresh": second["refresh"]})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")
        assert me(api, second["access"]) == 401
        assert me(api, other_sign_in.access) == 200

    def test_logout_ends_refresh_and_access_tokens(self, api, ada):
        pair = tokens.issue_tokens(user=ada)
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
        assert api.post("/api/auth/logout/", {"refresh": pair.refresh}).status_code == 204
        api.credentials()
        assert api.post("/api/auth/refresh/", {"refresh": pair.refresh}).status_code == 401
        assert me(api, pair.access) == 401

    def test_logout_with_a_token_of_another_ends_nothing(self, api, ada):
        other = User.objects.create_user("bob@example.org")
        theirs = tokens.issue_tokens(user=other)
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue_tokens(user=ada).access}")
        assert api.post("/api/auth/logout/", {"refresh": theirs.refresh}).status_code == 401
        assert tokens.rotate_refresh_token(token=theirs.refresh)

    @pytest.mark.parametrize("ending", ["expired", "inactive", "deleted"])
    def test_refresh_after_the_end_is_refused(self, ada, ending):
        pair = tokens.issue_tokens(user=ada)
        if ending == "expired":
            RefreshFamily.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        elif ending == "inactive":
            User.objects.update(is_active=False)
        else:
            ada.delete()
        with pytest.raises(InvalidTokenError):
            tokens.rotate_refresh_token(token=pair.refresh)

    @pytest.mark.parametrize("kind", ["access", "garbage", "empty"])
    def test_refresh_with_something_else_is_refused(self, ada, kind):
        pair = tokens.issue_tokens(user=ada)
        token = {"access": pair.access, "garbage": "a.b.c", "empty": "x"}[kind]
        with pytest.raises(InvalidTokenError):
            tokens.rotate_refresh_token(token=token)

    def test_access_token_of_an_inactive_account_is_refused(self, api, ada):
        pair = tokens.issue_tokens(user=ada)
        User.objects.update(is_active=False)
        assert me(api, pair.access) == 401

    def test_refresh_token_is_no_access_token(self, api, ada):
        assert me(api, tokens.issue_tokens(user=ada).refresh) == 401


@pytest.mark.django_db(transaction=True)
def test_refresh_token_used_by_ten_at_once_is_exchanged_once_and_then_revoked():
    ada = User.objects.create_user("ada@example.org")
    pair = tokens.issue_tokens(user=ada)
    start = Barrier(10)

    def use(_: int) -> bool:
        try:
            start.wait(timeout=10)
            tokens.rotate_refresh_token(token=pair.refresh)
        except (TokenReusedError, InvalidTokenError):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(use, range(10))).count(True) == 1
    assert RefreshFamily.objects.get().revoked_at is not None
