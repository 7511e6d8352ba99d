"""The pages of one's own account: safety, API keys, data; and the audit log."""

import json
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from guildhall.core.accounts import api_keys, second_factor, sign_ins, tokens
from guildhall.core.accounts.models import ApiKey, SecondFactor, User
from guildhall.core.audit.models import AuditEntry
from guildhall.core.audit.services import record
from guildhall.core.organizations.invites import create_invite, join_organization
from guildhall.core.organizations.policy import Role
from guildhall.core.organizations.services import remove_member
from tests.core.mailbox import deliver_all, token_in
from tests.support.people import PASSWORD, House

SAFETY, KEYS, DATA, AUDIT = "/profile/security/", "/profile/api-keys/", "/profile/data/", "/organization/audit/"
NEW = "another good password"


def text(response) -> str:
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", [SAFETY, KEYS, DATA, AUDIT, f"{DATA}erase/", f"{SAFETY}second-factor/"])
def test_pages_of_the_account_are_for_signed_in_people(client: Client, path):
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={path}")


class TestPassword:
    def test_changed_on_the_page_stays_signed_in_here_only(self, visit, house: House):
        here, there = visit(house.user), visit(house.user)
        response = here.post(SAFETY, {"current_password": PASSWORD, "password": NEW})
        assert (response.status_code, response["Location"]) == (302, SAFETY)
        assert here.get(SAFETY).status_code == 200
        assert there.get(SAFETY).status_code == 302

    def test_wrong_one_is_told_beside_its_field(self, member, house: House):
        response = member.post(SAFETY, {"current_password": "wrong", "password": NEW})
        assert response.status_code == 200
        assert "This is not your password." in response.context["form"].errors["current_password"]

    def test_forgotten_is_set_anew_by_the_link_of_a_mail(self, client: Client, user: User):
        assert client.get("/reset-password/").status_code == 200
        assert client.post("/reset-password/", {"email": "nonsense"}).context["form"].errors
        answers = [client.post("/reset-password/", {"email": email}) for email in (user.email, "nobody@example.org")]
        assert {answer.status_code for answer in answers} == {200}
        assert "on its way" in text(answers[1])
        (message,) = deliver_all()
        assert "/reset-password/new/#token=" in message.body
        assert 'data-from-fragment="token"' in text(client.get("/reset-password/new/"))
        data = {"token": token_in(message), "password": NEW}
        assert "too short" in text(client.post("/reset-password/new/", data | {"password": "short"}))
        assert client.post("/reset-password/new/", data)["Location"] == "/sign-in/"
        assert "not valid any more" in text(client.post("/reset-password/new/", data))
        assert client.post("/sign-in/", {"username": user.email, "password": NEW})["Location"] == "/tasks/"


class TestAddress:
    def test_verified_by_the_link_of_a_mail(self, visit, house: House):
        client = visit(house.user)
        assert "not verified" in text(client.get(SAFETY))
        assert client.post(f"{SAFETY}verify-email/")["Location"] == SAFETY
        (message,) = deliver_all()
        guest = Client()
        assert guest.get("/verify-email/").status_code == 200
        assert "not valid any more" in text(guest.post("/verify-email/", {"token": "x"}))
        assert User.objects.get(pk=house.user.pk).email_verified_at is None
        assert guest.post("/verify-email/", {"token": token_in(message)})["Location"] == "/"
        assert "not verified" not in text(client.get(SAFETY))


class TestSignIns:
    def test_others_are_listed_and_ended(self, visit, house: House):
        here, there = visit(house.user), visit(house.user)
        pair = tokens.issue_tokens(user=house.user)
        page = text(here.get(SAFETY))
        assert page.count('data-sign-in="browser"') == 2
        assert page.count('data-sign-in="api"') == 1
        assert "this one" in page
        (other,) = [one for one in sign_ins.sign_ins_of(house.user, current=None) if one.kind == "api"]
        assert here.post(f"{SAFETY}sign-ins/{other.id}/end/")["Location"] == SAFETY
        headers = {"Authorization": f"Bearer {pair.access}"}
        assert APIClient().get("/api/users/me/", headers=headers).status_code == 401
        assert here.post(f"{SAFETY}sign-ins/end-others/")["Location"] == SAFETY
        assert there.get(SAFETY).status_code == 302
        assert here.get(SAFETY).status_code == 200

    def test_of_another_is_not_there(self, visit, house: House):
        visit(house.admin)
        (theirs,) = sign_ins.sign_ins_of(house.admin, current=None)
        assert visit(house.user).post(f"{SAFETY}sign-ins/{theirs.id}/end/").status_code == 404


