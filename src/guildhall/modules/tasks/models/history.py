"""The history of tasks: one row a changed field. The database refuses to change or delete it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guildhall.modules.tasks.models.fields import TITLE_LENGTH

CREATED = "created"
COMMENT = "comment"


class TaskHistory(models.Model):
    """That a field of a task was changed: who, when, from what to what.

    A new task has one row, of the field `created`, whose `new` holds all of its fields; so the rows of a task, in their
    order, make up its state. `change` is the same for all rows that one call wrote. Neither task nor people are
    referred to by keys that the database watches, since history outlives them.
    """

    id = models.BigAutoField(primary_key=True)
    change = models.UUIDField(default=uuid.uuid4)
    organization_id = models.UUIDField()
    task_id = models.BigIntegerField()
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("when"), db_default=Now())
    field = models.CharField(_("field"), max_length=32)
    old = models.JSONField(_("from"), null=True)
    new = models.JSONField(_("to"), null=True)

    class Meta:
        verbose_name = _("change of a task")
        verbose_name_plural = _("changes of tasks")
        indexes = [
            models.Index(fields=["task_id", "id"], name="taskhistory_by_task"),
            models.Index(fields=["organization_id", "at", "id"], name="taskhistory_by_time"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.field}"
