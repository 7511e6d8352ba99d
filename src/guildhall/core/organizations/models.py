"""Organizations, projects, objects, roles, invites and teams, with what the database itself refuses."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import LANGUAGE_CHOICES
from guildhall.core.organizations.policy import Grant, Place, Role
from guildhall.core.versions import Versioned

ROLE_CHOICES = [(Role.ADMIN.value, _("Admin")), (Role.MODERATOR.value, _("Moderator")), (Role.USER.value, _("User"))]

#: Which scope a role needs: the whole organization, one project, or one object.
ROLE_FITS_SCOPE = (
    Q(role=Role.ADMIN.value, project__isnull=True, object__isnull=True)
    | Q(role=Role.MODERATOR.value, project__isnull=False, object__isnull=True)
    | Q(role=Role.USER.value, project__isnull=False, object__isnull=False)
)


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, user: Any) -> Self:
        """The organizations in which the user holds any role."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(pk__in=user.role_assignments.values("organization_id"))


class Organization(Versioned):
    """The tenant: everything that can be owned belongs to one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=8, choices=LANGUAGE_CHOICES, default="en", db_default="en")
    personal_owner = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="personal_organization",
        verbose_name=_("personal owner"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Organization"]] = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    @property
    def is_personal(self) -> bool:
        return self.personal_owner_id is not None

    @property
    def place(self) -> Place:
        return Place(self.pk)

    def __str__(self) -> str:
        return self.name


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Any) -> Self:
        """All projects of organizations that the user administers, and those in which he holds a role."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        held = user.role_assignments
        return self.filter(
            Q(organization__in=held.filter(role=Role.ADMIN.value).values("organization_id"))
            | Q(pk__in=held.filter(project__isnull=False).values("project_id"))
        )


class Project(Versioned):
    """An organization project: a part of an organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True, default="", db_default="", max_length=2000)
    is_personal = models.BooleanField(default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Project"]] = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.UniqueConstraint("organization", Lower("name"), name="project_name_unique_in_organization"),
            models.UniqueConstraint(fields=["id", "organization"], name="project_with_organization"),
            models.UniqueConstraint(
                fields=["organization"], condition=Q(is_personal=True), name="one_personal_project"
            ),
        ]

    @property
    def place(self) -> Place:
        return Place(self.organization_id, self.pk)

    def __str__(self) -> str:
        return self.name


class ProjectObjectQuerySet(models.QuerySet["ProjectObject"]):
    def visible_to(self, user: Any) -> Self:
        """Objects in organizations the user administers, in projects he moderates, and those he is a user of."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        held = user.role_assignments
        return self.filter(
            Q(project__organization__in=held.filter(role=Role.ADMIN.value).values("organization_id"))
            | Q(project__in=held.filter(role=Role.MODERATOR.value).values("project_id"))
            | Q(pk__in=held.filter(role=Role.USER.value).values("object_id"))
        )


class ProjectObject(Versioned):
    """An organization object: a room, a machine or a site of a project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="objects_in_project")
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True, default="", db_default="", max_length=2000)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["ProjectObject"]] = ProjectObjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("object")
        verbose_name_plural = _("objects")
        constraints = [
            models.UniqueConstraint("project", Lower("name"), name="object_name_unique_in_project"),
            models.UniqueConstraint(fields=["id", "project"], name="object_with_project"),
        ]

    @property
    def place(self) -> Place:
        """Where the object is; reads the project unless it was selected with the object."""
        return Place(self.project.organization_id, self.project_id, self.pk)

    def __str__(self) -> str:
        return self.name


class ScopedRole(models.Model):
    """A role with the scope it is held in; the database refuses a scope that does not fit the role, and (by composite
    foreign keys of the migration) a project or object of another organization.
    """

    role = models.CharField(_("role"), max_length=16, choices=ROLE_CHOICES)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="%(class)ss")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    object = models.ForeignKey(ProjectObject, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    @property
    def place(self) -> Place:
        return Place(self.organization_id, self.project_id, self.object_id)

    @property
    def grant(self) -> Grant:
        return Grant(Role(self.role), self.organization_id, self.project_id, self.object_id)


class RoleAssignment(ScopedRole):
    """That a user holds a role in a scope. A person can hold several."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_assignments")
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("role assignment")
        verbose_name_plural = _("role assignments")
        constraints = [
            models.CheckConstraint(condition=ROLE_FITS_SCOPE, name="role_fits_scope"),
            models.UniqueConstraint(
                fields=["user", "organization"], condition=Q(role="admin"), name="one_admin_role_per_organization"
            ),
            models.UniqueConstraint(
                fields=["user", "project"], condition=Q(role="moderator"), name="one_moderator_role_per_project"
            ),
            models.UniqueConstraint(
                fields=["user", "object"], condition=Q(role="user"), name="one_user_role_per_object"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


class Invite(ScopedRole):
    """A code that gives whoever enters it a role. Only the code's hash is kept; the code is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    code_hint = models.CharField(_("code begins with"), max_length=8, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("may be used"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("used"), default=0, db_default=0, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("invite")
        verbose_name_plural = _("invites")
        constraints = [
            models.CheckConstraint(condition=ROLE_FITS_SCOPE, name="invite_role_fits_scope"),
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses")), name="invite_used_at_most_max_uses"
            ),
        ]

    def is_open(self, now: datetime) -> bool:
        """Whether the code can be used at this time."""
        return (
            self.revoked_at is None
            and (self.expires_at is None or now < self.expires_at)
            and (self.max_uses is None or self.uses < self.max_uses)
        )

    def __str__(self) -> str:
        return f"{self.code_hint}… · {self.role}"


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: Any) -> Self:
        """The teams of every organization in which the user holds any role."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(organization__in=user.role_assignments.values("organization_id"))


class Team(Versioned):
    """A named group of members of an organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=120)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="teams", verbose_name=_("members")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Team"]] = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [
            models.UniqueConstraint("organization", Lower("name"), name="team_name_unique_in_organization"),
            models.UniqueConstraint(fields=["id", "organization"], name="team_with_organization"),
        ]

    @property
    def place(self) -> Place:
        return Place(self.organization_id)

    def __str__(self) -> str:
        return self.name
