"""Whom a request names, for limits and logs: cheap, never an error, and no proof. Rights are asked of `identify`."""

from collections.abc import Callable
from typing import Final, TypeAlias
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from guildhall.core.accounts.api_keys import look_ahead
from guildhall.core.accounts.errors import InvalidApiKeyError
from guildhall.core.accounts.session_store import SessionStore
from guildhall.core.identity.facade import API_KEY, BEARER

#: Understands the header of something that is no user but has credentials of its own, such as a device.
AskDevice: TypeAlias = Callable[[str], UUID | None]
_devices: Final[list[AskDevice]] = []


def register_devices(ask: AskDevice) -> None:
    """Let a module tell whom a header of another kind names; called while the module is made ready."""
    _devices.append(ask)


def caller_of_authorization(header: str) -> UUID | None:
    """The user whose token or key an `Authorization` header holds, even if the token was revoked; else None.

    Where it is of another kind, the device whose credentials it holds.

    A made-up one names nobody, so that nobody gets a fresh limit by making one up.
    """
    kind, _, value = header.partition(" ")
    if kind.lower() == BEARER:
        return _caller_of_token(value.strip())
    if kind.lower() == API_KEY:
        return _caller_of_api_key(value.strip())
    return next((found for ask in _devices if (found := ask(header)) is not None), None)


def caller_of_session(session_key: str) -> UUID | None:
    """The user who is signed in by this session; else None. Reads the session."""
    if not session_key:
        return None
    return _uuid(SessionStore(session_key).get(SESSION_KEY))


def caller_of(*, authorization: str = "", session_key: str = "") -> UUID | None:
    """The caller by his header, else by his session."""
    return (caller_of_authorization(authorization) if authorization else None) or caller_of_session(session_key)


def _caller_of_token(token: str) -> UUID | None:
    """By the signature alone; nothing is read."""
    try:
        return _uuid(AccessToken(token).get("user_id"))  # type: ignore[arg-type]
    except TokenError:
        return None


def _caller_of_api_key(key: str) -> UUID | None:
    try:
        return look_ahead(key).user_id
    except InvalidApiKeyError:
        return None


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
