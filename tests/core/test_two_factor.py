"""The second factor: switched on and off, asked for everywhere, and each code good once."""

import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from fastapi.testclient import TestClient
from rest_framework.test import APIClient

from guildhall.core.accounts import second_factor, tokens
from guildhall.core.accounts.errors import (
    InvalidChallengeError,
    SecondFactorEnabledError,
    SecondFactorMissingError,
    WrongCodeError,
)
from guildhall.core.accounts.lockout import ACCOUNT
from guildhall.core.accounts.models import RecoveryCode, SecondFactor, User
from guildhall.core.accounts.second_factor import Way
from guildhall.core.accounts.sign_in import finish_sign_in
from guildhall.core.audit.models import AuditEntry
from guildhall.services.compute.app import app as compute
from tests.support.people import PASSWORD

LOGIN, SECOND = "/api/auth/login/", "/api/auth/login/second-factor/"
FACTOR = "/api/auth/second-factor/"


class App:
    """What an authenticator shows; `next_code` is one that was not used before."""

    def __init__(self, user: User) -> None:
        self.user = user
        enrolment = second_factor.enrol(actor=user, password=PASSWORD)
        self.totp = pyotp.TOTP(enrolment.secret)
        self.codes = second_factor.confirm(actor=user, code=self.totp.now())

    def next_code(self) -> str:
        """As if half a minute had gone by since the last one."""
        SecondFactor.objects.filter(user=self.user).update(last_step=0)
        return self.totp.now()


@pytest.fixture
def app(user) -> App:
    return App(user)


