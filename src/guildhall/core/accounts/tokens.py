"""API tokens: a short access token and a refresh token that rotates. Reuse of an old one revokes its whole family.

The rotation with reuse detection follows RFC 9700 (OAuth 2.0 Security Best Current Practice), section 4.14.2.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from guildhall.core.accounts.errors import InvalidTokenError, TokenReusedError
from guildhall.core.accounts.models import RefreshFamily, User
from guildhall.core.audit.services import record_account
from guildhall.core.http.context import current_origin

FAMILY_CLAIM = "family"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token, and the refresh token to get the next pair with."""

    access: str
    refresh: str


def _pair(user: User, family_id: UUID) -> tuple[TokenPair, RefreshToken]:
    refresh = RefreshToken.for_user(user)
    refresh[FAMILY_CLAIM] = str(family_id)
    return TokenPair(access=str(refresh.access_token), refresh=str(refresh)), refresh


@transaction.atomic
def issue_tokens(*, user: User) -> TokenPair:
    """Begin a new family of tokens."""
    now = timezone.now()
    origin = current_origin.get()
    family = RefreshFamily(user=user, address=origin.address or None, user_agent=origin.user_agent)
    pair, refresh = _pair(user, family.pk)
    family.current_jti = refresh["jti"]
    family.expires_at = now + refresh.lifetime
    family.save(force_insert=True)
    return pair


def _parse(token: str) -> RefreshToken:
    try:
        refresh = RefreshToken(token)  # type: ignore[arg-type]
        UUID(refresh[FAMILY_CLAIM])
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidTokenError from error
    return refresh


def rotate_refresh_token(*, token: str) -> TokenPair:
    """Exchange a refresh token for a new pair; the given one is used up.

    Raises:
        TokenReusedError: it was used before; its family is revoked now.
        InvalidTokenError: it is malformed, expired, revoked, or the account is not active.
    """
    refresh = _parse(token)
    now = timezone.now()
    with transaction.atomic():
        family = (
            RefreshFamily.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(pk=refresh[FAMILY_CLAIM])
            .first()
        )
        if family is None or not family.is_usable(now) or not family.user.is_active:
            raise InvalidTokenError
        if family.current_jti == refresh["jti"]:
            pair, renewed = _pair(family.user, family.pk)
            family.current_jti = renewed["jti"]
            family.last_used_at = now
            origin = current_origin.get()
            family.address, family.user_agent = origin.address or None, origin.user_agent
            family.expires_at = now + renewed.lifetime
            family.save()
            return pair
        family.revoked_at = now
        family.save(update_fields=["revoked_at"])
        record_account("sign_in.token_reused", family.user, actor=None, details={"sign_in": family.pk})
    raise TokenReusedError


def revoke_refresh_token(*, user: User, token: str) -> None:
    """End the sign-in to which this refresh token belongs. Safe to repeat.

    Raises:
        InvalidTokenError: it is no refresh token of this user.
    """
    refresh = _parse(token)
    family = RefreshFamily.objects.filter(pk=refresh[FAMILY_CLAIM], user=user).first()
    if family is None:
        raise InvalidTokenError
    with transaction.atomic():
        if RefreshFamily.objects.filter(pk=family.pk, revoked_at=None).update(revoked_at=timezone.now()):
            record_account("sign_in.ended", user, actor=user, details={"sign_in": family.pk})


def family_of_access_token(token: str) -> RefreshFamily:
    """The sign-in to which this access token belongs, with its active user.

    Raises:
        InvalidTokenError: it is malformed or expired, its family is revoked, or the account is not active.
    """
    try:
        claims = AccessToken(token)  # type: ignore[arg-type]
        user_id, family_id = UUID(str(claims["user_id"])), UUID(claims[FAMILY_CLAIM])
    except (TokenError, KeyError, ValueError, TypeError) as error:
        raise InvalidTokenError from error
    family = (
        RefreshFamily.objects.select_related("user")
        .filter(pk=family_id, revoked_at=None, user_id=user_id, user__is_active=True)
        .first()
    )
    if family is None:
        raise InvalidTokenError
    return family
