"""What belongs to a project, or to an object of it, and who sees it."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Organization, Project, ProjectObject
from guildhall.core.organizations.policy import Place, Role


def covered_by_roles(user: Any, *, through: str = "") -> Q:
    """A condition on rows with organization, project and object: those in the scope of a role of the user.

    `through` is the path from the rows to what has these three, such as `datapoint__`.
    """
    held = user.role_assignments
    scopes = (
        ("organization", held.filter(role=Role.ADMIN.value).values("organization_id")),
        ("project", held.filter(role=Role.MODERATOR.value).values("project_id")),
        ("object", held.filter(role=Role.USER.value).values("object_id")),
    )
    condition = Q()
    for name, covered in scopes:
        condition |= Q(**{f"{through}{name}__in": covered})
    return condition


class PlacedQuerySet(models.QuerySet[Any]):
    #: The path from the rows to what has organization, project and object.
    through = ""

    def visible_to(self, user: Any) -> Self:
        """Rows of organizations the user administers, of projects he moderates, and of objects he is a user of."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(covered_by_roles(user, through=self.through))


class Placed(models.Model):
    """Something in a project, or in an object of it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="%(class)ss", editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="%(class)ss", verbose_name=_("project"))
    object = models.ForeignKey(
        ProjectObject, null=True, blank=True, on_delete=models.CASCADE, related_name="%(class)ss",
        verbose_name=_("object"),
    )  # fmt: skip

    class Meta:
        abstract = True

    @property
    def place(self) -> Place:
        return Place(self.organization_id, self.project_id, self.object_id)
