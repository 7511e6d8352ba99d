"""That mails do not get out, for the home page of those who look after the site."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from guildhall.core.accounts import mail
from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.shell import AttentionItem, Urgency


def undelivered_mail(user: User, _organization: Organization) -> Iterator[AttentionItem]:
    """For superusers, while a mail waits that should long have been sent."""
    if user.is_superuser and mail.stuck_since(timezone.now()) is not None:
        yield AttentionItem(
            title=_("Mails are not delivered"),
            detail=_("The mail server does not take them. On the server, guildhall doctor says why."),
            url=reverse("admin:index"),
            urgency=Urgency.ERROR,
            icon="mail-warning",
        )
