"""Passwords: changed, set anew by mail; and the mails themselves."""

import smtplib
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from statistics import median

import pytest
from aiosmtpd.controller import Controller
from celery.contrib.testing.worker import start_worker
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from guildhall.core import queue
from guildhall.core.accounts import api_keys, jobs, mail, passwords, services, tokens
from guildhall.core.accounts.errors import InvalidLinkError
from guildhall.core.accounts.models import AccountMail, MailPurpose, User
from guildhall.core.audit.models import AuditEntry
from guildhall.core.errors import InvalidInputError
from guildhall.stack.servers.base import free_port
from tests.core.mailbox import deliver_all, token_in
from tests.support.people import PASSWORD

ME = "/api/users/me/"
CHANGE, RESET, CONFIRM = "/api/auth/password/change/", "/api/auth/password/reset/", "/api/auth/password/reset/confirm/"
VERIFY, RESEND = "/api/auth/verify-email/", "/api/auth/verify-email/resend/"
NEW = "another good password"


def bearer(access: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}"}


def login(email: str, password: str) -> int:
    return APIClient().post("/api/auth/login/", {"email": email, "password": password}).status_code


@pytest.mark.django_db
class TestChange:
    def test_keeps_this_session_and_ends_all_others(self, user):
        here, there, pair = Client(), Client(), tokens.issue_tokens(user=user)
        here.force_login(user)
        there.force_login(user)
        body = {"current_password": PASSWORD, "password": NEW}
        assert here.post(CHANGE, body, content_type="application/json").status_code == 204
        assert (here.get(ME).status_code, there.get(ME).status_code) == (200, 401)
        assert APIClient().get(ME, headers=bearer(pair.access)).status_code == 401
        assert (login(user.email, PASSWORD), login(user.email, NEW)) == (401, 200)
        (message,) = deliver_all()
        assert message.subject == "Your Guildhall password was changed"
        assert AuditEntry.objects.get(action="password.changed").actor_id == user.pk

    def test_by_token_keeps_that_sign_in(self, user):
        kept, other = tokens.issue_tokens(user=user), tokens.issue_tokens(user=user)
        body = {"current_password": PASSWORD, "password": NEW}
        assert APIClient().post(CHANGE, body, headers=bearer(kept.access)).status_code == 204
        assert APIClient().get(ME, headers=bearer(kept.access)).status_code == 200
        assert APIClient().get(ME, headers=bearer(other.access)).status_code == 401

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"current_password": "wrong", "password": NEW}, "current_password"),
            ({"current_password": PASSWORD, "password": "short"}, "password"),
            ({"current_password": PASSWORD, "password": "ada@example.org"}, "password"),
        ],
    )
    def test_with_bad_input_changes_nothing(self, user, body, field):
        client = APIClient()
        client.force_login(user)
        answer = client.post(CHANGE, body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
        assert User.objects.get().check_password(PASSWORD)
        assert AuditEntry.objects.filter(action="password.refused").count() == (field == "current_password")

    def test_by_api_key_is_refused(self, user):
        key = api_keys.create_api_key(actor=user, name="Script", scopes=["write"]).key
        body = {"current_password": PASSWORD, "password": NEW}
        answer = APIClient().post(CHANGE, body, headers={"Authorization": f"Api-Key {key}"})
        assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_needed")


@pytest.mark.django_db
class TestReset:
    def test_by_mail_signs_out_everywhere_and_verifies_the_address(self, user):
        client = Client()
        client.force_login(user)
        assert APIClient().post(RESET, {"email": " ADA@Example.org "}).status_code == 202
        (message,) = deliver_all()
        assert message.to == [user.email]
        body = {"token": token_in(message), "password": NEW}
        assert APIClient().post(CONFIRM, body).status_code == 204
        assert client.get(ME).status_code == 401
        assert (login(user.email, PASSWORD), login(user.email, NEW)) == (401, 200)
        assert User.objects.get().email_verified_at is not None
        assert AuditEntry.objects.filter(action="password.reset").exists()

    def test_mail_has_text_and_html_in_the_language_of_the_user(self, user):
        User.objects.update(language="ru", name="<b>Ада</b>")
        passwords.request_password_reset(email=user.email)
        (message,) = deliver_all()
        html = message.alternatives[0].content
        assert message.alternatives[0].mimetype == "text/html"
        assert "&lt;b&gt;Ада" in html
        assert "<b>Ада" in message.body
        assert token_in(message) in html
        assert 'lang="ru"' in html

    def test_token_works_once(self, user):
        passwords.request_password_reset(email=user.email)
        passwords.request_password_reset(email=user.email)
        first, second = (token_in(message) for message in deliver_all())
        passwords.reset_password(token=first, password=NEW)
        for used in (first, second):
            with pytest.raises(InvalidLinkError):
                passwords.reset_password(token=used, password=PASSWORD)

    def test_token_outlives_a_password_that_is_not_good_enough(self, user):
        passwords.request_password_reset(email=user.email)
        token = token_in(deliver_all()[0])
        with pytest.raises(InvalidInputError):
            passwords.reset_password(token=token, password="short")
        assert passwords.reset_password(token=token, password=NEW) == user

    @pytest.mark.parametrize("ending", ["expired", "inactive", "other address", "of another purpose"])
    def test_token_that_ended_is_refused(self, user, ending):
        passwords.request_password_reset(email=user.email)
        token = token_in(deliver_all()[0])
        if ending == "expired":
            assert AccountMail.objects.get().expires_at - AccountMail.objects.get().created_at <= timedelta(hours=1)
            AccountMail.objects.update(expires_at=timezone.now())
        elif ending == "inactive":
            User.objects.update(is_active=False)
        elif ending == "other address":
            User.objects.update(email="eve@example.org")
        else:
            AccountMail.objects.update(purpose=MailPurpose.VERIFY)
            assert passwords.verify_email(token=mail.token_of(AccountMail.objects.get())) == user
        answer = APIClient().post(CONFIRM, {"token": token, "password": NEW})
        assert (answer.status_code, answer.json()["code"]) == (400, "link_not_valid")
        assert User.objects.get().check_password(PASSWORD)

    @pytest.mark.parametrize("token", ["x", "ж", "A" * 64, "=" * 8, "\U0001f511"])
    def test_made_up_token_is_refused(self, user, token):
        answer = APIClient().post(CONFIRM, {"token": token, "password": NEW})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "token")

    def test_answer_and_work_are_the_same_without_an_account(self, user):
        User.objects.create_user("off@example.org", PASSWORD, is_active=False)
        answers, queries = [], []
        for email in ("ada@example.org", "nobody@example.org", "off@example.org"):
            with CaptureQueriesContext(connection) as counted:
                answers.append(APIClient().post(RESET, {"email": email}))
            queries.append(len(counted))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.content for answer in answers}) == 1
        assert len(set(queries)) == 1
        assert [message.to for message in deliver_all()] == [["ada@example.org"]]
        assert not AccountMail.objects.filter(handled_at=None).exists()

    def test_mails_to_one_address_are_limited_without_a_word(self, user):
        for _ in range(mail.MOST_AN_HOUR + 3):
            assert APIClient().post(RESET, {"email": user.email}).status_code == 202
        assert len(deliver_all()) == mail.MOST_AN_HOUR


