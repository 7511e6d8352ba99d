"""Background jobs of the audit log."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from guildhall.core.audit.services import forget
from guildhall.settings import settings


@shared_task(name="guildhall.core.audit.jobs.forget_old_entries")
def forget_old_entries() -> None:
    """Forget what is older than AUDIT_KEPT_DAYS; nothing where that is not set. Safe to repeat."""
    if settings.audit_kept_days:
        forget(before=timezone.now() - timedelta(days=settings.audit_kept_days))
