"""Background jobs of the accounts."""

import logging
import smtplib
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from guildhall.core.accounts import lockout, mail
from guildhall.core.accounts.models import AccountMail, RefreshFamily
from guildhall.core.accounts.session_store import SessionStore

logger = logging.getLogger(__name__)

KEEP_ENDED = timedelta(days=30)


@shared_task(name=mail.SEND_JOB)
def send_account_mail(mail_id: str) -> None:
    """Send one mail; what the mail server refuses is tried again by `send_unsent_mail`. Safe to repeat."""
    try:
        mail.deliver(UUID(mail_id))
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("The mail %s could not be sent, it is tried again: %s", mail_id, error)


@shared_task(name="guildhall.core.accounts.jobs.send_unsent_mail")
def send_unsent_mail() -> None:
    """Send what the queue lost or the mail server refused. Safe to repeat."""
    for mail_id in mail.unsent(timezone.now()):
        send_account_mail(str(mail_id))


@shared_task(name="guildhall.core.accounts.jobs.clear_ended")
def clear_ended() -> None:
    """Remove sessions, sign-ins, mails and failure counts that ended and are of no use any more. Safe to repeat."""
    now = timezone.now()
    SessionStore.clear_expired()
    RefreshFamily.objects.filter(expires_at__lt=now - KEEP_ENDED).delete()
    AccountMail.objects.filter(expires_at__lt=now - KEEP_ENDED).delete()
    lockout.clear_forgotten(now)
