"""The task itself, and the counter that numbers the tasks of an organization."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Organization, Project, Team
from guildhall.core.organizations.policy import Place, Role
from guildhall.core.versions import Versioned
from guildhall.modules.tasks.models.fields import (
    DESCRIPTION_LENGTH,
    PRIORITY_CHOICES,
    STATUS_CHOICES,
    TITLE_LENGTH,
    validate_due_date,
    validate_metadata,
    validate_title,
)
from guildhall.modules.tasks.policy import CLOSED, OPEN, Priority, Status

#: What lists show unless they are asked for more; indexes are limited to it, so a list must say it in these words.
ALIVE: Final = Q(deleted_at__isnull=True)
LISTED: Final = Q(deleted_at__isnull=True, is_archived=False)


def _rank(field: str, values: type[Status | Priority]) -> Case:
    """The place of a value among its kind, by which lists are ordered."""
    return Case(
        *(When(**{field: value.value}, then=Value(place)) for place, value in enumerate(values)),
        default=Value(len(values)),
        output_field=models.SmallIntegerField(),
    )


#: Everybody and everything through whom somebody may see a task: who created it, whom it is assigned to, team, project.
_AUDIENCE: Final = Func(
    Func(F("created_by"), F("team"), F("project"), template="ARRAY[%(expressions)s]"),
    F("assignee_ids"),
    template="array_remove(%(expressions)s, NULL)",
    arg_joiner=" || ",
    output_field=ArrayField(models.UUIDField()),
)


def unweighed(condition: Q) -> Case:
    """The condition, of which the planner knows nothing: for one that says little beside another one.

    It takes all conditions to be independent, and would think that the tasks of somebody who is busy are few.
    """
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=models.BooleanField())


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: Any) -> Self:
        """The tasks that are not deleted and that the user sees, wherever they are.

        He sees all of organizations that he administers; elsewhere, as long as he belongs there, what he created or is
        assigned to, what belongs to his teams, and what is in projects that he moderates. Two queries ask who he is, so
        that the database plans with what it is then told.
        """
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.alive()
        held = list(user.role_assignments.values_list("role", "organization_id", "project_id"))
        administered = {organization for role, organization, _project in held if role == Role.ADMIN}
        joined = {organization for _role, organization, _project in held} - administered
        seen = Q(organization__in=administered)
        if joined:
            moderated = [project for role, _organization, project in held if role == Role.MODERATOR]
            audience = [user.pk, *user.teams.values_list("pk", flat=True), *moderated]
            seen |= Q(organization__in=joined, audience__overlap=audience)
        return self.alive().filter(seen)

    def alive(self) -> Self:
        """Tasks that are not deleted."""
        return self.filter(ALIVE)

    def listed(self) -> Self:
        """Tasks that are neither deleted nor archived."""
        return self.filter(LISTED)

    def archived(self) -> Self:
        """Tasks that were archived and not deleted."""
        return self.filter(deleted_at__isnull=True, is_archived=True)

    def overdue(self, now: datetime) -> Self:
        """Tasks that have missed their date and are still open, whether that was noted yet or not."""
        return self.listed().filter(due_date__lt=now, status__in=sorted(OPEN))


class Task(Versioned):
    """Something to do. Written by services alone: they number it, write its history and tell of it."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="tasks", db_index=False, editable=False
    )
    number = models.PositiveIntegerField(_("number"), editable=False)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, validators=[validate_title])
    description = models.TextField(
        _("description"), blank=True, default="", db_default="", validators=[MaxLengthValidator(DESCRIPTION_LENGTH)]
    )
    status = models.CharField(
        _("status"), max_length=16, choices=STATUS_CHOICES, default=Status.TODO.value, db_default=Status.TODO.value
    )
    priority = models.CharField(
        _("priority"),
        max_length=8,
        choices=PRIORITY_CHOICES,
        default=Priority.MEDIUM.value,
        db_default=Priority.MEDIUM.value,
    )
    due_date = models.DateTimeField(_("due"), validators=[validate_due_date])
    estimated_hours = models.DecimalField(
        _("estimated hours"), max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    actual_hours = models.DecimalField(
        _("actual hours"), max_digits=8, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="created_tasks",
        db_index=False,
        editable=False,
        verbose_name=_("created by"),
    )
    assigned_to = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="tasks.TaskAssignment",
        through_fields=("task", "user"),
        related_name="tasks_ever_assigned",
        verbose_name=_("assigned to"),
        help_text=_("Everybody who ever was; `assignee_ids` names those who are."),
    )
    tags = models.ManyToManyField("tasks.Tag", through="tasks.TaskTag", related_name="tasks", verbose_name=_("tags"))
    parent_task = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="subtasks", verbose_name=_("part of")
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks", verbose_name=_("project")
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks", verbose_name=_("team")
    )
    metadata = models.JSONField(_("metadata"), default=dict, blank=True, validators=[validate_metadata])
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    is_archived = models.BooleanField(_("archived"), default=False, db_default=False, editable=False)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True, editable=False)
    is_overdue = models.BooleanField(_("overdue"), default=False, db_default=False, editable=False)

    # Kept by triggers from the rows that they repeat, so that a list needs no joins.
    assignee_ids: "models.Field[list[UUID], list[UUID]]" = ArrayField(
        models.UUIDField(), default=list, db_default=[], blank=True, editable=False
    )
    tag_ids: "models.Field[list[int], list[int]]" = ArrayField(
        models.BigIntegerField(), default=list, db_default=[], blank=True, editable=False
    )
    audience = models.GeneratedField(expression=_AUDIENCE, output_field=ArrayField(models.UUIDField()), db_persist=True)
    status_rank = models.GeneratedField(
        expression=_rank("status", Status), output_field=models.SmallIntegerField(), db_persist=True
    )
    priority_rank = models.GeneratedField(
        expression=_rank("priority", Priority), output_field=models.SmallIntegerField(), db_persist=True
    )
    title_key = models.GeneratedField(
        expression=Lower("title"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    objects: ClassVar[models.Manager["Task"]] = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="task_number_unique"),
            models.UniqueConstraint(fields=["id", "organization"], name="task_with_organization"),
            models.CheckConstraint(condition=Q(title__regex=r"\S"), name="task_title_says_something"),
            models.CheckConstraint(condition=Q(status__in=[value.value for value in Status]), name="task_status_known"),
            models.CheckConstraint(
                condition=Q(priority__in=[value.value for value in Priority]), name="task_priority_known"
            ),
            models.CheckConstraint(
                condition=Q(estimated_hours__gte=0) & (Q(actual_hours=None) | Q(actual_hours__gte=0)),
                name="task_hours_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(is_archived=True, archived_at__isnull=False)
                | Q(is_archived=False, archived_at__isnull=True),
                name="task_archived_at_when_archived",
            ),
            models.CheckConstraint(
                condition=Q(is_overdue=False) | ~Q(status__in=sorted(CLOSED)), name="task_overdue_only_when_open"
            ),
            models.CheckConstraint(
                condition=Q(parent_task=None) | ~Q(parent_task=F("id")), name="task_not_its_own_parent"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-created_at", "-id"], condition=LISTED, name="task_by_created"),
            models.Index(fields=["organization", "-updated_at", "-id"], condition=LISTED, name="task_by_updated"),
            models.Index(fields=["organization", "due_date", "id"], condition=LISTED, name="task_by_due"),
            models.Index(fields=["organization", "priority_rank", "id"], condition=LISTED, name="task_by_priority"),
            models.Index(fields=["organization", "title_key", "id"], condition=LISTED, name="task_by_title"),
            models.Index(
                fields=["organization", "status_rank", "-created_at", "-id"], condition=LISTED, name="task_by_status"
            ),
            # The columns of a board.
            models.Index(
                fields=["organization", "status_rank", "due_date", "id"], condition=LISTED, name="task_by_status_due"
            ),
            # Counts of lists are made of it alone, without the rows.
            models.Index(
                fields=["organization", "status_rank", "priority_rank", "is_overdue", "project", "team"],
                condition=LISTED,
                name="task_facets",
            ),
            models.Index(
                fields=["organization", "due_date", "id"],
                condition=LISTED & Q(is_overdue=True),
                name="task_overdue",
            ),
            models.Index(
                fields=["due_date", "id"],
                condition=LISTED & Q(is_overdue=False, status__in=sorted(OPEN)),
                name="task_not_yet_overdue",
            ),
            models.Index(
                fields=["organization", "-created_at", "-id"],
                condition=Q(deleted_at__isnull=True, is_archived=True),
                name="task_archived_by_created",
            ),
            models.Index(
                fields=["organization", "-archived_at", "-id"],
                condition=Q(deleted_at__isnull=True, is_archived=True),
                name="task_by_archived",
            ),
            models.Index(fields=["archived_at"], condition=Q(is_archived=True), name="task_archive_age"),
            GinIndex(fields=["audience"], name="task_audience"),
            GinIndex(fields=["tag_ids"], name="task_tag_ids"),
            GinIndex(OpClass("metadata", name="jsonb_path_ops"), name="task_metadata"),
        ]

    @property
    def place(self) -> Place:
        return Place(self.organization_id, self.project_id)

    def clean(self) -> None:
        """The rules that concern several fields; what is named must be of the task's organization."""
        problems: dict[str, Any] = {}
        # Django spares empty values their validators, and an empty list is empty too.
        if not isinstance(self.metadata, dict):
            problems["metadata"] = _("This must be an object.")
        for name, words in (
            ("project", _("This project belongs to another organization.")),
            ("team", _("This team belongs to another organization.")),
            ("parent_task", _("This task belongs to another organization.")),
        ):
            # What was read with the row is in its organization already; the database saw to it.
            other = self._state.fields_cache.get(name)
            if other is not None and other.organization_id != self.organization_id:
                problems[name] = words
        if self.parent_task_id is not None and self.parent_task_id == self.pk:
            problems["parent_task"] = _("A task can't be a part of itself.")
        if problems:
            raise ValidationError(problems)

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"


class TaskCounter(models.Model):
    """The last number that was given in an organization; whoever numbers a task locks it until his commit."""

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="task_counter"
    )
    last_number = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("task counter")
        verbose_name_plural = _("task counters")

    def __str__(self) -> str:
        return str(self.last_number)


class TaskTally(models.Model):
    """How many more tasks that lists show there are of one kind; the sum of its rows is how many there are.

    Triggers add a row for what each statement changed, so that nobody who writes waits for another; a job adds them up.
    Nothing is referred to by keys that the database watches, since the rows of what is deleted cancel each other out.
    """

    id = models.BigAutoField(primary_key=True)
    organization_id = models.UUIDField()
    status_rank = models.SmallIntegerField()
    priority_rank = models.SmallIntegerField()
    is_overdue = models.BooleanField()
    project = models.ForeignKey(
        Project, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    team = models.ForeignKey(
        Team, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    tasks = models.IntegerField()

    class Meta:
        verbose_name = _("tally of tasks")
        verbose_name_plural = _("tallies of tasks")
        indexes = [models.Index(fields=["organization_id"], name="task_tally")]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.tasks:+}"
