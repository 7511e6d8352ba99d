"""Views of tasks that people keep: what is shown, in which order and how."""

from typing import Any, ClassVar, Final, Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from guildhall.core.organizations.models import Organization
from guildhall.modules.tasks.models.fields import validate_title

LAYOUT_CHOICES: Final = [("list", _("List")), ("board", _("Board")), ("calendar", _("Calendar"))]
LONGEST_QUERY: Final = 4000


class SavedViewQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The user's own views and shared ones, of organizations in which he holds any role."""
        if not user.is_authenticated:
            return self.none()
        rows = self.filter(Q(owner=user) | Q(is_shared=True))
        if user.is_superuser:
            return rows
        return rows.filter(organization__in=user.role_assignments.values("organization_id"))


class SavedView(models.Model):
    """A query of the tracker's pages under a name; it shows everybody only what he sees anyway."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="task_views", editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_views", editable=False
    )
    name = models.CharField(_("name"), max_length=80, validators=[validate_title])
    layout = models.CharField(_("layout"), max_length=8, choices=LAYOUT_CHOICES)
    query = models.TextField(_("query"), validators=[MaxLengthValidator(LONGEST_QUERY)])
    is_shared = models.BooleanField(_("shared"), default=False, db_default=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["SavedView"]] = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint("owner", "organization", Lower("name"), name="view_name_unique_of_owner"),
            models.CheckConstraint(
                condition=Q(layout__in=[name for name, _label in LAYOUT_CHOICES]), name="view_layout_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """With which view somebody begins in an organization."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="defaults")

    class Meta:
        verbose_name = _("default view")
        verbose_name_plural = _("default views")
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="one_default_view_in_organization")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.view_id}"
