"""Organizations in the admin site: for rescue, by superusers. Everyday work is done on the pages."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from guildhall.core.accounts.models import User
from guildhall.core.admin import ReadOnlyAdmin, ServicedAdmin, actor_of
from guildhall.core.organizations import services
from guildhall.core.organizations.models import Invite, Organization, Project, ProjectObject, RoleAssignment, Team
from guildhall.core.organizations.policy import Role

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]  # Generic in the stubs, plain at run time.
else:
    TabularInline = admin.TabularInline


class RolesInline(TabularInline):
    """The roles that are held; they are given and taken, never changed."""

    model = RoleAssignment
    fk_name = "organization"
    extra = 0
    autocomplete_fields = ["user", "project", "object"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(ServicedAdmin):
    list_display = ["name", "language", "personal_owner", "created_at"]
    search_fields = ["name"]
    list_filter = ["language"]
    list_select_related = ["personal_owner"]
    readonly_fields = ["personal_owner"]
    inlines = [RolesInline]

    def update(self, *, actor: User, thing: Organization, changes: dict[str, Any]) -> None:
        services.update_organization(actor=actor, organization=thing, **changes)

    def remove(self, *, actor: User, thing: Organization) -> None:
        services.delete_organization(actor=actor, organization=thing)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 — Django's.
        given = formset.save(commit=False)
        # First those that are given, so that the last admin can be replaced at once.
        for assignment in given:
            role = Role(assignment.role)
            place = services.resolve_scope(
                role=role, organization=assignment.organization, project=assignment.project, thing=assignment.object
            )
            services.grant_role(actor=actor_of(request), user=assignment.user, role=role, place=place)
        for assignment in formset.deleted_objects:
            services.revoke_role(actor=actor_of(request), assignment=assignment)


@admin.register(Project)
class ProjectAdmin(ServicedAdmin):
    list_display = ["name", "organization", "is_personal"]
    search_fields = ["name", "organization__name"]
    list_select_related = ["organization"]
    fields = ["organization", "name", "description", "is_personal"]
    readonly_fields = ["organization", "is_personal"]

    def update(self, *, actor: User, thing: Project, changes: dict[str, Any]) -> None:
        services.update_project(actor=actor, project=thing, **changes)

    def remove(self, *, actor: User, thing: Project) -> None:
        services.delete_project(actor=actor, project=thing)


@admin.register(ProjectObject)
class ProjectObjectAdmin(ServicedAdmin):
    list_display = ["name", "project"]
    search_fields = ["name", "project__name"]
    list_select_related = ["project"]
    fields = ["project", "name", "description"]
    readonly_fields = ["project"]

    def update(self, *, actor: User, thing: ProjectObject, changes: dict[str, Any]) -> None:
        services.update_object(actor=actor, thing=thing, **changes)

    def remove(self, *, actor: User, thing: ProjectObject) -> None:
        services.delete_object(actor=actor, thing=thing)


@admin.register(Team)
class TeamAdmin(ServicedAdmin):
    list_display = ["name", "organization"]
    search_fields = ["name", "organization__name"]
    autocomplete_fields = ["members"]
    list_select_related = ["organization"]
    fields = ["organization", "name", "members"]
    readonly_fields = ["organization"]

    def update(self, *, actor: User, thing: Team, changes: dict[str, Any]) -> None:
        services.update_team(actor=actor, team=thing, **changes)

    def remove(self, *, actor: User, thing: Team) -> None:
        services.delete_team(actor=actor, team=thing)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 — Django's.
        """Leave the members to the service, which has put them in place."""


@admin.register(Invite)
class InviteAdmin(ReadOnlyAdmin):
    """Only to look: a code is made where it can be shown, on the page."""

    list_display = ["code_hint", "organization", "role", "uses", "max_uses", "expires_at", "revoked_at"]
    search_fields = ["organization__name"]
    list_select_related = ["organization"]