class TestSecondFactor:
    def test_switched_on_shown_and_switched_off(self, visit, house: House):
        client = visit(house.user)
        assert client.get(f"{SAFETY}second-factor/confirm/")["Location"] == SAFETY
        assert client.get(f"{SAFETY}second-factor/").status_code == 200
        assert client.post(f"{SAFETY}second-factor/", {"password": "wrong"}).context["form"].errors
        answer = client.post(f"{SAFETY}second-factor/", {"password": PASSWORD})
        page = client.get(answer["Location"])
        assert "<svg" in text(page)
        assert page["Cache-Control"] == "no-store"
        secret = second_factor.pending_enrolment(house.user).secret
        assert secret in text(page)
        assert client.post(answer["Location"], {"code": "000000"}).context["form"].errors
        codes = client.post(answer["Location"], {"code": pyotp.TOTP(secret).now()}).context["codes"]
        assert "10 recovery codes are left" in text(client.get(SAFETY))
        assert client.get(f"{SAFETY}recovery-codes/").status_code == 200
        assert client.post(f"{SAFETY}recovery-codes/", {"password": "wrong"}).context["form"].errors
        renewed = client.post(f"{SAFETY}recovery-codes/", {"password": PASSWORD})
        assert set(renewed.context["codes"]).isdisjoint(codes)
        assert renewed["Cache-Control"] == "no-store"
        assert client.get(f"{SAFETY}second-factor/disable/").status_code == 200
        assert client.post(f"{SAFETY}second-factor/disable/", {"password": "wrong"}).context["form"].errors
        assert client.post(f"{SAFETY}second-factor/disable/", {"password": PASSWORD})["Location"] == SAFETY
        assert not SecondFactor.objects.exists()


class TestApiKeys:
    DATA = {"name": "Script", "access": "write", "areas": ["telemetry", "core"], "days": "30"}

    def test_made_key_is_shown_once_and_works(self, visit, house: House):
        client = visit(house.user)
        assert "No key yet" in text(client.get(KEYS))
        page = client.post(KEYS, self.DATA)
        assert page["Cache-Control"] == "no-store"
        key = page.context["made"].key
        assert key in text(page)
        assert key not in text(client.get(KEYS))
        row = ApiKey.objects.get()
        assert row.scopes == ["telemetry:write", "core:write"]
        assert timedelta(days=29) < row.expires_at - timezone.now() <= timedelta(days=30)
        headers = {"Authorization": f"Api-Key {key}"}
        assert APIClient().get("/api/users/me/", headers=headers).status_code == 200
        assert client.post(f"{KEYS}{row.pk}/revoke/")["Location"] == KEYS
        assert APIClient().get("/api/users/me/", headers=headers).status_code == 401
        assert "1 key that no longer works" in text(client.get(KEYS))

    def test_key_for_everywhere_and_ever(self, visit, house: House):
        visit(house.user).post(KEYS, self.DATA | {"areas": [], "days": "0"})
        row = ApiKey.objects.get()
        assert (row.scopes, row.expires_at) == (["write"], None)

    @pytest.mark.parametrize("change", [{"name": ""}, {"areas": ["nowhere"]}, {"access": "all"}, {"days": "9"}])
    def test_key_with_a_fault_is_not_made(self, visit, house: House, change):
        (field,) = change
        assert field in visit(house.user).post(KEYS, self.DATA | change).context["form"].errors
        assert not ApiKey.objects.exists()

    def test_key_of_another_is_not_there(self, visit, house: House):
        made = api_keys.create_api_key(actor=house.user, name="Script", scopes=["read"])
        assert visit(house.superuser).post(f"{KEYS}{made.api_key.pk}/revoke/").status_code == 404
        assert made.api_key.name not in text(visit(house.superuser).get(KEYS))


class TestOwnData:
    def test_export_is_a_file(self, visit, house: House):
        client = visit(house.user)
        assert client.get(DATA).status_code == 200
        assert client.get(f"{DATA}export/").status_code == 200
        response = client.post(f"{DATA}export/", {"password": PASSWORD})
        assert "guildhall-export.json" in response["Content-Disposition"]
        assert json.loads(response.content)["account"]["email"] == house.user.email

    @pytest.mark.parametrize(("path", "email"), [("deactivate", "user@example.org"), ("erase", None)])
    def test_end_of_the_account_takes_the_password(self, visit, house: House, path, email):
        client = visit(house.user)
        assert client.get(f"{DATA}{path}/").status_code == 200
        assert client.post(f"{DATA}{path}/", {"password": "wrong"}).context["form"].errors
        response = client.post(f"{DATA}{path}/", {"password": PASSWORD})
        assert (response.status_code, response["Location"]) == (302, "/sign-in/")
        assert client.get("/").status_code == 302
        ended = User.objects.get(pk=house.user.pk)
        assert not ended.is_active
        assert (ended.email == email) is (email is not None)

    def test_end_of_the_only_admin_is_explained(self, admin, house: House):
        page = admin.post(f"{DATA}erase/", {"password": PASSWORD})
        assert "Make somebody else admin of Makers first" in text(page)

    def test_too_many_wrong_passwords_are_told_with_the_time_to_wait(self, visit, house: House):
        client = visit(house.user)
        for _ in range(5):
            client.post(f"{DATA}export/", {"password": "wrong"})
        response = client.post(f"{DATA}export/", {"password": PASSWORD})
        assert response.status_code == 429
        assert int(response["Retry-After"]) <= 30
        assert "Too many attempts failed" in text(response)


