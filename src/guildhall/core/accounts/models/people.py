"""The user. Memberships and rights live in `core.organizations`."""

import uuid
import zoneinfo
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from guildhall.core.versions import Versioned

if TYPE_CHECKING:
    _EmailField = models.EmailField[str, str]  # Generic in the stubs, plain at run time.
else:
    _EmailField = models.EmailField

LANGUAGE_CHOICES = [("en", _("English")), ("ru", _("Russian"))]


def validate_time_zone(name: str) -> None:
    """Accept only names of the IANA time zone database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone of the IANA database."), params={"name": name})


def normalize_email(email: str) -> str:
    """The form in which an address is stored and looked up: trimmed, lower case."""
    return email.strip().lower()


class AddressField(_EmailField):
    """An e-mail address, stored and looked up in lower case, so that it is the same however it is typed."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return normalize_email(prepared) if isinstance(prepared, str) else prepared


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> Self:
        """Whom this user may see: himself, and everybody who shares an organization with him."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        own = user.role_assignments.values("organization_id")
        shared = self.model.objects.filter(role_assignments__organization_id__in=own).values("pk")
        return self.filter(models.Q(pk=user.pk) | models.Q(pk__in=shared))


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail; the database gives each its personal organization."""

    use_in_migrations = True

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: Any) -> UserQuerySet:
        return self.get_queryset().visible_to(user)

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Create an account that signs in with this address; without a password it can't sign in yet."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Create an account that sees and may do everything."""
        return self.create_user(email, password, **{**extra, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalize_email(username or ""))


class User(AbstractUser, Versioned):
    """A person, known by the e-mail address."""

    username = None  # type: ignore[assignment]
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = AddressField(
        _("e-mail address"),
        max_length=254,
        unique=True,
        error_messages={"unique": _("There is an account with this e-mail address.")},
    )
    name = models.CharField(_("name"), max_length=120, blank=True, default="", db_default="")
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", db_default="UTC", validators=[validate_time_zone]
    )
    language = models.CharField(_("language"), max_length=8, default="en", db_default="en", choices=LANGUAGE_CHOICES)
    active_organization = models.ForeignKey(
        "organizations.Organization",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("active organization"),
        help_text=_("The organization whose pages the user looks at."),
    )
    email_verified_at = models.DateTimeField(_("e-mail address verified"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
        ]

    def clean(self) -> None:
        super().clean()
        self.email = normalize_email(self.email)

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]

    def __str__(self) -> str:
        return self.get_full_name()
