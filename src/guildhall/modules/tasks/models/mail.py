"""Mails about tasks that are to be sent, and whether they were."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guildhall.modules.tasks.models.tasks import Task


class MailKind(models.TextChoices):
    """Why a mail is sent."""

    ASSIGNED = "assigned", _("Assigned")
    COMMENTED = "commented", _("Commented")
    DUE_SOON = "due_soon", _("Due soon")
    OVERDUE = "overdue", _("Overdue")
    COMPLETED = "completed", _("Completed")
    DAILY_SUMMARY = "daily_summary", _("Summary of the day")


class TaskMail(models.Model):
    """A mail to one person. `cause` names what it tells of, the event or the day, so that nobody is told twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=MailKind.choices)
    cause = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_mails")
    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="mails")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    is_sent = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("mail about a task")
        verbose_name_plural = _("mails about tasks")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "cause"], name="task_mail_once"),
            models.CheckConstraint(
                condition=Q(kind=MailKind.DAILY_SUMMARY.value, task=None)
                | (~Q(kind=MailKind.DAILY_SUMMARY.value) & Q(task__isnull=False)),
                name="task_mail_about_a_task_or_a_day",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(handled_at=None), name="task_mail_unhandled")]

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}"