class TestAudit:
    def test_admin_reads_and_filters_the_log_of_the_organization(self, admin, house: House):
        create_invite(actor=house.admin, organization=house.organization, role=Role.ADMIN)
        record("api_key.created", actor=house.stranger, organization_id=house.foreign_organization.pk)
        page = admin.get(AUDIT)
        assert 'data-audit="invite.created"' in text(page)
        assert 'data-audit="api_key.created"' not in text(page)
        assert "Invite created" in text(page)
        only = text(admin.get(AUDIT, {"action": "organization.created", "actor": str(house.admin.pk)}))
        assert 'data-audit="organization.created"' in only
        assert 'data-audit="invite.created"' not in only
        today = timezone.now().date()
        assert "data-audit" in text(admin.get(AUDIT, {"since": today.isoformat(), "until": today.isoformat()}))
        tomorrow = {"since": (today + timedelta(days=1)).isoformat()}
        assert "Nothing was recorded" in text(admin.get(AUDIT, tomorrow))

    def test_log_says_to_whom_and_what_in_words(self, admin, house: House):
        code = create_invite(actor=house.admin, organization=house.organization, role=Role.ADMIN).code
        join_organization(actor=house.stranger, code=code)
        remove_member(actor=house.admin, organization=house.organization, user=house.stranger)
        record(
            "sign_in.failed",
            actor=None,
            organization_id=house.organization.pk,
            subject=house.user,
            details={"a": [1, 2]},
        )
        rows = {row.entry.action: row for row in admin.get(AUDIT).context["rows"]}
        revoked, failed = rows["role.revoked"], rows["sign_in.failed"]
        assert (revoked.actor, revoked.subject, revoked.details) == ("Admin", "Stranger", "role: admin")
        assert (rows["role.granted"].actor, rows["role.granted"].subject) == ("Stranger", None)
        assert (failed.actor, failed.subject, failed.details) == (None, "User", "a: 1, 2")

    def test_log_is_paged(self, admin, house: House):
        for _ in range(60):
            record("api_key.created", actor=house.admin, organization_id=house.organization.pk)
        page = admin.get(AUDIT, {"action": "api_key.created"})
        assert text(page).count("data-audit") == 50
        assert text(admin.get(f"{AUDIT}{page.context['earlier']}")).count("data-audit") == 10
        assert admin.get(AUDIT, {"before": "x"}).status_code == 200

    @pytest.mark.parametrize("who", ["member", "moderator"])
    def test_others_do_not_see_it(self, request, who):
        client = request.getfixturevalue(who)
        assert client.get(AUDIT).status_code == 403
        assert AUDIT not in text(client.get("/"))

    def test_everywhere_is_for_superusers(self, admin, visit, house: House):
        record("sign_in.failed", actor=None, organization_id=None)
        assert 'data-audit="sign_in.failed"' not in text(admin.get(AUDIT, {"everywhere": ""}))
        assert AUDIT in text(admin.get("/"))
        assert 'data-audit="sign_in.failed"' in text(visit(house.superuser).get(AUDIT, {"everywhere": ""}))

    def test_names_of_deleted_accounts_are_gone(self, admin, house: House):
        record("api_key.created", actor=house.stranger, organization_id=house.organization.pk)
        house.stranger.delete()
        assert "a deleted account" in text(admin.get(AUDIT))


class TestAdminSite:
    def test_deactivates_and_reactivates_by_the_services(self, visit, house: House):
        client, path = visit(house.superuser), "/admin/accounts/user/"
        api_keys.create_api_key(actor=house.user, name="Script", scopes=["read"])
        client.post(path, {"action": "deactivate", "_selected_action": [str(house.user.pk)]})
        assert not User.objects.get(pk=house.user.pk).is_active
        assert ApiKey.objects.get().revoked_at is not None
        client.post(path, {"action": "reactivate", "_selected_action": [str(house.user.pk)]})
        assert User.objects.get(pk=house.user.pk).is_active
        page = client.post(path, {"action": "deactivate", "_selected_action": [str(house.superuser.pk)]}, follow=True)
        assert "The site needs a superuser" in text(page)

    def test_password_set_by_another_signs_out(self, visit, house: House):
        theirs, pair = visit(house.user), tokens.issue_tokens(user=house.user)
        data = {"password1": NEW, "password2": NEW, "usable_password": "true"}
        response = visit(house.superuser).post(f"/admin/accounts/user/{house.user.pk}/password/", data)
        assert response.status_code == 302
        assert theirs.get("/api/users/me/").status_code == 401
        headers = {"Authorization": f"Bearer {pair.access}"}
        assert APIClient().get("/api/users/me/", headers=headers).status_code == 401

    def test_changed_powers_are_recorded(self, visit, house: House):
        data = {"email": "user@example.org", "name": "U", "language": "en", "time_zone": "UTC", "is_superuser": "on"}
        response = visit(house.superuser).post(f"/admin/accounts/user/{house.user.pk}/change/", data)
        assert response.status_code == 302
        entry = AuditEntry.objects.get(action="account.powers_changed")
        assert (entry.actor_id, entry.details) == (house.superuser.pk, {"is_superuser": True})
