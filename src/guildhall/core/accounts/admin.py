"""People in the admin site: for rescue, by superusers."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User

if TYPE_CHECKING:
    DjangoUserAdmin = UserAdmin[User]  # Generic in the stubs, plain at run time.
else:
    DjangoUserAdmin = UserAdmin


@admin.register(User)
class PeopleAdmin(DjangoUserAdmin):
    """Django's own page for users, by e-mail address."""

    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Profile"), {"fields": ("name", "language", "time_zone")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")}),
    )
