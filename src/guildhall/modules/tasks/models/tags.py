"""Tags of an organization, and which task has which."""

from typing import Any, ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.policy import Place
from guildhall.core.versions import Versioned
from guildhall.modules.tasks.models.fields import validate_title
from guildhall.modules.tasks.models.tasks import Task

#: The colours that the site's stylesheet knows in light and dark.
TAG_COLOR_CHOICES: Final = [
    ("gray", _("Gray")),
    ("red", _("Red")),
    ("orange", _("Orange")),
    ("yellow", _("Yellow")),
    ("green", _("Green")),
    ("teal", _("Teal")),
    ("blue", _("Blue")),
    ("purple", _("Purple")),
    ("pink", _("Pink")),
]


class OfOrganizationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Rows of every organization in which the user holds any role."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(organization__in=user.role_assignments.values("organization_id"))


class Tag(Versioned):
    """A word that an organization puts on tasks."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="tags", db_index=False, editable=False
    )
    name = models.CharField(_("name"), max_length=60, validators=[validate_title])
    color = models.CharField(_("colour"), max_length=8, choices=TAG_COLOR_CHOICES, default="gray", db_default="gray")
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Tag"]] = OfOrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [
            models.UniqueConstraint("organization", Lower("name"), name="tag_name_unique_in_organization"),
            models.UniqueConstraint(fields=["id", "organization"], name="tag_with_organization"),
            models.CheckConstraint(
                condition=Q(color__in=[name for name, _label in TAG_COLOR_CHOICES]), name="tag_color_known"
            ),
        ]

    @property
    def place(self) -> Place:
        return Place(self.organization_id)

    def __str__(self) -> str:
        return self.name


class TaskTag(models.Model):
    """That a task has a tag; both of the same organization, which the database sees to."""

    # The database has a key of task and organization, and one of tag and organization, which say all that three of
    # single columns would.
    task = models.ForeignKey(
        Task, on_delete=models.CASCADE, related_name="task_tags", db_index=False, db_constraint=False
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="task_tags", db_constraint=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("tag of a task")
        verbose_name_plural = _("tags of tasks")
        constraints = [models.UniqueConstraint(fields=["task", "tag"], name="task_has_tag_once")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.tag_id}"
