"""What was mailed, and the links in it."""

import re

from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives

from guildhall.core.accounts import mail
from guildhall.core.accounts.models import AccountMail


def deliver_all() -> list[EmailMultiAlternatives]:
    """Do what the job does with every queued mail; returns what came of it."""
    before = len(outbox.outbox)
    for row in AccountMail.objects.filter(handled_at=None).order_by("created_at"):
        mail.deliver(row.pk)
    return outbox.outbox[before:]


def token_in(message: EmailMultiAlternatives) -> str:
    (token,) = set(re.findall(r"#token=([\w=-]+)", message.body))
    return token
