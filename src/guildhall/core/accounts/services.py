"""Writes: register, change a profile, start and end API sessions."""

from collections.abc import Set as AbstractSet
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guildhall.core.accounts import events
from guildhall.core.accounts.errors import EmailTakenError
from guildhall.core.accounts.models import User, normalize_email
from guildhall.core.accounts.passwords import check_new_password, request_verification
from guildhall.core.audit.services import record_account
from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.core.organizations.invites import join_organization
from guildhall.core.organizations.policy import Role
from guildhall.core.validation import clean_or_raise

PROFILE_FIELDS = frozenset({"name", "time_zone", "language"})


@transaction.atomic
def register_user(
    *, email: str, password: str, name: str = "", language: str = "en", time_zone: str = "UTC", invite_code: str = ""
) -> User:
    """Create an account with its personal organization, and use the invite code if one is given.

    A link by which the address can be verified is mailed to it.

    Raises:
        InvalidInputError: address, password or another field is not acceptable.
        EmailTakenError: there is an account with this address.
        InviteNotValidError: the code does not work; no account is created then.
    """
    user = User(email=normalize_email(email), name=name.strip(), language=language, time_zone=time_zone)
    user.set_unusable_password()
    clean_or_raise(user, validate_unique=False, validate_constraints=False)
    check_new_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise EmailTakenError(fields={"email": [_("There is an account with this e-mail address.")]}) from error
    if invite_code.strip():
        try:
            assignment = join_organization(actor=user, code=invite_code)
        except InvalidInputError as error:
            raise type(error)(fields={"invite_code": error.fields.get("code", [])}) from error
        user.active_organization_id = assignment.organization_id
        user.save(update_fields=["active_organization"])
    record_account("account.registered", user, actor=user)
    events.tell(events.UserRegistered(user_id=user.pk), actor=user, user=user)
    request_verification(actor=user)
    return user


@transaction.atomic
def update_profile(*, actor: User, user: User, expected: AbstractSet[int] | None = None, **changes: Any) -> User:
    """Change name, time zone or language: one's own, or as admin of an organization to which the user belongs.

    Raises:
        StaleVersionError: the profile is in none of the expected versions; None takes any.
        NotAllowedError: the actor is neither.
        InvalidInputError: a value is not acceptable.
    """
    if not may_edit_profile(actor, user):
        raise NotAllowedError
    unknown = changes.keys() - PROFILE_FIELDS
    if unknown:
        raise InvalidInputError(fields={field: [_("This can't be changed here.")] for field in sorted(unknown)})
    user.lock_version(expected)
    for field, value in changes.items():
        setattr(user, field, value.strip())
    clean_or_raise(user, exclude=["password"], validate_constraints=False)
    user.raise_version()
    user.save(update_fields=[*changes, "version"])
    return user


def may_edit_profile(actor: User, user: User) -> bool:
    """Whether it is the actor's own profile, or he is admin of a shared organization to which that user belongs."""
    if actor.is_superuser or actor.pk == user.pk:
        return True
    administered = actor.role_assignments.filter(role=Role.ADMIN.value, organization__personal_owner=None)
    return user.role_assignments.filter(organization__in=administered.values("organization_id")).exists()
