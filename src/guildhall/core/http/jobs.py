"""Background jobs of HTTP's manners."""

from celery import shared_task
from django.utils import timezone

from guildhall.core.http import answers


@shared_task(name="guildhall.core.http.forget_expired_answers")
def forget_expired_answers() -> None:
    """Delete answers to idempotency keys whose time is over. Safe to repeat."""
    answers.forget_expired(timezone.now())
