"""Writes: change one's password, set it anew by mail, confirm that somebody knows it; verify the e-mail address."""

from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guildhall.core.accounts import lockout, mail, sign_ins
from guildhall.core.accounts.models import MailPurpose, User
from guildhall.core.audit.services import record, record_account
from guildhall.core.errors import InvalidInputError


def check_new_password(password: str, user: User, *, field: str = "password") -> None:
    """Do nothing if the password is good enough for this user.

    Raises:
        InvalidInputError: it is too short, too common or too like the address.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInputError(fields={field: error.messages}) from error


def confirm_password(*, actor: User, password: str, field: str = "password") -> None:
    """Do nothing if this is the actor's password. Failures count as those of a sign-in and are recorded.

    Raises:
        InvalidInputError: it is not.
        LockedOutError: after too many failures.
    """
    lockout.require_open(actor.email)
    if actor.check_password(password):
        return
    with transaction.atomic():
        lockout.note_failure(actor.email)
        record_account("password.refused", actor, actor=actor)
    raise InvalidInputError(fields={field: [_("This is not your password.")]})


def change_password(*, actor: User, current_password: str, password: str, keep: UUID | None) -> None:
    """Change the actor's own password; he stays signed in only where he is (`keep`). He is told by mail.

    Raises:
        InvalidInputError: the current password is wrong, or the new one not good enough.
        LockedOutError: after too many wrong ones.
    """
    confirm_password(actor=actor, password=current_password, field="current_password")
    check_new_password(password, actor)
    with transaction.atomic():
        _set(actor, password, keep=keep)
        record_account("password.changed", actor, actor=actor)


def _set(user: User, password: str, *, keep: UUID | None = None) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    sign_ins.end_all(user, keep=keep)
    lockout.forgive(user.email)
    mail.queue_mail(MailPurpose.PASSWORD_CHANGED, email=user.email, user=user)


@transaction.atomic
def request_password_reset(*, email: str) -> None:
    """Have a link for a new password mailed to this address, if there is an account. Nobody learns whether there is."""
    record("password.reset_requested", actor=None, organization_id=None)
    mail.queue_mail(MailPurpose.RESET, email=email)


@transaction.atomic
def reset_password(*, token: str, password: str) -> User:
    """Set the password by the token of a mail, and sign the user out everywhere.

    Raises:
        InvalidLinkError: the token is malformed, used or expired.
        InvalidInputError: the password is not good enough; the token stays usable.
    """
    user = mail.use_token(token, MailPurpose.RESET)
    check_new_password(password, user)
    if user.email_verified_at is None:
        # Whoever reads the mails of an address has verified it.
        user.email_verified_at = timezone.now()
        user.save(update_fields=["email_verified_at"])
    _set(user, password)
    record_account("password.reset", user, actor=user)
    return user


@transaction.atomic
def request_verification(*, actor: User) -> None:
    """Have a link mailed by which the actor verifies his address; nothing if that was done."""
    if actor.email_verified_at is None:
        mail.queue_mail(MailPurpose.VERIFY, email=actor.email, user=actor)


@transaction.atomic
def verify_email(*, token: str) -> User:
    """Note that the address to which this token was mailed is its user's.

    Raises:
        InvalidLinkError: the token is malformed, used or expired.
    """
    user = mail.use_token(token, MailPurpose.VERIFY)
    user.email_verified_at = timezone.now()
    user.save(update_fields=["email_verified_at"])
    record_account("account.email_verified", user, actor=user)
    return user
