"""Sign-in is locked for a while after failures, per account and per network address, and tells nothing meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from fastapi.testclient import TestClient
from rest_framework.test import APIClient

from guildhall.core.accounts import lockout, passwords
from guildhall.core.accounts.errors import LockedOutError
from guildhall.core.accounts.lockout import ACCOUNT, ADDRESS, Rule
from guildhall.core.accounts.models import FailureCount, User
from guildhall.core.audit.models import AuditEntry
from guildhall.core.errors import InvalidInputError
from guildhall.services.compute.app import app as compute
from tests.core.mailbox import deliver_all, token_in
from tests.support.people import PASSWORD

LOGIN = "/api/auth/login/"


def login(email: str, password: str = "wrong", address: str = "192.0.2.1"):
    return APIClient(REMOTE_ADDR=address).post(LOGIN, {"email": email, "password": password})


def fail(email: str, times: int, address: str = "192.0.2.1") -> None:
    for _ in range(times):
        assert login(email, address=address).status_code == 401


def pass_time(by: timedelta) -> None:
    for row in FailureCount.objects.all():
        row.last_failed_at -= by
        row.locked_until = row.locked_until and row.locked_until - by
        row.save()


@pytest.mark.parametrize(
    ("failures", "seconds"), [(4, None), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (11, 900), (10**9, 900)]
)
def test_lock_doubles_up_to_the_longest(failures, seconds):
    lock = Rule(failures=5).lock_after(failures)
    assert (lock and lock.total_seconds()) == seconds


@pytest.mark.django_db
class TestAccount:
    @pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
    def test_locked_after_failures_whether_it_exists_or_not(self, user, email):
        fail(email, ACCOUNT.failures)
        for password in ("wrong", PASSWORD):
            answer = login(email.upper(), password, address="198.51.100.7")
            assert (answer.status_code, answer.json()["code"]) == (429, "too_many_failures")
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert 1 <= int(answer.headers["Retry-After"]) <= 30

    def test_opens_again_and_locks_for_longer(self, user):
        fail(user.email, ACCOUNT.failures)
        pass_time(timedelta(seconds=31))
        fail(user.email, 1)
        assert 31 <= int(login(user.email).headers["Retry-After"]) <= 60
        pass_time(timedelta(seconds=61))
        assert login(user.email, PASSWORD).status_code == 200

    def test_right_password_forgets_the_failures(self, user):
        fail(user.email, ACCOUNT.failures - 1)
        assert login(user.email, PASSWORD).status_code == 200
        fail(user.email, ACCOUNT.failures - 1)
        assert login(user.email, PASSWORD).status_code == 200

    def test_failures_of_long_ago_are_forgotten(self, user):
        fail(user.email, ACCOUNT.failures - 1)
        pass_time(lockout.FORGET_AFTER + timedelta(seconds=1))
        fail(user.email, ACCOUNT.failures - 1)
        assert login(user.email, PASSWORD).status_code == 200
        pass_time(lockout.FORGET_AFTER + timedelta(seconds=1))
        lockout.clear_forgotten(timezone.now())
        assert not FailureCount.objects.exists()

    def test_attempts_during_a_lock_count_nothing(self, user):
        fail(user.email, ACCOUNT.failures)
        for _ in range(5):
            assert login(user.email).status_code == 429
        assert FailureCount.objects.get(key__startswith="account").failures == ACCOUNT.failures

    def test_lock_of_one_lets_others_in(self, user):
        fail("nobody@example.org", ACCOUNT.failures)
        assert login(user.email, PASSWORD).status_code == 200

    def test_new_password_by_mail_opens_the_lock(self, user):
        fail(user.email, ACCOUNT.failures)
        passwords.request_password_reset(email=user.email)
        passwords.reset_password(token=token_in(deliver_all()[0]), password="another good password")
        assert login(user.email, "another good password", address="192.0.2.9").status_code == 200

    def test_password_asked_for_again_counts_too(self, user):
        for _ in range(ACCOUNT.failures):
            with pytest.raises(InvalidInputError):
                passwords.confirm_password(actor=user, password="wrong")
        with pytest.raises(LockedOutError):
            passwords.confirm_password(actor=user, password=PASSWORD)

    def test_signed_in_people_stay_signed_in(self, user):
        client = Client()
        client.force_login(user)
        fail(user.email, ACCOUNT.failures)
        assert client.get("/api/users/me/").status_code == 200


@pytest.mark.django_db
class TestAddress:
    def test_locked_after_failures_of_many_accounts(self, user, monkeypatch):
        monkeypatch.setattr(lockout, "ADDRESS", Rule(failures=4))
        for number in range(4):
            fail(f"guess{number}@example.org", 1)
        assert login(user.email, PASSWORD).status_code == 429
        assert login(user.email, PASSWORD, address="192.0.2.2").status_code == 200

    def test_right_password_does_not_forgive_the_address(self, user):
        fail("guess@example.org", 2)
        assert login(user.email, PASSWORD).status_code == 200
        assert FailureCount.objects.get(key="address 192.0.2.1").failures == 2

    def test_network_of_version_6_counts_as_one(self, user, monkeypatch):
        monkeypatch.setattr(lockout, "ADDRESS", Rule(failures=2))
        fail("a@example.org", 1, address="2001:db8::1")
        fail("b@example.org", 1, address="2001:db8::ffff:2")
        assert login(user.email, PASSWORD, address="2001:db8::3").status_code == 429
        assert login(user.email, PASSWORD, address="2001:db9::3").status_code == 200

    def test_allows_more_than_an_account(self):
        assert ADDRESS.failures > ACCOUNT.failures


@pytest.mark.django_db
class TestRecord:
    def test_failures_and_locks_are_recorded_though_refused(self, user):
        fail(user.email, ACCOUNT.failures)
        fail("nobody@example.org", 1, address="192.0.2.2")
        assert AuditEntry.objects.filter(action="sign_in.failed", subject_id=user.pk).count() == ACCOUNT.failures
        locked = AuditEntry.objects.get(action="sign_in.locked")
        assert (locked.actor_id, locked.address) == (None, "192.0.2.1")
        assert locked.organization_id == user.personal_organization.pk
        unknown = AuditEntry.objects.filter(action="sign_in.failed").latest("id")
        assert (unknown.subject_id, unknown.organization_id, unknown.address) == ("", None, "192.0.2.2")
        assert "nobody" not in str(AuditEntry.objects.values())
        assert not FailureCount.objects.filter(key__contains="nobody").exists()

    def test_failures_belong_to_the_organization_that_is_looked_at_by_its_members_only(self, house):
        User.objects.filter(pk=house.user.pk).update(active_organization=house.organization)
        fail(house.user.email, 1)
        assert AuditEntry.objects.latest("id").organization_id == house.organization.pk
        house.user.role_assignments.filter(organization=house.organization).delete()
        fail(house.user.email, 1)
        assert AuditEntry.objects.latest("id").organization_id == house.user.personal_organization.pk

    def test_success_is_recorded(self, user):
        assert login(user.email, PASSWORD).status_code == 200
        entry = AuditEntry.objects.get(action="sign_in.succeeded")
        assert (entry.actor_id, entry.details) == (user.pk, {"by": "password"})


@pytest.mark.django_db
class TestPages:
    def test_sign_in_page_says_so(self, user):
        fail(user.email, ACCOUNT.failures)
        answer = Client().post("/sign-in/", {"username": user.email, "password": PASSWORD})
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) <= 30
        assert "Too many attempts failed" in answer.content.decode()
        assert AuditEntry.objects.filter(action="sign_in.succeeded").count() == 0

    def test_failures_on_the_page_count(self, user):
        for _ in range(ACCOUNT.failures):
            assert Client().post("/sign-in/", {"username": user.email, "password": "wrong"}).status_code == 200
        assert login(user.email, PASSWORD).status_code == 429


@pytest.mark.django_db(transaction=True)
class TestEverywhere:
    def test_compute_is_locked_too(self):
        user = User.objects.create_user("ada@example.org", PASSWORD)
        fail(user.email, ACCOUNT.failures)
        client = TestClient(compute, base_url="http://testserver")
        answer = client.post("/auth/login", json={"email": user.email, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_failures")
        assert int(answer.headers["Retry-After"]) <= 30

    def test_no_failure_is_lost_when_many_try_at_once(self):
        User.objects.create_user("ada@example.org", PASSWORD)

        def attempt(_: int) -> int:
            try:
                return login("ada@example.org").status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(attempt, range(24)))
        assert set(statuses) == {401, 429}
        assert FailureCount.objects.get(key__startswith="account").failures == statuses.count(401)
        assert login("ada@example.org", PASSWORD).status_code == 429

    def test_many_right_ones_at_once_are_all_let_in(self):
        User.objects.create_user("ada@example.org", PASSWORD)

        def attempt(_: int) -> int:
            try:
                return login("ada@example.org", PASSWORD).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(attempt, range(16))) == {200}
