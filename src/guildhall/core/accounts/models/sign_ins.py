"""What a sign-in leaves behind: a browser's session, or a family of refresh tokens."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SeenFrom(models.Model):
    """When something was used the last time, and from where."""

    last_used_at = models.DateTimeField(db_default=Now())
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        abstract = True


class BrowserSession(AbstractBaseSession, SeenFrom):
    """A session of a browser. `session_key` is a hash of the key in its cookie; `id` is what may be shown."""

    id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="browser_sessions"
    )
    created_at = models.DateTimeField(db_default=Now())

    #: What changes with a session's content; the rest is written when it begins and when it is seen.
    CONTENT = ("session_data", "expire_date", "user")

    def save(
        self,
        *,
        force_insert: bool | tuple[Any, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Django saves a session by a new instance of its row, which must not overwrite what it does not know."""
        if force_update:
            update_fields = self.CONTENT
        super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from guildhall.core.accounts.session_store import SessionStore

        return SessionStore


class RefreshFamily(SeenFrom):
    """All refresh tokens that descend from one sign-in by the API.

    Only the newest of them (`current_jti`) is valid; the use of an older one shows that somebody copied it, and revokes
    the whole family.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refresh_families")
    current_jti = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("refresh token family")
        verbose_name_plural = _("refresh token families")
        indexes = [models.Index(fields=["expires_at"], name="refreshfamily_expires_at")]

    def is_usable(self, now: datetime) -> bool:
        """Whether a token of this family may still be exchanged."""
        return self.revoked_at is None and now < self.expires_at

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d %H:%M}"


class FailureCount(models.Model):
    """How often sign-in failed lately, to an account (by a hash of what was typed) or from an IP address."""

    key = models.CharField(max_length=80, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("failure count")
        verbose_name_plural = _("failure counts")
        indexes = [models.Index(fields=["last_failed_at"], name="failurecount_last_failed_at")]

    def __str__(self) -> str:
        return f"{self.key} {self.failures}"
