"""The rows of the accounts: people, what their sign-ins leave behind, and their credentials."""

from guildhall.core.accounts.models.credentials import AccountMail, ApiKey, MailPurpose, RecoveryCode, SecondFactor
from guildhall.core.accounts.models.people import (
    LANGUAGE_CHOICES,
    AddressField,
    User,
    UserManager,
    UserQuerySet,
    normalize_email,
    validate_time_zone,
)
from guildhall.core.accounts.models.sign_ins import BrowserSession, FailureCount, RefreshFamily

__all__ = [
    "LANGUAGE_CHOICES",
    "AccountMail",
    "AddressField",
    "ApiKey",
    "BrowserSession",
    "FailureCount",
    "MailPurpose",
    "RecoveryCode",
    "RefreshFamily",
    "SecondFactor",
    "User",
    "UserManager",
    "UserQuerySet",
    "normalize_email",
    "validate_time_zone",
]
