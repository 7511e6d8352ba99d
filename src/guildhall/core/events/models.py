"""The outbox: events, which of them are to be delivered, to whom they were, and which subjects are held up."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

SUBJECT_LENGTH = 200


class EventRow(models.Model):
    """An event. The database refuses to change or delete it."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True, default=uuid.uuid4)
    type = models.CharField(_("type"), max_length=120)
    version = models.PositiveSmallIntegerField(_("version"))
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH)
    # Keys without foreign keys: an event outlives what it tells of.
    organization_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, default="", db_default="")
    time = models.DateTimeField(_("time"), db_default=Now())
    data = models.JSONField(_("data"))

    objects: ClassVar[models.Manager["EventRow"]] = models.Manager()

    class Meta:
        db_table = "events_event"
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class PendingEvent(models.Model):
    """That an event is still to be delivered. `held`: an earlier one of its subject failed."""

    # Both rows are written by one function, so a constraint would only cost a check at each commit.
    event = models.OneToOneField(
        EventRow, primary_key=True, on_delete=models.CASCADE, related_name="pending", db_constraint=False
    )
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    held = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("pending event")
        verbose_name_plural = _("pending events")
        indexes = [
            models.Index(fields=["event"], name="pending_not_held", condition=Q(held=False)),
            models.Index(fields=["subject", "event"], name="pending_by_subject"),
        ]

    def __str__(self) -> str:
        return str(self.event_id)


class Delivery(models.Model):
    """That a subscriber has handled an event; written in the transaction of its effect."""

    id = models.BigAutoField(primary_key=True)
    subscriber = models.CharField(max_length=120)
    event_id = models.UUIDField()
    delivered_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["subscriber", "event_id"], name="delivered_once")]
        indexes = [models.Index(fields=["delivered_at"], name="delivery_age")]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.event_id}"


class HeldSubject(models.Model):
    """A subject whose next event failed. It is tried again at `retry_at`, or rests as a dead letter until somebody
    replays or skips that event.
    """

    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH, primary_key=True)
    event = models.ForeignKey(EventRow, on_delete=models.CASCADE, related_name="+", verbose_name=_("event"))
    subscriber = models.CharField(_("subscriber"), max_length=120)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    error = models.TextField(_("error"))
    failed_at = models.DateTimeField(_("failed"), db_default=Now())
    retry_at = models.DateTimeField(_("tried again"), null=True, help_text=_("Empty: it rests as a dead letter."))

    class Meta:
        verbose_name = _("held subject")
        verbose_name_plural = _("held subjects")
        indexes = [models.Index(fields=["retry_at"], name="held_subject_retry")]

    @property
    def is_dead(self) -> bool:
        return self.retry_at is None

    def __str__(self) -> str:
        return self.subject
