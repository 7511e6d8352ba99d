"""The entries of the audit log. The migrations' triggers refuse UPDATE, DELETE and TRUNCATE, whoever tries; only the
database's function `audit_forget` removes entries, and none that is younger than 30 days.

Nothing is referenced by a foreign key: an entry outlives what it speaks of, and must not change when that goes.
"""

from typing import Any, ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.policy import Role


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: Any) -> Self:
        """Entries of organizations that the user administers, his own, and failures that concern his account."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        administered = user.role_assignments.filter(role=Role.ADMIN.value).values("organization_id")
        return self.filter(
            Q(organization_id__in=administered)
            | Q(actor_id=user.pk)
            | Q(actor_id=None, subject_type="user", subject_id=str(user.pk))
        )


class AuditEntry(models.Model):
    """That somebody did something. `details` hold ids and settings, never names, addresses or secrets of people."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    action = models.CharField(_("what"), max_length=64)
    actor_id = models.UUIDField(_("who"), null=True)
    organization_id = models.UUIDField(_("organization"), null=True)
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.CharField(max_length=64, blank=True, default="")
    details = models.JSONField(_("details"), default=dict, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("program"), max_length=300, blank=True, default="")
    request_id = models.CharField(_("request"), max_length=64, blank=True, default="")

    objects: ClassVar[models.Manager["AuditEntry"]] = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index(fields=["organization_id", "-id"], name="audit_by_organization"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["subject_id", "-id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action}"
