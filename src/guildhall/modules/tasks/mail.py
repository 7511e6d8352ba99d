"""Mails about tasks: queued with what they tell of, sent by jobs, once for each event and person.

Who dies between sending a mail and noting it leaves it to be sent again, under the same Message-ID.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.queue import enqueue_on_commit
from guildhall.modules.tasks.models import Task
from guildhall.modules.tasks.models.mail import MailKind, TaskMail
from guildhall.modules.tasks.models.tasks import LISTED
from guildhall.modules.tasks.policy import OPEN
from guildhall.settings import settings

NOTIFY_JOB: Final = "guildhall.modules.tasks.jobs.send_task_notification"
SUMMARY_JOB: Final = "guildhall.modules.tasks.jobs.send_daily_summary"
#: After so long, whoever claimed a mail and did not finish is taken for dead.
CLAIM: Final = timedelta(minutes=2)
#: News that could not be sent in this time is none any more.
LIFETIME: Final = timedelta(days=1)
DUE_SOON: Final = timedelta(hours=24)
#: Of the day's summaries: between these hours of each person's own day.
MORNING: Final = range(7, 12)
MOST_IN_A_SUMMARY: Final = 20

_SUBJECTS: Final[dict[str, str | Promise]] = {
    MailKind.ASSIGNED: _("You were given a task: %(task)s"),
    MailKind.COMMENTED: _("New comment: %(task)s"),
    MailKind.DUE_SOON: _("Due soon: %(task)s"),
    MailKind.OVERDUE: _("Overdue: %(task)s"),
    MailKind.COMPLETED: _("Done: %(task)s"),
    MailKind.DAILY_SUMMARY: _("Your tasks of the day"),
}
_SENTENCES: Final[dict[str, str | Promise]] = {
    MailKind.ASSIGNED: _("%(actor)s gave you a task."),
    MailKind.COMMENTED: _("%(actor)s commented on a task of yours."),
    MailKind.DUE_SOON: _("A task of yours is due within a day."),
    MailKind.OVERDUE: _("A task of yours has missed its date."),
    MailKind.COMPLETED: _("%(actor)s has finished a task of yours."),
}


def queue(kind: MailKind, *, cause: str, people: Iterable[UUID], task: Task, actor_id: UUID | None = None) -> int:
    """Have each of these people told of the task once; returns how many will be. Safe to repeat. A part of the
    transaction in which it happened.
    """
    now = timezone.now()
    wanted = [person for person in dict.fromkeys(people) if person != actor_id]
    known = TaskMail.objects.filter(kind=kind, cause=cause, user__in=wanted).values_list("user_id", flat=True)
    rows = [
        TaskMail(
            kind=kind, cause=cause, user_id=person, task=task, actor_id=actor_id, created_at=now,
            expires_at=now + LIFETIME,
        )
        for person in wanted
        if person not in set(known)
    ]  # fmt: skip
    TaskMail.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        enqueue_on_commit(NOTIFY_JOB, str(task.pk), kind.value)
    return len(rows)


def waiting(now: datetime) -> QuerySet[TaskMail]:
    """Mails that nobody sends at the moment and that are worth sending still."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    return TaskMail.objects.filter(free, handled_at=None, expires_at__gt=now)


def unsent(now: datetime) -> list[UUID]:
    """Mails that should have been sent by now: the queue lost them, or their server refused."""
    late = waiting(now).filter(created_at__lt=now - CLAIM).order_by("created_at")
    return list(late.values_list("pk", flat=True)[:500])


def deliver(mail_id: UUID) -> bool:
    """Send the mail unless that was done; returns whether it was sent now. Safe to repeat and to call twice at once.

    Raises:
        OSError, smtplib.SMTPException: the server does not take it; it is tried again until it expires.
    """
    now = timezone.now()
    if not waiting(now).filter(pk=mail_id).update(claimed_at=now):
        return False
    mail = TaskMail.objects.select_related("user", "actor").get(pk=mail_id)
    message = _compose(mail, now) if mail.user.is_active else None
    if message is not None:
        message.send()
    TaskMail.objects.filter(pk=mail_id).update(handled_at=timezone.now(), is_sent=message is not None)
    return message is not None


