"""Who sends samples by HTTP: a datasource by its own user name and secret, or a person on behalf of one."""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from django.utils import timezone

from guildhall.modules.telemetry.errors import InvalidDatasourceCredentialsError
from guildhall.modules.telemetry.models import SECRET_HASH_BYTES, Datasource

BASIC = "basic"
#: As clients of InfluxDB send it.
TOKEN = "token"  # noqa: S105 — the name of a way, no secret.


def pair_of_authorization(header: str) -> tuple[str, str] | None:
    """User name and secret in a header of the kind `Basic` or `Token name:secret`; None where it is of another kind."""
    kind, _, value = header.partition(" ")
    value = value.strip()
    if kind.lower() == TOKEN:
        name, colon, secret = value.partition(":")
        return (name, secret) if colon else None
    if kind.lower() != BASIC:
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def datasource_of(username: str, secret: str) -> Datasource:
    """The datasource with these credentials, if it may be used now.

    Raises:
        InvalidDatasourceCredentialsError: there is none, or it may not be used now; which of it is not told.
    """
    # PostgreSQL's text holds no zero bytes.
    found: Datasource | None = Datasource.objects.filter(username=username.replace("\0", "")).first()
    expected = bytes(found.secret_hash) if found else bytes(SECRET_HASH_BYTES)
    # Compared for an unknown name too, so that the time tells nothing.
    is_right = hmac.compare_digest(hashlib.sha256(secret.encode(errors="replace")).digest(), expected)
    if found is None or not is_right or not found.is_usable(timezone.now()):
        raise InvalidDatasourceCredentialsError
    return found


def caller_of(header: str) -> UUID | None:
    """The datasource whose credentials a header holds, for limits; None where there is none."""
    pair = pair_of_authorization(header)
    if pair is None:
        return None
    try:
        return datasource_of(*pair).pk
    except InvalidDatasourceCredentialsError:
        return None
