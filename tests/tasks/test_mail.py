"""Mails about tasks: who is told what, in which words, once; and what happens when nobody takes them."""

import smtplib
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from guildhall.core.accounts.models import User
from guildhall.core.events import relay
from guildhall.modules.tasks import jobs, mail, services
from guildhall.modules.tasks.models import MailKind, Task, TaskMail
from guildhall.stack.servers.base import free_port
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


def send_all() -> list[EmailMultiAlternatives]:
    """Deliver all events, then do what the jobs that they ask for do; twice, as a queue may. Returns what was sent."""
    relay.drain()
    before = len(outbox.outbox)
    for _ in range(2):
        for row in TaskMail.objects.exclude(task=None).values("task_id", "kind").distinct():
            jobs.send_task_notification(str(row["task_id"]), row["kind"])
    return outbox.outbox[before:]


def told(messages) -> list[tuple[str, str]]:
    return sorted((message.to[0].split("@")[0], message.subject) for message in messages)


def test_people_are_told_once_of_what_others_do(house):
    task = make_task(house, assignees=[house.user, house.admin])
    assert told(send_all()) == [("user", "You were given a task: #1 Oil the lathe")]
    services.add_comment(actor=house.user, task=task, body="Where?")
    assert told(send_all()) == [("admin", "New comment: #1 Oil the lathe")]
    services.update_task(actor=house.user, task=task, status="done")
    assert told(send_all()) == [("admin", "Done: #1 Oil the lathe")]
    assert TaskMail.objects.filter(is_sent=True).count() == TaskMail.objects.count() == 3


def test_mail_speaks_the_language_and_time_of_its_reader(house):
    User.objects.filter(pk=house.user.pk).update(language="ru", time_zone="Asia/Yekaterinburg")
    task = make_task(house, title="<b>Oil</b>", assignees=[house.user])
    (message,) = send_all()
    assert message.subject == "Вам назначена задача: #1 <b>Oil</b>"
    assert "17:00" in message.body
    assert f"/tasks/{task.pk}/" in message.body
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    assert "&lt;b&gt;Oil&lt;/b&gt;" in html
    assert "<b>Oil" not in html


def test_who_does_not_see_the_task_any_more_is_told_nothing(house):
    task = make_task(house, assignees=[house.user, house.moderator])
    relay.drain()
    services.assign_task(actor=house.admin, task=task, remove=[house.user])
    User.objects.filter(pk=house.moderator.pk).update(is_active=False)
    assert send_all() == []
    assert set(TaskMail.objects.values_list("is_sent", flat=True)) == {False}
    assert not TaskMail.objects.filter(handled_at=None).exists()
    services.delete_task(actor=house.admin, task=task)
    assert relay.drain()


def test_mail_that_nobody_takes_is_sent_later_once(house, monkeypatch):
    make_task(house, assignees=[house.user])

    def refuse(self, *args, **options):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patched:
        patched.setattr(EmailMultiAlternatives, "send", refuse)
        assert send_all() == []
    assert send_all() == []
    later = timezone.now() - mail.CLAIM * 2
    TaskMail.objects.update(claimed_at=later, created_at=later)
    jobs.send_unsent_mail()
    jobs.send_unsent_mail()
    assert told(outbox.outbox) == [("user", "You were given a task: #1 Oil the lathe")]


def test_mail_that_waited_too_long_is_not_sent(house):
    make_task(house, assignees=[house.user])
    relay.drain()
    TaskMail.objects.update(expires_at=timezone.now())
    assert send_all() == []
    assert mail.unsent(timezone.now() + timedelta(hours=1)) == []