def _compose(mail: TaskMail, now: datetime) -> EmailMultiAlternatives | None:
    """The message; None where there is nothing to say any more, as the person does not see the task now."""
    with translation.override(mail.user.language), timezone.override(ZoneInfo(mail.user.time_zone)):
        if mail.kind == MailKind.DAILY_SUMMARY:
            return _summary(mail, now)
        assert mail.task_id is not None
        task = Task.objects.visible_to(mail.user).filter(pk=mail.task_id).first()
        if task is None:
            return None
        who = str(mail.actor) if mail.actor is not None else translation.gettext("Somebody")
        names = {"task": str(task), "actor": who}
        context = {
            "task": task,
            "sentence": str(_SENTENCES[mail.kind]) % names,
            "link": f"{settings.public_url}/tasks/{task.pk}/",
        }
        return _message(mail, str(_SUBJECTS[mail.kind]) % names, "tasks/mail/notification", context)


def _summary(mail: TaskMail, now: datetime) -> EmailMultiAlternatives | None:
    day = date.fromisoformat(mail.cause)
    found = tasks_of_the_day(mail.user, day)
    overdue = list(found.filter(due_date__lt=now)[:MOST_IN_A_SUMMARY])
    today = list(found.filter(due_date__gte=now)[:MOST_IN_A_SUMMARY])
    if not overdue and not today:
        return None
    context = {"overdue": overdue, "today": today, "link": f"{settings.public_url}/tasks/?assignee=me"}
    return _message(mail, str(_SUBJECTS[mail.kind]), "tasks/mail/summary", context)


def tasks_of_the_day(user: User, day: date) -> QuerySet[Task]:
    """The user's open tasks that are due before the end of this day, where he is; the earliest first."""
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(user.time_zone))
    own = Task.objects.visible_to(user).filter(audience__contains=[user.pk], assignee_ids__contains=[user.pk])
    return own.filter(LISTED, status__in=sorted(OPEN), due_date__lt=end).order_by("due_date", "pk")


def _message(mail: TaskMail, subject: str, template: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    context = {"user": mail.user, "site": settings.public_url, **context}
    domain = settings.public_url.partition("://")[2].partition("/")[0].partition(":")[0]
    message = EmailMultiAlternatives(
        " ".join(subject.split()),
        render_to_string(f"{template}.txt", context),
        django_settings.DEFAULT_FROM_EMAIL,
        [mail.user.email],
        headers={"Message-ID": f"<{mail.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return message


def queue_summaries(now: datetime) -> int:
    """Queue the day's summary for everybody whose morning it is and who has something due; returns how many.

    Safe to repeat: there is one for each person and day.
    """
    zones = User.objects.filter(is_active=True, task_assignments__removed_at__isnull=True)
    queued = 0
    for zone in zones.order_by().values_list("time_zone", flat=True).distinct():
        local = now.astimezone(ZoneInfo(zone))
        if local.hour in MORNING:
            queued += _queue_summaries_of(zone, local, now)
    return queued


def _queue_summaries_of(zone: str, local: datetime, now: datetime) -> int:
    end = datetime.combine(local.date() + timedelta(days=1), time(), ZoneInfo(zone))
    due = Task.objects.filter(LISTED, status__in=sorted(OPEN), due_date__lt=end)
    told = TaskMail.objects.filter(kind=MailKind.DAILY_SUMMARY, cause=local.date().isoformat())
    people = (
        User.objects.filter(
            is_active=True,
            time_zone=zone,
            task_assignments__removed_at__isnull=True,
            task_assignments__task__in=due,
        )
        .exclude(pk__in=told.values("user"))
        .distinct()
    )
    rows = [
        TaskMail(
            kind=MailKind.DAILY_SUMMARY, cause=local.date().isoformat(), user=person, created_at=now,
            expires_at=datetime.combine(local.date() + timedelta(days=1), time(), ZoneInfo(zone)),
        )
        for person in people
    ]  # fmt: skip
    TaskMail.objects.bulk_create(rows, ignore_conflicts=True)
    for row in rows:
        enqueue_on_commit(SUMMARY_JOB, str(row.pk))
    return len(rows)
