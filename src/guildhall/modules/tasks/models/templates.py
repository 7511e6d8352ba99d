"""Templates from which tasks are made."""

from decimal import Decimal
from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Organization, Project, Team
from guildhall.core.organizations.policy import Place
from guildhall.core.validation import is_storable
from guildhall.core.versions import Versioned
from guildhall.modules.tasks import policy
from guildhall.modules.tasks.models.fields import (
    DESCRIPTION_LENGTH,
    PRIORITY_CHOICES,
    STATUS_CHOICES,
    TITLE_LENGTH,
    validate_metadata,
    validate_title,
)
from guildhall.modules.tasks.models.tags import OfOrganizationQuerySet, Tag
from guildhall.modules.tasks.policy import Priority, Status

MOST_SUBTASKS: Final = 50
LONGEST_DUE_AFTER_HOURS: Final = 24 * 365 * 5
_SUBTASK_FIELDS: Final = frozenset({"title", "description", "priority", "estimated_hours", "due_after_hours"})
_HOURS_LIMIT: Final = Decimal(1_000_000)


def validate_subtasks(value: Any) -> None:
    """Accept a list of objects with a title and, where they differ from the template, other fields."""
    if not isinstance(value, list) or len(value) > MOST_SUBTASKS:
        raise ValidationError(_("This must be a list of at most %(limit)s sub-tasks."), params={"limit": MOST_SUBTASKS})
    for subtask in value:
        if not isinstance(subtask, dict) or not _is_subtask(subtask):
            raise ValidationError(
                _("A sub-task has a title and may have description, priority, estimated_hours and due_after_hours.")
            )


def _is_subtask(subtask: dict[str, Any]) -> bool:
    title, description = subtask.get("title"), subtask.get("description", "")
    return (
        subtask.keys() <= _SUBTASK_FIELDS
        and isinstance(title, str)
        and 0 < len(title.strip()) <= len(title) <= TITLE_LENGTH
        and "\n" not in title
        and "\r" not in title
        and isinstance(description, str)
        and len(description) <= DESCRIPTION_LENGTH
        and is_storable(title + description)
        and subtask.get("priority", Priority.MEDIUM) in list(Priority)
        and _is_number(subtask.get("estimated_hours", 0), _HOURS_LIMIT)
        and _is_number(subtask.get("due_after_hours", 0), Decimal(LONGEST_DUE_AFTER_HOURS + 1))
    )


def _is_number(value: Any, limit: Decimal) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < limit


class TaskTemplate(Versioned):
    """How a kind of task looks: title and text with `{{variables}}`, and what every task made from it begins with."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="task_templates", db_index=False, editable=False
    )
    name = models.CharField(_("name"), max_length=120, validators=[validate_title])
    title = models.CharField(
        _("title"), max_length=TITLE_LENGTH, validators=[validate_title], help_text=_("May hold {{variables}}.")
    )
    description = models.TextField(
        _("description"), blank=True, default="", db_default="", validators=[MaxLengthValidator(DESCRIPTION_LENGTH)],
        help_text=_("May hold {{variables}}."),
    )  # fmt: skip
    status = models.CharField(
        _("status"), max_length=16, choices=STATUS_CHOICES, default=Status.TODO.value, db_default=Status.TODO.value
    )
    priority = models.CharField(
        _("priority"), max_length=8, choices=PRIORITY_CHOICES, default=Priority.MEDIUM.value,
        db_default=Priority.MEDIUM.value,
    )  # fmt: skip
    due_after_hours = models.PositiveIntegerField(
        _("due after hours"), default=7 * 24, db_default=7 * 24, validators=[MaxValueValidator(LONGEST_DUE_AFTER_HOURS)]
    )
    estimated_hours = models.DecimalField(
        _("estimated hours"), max_digits=8, decimal_places=2, default=Decimal(1), db_default=Decimal(1),
        validators=[MinValueValidator(Decimal(0))],
    )  # fmt: skip
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("project")
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("team")
    )
    assignees = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("assigned to")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="+", verbose_name=_("tags"))
    metadata = models.JSONField(_("metadata"), default=dict, blank=True, validators=[validate_metadata])
    subtasks = models.JSONField(_("sub-tasks"), default=list, blank=True, validators=[validate_subtasks])
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["TaskTemplate"]] = OfOrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("task template")
        verbose_name_plural = _("task templates")
        constraints = [
            models.UniqueConstraint("organization", Lower("name"), name="template_name_unique_in_organization"),
            models.CheckConstraint(condition=Q(estimated_hours__gte=0), name="template_hours_not_negative"),
        ]

    @property
    def place(self) -> Place:
        return Place(self.organization_id)

    @property
    def variables(self) -> list[str]:
        """The names of what has to be given when a task is made from it."""
        texts = [self.title, self.description]
        for subtask in self.subtasks:
            texts += [subtask["title"], subtask.get("description", "")]
        return policy.variables_in(*texts)

    def clean(self) -> None:
        """Project and team are of the template's organization; metadata is an object and sub-tasks are a list."""
        problems: dict[str, Any] = {}
        # Django spares empty values their validators.
        if not isinstance(self.metadata, dict):
            problems["metadata"] = _("This must be an object.")
        if not isinstance(self.subtasks, list):
            problems["subtasks"] = _("This must be a list.")
        if self.project is not None and self.project.organization_id != self.organization_id:
            problems["project"] = _("This project belongs to another organization.")
        if self.team is not None and self.team.organization_id != self.organization_id:
            problems["team"] = _("This team belongs to another organization.")
        if problems:
            raise ValidationError(problems)

    def __str__(self) -> str:
        return self.name
