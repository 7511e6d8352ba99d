"""API keys: what they open, what they never do, and how they end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from fastapi.testclient import TestClient
from rest_framework.test import APIClient

from guildhall.core import identity
from guildhall.core.accounts import api_keys, scopes
from guildhall.core.accounts.errors import InvalidApiKeyError, ScopeMissingError
from guildhall.core.accounts.models import ApiKey, User
from guildhall.core.audit.models import AuditEntry
from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.services.compute.app import app as compute
from tests.support.people import PASSWORD, build_house


def key_of(user: User, *wanted: str, **options) -> str:
    return api_keys.create_api_key(actor=user, name="Script", scopes=wanted or ("write",), **options).key


def ask(key: str, method: str = "GET", path: str = "/api/projects/", body=None):
    return APIClient().generic(
        method, path, body or "{}", content_type="application/json", headers={"Authorization": f"Api-Key {key}"}
    )


@pytest.mark.django_db
class TestKey:
    def test_made_by_the_api_it_is_shown_once_and_works(self, house):
        client = APIClient()
        client.force_login(house.user)
        body = {"name": " Backup ", "scopes": ["read", "telemetry:write", "read"]}
        answer = client.post("/api/api-keys/", body)
        assert answer.status_code == 201
        key, row = answer.json()["key"], answer.json()["api_key"]
        assert key.startswith(f"gh_{row['prefix']}_")
        assert (row["name"], row["scopes"], row["last_used_at"]) == ("Backup", ["read", "telemetry:write"], None)
        assert key not in client.get("/api/api-keys/").content.decode()
        assert key.rpartition("_")[2].encode() not in bytes(ApiKey.objects.get().secret_hash)
        assert ask(key).status_code == 200
        assert ask(key, path="/api/users/me/").json()["email"] == house.user.email

    def test_does_no_more_than_its_user(self, house):
        path = f"/api/organizations/{house.organization.pk}/"
        assert ask(key_of(house.user), "PATCH", path, '{"name": "Mine"}').status_code == 403
        assert ask(key_of(house.stranger), "PATCH", path, '{"name": "Mine"}').status_code == 404
        assert ask(key_of(house.admin), "PATCH", path, '{"name": "Ours"}').status_code == 200

    def test_follows_a_role_that_is_taken_at_once(self, house):
        path, key = f"/api/organizations/{house.organization.pk}/", key_of(house.user)
        assert ask(key, path=path).status_code == 200
        house.user.role_assignments.filter(organization=house.organization).delete()
        assert ask(key, path=path).status_code == 404

    @pytest.mark.parametrize(
        ("scope", "read_core", "write_core", "read_telemetry"),
        [
            ("read", 200, 403, 200),
            ("write", 200, 201, 200),
            ("core:read", 200, 403, 403),
            ("core:write", 200, 201, 403),
            ("telemetry:read", 403, 403, 200),
            ("compute:write", 403, 403, 403),
        ],
    )
    def test_scopes_decide_by_area_and_method(self, house, scope, read_core, write_core, read_telemetry):
        key = key_of(house.admin, scope)
        assert ask(key).status_code == read_core
        assert ask(key, "POST", "/api/organizations/", '{"name": "New"}').status_code == write_core
        refused = ask(key, path="/api/datapoints/")
        assert refused.status_code == read_telemetry
        if read_telemetry == 403:
            assert refused.json()["code"] == "scope_missing"

    @pytest.mark.parametrize("path", ["/api/api-keys/"])
    def test_makes_and_shows_no_keys(self, house, path):
        answer = ask(key_of(house.superuser), path=path)
        assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_needed")
        answer = ask(key_of(house.superuser), "POST", path, '{"name": "Wider", "scopes": ["write"]}')
        assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_needed")

    def test_of_another_is_not_there(self, house):
        made = api_keys.create_api_key(actor=house.user, name="Script", scopes=["read"])
        client = APIClient()
        client.force_login(house.superuser)
        assert client.get("/api/api-keys/").json()["results"] == []
        assert client.delete(f"/api/api-keys/{made.api_key.pk}/").status_code == 404
        with pytest.raises(NotAllowedError):
            api_keys.revoke_api_key(actor=house.superuser, api_key=made.api_key)

    @pytest.mark.parametrize("ending", ["revoked", "expired", "inactive", "deleted"])
    def test_that_ended_opens_nothing(self, house, ending):
        key = key_of(house.user, expires_at=timezone.now() + timedelta(hours=1))
        assert ask(key).status_code == 200
        if ending == "revoked":
            client = APIClient()
            client.force_login(house.user)
            for _ in range(2):
                assert client.delete(f"/api/api-keys/{ApiKey.objects.get().pk}/").status_code == 204
            assert AuditEntry.objects.filter(action="api_key.revoked").count() == 1
        elif ending == "expired":
            ApiKey.objects.update(expires_at=timezone.now())
        elif ending == "inactive":
            User.objects.filter(pk=house.user.pk).update(is_active=False)
        else:
            house.user.delete()
        answer = ask(key)
        assert (answer.status_code, answer.json()["code"]) == (401, "api_key_not_valid")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_malformed_or_guessed_is_refused(self, house):
        key = key_of(house.user)
        prefix = key.split("_")[1]
        guesses = ["", "gh", "gh_", f"gh_{prefix}", f"gh_{prefix}_", f"gh_{prefix}_wrong", f"xx{key[2:]}", key + "x"]
        for guess in [*guesses, "gh_a\0b_c", "gh_ж_c", "gh__x"]:
            with pytest.raises(InvalidApiKeyError):
                api_keys.use_api_key(guess, area="core", method="GET")

    def test_last_use_is_written_at_most_once_a_minute(self, house, django_assert_num_queries):
        key = key_of(house.user)
        with django_assert_num_queries(2):
            api_keys.use_api_key(key, area="core", method="GET")
        first = ApiKey.objects.get().last_used_at
        assert first is not None
        with django_assert_num_queries(1):
            api_keys.use_api_key(key, area="core", method="GET")
        ApiKey.objects.update(last_used_at=first - timedelta(seconds=61))
        api_keys.use_api_key(key, area="core", method="GET")
        assert ApiKey.objects.get().last_used_at >= first

    def test_refused_use_is_no_use(self, house):
        with pytest.raises(ScopeMissingError):
            api_keys.use_api_key(key_of(house.user, "read"), area="core", method="POST")
        assert ApiKey.objects.get().last_used_at is None

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"scopes": []}, "scopes"),
            ({"scopes": ["everything"]}, "scopes"),
            ({"scopes": ["nonsense:read"]}, "scopes"),
            ({"expires_at": timezone.now()}, "expires_at"),
            ({"name": "  "}, "name"),
            ({"name": "a\0"}, "name"),
        ],
    )
    def test_with_bad_input_names_the_field(self, house, change, field):
        with pytest.raises(InvalidInputError) as caught:
            api_keys.create_api_key(actor=house.user, **{"name": "Script", "scopes": ["read"], **change})
        assert list(caught.value.fields) == [field]

    def test_creation_and_end_are_recorded_without_the_secret(self, house):
        key = key_of(house.user, "read")
        entry = AuditEntry.objects.get(action="api_key.created")
        assert (entry.actor_id, entry.details) == (house.user.pk, {"scopes": ["read"]})
        assert key.rpartition("_")[2] not in str(entry.__dict__)

    def test_unsafe_request_needs_no_proof_against_forgery(self, house):
        client = APIClient(enforce_csrf_checks=True)
        headers = {"Authorization": f"Api-Key {key_of(house.user)}", "Origin": "https://elsewhere.example"}
        assert client.post("/api/organizations/", {"name": "New"}, headers=headers).status_code == 201


@pytest.mark.django_db(transaction=True)
class TestEverywhere:
    def test_key_is_taken_by_compute_within_its_scopes(self):
        house = build_house()
        client = TestClient(compute, base_url="http://testserver")

        def answer(scope: str, method: str, path: str) -> int:
            headers = {"Authorization": f"Api-Key {key_of(house.user, scope)}"}
            return client.request(method, path, json={"name": "New"}, headers=headers).status_code

        assert answer("compute:read", "GET", "/organizations") == 200
        assert answer("compute:read", "POST", "/organizations") == 403
        assert answer("compute:write", "POST", "/organizations") == 201
        assert answer("telemetry:write", "GET", "/organizations") == 403
        assert client.get("/auth/me", headers={"Authorization": "Api-Key gh_x_y"}).status_code == 401

    def test_key_of_limited_scope_identifies_nobody_where_no_request_is_described(self):
        house = build_house()
        assert identity.identify(authorization=f"Api-Key {key_of(house.user)}").via == identity.Via.API_KEY
        with pytest.raises(ScopeMissingError):
            identity.identify(authorization=f"Api-Key {key_of(house.user, 'read')}")

    def test_limit_of_keys_holds_for_many_at_once(self, monkeypatch):
        monkeypatch.setattr(api_keys, "MAX_USABLE_KEYS", 3)
        user = User.objects.create_user("ada@example.org", PASSWORD)

        def make(_: int) -> bool:
            try:
                key_of(user)
            except InvalidInputError:
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(make, range(8))).count(True) == 3


@pytest.mark.parametrize(
    ("module", "area"),
    [
        ("guildhall.modules.telemetry.api.datapoints", "telemetry"),
        ("guildhall.services.compute.api.auth", "compute"),
        ("guildhall.live.telemetry", "telemetry"),
        ("guildhall.core.organizations.api.views", "core"),
        ("drf_spectacular.views", "core"),
        ("guildhall.web", "core"),
    ],
)
def test_area_is_where_a_view_is_written(module, area):
    assert scopes.area_of(module) == area


def test_every_area_has_both_scopes():
    assert scopes.known_scopes()[:4] == ["read", "write", "core:read", "core:write"]
    assert {"telemetry:read", "compute:write"} <= set(scopes.known_scopes())
