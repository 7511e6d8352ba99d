"""The rows of the accounts: people, what their sign-ins leave behind, and their credentials."""

from guildhall.core.accounts.models.credentials import ApiKey
from guildhall.core.accounts.models.people import (
    LANGUAGE_CHOICES,
    AddressField,
    User,
    UserManager,
    UserQuerySet,
    normalize_email,
    validate_time_zone,
)
from guildhall.core.accounts.models.sign_ins import BrowserSession, RefreshFamily

__all__ = [
    "LANGUAGE_CHOICES",
    "AddressField",
    "ApiKey",
    "BrowserSession",
    "RefreshFamily",
    "User",
    "UserManager",
    "UserQuerySet",
    "normalize_email",
    "validate_time_zone",
]
