"""Signing in: address and password, then the second factor where there is one. The one way for every framework.

Whoever fails learns nothing: an unknown account, a wrong password and an account that is not active get the same answer
after the same work.
"""

from uuid import UUID

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import OuterRef, Subquery, UUIDField
from django.db.models.functions import Coalesce

from guildhall.core.accounts import lockout, second_factor
from guildhall.core.accounts.errors import SecondFactorRequiredError, WrongCodeError, WrongCredentialsError
from guildhall.core.accounts.models import User, normalize_email
from guildhall.core.audit.services import record, record_account
from guildhall.core.organizations.models import Organization, RoleAssignment
from guildhall.core.validation import is_storable


def sign_in(*, email: str, password: str) -> User:
    """The user whose address and password these are, if that is enough.

    Raises:
        WrongCredentialsError: they do not fit, or the account is not active.
        SecondFactorRequiredError: they do, and a code has to follow; the error holds the challenge for it.
        LockedOutError: after too many failures of this account or from this network address.
    """
    lockout.require_open(email)
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        _note_failure("sign_in.failed", email)
        raise WrongCredentialsError
    if second_factor.is_enabled(user):
        raise SecondFactorRequiredError(second_factor.challenge_for(user))
    _note_success(user, way="password")
    return user


def finish_sign_in(*, challenge: str, code: str) -> User:
    """The user who gave the password and now the code.

    Raises:
        InvalidChallengeError: the challenge is malformed or too old.
        WrongCodeError: the code is wrong or was used before.
        LockedOutError: after too many failures.
    """
    user = second_factor.user_of_challenge(challenge)
    lockout.require_open(user.email)
    way = second_factor.use_code(user, code)
    if way is None:
        _note_failure("second_factor.failed", user.email)
        raise WrongCodeError
    _note_success(user, way=way.value)
    return user


@transaction.atomic
def _note_success(user: User, *, way: str) -> None:
    lockout.forgive(user.email)
    record_account("sign_in.succeeded", user, actor=user, details={"by": way})


def _account_of(email: str) -> tuple[User, UUID] | tuple[None, None]:
    """The account with the organization that its entries belong to; one query, whether it is there or not."""
    membership = RoleAssignment.objects.filter(user=OuterRef("pk"), organization=OuterRef("active_organization"))
    personal = Organization.objects.filter(personal_owner=OuterRef("pk"))
    home = Coalesce(
        Subquery(membership.values("organization")[:1]), Subquery(personal.values("pk")), output_field=UUIDField()
    )
    wanted = normalize_email(email) if is_storable(email) else ""
    found = User.objects.filter(email=wanted).annotate(home=home).first()
    return (found, found.home) if found is not None else (None, None)


@transaction.atomic
def _note_failure(action: str, email: str) -> None:
    """Count and record a failure; a part of no transaction that the refusal would roll back."""
    user, organization_id = _account_of(email)
    record(action, actor=None, organization_id=organization_id, subject=user)
    if lockout.note_failure(email):
        record("sign_in.locked", actor=None, organization_id=organization_id, subject=user)
