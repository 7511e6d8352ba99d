"""The second factor: codes of an app by time (TOTP, RFC 6238), and recovery codes for whoever lost the app.

The secret is sealed under the site's key, so that a copy of the database makes no codes. With another key it is lost,
and only recovery codes help.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from guildhall.core.accounts.errors import (
    InvalidChallengeError,
    SecondFactorEnabledError,
    SecondFactorMissingError,
)
from guildhall.core.accounts.models import RecoveryCode, SecondFactor, User
from guildhall.core.accounts.passwords import confirm_password
from guildhall.core.audit.services import record_account
from guildhall.core.errors import InvalidInputError

ISSUER: Final = "Guildhall"
STEP_S: Final = 30
#: Clocks may differ by one step, to either side.
DRIFT: Final = (-1, 0, 1)
CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
RECOVERY_CODES: Final = 10
RECOVERY_CODE_BYTES: Final = 10
_CHALLENGE_SALT: Final = "guildhall.accounts.second_factor.challenge"


class Way(StrEnum):
    """By which kind of code somebody passed."""

    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an app has to know, in clear, which exists only here: as text, as an address, and as a picture of that."""

    secret: str
    uri: str
    qr_svg: str


def _seal() -> Fernet:
    key = salted_hmac("guildhall.accounts.second_factor.seal", "", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _open(sealed: bytes | memoryview) -> str | None:
    try:
        return _seal().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        return None


def is_enabled(user: User) -> bool:
    """Whether signing in takes a second factor."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def recovery_codes_left(user: User) -> int:
    """How many recovery codes are not used yet."""
    return user.recovery_codes.filter(used_at=None).count()


def enrol(*, actor: User, password: str) -> Enrolment:
    """Begin with a new secret. It counts for nothing until `confirm` has seen a code that was made with it.

    Raises:
        InvalidInputError: this is not the password.
        SecondFactorEnabledError: there is a second factor already.
    """
    confirm_password(actor=actor, password=password)
    secret = pyotp.random_base32()
    sealed = _seal().encrypt(secret.encode())
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.pk)
        if is_enabled(actor):
            raise SecondFactorEnabledError
        SecondFactor.objects.update_or_create(
            user=actor, defaults={"sealed_secret": sealed, "last_step": 0, "confirmed_at": None}
        )
    return _enrolment(actor, secret)


def _enrolment(user: User, secret: str) -> Enrolment:
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    # Attributes only, as the Content-Security-Policy allows no styles; dark on light in either theme, for cameras.
    picture = segno.make(uri, error="m").svg_inline(border=2, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    return Enrolment(secret=secret, uri=uri, qr_svg=picture)


def pending_enrolment(user: User) -> Enrolment | None:
    """The enrolment that waits for its first code, to show it again; None if there is none."""
    factor = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
    secret = _open(factor.sealed_secret) if factor is not None else None
    return _enrolment(user, secret) if secret is not None else None


@transaction.atomic
def confirm(*, actor: User, code: str) -> list[str]:
    """Switch the second factor on by a first code; returns the recovery codes, which are shown this once.

    Raises:
        InvalidInputError: the code is not right.
        SecondFactorEnabledError, SecondFactorMissingError: it is on already, or was never begun.
    """
    factor = SecondFactor.objects.select_for_update().filter(user=actor).first()
    if factor is None:
        raise SecondFactorMissingError
    if factor.confirmed_at is not None:
        raise SecondFactorEnabledError
    now = timezone.now()
    step = _matching_step(factor, code, now)
    if step is None:
        raise InvalidInputError(fields={"code": [_("This code is not right. Is the clock of your device?")]})
    factor.last_step, factor.confirmed_at = step, now
    factor.save()
    record_account("second_factor.enabled", actor, actor=actor)
    return _make_recovery_codes(actor)


def _make_recovery_codes(user: User) -> list[str]:
    codes = [
        base64.b32encode(secrets.token_bytes(RECOVERY_CODE_BYTES)).decode().lower() for _n in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(code)) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


def _hash(code: str) -> bytes:
    """Plain SHA-256 is enough for a random code of 80 bits; there is nothing to guess."""
    return hashlib.sha256("".join(code.lower().split()).replace("-", "").encode(errors="replace")).digest()


def renew_recovery_codes(*, actor: User, password: str) -> list[str]:
    """Make new recovery codes, which are shown this once; the old ones end.

    Raises:
        InvalidInputError: this is not the password.
        SecondFactorMissingError: there is nothing to recover.
    """
    confirm_password(actor=actor, password=password)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.pk)
        if not is_enabled(actor):
            raise SecondFactorMissingError
        record_account("second_factor.codes_renewed", actor, actor=actor)
        return _make_recovery_codes(actor)


def disable(*, actor: User, password: str) -> None:
    """Switch the second factor off.

    Raises:
        InvalidInputError: this is not the password.
        SecondFactorMissingError: it is off.
    """
    confirm_password(actor=actor, password=password)
    with transaction.atomic():
        _deleted, of_what = SecondFactor.objects.filter(user=actor).delete()
        if not of_what:
            raise SecondFactorMissingError
        RecoveryCode.objects.filter(user=actor).delete()
        record_account("second_factor.disabled", actor, actor=actor)


def challenge_for(user: User) -> str:
    """A proof that this user gave the right password just now; it ends with the password, and after five minutes."""
    return signing.dumps({"user": str(user.pk), "password": user.get_session_auth_hash()}, salt=_CHALLENGE_SALT)


def user_of_challenge(challenge: str) -> User:
    """The active user who gave the password.

    Raises:
        InvalidChallengeError: this is no such proof, or it is too old.
    """
    try:
        claims = signing.loads(challenge, salt=_CHALLENGE_SALT, max_age=CHALLENGE_LIFETIME)
    except signing.BadSignature as error:
        raise InvalidChallengeError from error
    user = User.objects.filter(pk=claims["user"], is_active=True).first()
    if user is None or not hmac.compare_digest(claims["password"], user.get_session_auth_hash()):
        raise InvalidChallengeError
    return user


@transaction.atomic
def use_code(user: User, code: str) -> Way | None:
    """Use up a code of the app, or a recovery code; None if it is neither, or was used before."""
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        return None
    step = _matching_step(factor, code, timezone.now())
    if step is not None:
        factor.last_step = step
        factor.save(update_fields=["last_step"])
        return Way.TOTP
    unused = RecoveryCode.objects.filter(user=user, code_hash=_hash(code), used_at=None)
    return Way.RECOVERY_CODE if unused.update(used_at=timezone.now()) else None


def _matching_step(factor: SecondFactor, code: str, now: datetime) -> int | None:
    """The step of time whose code this is, if it is later than that of the last code used."""
    secret = _open(factor.sealed_secret)
    if secret is None:
        return None
    given = "".join(code.split()).encode(errors="replace")
    current = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret, interval=STEP_S)
    steps = [current + drift for drift in DRIFT]
    matching = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), given)]
    return next((step for step in matching if step > factor.last_step), None)