@pytest.mark.django_db
class TestVerification:
    def test_link_comes_with_the_registration_and_works_once(self, db):
        made = services.register_user(email="new@example.org", password=PASSWORD, name="New")
        (message,) = deliver_all()
        assert message.subject == "Verify your e-mail address for Guildhall"
        client = APIClient()
        client.force_login(made)
        assert client.get(ME).json()["email_verified_at"] is None
        assert APIClient().post(VERIFY, {"token": token_in(message)}).status_code == 204
        assert client.get(ME).json()["email_verified_at"] is not None
        assert APIClient().post(VERIFY, {"token": token_in(message)}).status_code == 400
        assert AuditEntry.objects.filter(action="account.email_verified").count() == 1

    def test_link_is_sent_again_until_it_was_used(self, user):
        client = APIClient()
        client.force_login(user)
        assert client.post(RESEND).status_code == 202
        assert client.post(VERIFY, {"token": token_in(deliver_all()[0])}).status_code == 204
        assert client.post(RESEND).status_code == 202
        assert deliver_all() == []

    def test_link_for_the_address_sets_no_password(self, user):
        passwords.request_verification(actor=user)
        with pytest.raises(InvalidLinkError):
            passwords.reset_password(token=token_in(deliver_all()[0]), password=NEW)


