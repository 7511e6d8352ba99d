"""Answers that are kept for whoever repeats a request with the same idempotency key."""

from django.db import models
from django.db.models.functions import Now


class StoredAnswer(models.Model):
    """The answer to one request with a key, or that it is being carried out. What the columns hold: `idempotency`."""

    scope = models.BinaryField(primary_key=True, max_length=32, editable=False)
    fingerprint = models.BinaryField(max_length=32, editable=False)
    sealed = models.BinaryField(null=True, editable=False)
    running_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(editable=False)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="storedanswer_expires_at")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sealed__isnull=True) ^ models.Q(running_until__isnull=True),
                name="answer_is_stored_or_awaited",
            ),
        ]
