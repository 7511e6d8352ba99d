"""People in the admin site: for rescue, by superusers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts import events, lifecycle, sign_ins
from guildhall.core.accounts.models import User
from guildhall.core.admin import actor_of
from guildhall.core.audit.services import record_account
from guildhall.core.errors import GuildhallError

if TYPE_CHECKING:
    DjangoUserAdmin = UserAdmin[User]  # Generic in the stubs, plain at run time.
    DjangoPasswordForm = AdminPasswordChangeForm[User]
else:
    DjangoUserAdmin = UserAdmin
    DjangoPasswordForm = AdminPasswordChangeForm


class PasswordByAnotherForm(DjangoPasswordForm):
    """A password set by a superuser ends everything that was opened with the old one."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 — Django's own signature.
        with transaction.atomic():
            user = super().save(commit)
            sign_ins.end_all(user)
            record_account("password.changed", user, actor=None)
        return user


@admin.register(User)
class PeopleAdmin(DjangoUserAdmin):
    """Django's own page for users, by e-mail address."""

    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    search_fields = ("email", "name")
    # Who is closed loses sessions and keys with it, so that is done by the actions below.
    readonly_fields = ("is_active", "last_login", "date_joined")
    change_password_form = PasswordByAnotherForm
    actions = ["deactivate", "reactivate"]
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Profile"), {"fields": ("name", "language", "time_zone")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")}),
    )

    @admin.action(description=_("Deactivate: nobody can sign in, sessions and keys end"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._carry_out(request, queryset, lifecycle.deactivate_user)

    @admin.action(description=_("Reactivate"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._carry_out(request, queryset, lifecycle.reactivate_user)

    def _carry_out(self, request: HttpRequest, queryset: QuerySet[User], service: Callable[..., None]) -> None:
        for user in queryset:
            try:
                service(actor=actor_of(request), user=user)
            except GuildhallError as error:
                self.message_user(request, f"{user}: {gettext(error.detail)}", messages.ERROR)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # An account is deactivated here, and forgotten by its owner; its row stays.
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 — Django's.
        actor = actor_of(request)
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if not change:
                record_account("account.registered", obj, actor=actor)
                events.tell(events.UserRegistered(user_id=obj.pk), actor=actor, user=obj)
                return
            powers = {"is_staff", "is_superuser"} & set(form.changed_data)
            if powers:
                now = {power: getattr(obj, power) for power in sorted(powers)}
                record_account("account.powers_changed", obj, actor=actor, details=now)
            if profile := set(form.changed_data) - powers:
                record_account("account.changed", obj, actor=actor, details={"changed": sorted(profile)})