@pytest.mark.django_db
class TestDelivery:
    def test_twice_sends_once(self, user):
        passwords.request_password_reset(email=user.email)
        row = AccountMail.objects.get()
        assert [mail.deliver(row.pk), mail.deliver(row.pk)] == [True, False]
        assert len(outbox.outbox) == 1

    def test_that_failed_is_tried_again_under_the_same_id(self, user, settings):
        passwords.request_password_reset(email=user.email)
        row = AccountMail.objects.get()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
        jobs.send_account_mail(str(row.pk))
        assert AccountMail.objects.get().handled_at is None
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        jobs.send_unsent_mail()
        assert outbox.outbox == []
        AccountMail.objects.update(claimed_at=timezone.now() - mail.CLAIM - timedelta(seconds=1))
        jobs.send_unsent_mail()
        (message,) = outbox.outbox
        assert message.extra_headers["Message-ID"] == f"<{row.pk}@127.0.0.1>"
        assert AccountMail.objects.get().handled_at is not None

    def test_of_an_expired_mail_does_nothing(self, user):
        passwords.request_password_reset(email=user.email)
        AccountMail.objects.update(expires_at=timezone.now())
        assert not mail.deliver(AccountMail.objects.get().pk)
        assert outbox.outbox == []

    def test_without_a_server_writes_a_file(self, user, settings, tmp_path: Path):
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = tmp_path / "mail"
        passwords.request_password_reset(email=user.email)
        assert mail.deliver(AccountMail.objects.get().pk)
        (file,) = (tmp_path / "mail").iterdir()
        assert b"#token=3D" in file.read_bytes() or b"#token=" in file.read_bytes()

    def test_by_a_real_server_has_both_parts(self, user, settings):
        received = []

        class Keep:
            async def handle_DATA(self, server, session, envelope):  # noqa: N802 — aiosmtpd's name.
                received.append((envelope.rcpt_tos, envelope.content))
                return "250 OK"

        controller = Controller(Keep(), hostname="127.0.0.1", port=free_port())
        controller.start()
        try:
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
            settings.EMAIL_PORT = controller.port
            passwords.request_password_reset(email=user.email)
            jobs.send_account_mail(str(AccountMail.objects.get().pk))
        finally:
            controller.stop()
        ((recipients, content),) = received
        message = message_from_bytes(content, policy=policy.default)
        assert recipients == [user.email]
        assert message["From"] == "Guildhall <guildhall@localhost>"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        token = message.get_body(("plain",)).get_content().partition("#token=")[2].split()[0]
        assert passwords.reset_password(token=token, password=NEW) == user

    def test_refused_by_the_server_is_no_defect(self, user, monkeypatch, caplog):
        def refuse(*_: object) -> None:
            raise smtplib.SMTPServerDisconnected

        monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        passwords.request_password_reset(email=user.email)
        jobs.send_account_mail(str(AccountMail.objects.get().pk))
        assert "tried again" in caplog.text

    def test_ended_rows_are_cleared(self, user):
        passwords.request_password_reset(email=user.email)
        tokens.issue_tokens(user=user)
        jobs.clear_ended()
        assert (AccountMail.objects.count(), user.refresh_families.count()) == (1, 1)
        long_ago = timezone.now() - jobs.KEEP_ENDED - timedelta(days=1)
        AccountMail.objects.update(expires_at=long_ago)
        user.refresh_families.update(expires_at=long_ago)
        jobs.clear_ended()
        assert (AccountMail.objects.count(), user.refresh_families.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
class TestQueue:
    def test_registration_mails_through_queue_and_worker(self):
        from guildhall.celery import app

        app.control.purge()
        body = {"email": "new@example.org", "password": PASSWORD}
        assert APIClient().post("/api/auth/register/", body).status_code == 201
        assert outbox.outbox == []
        with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
            deadline = time.monotonic() + 20
            while not outbox.outbox and time.monotonic() < deadline:
                time.sleep(0.05)
        (message,) = outbox.outbox
        passwords.verify_email(token=token_in(message))

    def test_token_used_by_ten_at_once_sets_one_password(self):
        user = User.objects.create_user("ada@example.org", PASSWORD)
        passwords.request_password_reset(email=user.email)
        token = token_in(deliver_all()[0])

        def use(number: int) -> bool:
            try:
                passwords.reset_password(token=token, password=f"{NEW} {number}")
            except InvalidLinkError:
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(10) as pool:
            assert list(pool.map(use, range(10))).count(True) == 1

    def test_without_the_queue_nothing_is_lost_and_nobody_waits(self, monkeypatch, caplog):
        from celery import Celery

        dead = Celery("dead", broker="redis://127.0.0.1:1/0", set_as_current=False)
        dead.conf.update(queue._sender().conf.changes | {"broker_url": "redis://127.0.0.1:1/0"})
        monkeypatch.setattr(queue, "_sender", lambda: dead)
        began = time.monotonic()
        body = {"email": "new@example.org", "password": PASSWORD}
        assert APIClient().post("/api/auth/register/", body).status_code == 201
        assert time.monotonic() - began < 5
        assert "could not be queued" in caplog.text
        AccountMail.objects.update(created_at=timezone.now() - mail.CLAIM - timedelta(seconds=1))
        jobs.send_unsent_mail()
        assert [message.to for message in outbox.outbox] == [["new@example.org"]]

    @pytest.mark.parametrize("path", ["/api/auth/login/", RESET])
    def test_time_tells_nothing_of_an_account(self, path):
        User.objects.create_user("ada@example.org", PASSWORD)
        client = APIClient()

        def seconds(email: str) -> float:
            body = {"email": email} if path == RESET else {"email": email, "password": "wrong"}
            _forget()
            began = time.perf_counter()
            client.post(path, body)
            return time.perf_counter() - began

        seconds("ada@example.org")
        # In turns, so that whatever else the machine does slows down both alike.
        pairs = [(seconds("ada@example.org"), seconds("nobody@example.org")) for _ in range(25)]
        known, unknown = (median(column) for column in zip(*pairs, strict=True))
        assert abs(known - unknown) < max(0.5 * min(known, unknown), 0.01)


def _forget() -> None:
    from django.core.cache import cache

    from guildhall.core.accounts.models import FailureCount

    cache.clear()
    FailureCount.objects.all().delete()
    AccountMail.objects.all().delete()
