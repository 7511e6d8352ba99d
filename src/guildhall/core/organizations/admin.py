"""Organizations in the admin site: for rescue, by superusers. Everyday work is done on the pages."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from guildhall.core.organizations.models import Invite, Organization, Project, ProjectObject, RoleAssignment, Team

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]  # Generic in the stubs, plain at run time.
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline


class RolesInline(TabularInline):
    model = RoleAssignment
    fk_name = "organization"
    extra = 0
    autocomplete_fields = ["user", "project", "object"]


@admin.register(Organization)
class OrganizationAdmin(ModelAdmin):
    list_display = ["name", "language", "personal_owner", "created_at"]
    search_fields = ["name"]
    list_filter = ["language"]
    list_select_related = ["personal_owner"]
    inlines = [RolesInline]


@admin.register(Project)
class ProjectAdmin(ModelAdmin):
    list_display = ["name", "organization", "is_personal"]
    search_fields = ["name", "organization__name"]
    autocomplete_fields = ["organization"]
    list_select_related = ["organization"]


@admin.register(ProjectObject)
class ProjectObjectAdmin(ModelAdmin):
    list_display = ["name", "project"]
    search_fields = ["name", "project__name"]
    autocomplete_fields = ["project"]
    list_select_related = ["project"]


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    list_display = ["name", "organization"]
    search_fields = ["name", "organization__name"]
    autocomplete_fields = ["organization", "members"]
    list_select_related = ["organization"]


@admin.register(Invite)
class InviteAdmin(ModelAdmin):
    """Only to look: a code is made where it can be shown, on the page."""

    list_display = ["code_hint", "organization", "role", "uses", "max_uses", "expires_at", "revoked_at"]
    search_fields = ["organization__name"]
    list_select_related = ["organization"]

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False
