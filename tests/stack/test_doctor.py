"""What `guildhall doctor` says of findings that a whole stack does not bring about quickly."""

import subprocess
import sys
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from django.utils import timezone

from guildhall.core.accounts.mail import queue_mail
from guildhall.core.accounts.models import AccountMail, MailPurpose
from guildhall.modules.telemetry.broker.storage import Storage
from guildhall.modules.telemetry.store.journal import TAIL_BYTES, TAIL_S, Tail
from guildhall.stack import doctor
from guildhall.stack.servers import PostgresServer
from guildhall.stack.servers.base import free_port


@pytest.mark.parametrize(
    ("tail", "good"),
    [
        (Tail(0, 0), True),
        (Tail(TAIL_S, TAIL_BYTES), True),
        (Tail(TAIL_S + 1, 0), False),
        (Tail(0, TAIL_BYTES + 1), False),
    ],
)
def test_sealing_that_is_behind_is_to_be_mended(tail, good):
    finding = doctor.sealing(tail)
    assert (finding.subject, finding.good) == ("sealing", good)


def test_sealing_says_how_much_waits():
    assert doctor.sealing(Tail(90.4, 3 * 1024**2)).text == "3.0 MiB wait, the oldest for 90 s"
    # As after the clock was set back.
    assert doctor.sealing(Tail(-5.0, 0)).text == "0.0 MiB wait, the oldest for 0 s"


def smtp(settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False


def test_mail_without_a_server_is_no_fault(settings):
    settings.EMAIL_HOST = ""
    assert doctor.mail().good


def test_mail_server_that_is_away_is_to_be_mended(settings):
    smtp(settings, free_port())
    finding = doctor.mail()
    assert not finding.good
    assert "does not take mails" in finding.text


@pytest.mark.django_db
def test_mail_that_waits_for_long_is_to_be_mended(settings):
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        smtp(settings, controller.port)
        assert doctor.mail().text == f"127.0.0.1:{controller.port} takes mails"
        queue_mail(MailPurpose.RESET, email="somebody@example.org")
        assert doctor.mail().good
        AccountMail.objects.update(created_at=timezone.now() - timedelta(hours=3))
        finding = doctor.mail()
    finally:
        controller.stop()
    assert not finding.good
    assert "a mail waits for 3.0 h" in finding.text


@pytest.mark.parametrize(("used", "good"), [(0, True), (799, True), (800, False)])
def test_broker_that_is_nearly_full_is_to_be_mended(used, good):
    assert doctor.storage_finding(Storage(used * 1024**2, 1000 * 1024**2)).good is good


def looked_for(url: str) -> str:
    """What is found of a PostgreSQL there, by a process of its own, as tests connect to hosts only."""
    code = "import sys; from guildhall.stack.doctor import *; print(*reachable_servers({'postgresql': sys.argv[1]}))"
    return subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=True).stdout


def test_server_behind_a_socket_is_looked_for_there(home):
    with PostgresServer(home / "pg", fsync=False) as server:
        place = f"{server.home}/.s.PGSQL.{server.port}"
        found = looked_for(server.url)
        assert f"{place} answers" in found
        assert "good=True" in found
    found = looked_for(server.url)
    assert f"{place} does not answer" in found
    assert "good=False" in found
    assert "/nowhere/.s.PGSQL.5432 does not answer" in looked_for("postgresql:///guildhall?host=/nowhere")
