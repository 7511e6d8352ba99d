"""The end of an account: deactivated, exported, erased; and what ends with it."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import orjson
import pytest
from django.db import connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from guildhall.core import events
from guildhall.core.accounts import api_keys, export, lifecycle, passwords, services, tokens
from guildhall.core.accounts.errors import InvalidLinkError, LastSuperuserError
from guildhall.core.accounts.models import AccountMail, BrowserSession, RefreshFamily, User
from guildhall.core.audit.models import AuditEntry
from guildhall.core.errors import NotAllowedError
from guildhall.core.events import relay
from guildhall.core.events.models import EventRow
from guildhall.core.organizations import invites
from guildhall.core.organizations import services as places
from guildhall.core.organizations.errors import LastAdminError
from guildhall.core.organizations.models import Organization, RoleAssignment
from guildhall.core.organizations.policy import Role
from guildhall.modules.telemetry.models import Datasource, RetiredUsername
from guildhall.modules.telemetry.services import create_datasource, set_topic_rights, update_datasource
from tests.core.mailbox import deliver_all, token_in
from tests.core.test_personal_organization import check_now
from tests.support.people import PASSWORD, build_house, make_person

ME = "/api/users/me/"


class Ways:
    """Somebody who is signed in by browser, by the API and by key, and has a link in his mailbox."""

    def __init__(self, user: User) -> None:
        self.browser = Client()
        self.browser.force_login(user)
        self.pair = tokens.issue_tokens(user=user)
        self.key = api_keys.create_api_key(actor=user, name="Script", scopes=["write"]).key
        passwords.request_password_reset(email=user.email)
        self.token = token_in(deliver_all()[-1])

    def statuses(self) -> list[int]:
        headers = [f"Bearer {self.pair.access}", f"Api-Key {self.key}"]
        found = [APIClient().get(ME, headers={"Authorization": header}).status_code for header in headers]
        refreshed = APIClient().post("/api/auth/refresh/", {"refresh": self.pair.refresh}).status_code
        return [self.browser.get(ME).status_code, *found, refreshed]


@pytest.mark.django_db
class TestDeactivation:
    def test_by_a_superuser_ends_everything_at_once(self, house):
        ways = Ways(house.user)
        assert ways.statuses() == [200, 200, 200, 200]
        client = APIClient()
        client.force_login(house.superuser)
        for _ in range(2):
            assert client.post(f"/api/users/{house.user.pk}/deactivate/").status_code == 204
        assert ways.statuses() == [401, 401, 401, 401]
        assert not BrowserSession.objects.filter(user=house.user).exists()
        assert not RefreshFamily.objects.filter(user=house.user, revoked_at=None).exists()
        with pytest.raises(InvalidLinkError):
            passwords.reset_password(token=ways.token, password="another good password")
        answer = APIClient().post("/api/auth/login/", {"email": house.user.email, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
        assert AuditEntry.objects.get(action="account.deactivated").actor_id == house.superuser.pk
        assert EventRow.objects.get(type="accounts.user_deactivated").subject == f"user/{house.user.pk}"
        assert RoleAssignment.objects.filter(user=house.user, organization=house.organization).exists()

    def test_reactivated_signs_in_again_but_old_ways_stay_ended(self, house):
        ways = Ways(house.user)
        lifecycle.deactivate_user(actor=house.superuser, user=house.user)
        client = APIClient()
        client.force_login(house.superuser)
        for _ in range(2):
            assert client.post(f"/api/users/{house.user.pk}/reactivate/").status_code == 204
        assert ways.statuses() == [401, 401, 401, 401]
        answer = APIClient().post("/api/auth/login/", {"email": house.user.email, "password": PASSWORD})
        assert answer.status_code == 200
        assert AuditEntry.objects.filter(action="account.reactivated").count() == 1

    @pytest.mark.parametrize("what", ["deactivate", "reactivate"])
    def test_of_another_takes_a_superuser(self, house, what):
        client = APIClient()
        client.force_login(house.admin)
        assert client.post(f"/api/users/{house.user.pk}/{what}/").status_code == 403
        assert client.post(f"/api/users/{house.stranger.pk}/{what}/").status_code == 404
        service = getattr(lifecycle, f"{what}_user")
        with pytest.raises(NotAllowedError):
            service(actor=house.admin, user=house.user)

    def test_of_oneself_takes_the_password(self, house):
        client = APIClient()
        client.force_login(house.user)
        assert client.post(f"{ME}deactivate/", {"password": "wrong"}).status_code == 400
        assert client.post(f"{ME}deactivate/", {"password": PASSWORD}).status_code == 204
        assert client.get(ME).status_code == 401

    def test_of_the_only_admin_waits_for_another(self, house):
        with pytest.raises(LastAdminError, match="Makers"):
            lifecycle.deactivate_self(actor=house.admin, password=PASSWORD)
        successor = RoleAssignment.objects.create(
            user=house.moderator, role=Role.ADMIN, organization=house.organization
        )
        lifecycle.deactivate_user(actor=house.superuser, user=successor.user)
        with pytest.raises(LastAdminError):
            lifecycle.deactivate_self(actor=house.admin, password=PASSWORD)
        lifecycle.reactivate_user(actor=house.superuser, user=successor.user)
        lifecycle.deactivate_self(actor=house.admin, password=PASSWORD)

    def test_of_the_only_superuser_is_refused(self, house):
        with pytest.raises(LastSuperuserError):
            lifecycle.deactivate_user(actor=house.superuser, user=house.superuser)
        other = make_person("second", is_superuser=True)
        lifecycle.deactivate_user(actor=other, user=house.superuser)

    def test_disables_the_devices_of_the_personal_organization_only(self, house):
        personal = house.user.personal_organization
        own = create_datasource(actor=house.user, project=personal.projects.get(), name="Kitchen").datasource
        shared = create_datasource(actor=house.moderator, project=house.project, name="Door").datasource
        lifecycle.deactivate_user(actor=house.superuser, user=house.user)
        relay.deliver_once()
        own_now, shared_now = Datasource.objects.get(pk=own.pk), Datasource.objects.get(pk=shared.pk)
        assert (own_now.enabled, shared_now.enabled) == (False, True)
        assert own_now.rights_version > own.rights_version
        assert shared_now.rights_version == shared.rights_version


@pytest.mark.django_db
def test_role_that_is_taken_opens_nothing_from_the_next_request_on(house):
    ways = Ways(house.user)
    path = f"/api/organizations/{house.organization.pk}/"
    headers = [{"Authorization": f"Bearer {ways.pair.access}"}, {"Authorization": f"Api-Key {ways.key}"}]

    def statuses() -> list[int]:
        found = [APIClient().get(path, headers=header).status_code for header in headers]
        return [ways.browser.get(path).status_code, *found]

    assert statuses() == [200, 200, 200]
    places.remove_member(actor=house.admin, organization=house.organization, user=house.user)
    assert statuses() == [404, 404, 404]


@pytest.mark.django_db
class TestExport:
    def test_holds_everything_about_oneself_and_no_secret(self, house):
        ways = Ways(house.user)
        team = places.create_team(
            actor=house.admin, organization=house.organization, name="Night shift", members=[house.user]
        )
        answer = ways.browser.post(f"{ME}export/", {"password": PASSWORD}, content_type="application/json")
        assert answer.status_code == 200
        assert answer["Content-Disposition"] == 'attachment; filename="guildhall-export.json"'
        found = orjson.loads(answer.content)
        assert found["account"]["email"] == house.user.email
        assert {one["kind"] for one in found["sign_ins"]} == {"browser", "api"}
        assert [one["name"] for one in found["api_keys"]] == ["Script"]
        assert {one["organization__name"] for one in found["roles"]} == {"Makers", "User"}
        assert [one["id"] for one in found["teams"]] == [str(team.pk)]
        assert found["personal_organization"]["projects"][0]["name"] == "Personal"
        assert "api_key.created" in {one["action"] for one in found["audit"]}
        text = answer.content.decode()
        assert ways.key.rpartition("_")[2] not in text
        assert "argon2" not in text
        assert house.moderator.email not in text
        assert AuditEntry.objects.filter(action="account.exported").count() == 1

    def test_takes_the_password_and_no_api_key(self, house):
        ways = Ways(house.user)
        assert ways.browser.post(f"{ME}export/", {"password": "no"}, content_type="application/json").status_code == 400
        headers = {"Authorization": f"Api-Key {ways.key}"}
        assert APIClient().post(f"{ME}export/", {"password": PASSWORD}, headers=headers).status_code == 403

    def test_takes_the_part_of_a_module(self, house, monkeypatch):
        monkeypatch.setattr(export, "_exporters", {})

        def doors(user: User) -> list[str]:
            return [f"front door of {user.name}"]

        for _ in range(2):
            export.register_exporter("doors", doors)
        assert export.export_own_data(actor=house.user, password=PASSWORD)["doors"] == ["front door of User"]
        with pytest.raises(ValueError, match="doors"):
            export.register_exporter("doors", len)


@pytest.mark.django_db
class TestErasure:
    def test_forgets_the_person_and_keeps_history_under_a_pseudonym(self, house):
        ways, user = Ways(house.user), house.user
        User.objects.filter(pk=user.pk).update(is_staff=True, last_login="2026-01-01T00:00:00Z")
        before = AuditEntry.objects.filter(actor_id=user.pk).count()
        assert (
            ways.browser.post(f"{ME}erase/", {"password": PASSWORD}, content_type="application/json").status_code == 204
        )
        assert ways.statuses() == [401, 401, 401, 401]
        erased = User.objects.get(pk=user.pk)
        assert erased.name == f"Erased user {user.pk.hex[:8]}"
        assert erased.email == f"erased-{user.pk.hex}@erased.invalid"
        assert (erased.is_active, erased.is_staff, erased.last_login) == (False, False, None)
        assert erased.erased_at is not None
        assert not erased.has_usable_password()
        for relation in ("api_keys", "refresh_families", "browser_sessions", "mails", "recovery_codes", "teams"):
            assert not getattr(erased, relation).exists()
        assert [held.organization.personal_owner for held in erased.role_assignments.all()] == [erased]
        assert AuditEntry.objects.filter(actor_id=user.pk).count() > before
        assert "'user@example.org'" not in str(list(User.objects.values()) + list(AuditEntry.objects.values()))
        client = APIClient()
        client.force_login(house.superuser)
        (entry,) = client.get("/api/audit/", {"action": "account.erased"}).json()["results"]
        assert entry["actor"] == {"id": str(user.pk), "name": erased.name}

    def test_empties_the_personal_organization_and_the_database_agrees(self, house):
        personal = house.user.personal_organization
        project = personal.projects.get()
        thing = places.create_object(actor=house.user, project=project, name="Secret shed")
        source = create_datasource(actor=house.user, project=project, thing=thing, name="Shed").datasource
        places.create_team(actor=house.user, organization=personal, name="Family")
        code = invites.create_invite(actor=house.user, organization=personal, role=Role.ADMIN).code
        invites.join_organization(actor=house.stranger, code=code)
        lifecycle.erase_self(actor=house.user, password=PASSWORD)
        check_now()
        personal = Organization.objects.get(pk=personal.pk)
        assert personal.name == f"Erased user {house.user.pk.hex[:8]}"
        assert [found.is_personal for found in personal.projects.all()] == [True]
        assert not personal.projects.get().objects_in_project.exists()
        assert not personal.teams.exists()
        assert not Datasource.objects.filter(pk=source.pk).exists()
        assert RetiredUsername.objects.filter(pk=source.username).exists()
        assert [held.user for held in personal.roleassignments.all()] == [house.user]

    def test_keeps_what_others_own(self, house):
        made = create_datasource(actor=house.moderator, project=house.project, name="Door").datasource
        lifecycle.erase_self(actor=house.moderator, password=PASSWORD)
        assert Datasource.objects.filter(pk=made.pk, enabled=True).exists()

    def test_address_is_free_again_and_the_old_account_stays_erased(self, house):
        lifecycle.erase_self(actor=house.user, password=PASSWORD)
        again = services.register_user(email="user@example.org", password=PASSWORD)
        assert again.pk != house.user.pk
        with pytest.raises(NotAllowedError):
            lifecycle.reactivate_user(actor=house.superuser, user=house.user)

    def test_of_the_only_admin_waits_for_another_and_changes_nothing(self, house):
        client = APIClient()
        client.force_login(house.admin)
        answer = client.post(f"{ME}erase/", {"password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
        assert "Makers" in answer.json()["detail"]
        assert client.get(ME).json()["email"] == "admin@example.org"

    def test_takes_the_password(self, house):
        client = APIClient()
        client.force_login(house.user)
        assert client.post(f"{ME}erase/", {"password": "wrong"}).status_code == 400
        assert User.objects.get(pk=house.user.pk).is_active


@pytest.mark.django_db
def test_services_tell_every_event_of_accounts_with_data_that_fits(house):
    made = services.register_user(email="new@example.org", password=PASSWORD)
    lifecycle.deactivate_user(actor=house.superuser, user=made)
    lifecycle.reactivate_user(actor=house.superuser, user=made)
    lifecycle.erase_self(actor=User.objects.get(pk=made.pk), password=PASSWORD)
    told = EventRow.objects.filter(subject=f"user/{made.pk}")
    for row in told:
        assert (
            UUID(events.event_types()[row.type].model_validate(row.data).model_dump(mode="json")["user_id"]) == made.pk
        )
    assert {row.type for row in told} == {name for name in events.event_types() if name.startswith("accounts.")}


@pytest.mark.django_db
def test_changes_of_datasources_are_recorded(house):
    source = create_datasource(actor=house.moderator, project=house.project, name="Door").datasource
    update_datasource(actor=house.moderator, datasource=source, enabled=False, name="Back door")
    set_topic_rights(actor=house.moderator, datasource=source, rights=[])
    set_topic_rights(actor=house.moderator, datasource=source, rights=[])
    found = AuditEntry.objects.filter(subject_id=source.pk).order_by("id")
    assert [entry.action for entry in found] == [
        "datasource.created", "datasource.changed", "datasource.rights_changed"
    ]  # fmt: skip
    assert found[1].details == {"username": source.username, "changed": ["enabled", "name"], "enabled": False}
    assert {entry.organization_id for entry in found} == {house.organization.pk}


@pytest.mark.django_db(transaction=True)
def test_last_two_superusers_can_not_both_go_at_once():
    build_house()
    make_person("second", is_superuser=True)

    def go(name: str) -> bool:
        try:
            lifecycle.deactivate_self(actor=User.objects.get(email=f"{name}@example.org"), password=PASSWORD)
        except LastSuperuserError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, ["superuser", "second"])) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_erasure_that_fails_halfway_changes_nothing(monkeypatch):
    house = build_house()
    ways = Ways(house.user)

    def fail(_: User) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(lifecycle, "pseudonym", fail)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        lifecycle.erase_self(actor=house.user, password=PASSWORD)
    assert ways.statuses() == [200, 200, 200, 200]
    assert AccountMail.objects.filter(user=house.user, used_at=None).exists()
