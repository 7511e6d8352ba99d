"""What people have to do with a task: who works on it, and what they say about it."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guildhall.modules.tasks.models.tasks import Task

COMMENT_LENGTH = 10_000


class TaskAssignment(models.Model):
    """That somebody was given a task, by whom and when; and when and by whom he was relieved of it."""

    id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_assignments")
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    assigned_at = models.DateTimeField(_("assigned"), db_default=Now())
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["task", "user"], condition=Q(removed_at__isnull=True), name="task_assigned_once"
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=False) | Q(removed_by=None), name="assignment_removed_when_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.user_id}"


class CommentQuerySet(models.QuerySet["Comment"]):
    def alive(self) -> Self:
        """Comments that are not deleted."""
        return self.filter(deleted_at__isnull=True)

    def visible_to(self, user: Any) -> Self:
        """Comments that are not deleted, on tasks that the user sees."""
        return self.alive().filter(task__in=Task.objects.visible_to(user))


class Comment(models.Model):
    """Something said about a task, in Markdown."""

    id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="comments", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="task_comments"
    )
    body = models.TextField(_("comment"), validators=[MaxLengthValidator(COMMENT_LENGTH)])
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True, editable=False)

    objects: ClassVar[models.Manager["Comment"]] = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [models.CheckConstraint(condition=Q(body__regex=r"\S"), name="comment_says_something")]
        indexes = [models.Index(fields=["task", "created_at", "id"], name="comment_by_task")]

    def __str__(self) -> str:
        return self.body[:80]


class CommentEdit(models.Model):
    """What a comment said before it was edited."""

    id = models.BigAutoField(primary_key=True)
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="edits")
    body = models.TextField(_("comment"))
    replaced_at = models.DateTimeField(_("replaced"), db_default=Now())

    class Meta:
        verbose_name = _("earlier comment")
        verbose_name_plural = _("earlier comments")

    def __str__(self) -> str:
        return self.body[:80]
