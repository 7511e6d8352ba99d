"""Mails about an account: queued with the change that causes them, sent by a job, with links that work once.

A link's token is the mail's id and its HMAC under the site's key, so neither the queue nor the database holds a secret
that opens an account.
"""

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Final
from uuid import UUID

from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac

from guildhall.core.accounts.errors import InvalidLinkError
from guildhall.core.accounts.models import AccountMail, MailPurpose, User, normalize_email
from guildhall.core.queue import enqueue_on_commit
from guildhall.settings import settings

SEND_JOB: Final = "guildhall.core.accounts.jobs.send_account_mail"
LIFETIMES: Final = {
    MailPurpose.RESET: timedelta(hours=1),
    MailPurpose.VERIFY: timedelta(days=3),
    MailPurpose.PASSWORD_CHANGED: timedelta(days=1),
}
#: Where a mail's link leads; the token stands in the fragment, which no server's log ever holds.
PAGES: Final = {MailPurpose.RESET: "web:new-password", MailPurpose.VERIFY: "web:verify-email"}
#: Of one purpose to one address, whoever asks; more are not sent, and nobody is told.
MOST_AN_HOUR: Final = 5
#: After so long, whoever claimed a mail and did not finish is taken for dead.
CLAIM: Final = timedelta(minutes=2)
#: A mail that was tried several times by then.
STUCK_AFTER: Final = timedelta(minutes=10)
_ID_BYTES: Final = 16


def queue_mail(purpose: MailPurpose, *, email: str, user: User | None = None) -> None:
    """Have a mail sent once the transaction is committed; the same work whether there is an account or not."""
    now = timezone.now()
    address = normalize_email(email)
    recent = AccountMail.objects.filter(purpose=purpose, email=address, created_at__gt=now - timedelta(hours=1))
    if recent.count() >= MOST_AN_HOUR:
        return
    mail = AccountMail.objects.create(purpose=purpose, email=address, user=user, expires_at=now + LIFETIMES[purpose])
    enqueue_on_commit(SEND_JOB, str(mail.pk))


def deliver(mail_id: UUID) -> bool:
    """Send the mail unless that was done; returns whether it was done now. Safe to repeat and to call twice at once.

    Who dies between sending and noting it leaves the mail to be sent again, under the same Message-ID.

    Raises:
        OSError, smtplib.SMTPException: the server does not take it; it is tried again until it expires.
    """
    now = timezone.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    waiting = AccountMail.objects.filter(free, pk=mail_id, handled_at=None, expires_at__gt=now)
    if not waiting.update(claimed_at=now):
        return False
    mail = AccountMail.objects.select_related("user").get(pk=mail_id)
    user = mail.user or User.objects.filter(email=mail.email, is_active=True).first()
    if user is not None and user.is_active:
        _compose(mail, user).send()
    AccountMail.objects.filter(pk=mail_id).update(handled_at=timezone.now(), user=user)
    return user is not None


def unsent(now: datetime) -> list[UUID]:
    """Mails that should have been sent by now: the queue lost them, or their server refused."""
    free = Q(claimed_at=None, created_at__lt=now - CLAIM) | Q(claimed_at__lt=now - CLAIM)
    return list(
        AccountMail.objects.filter(free, handled_at=None, expires_at__gt=now).order_by("created_at").values_list(
            "pk", flat=True
        )[:100]
    )  # fmt: skip


def stuck_since(now: datetime) -> datetime | None:
    """Since when the oldest mail waits that should have been sent and can't be; None where there is none.

    What expired without being sent counts for a week.
    """
    waiting = AccountMail.objects.filter(
        handled_at=None, created_at__lt=now - STUCK_AFTER, expires_at__gt=now - timedelta(days=7)
    )
    oldest = waiting.order_by("created_at").first()
    return None if oldest is None else oldest.created_at


def _compose(mail: AccountMail, user: User) -> EmailMultiAlternatives:
    purpose = MailPurpose(mail.purpose)
    page = PAGES.get(purpose)
    context = {
        "user": user,
        "site": settings.public_url,
        "link": f"{settings.public_url}{reverse(page)}#token={token_of(mail)}" if page else "",
        "hours": int(LIFETIMES[purpose].total_seconds() // 3600),
    }
    folder = f"accounts/mail/{purpose.value}"
    with translation.override(user.language):
        subject = " ".join(render_to_string(f"{folder}_subject.txt", context).split())
        message = EmailMultiAlternatives(
            subject,
            render_to_string(f"{folder}.txt", context),
            django_settings.DEFAULT_FROM_EMAIL,
            [user.email],
            headers={"Message-ID": _message_id(mail), "Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(render_to_string(f"{folder}.html", context), "text/html")
    return message


def _message_id(mail: AccountMail) -> str:
    """The same however often the mail is sent."""
    domain = make_msgid(domain=settings.public_url.partition("://")[2].partition("/")[0].partition(":")[0])
    return f"<{mail.pk}@{domain.rpartition('@')[2]}"


def _signature(purpose: str, mail_id: UUID) -> bytes:
    return salted_hmac(f"guildhall.accounts.mail.{purpose}", mail_id.bytes, algorithm="sha256").digest()


def token_of(mail: AccountMail) -> str:
    """What stands in the mail's link."""
    return base64.urlsafe_b64encode(mail.pk.bytes + _signature(mail.purpose, mail.pk)).decode()


def use_token(token: str, purpose: MailPurpose) -> User:
    """The active user to whom this token was mailed; it is used up. A part of a service's transaction.

    Raises:
        InvalidLinkError: it is malformed, used or expired, or for something else.
    """
    try:
        raw = base64.urlsafe_b64decode(token.strip().encode())
        mail_id = UUID(bytes=raw[:_ID_BYTES])
    except (binascii.Error, ValueError) as error:
        raise _bad_link() from error
    if not hmac.compare_digest(raw[_ID_BYTES:], _signature(purpose.value, mail_id)):
        raise _bad_link()
    mail = AccountMail.objects.select_for_update(of=("self",)).select_related("user").filter(pk=mail_id).first()
    now = timezone.now()
    usable = mail is not None and mail.used_at is None and now < mail.expires_at
    # A mail to an address that changed hands in the meantime opens nothing.
    if mail is None or not usable or mail.user is None or not mail.user.is_active or mail.user.email != mail.email:
        raise _bad_link()
    # All links of the kind that the user got before end with this one.
    AccountMail.objects.filter(user=mail.user, purpose=purpose, used_at=None).update(used_at=now)
    return mail.user


def _bad_link() -> InvalidLinkError:
    return InvalidLinkError(
        fields={"token": [translation.gettext("This link is not valid any more; ask for a new one.")]}
    )
