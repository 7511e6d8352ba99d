"""Background jobs of the tracker. Each is safe to repeat, and to run twice at once."""

import logging
import smtplib
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from guildhall.modules.tasks import mail, upkeep
from guildhall.modules.tasks.reactions import INDEX_JOB

logger = logging.getLogger(__name__)


def _deliver(mail_id: UUID) -> None:
    try:
        mail.deliver(mail_id)
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("The mail %s could not be sent, it is tried again: %s", mail_id, error)


@shared_task(name=mail.NOTIFY_JOB)
def send_task_notification(task_id: str, notification_type: str) -> None:
    """Send everybody who is to be told this of the task his mail, unless he has it."""
    waiting = mail.waiting(timezone.now()).filter(task_id=int(task_id), kind=notification_type)
    for mail_id in list(waiting.order_by("created_at", "pk").values_list("pk", flat=True)):
        _deliver(mail_id)


@shared_task(name=mail.SUMMARY_JOB)
def send_daily_summary(mail_id: str) -> None:
    """Send one person the summary of his day, unless he has it."""
    _deliver(UUID(mail_id))


@shared_task(name="guildhall.modules.tasks.jobs.send_unsent_mail")
def send_unsent_mail() -> None:
    """Send what the queue lost or the mail server refused."""
    for mail_id in mail.unsent(timezone.now()):
        _deliver(mail_id)


@shared_task(name="guildhall.modules.tasks.jobs.generate_daily_summary")
def generate_daily_summary() -> None:
    """Have everybody whose morning it is sent the summary of his day, if there is something to say."""
    with transaction.atomic():
        mail.queue_summaries(timezone.now())


@shared_task(name="guildhall.modules.tasks.jobs.check_overdue_tasks")
def check_overdue_tasks() -> None:
    """Note what has missed its date, and remind of what is due within a day; then add up what was counted."""
    now = timezone.now()
    upkeep.mark_overdue(now)
    upkeep.remind_of_due_dates(now)
    upkeep.add_up_tallies()


@shared_task(name="guildhall.modules.tasks.jobs.cleanup_archived_tasks")
def cleanup_archived_tasks() -> None:
    """Delete for good what was archived more than thirty days ago."""
    upkeep.purge_archive(timezone.now())


@shared_task(name=INDEX_JOB)
def index_anew() -> None:
    """Make the search look for the words of organizations in their present language."""
    upkeep.index_anew()