def test_mail_goes_out_by_smtp_in_two_parts_with_one_id(house, settings):
    received = []

    class Keep(Message):
        def handle_message(self, message):
            received.append(message)

    controller = Controller(Keep(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = controller.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        make_task(house, assignees=[house.user])
        send_all()
    finally:
        controller.stop()
    (message,) = received
    row = TaskMail.objects.get()
    assert (message["To"], message["Message-ID"]) == ("user@example.org", f"<{row.pk}@127.0.0.1>")
    parts = message_from_bytes(message.as_bytes()).walk()
    assert [part.get_content_type() for part in parts] == ["multipart/alternative", "text/plain", "text/html"]


def test_overdue_task_is_marked_and_told_of_once_for_each_date(house):
    past = timezone.now() - timedelta(hours=1)
    task = make_task(house, due_date=past, assignees=[house.user])
    done = make_task(house, due_date=past, status="done", assignees=[house.user])
    send_all()
    for _ in range(2):
        jobs.check_overdue_tasks()
        assert Task.objects.get(pk=task.pk).is_overdue
        assert not Task.objects.get(pk=done.pk).is_overdue
    assert told(send_all()) == [("user", "Overdue: #1 Oil the lathe")]
    services.update_task(actor=house.admin, task=Task.objects.get(pk=task.pk), status="done")
    services.update_task(actor=house.admin, task=Task.objects.get(pk=task.pk), status="todo")
    jobs.check_overdue_tasks()
    assert [subject for _person, subject in told(send_all())] == ["Done: #1 Oil the lathe"]
    services.update_task(actor=house.admin, task=Task.objects.get(pk=task.pk), due_date=past - timedelta(days=1))
    jobs.check_overdue_tasks()
    assert told(send_all()) == [("user", "Overdue: #1 Oil the lathe")]


def test_task_that_is_due_within_a_day_is_reminded_of_once(house):
    make_task(house, due_date=timezone.now() + timedelta(hours=20), assignees=[house.user])
    make_task(house, due_date=timezone.now() + timedelta(hours=30), assignees=[house.user])
    make_task(house, due_date=timezone.now() + timedelta(hours=20))
    TaskMail.objects.all().delete()
    relay.drain()
    TaskMail.objects.all().delete()
    jobs.check_overdue_tasks()
    jobs.check_overdue_tasks()
    assert told(send_all()) == [("user", "Due soon: #1 Oil the lathe")]


def summaries(now) -> list[tuple[str, str]]:
    before = len(outbox.outbox)
    mail.queue_summaries(now)
    mail.queue_summaries(now)
    for row in TaskMail.objects.filter(kind=MailKind.DAILY_SUMMARY):
        jobs.send_daily_summary(str(row.pk))
    return told(outbox.outbox[before:])


def test_summary_comes_in_the_morning_of_each_reader_if_there_is_something_to_say(house):
    User.objects.filter(pk=house.user.pk).update(time_zone="Asia/Kolkata")
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    make_task(house, due_date=today + timedelta(hours=15), assignees=[house.user, house.moderator])
    make_task(house, title="Old", due_date=today - timedelta(days=3), assignees=[house.user])
    make_task(house, title="Later", due_date=today + timedelta(days=3), assignees=[house.admin])
    assert summaries(today + timedelta(hours=1, minutes=15)) == []
    assert summaries(today + timedelta(hours=1, minutes=30)) == [("user", "Your tasks of the day")]
    body = outbox.outbox[-1].body
    assert "#2 Old" in body
    assert "#1 Oil the lathe" in body
    assert "Later" not in body
    assert summaries(today + timedelta(hours=2)) == []
    assert summaries(today + timedelta(hours=7)) == [("moderator", "Your tasks of the day")]
    assert summaries(today + timedelta(hours=13)) == []


def test_summary_with_nothing_left_to_say_is_not_sent(house):
    now = datetime.now(UTC).replace(hour=8)
    task = make_task(house, due_date=now, assignees=[house.user])
    jobs.generate_daily_summary()
    mail.queue_summaries(now)
    services.update_task(actor=house.user, task=task, status="done")
    row = TaskMail.objects.get(kind=MailKind.DAILY_SUMMARY)
    assert mail.deliver(row.pk) is False
    assert str(row) == f"daily_summary {now.date()}"
    assert outbox.outbox == []