def challenge_of(user: User) -> str:
    answer = APIClient().post(LOGIN, {"email": user.email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")
    return answer.json()["challenge"]


@pytest.mark.django_db
class TestEnrolment:
    def test_by_the_api_shows_secret_and_picture_and_counts_once_confirmed(self, user):
        client = APIClient()
        client.force_login(user)
        assert client.get(FACTOR).json() == {"is_enabled": False, "recovery_codes_left": 0}
        made = client.post(FACTOR, {"password": PASSWORD})
        assert made.status_code == 201
        totp = pyotp.parse_uri(made.json()["uri"])
        assert (totp.secret, totp.issuer, totp.name) == (made.json()["secret"], "Guildhall", user.email)
        assert not second_factor.is_enabled(user)
        assert APIClient().post(LOGIN, {"email": user.email, "password": PASSWORD}).status_code == 200
        assert client.post(f"{FACTOR}confirm/", {"code": "000000"}).status_code == 400
        codes = client.post(f"{FACTOR}confirm/", {"code": totp.now()}).json()["recovery_codes"]
        assert len(set(codes)) == second_factor.RECOVERY_CODES
        assert client.get(FACTOR).json() == {"is_enabled": True, "recovery_codes_left": 10}
        assert AuditEntry.objects.filter(action="second_factor.enabled").exists()

    def test_picture_is_svg_that_the_content_security_policy_lets_through(self, user):
        picture = second_factor.enrol(actor=user, password=PASSWORD).qr_svg
        root = ET.fromstring(picture)
        assert root.tag.endswith("svg")
        assert "style" not in picture
        assert "<script" not in picture

    def test_needs_the_password(self, user):
        client = APIClient()
        client.force_login(user)
        answer = client.post(FACTOR, {"password": "wrong"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "password")
        assert not SecondFactor.objects.exists()

    def test_begun_anew_forgets_the_first_secret(self, user):
        first = second_factor.enrol(actor=user, password=PASSWORD)
        second = second_factor.enrol(actor=user, password=PASSWORD)
        assert first.secret != second.secret
        assert second_factor.pending_enrolment(user).secret == second.secret

    def test_twice_is_refused(self, app):
        with pytest.raises(SecondFactorEnabledError):
            second_factor.enrol(actor=app.user, password=PASSWORD)
        with pytest.raises(SecondFactorEnabledError):
            second_factor.confirm(actor=app.user, code=app.totp.now())
        assert second_factor.pending_enrolment(app.user) is None

    def test_confirmed_without_a_beginning_is_refused(self, user):
        with pytest.raises(SecondFactorMissingError):
            second_factor.confirm(actor=user, code="000000")

    def test_table_holds_neither_secret_nor_codes(self, app):
        row = SecondFactor.objects.get()
        assert app.totp.secret.encode() not in bytes(row.sealed_secret)
        assert all(
            code.encode() not in bytes(kept.code_hash) for code in app.codes for kept in RecoveryCode.objects.all()
        )

    def test_under_another_key_of_the_site_only_recovery_codes_help(self, app, settings):
        settings.SECRET_KEY = "another key of at least thirty-two characters"
        assert second_factor.use_code(app.user, app.next_code()) is None
        assert second_factor.use_code(app.user, app.codes[0]) is Way.RECOVERY_CODE

    @pytest.mark.parametrize("path", [f"{FACTOR}disable/", f"{FACTOR}recovery-codes/"])
    def test_is_needed_for_what_follows_it(self, user, path):
        client = APIClient()
        client.force_login(user)
        answer = client.post(path, {"password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (409, "second_factor_missing")

    def test_switched_off_needs_the_password(self, app):
        client = APIClient()
        client.force_login(app.user)
        assert client.post(f"{FACTOR}disable/", {"password": "wrong"}).status_code == 400
        assert client.post(f"{FACTOR}disable/", {"password": PASSWORD}).status_code == 204
        assert APIClient().post(LOGIN, {"email": app.user.email, "password": PASSWORD}).status_code == 200
        assert not RecoveryCode.objects.exists()

    def test_renewed_recovery_codes_end_the_old_ones(self, app):
        client = APIClient()
        client.force_login(app.user)
        new = client.post(f"{FACTOR}recovery-codes/", {"password": PASSWORD}).json()["recovery_codes"]
        assert second_factor.use_code(app.user, app.codes[0]) is None
        assert second_factor.use_code(app.user, new[0]) is Way.RECOVERY_CODE


@pytest.mark.django_db
class TestCode:
    def test_is_good_once(self, app):
        challenge, code = challenge_of(app.user), app.next_code()
        assert finish_sign_in(challenge=challenge, code=code) == app.user
        with pytest.raises(WrongCodeError):
            finish_sign_in(challenge=challenge, code=code)

    def test_that_confirmed_is_used_up(self, user):
        enrolment = second_factor.enrol(actor=user, password=PASSWORD)
        code = pyotp.TOTP(enrolment.secret).now()
        second_factor.confirm(actor=user, code=code)
        assert second_factor.use_code(user, code) is None

    @pytest.mark.parametrize(("seconds", "way"), [(-60, None), (-30, Way.TOTP), (30, Way.TOTP), (60, None)])
    def test_of_a_clock_that_differs_by_one_step_is_taken(self, app, seconds, way):
        app.next_code()
        code = app.totp.at(timezone.now() + timedelta(seconds=seconds))
        assert second_factor.use_code(app.user, code) is way

    def test_of_an_earlier_step_than_the_last_is_refused(self, app):
        app.next_code()
        now = timezone.now()
        assert second_factor.use_code(app.user, app.totp.at(now)) is Way.TOTP
        assert second_factor.use_code(app.user, app.totp.at(now - timedelta(seconds=30))) is None

    @pytest.mark.parametrize("change", [str.upper, lambda code: code.replace("-", ""), lambda code: f" {code} "])
    def test_for_recovery_works_once_however_it_is_typed(self, app, change):
        assert second_factor.use_code(app.user, change(app.codes[3])) is Way.RECOVERY_CODE
        assert second_factor.use_code(app.user, app.codes[3]) is None
        assert second_factor.recovery_codes_left(app.user) == 9

    @pytest.mark.parametrize("code", ["", "0", "ж", "\U0001f511", "\ud800", "0" * 64, "-"])
    def test_made_up_is_refused(self, app, code):
        assert second_factor.use_code(app.user, code) is None

    def test_of_another_is_refused(self, app):
        other = App(User.objects.create_user("bob@example.org", PASSWORD))
        assert second_factor.use_code(app.user, other.codes[0]) is None
        assert second_factor.use_code(app.user, other.next_code()) is None

    def test_guessing_is_locked_and_the_password_does_not_open_it(self, app):
        challenge = challenge_of(app.user)
        for number in range(ACCOUNT.failures):
            assert APIClient().post(SECOND, {"challenge": challenge, "code": f"00000{number}"}).status_code == 401
            if number < ACCOUNT.failures - 1:
                challenge_of(app.user)
        answer = APIClient().post(SECOND, {"challenge": challenge, "code": app.next_code()})
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_failures")
        assert AuditEntry.objects.filter(action="second_factor.failed").count() == ACCOUNT.failures


@pytest.mark.django_db
class TestSignIn:
    def test_by_the_api_takes_challenge_and_code(self, app):
        challenge = challenge_of(app.user)
        assert not app.user.refresh_families.exists()
        answer = APIClient().post(SECOND, {"challenge": challenge, "code": app.next_code()})
        assert answer.status_code == 200
        headers = {"Authorization": f"Bearer {answer.json()['access']}"}
        assert APIClient().get("/api/users/me/", headers=headers).status_code == 200
        assert AuditEntry.objects.get(action="sign_in.succeeded").details == {"by": "totp"}

    def test_with_a_wrong_password_says_nothing_of_the_second_factor(self, app):
        answer = APIClient().post(LOGIN, {"email": app.user.email, "password": "wrong"})
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")

    @pytest.mark.parametrize("ending", ["late", "forged", "new password", "inactive"])
    def test_by_a_challenge_that_ended_is_refused(self, app, ending, monkeypatch):
        challenge = challenge_of(app.user)
        if ending == "late":
            monkeypatch.setattr(second_factor, "CHALLENGE_LIFETIME", timedelta(seconds=-1))
        elif ending == "forged":
            challenge = challenge[:-1] + ("a" if challenge[-1] != "a" else "b")
        elif ending == "new password":
            app.user.set_password("another good password")
            app.user.save()
        else:
            User.objects.update(is_active=False)
        with pytest.raises(InvalidChallengeError):
            finish_sign_in(challenge=challenge, code=app.next_code())
        answer = APIClient().post(SECOND, {"challenge": challenge, "code": app.next_code()})
        assert (answer.status_code, answer.json()["code"]) == (401, "challenge_not_valid")

    def test_on_pages_asks_on_a_second_page_and_keeps_the_way(self, app):
        client = Client()
        answer = client.post("/sign-in/?next=/profile/", {"username": app.user.email, "password": PASSWORD})
        assert answer.status_code == 302
        second = answer["Location"]
        assert second == "/sign-in/second-factor/?next=%2Fprofile%2F"
        assert client.get("/")["Location"].startswith("/sign-in/")
        assert client.get(second).status_code == 200
        refused = client.post(second, {"code": "000000"})
        assert refused.status_code == 200
        assert "This code is not right" in refused.content.decode()
        answer = client.post(second, {"code": app.codes[0]})
        assert (answer.status_code, answer["Location"]) == (302, "/profile/")
        assert client.get("/api/users/me/").status_code == 200
        assert "second_factor_challenge" not in client.session

    def test_second_page_without_the_first_leads_back(self, user):
        assert Client().get("/sign-in/second-factor/")["Location"] == "/sign-in/"
        assert Client().post("/sign-in/second-factor/", {"code": "000000"})["Location"] == "/sign-in/"

    def test_second_page_is_locked_after_failures(self, app):
        client = Client()
        client.post("/sign-in/", {"username": app.user.email, "password": PASSWORD})
        for _ in range(ACCOUNT.failures):
            assert client.post("/sign-in/second-factor/", {"code": "000000"}).status_code == 200
        answer = client.post("/sign-in/second-factor/", {"code": app.codes[0]})
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) <= 30

    def test_second_page_stays_on_the_site(self, app):
        client = Client()
        client.post("/sign-in/", {"username": app.user.email, "password": PASSWORD})
        answer = client.post("/sign-in/second-factor/?next=https://evil.example/", {"code": app.codes[0]})
        assert answer["Location"] == "/tasks/"

    def test_to_the_admin_site_goes_the_same_way(self, app):
        User.objects.update(is_staff=True, is_superuser=True)
        client = Client()
        answer = client.get("/admin/", follow=True)
        assert answer.redirect_chain[-1][0] == "/sign-in/?next=/admin/"
        assert client.post("/admin/login/", {"username": app.user.email, "password": PASSWORD}).status_code == 302
        assert client.get("/admin/").status_code == 302
        second = client.post("/sign-in/?next=/admin/", {"username": app.user.email, "password": PASSWORD})["Location"]
        assert client.post(second, {"code": app.codes[0]})["Location"] == "/admin/"
        assert client.get("/admin/").status_code == 200

    def test_to_the_admin_site_is_refused_to_others_without_a_loop(self, user):
        client = Client()
        client.force_login(user)
        answer = client.get("/admin/", follow=True)
        assert answer.status_code == 403

    def test_refresh_goes_on_without_a_code(self, app):
        pair = tokens.issue_tokens(user=app.user)
        assert APIClient().post("/api/auth/refresh/", {"refresh": pair.refresh}).status_code == 200


@pytest.mark.django_db(transaction=True)
class TestEverywhere:
    def test_compute_takes_challenge_and_code(self):
        app = App(User.objects.create_user("ada@example.org", PASSWORD))
        client = TestClient(compute, base_url="http://testserver")
        answer = client.post("/auth/login", json={"email": app.user.email, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")
        assert not client.cookies
        body = {"challenge": answer.json()["challenge"], "code": app.codes[0]}
        assert client.post("/auth/login/second-factor", json={**body, "code": "000000"}).status_code == 401
        assert client.post("/auth/login/second-factor", json=body).status_code == 200
        assert client.get("/auth/me").json()["email"] == app.user.email

    @pytest.mark.parametrize("kind", ["app", "recovery"])
    def test_code_used_by_ten_at_once_lets_one_in(self, kind):
        app = App(User.objects.create_user("ada@example.org", PASSWORD))
        code = app.next_code() if kind == "app" else app.codes[0]

        def use(_: int) -> bool:
            try:
                return second_factor.use_code(app.user, code) is not None
            finally:
                connection.close()

        with ThreadPoolExecutor(10) as pool:
            assert list(pool.map(use, range(10))).count(True) == 1
