"""What pages of the admin site are made of, so that nothing is written there behind the services."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from guildhall.core.accounts.models import User
from guildhall.core.errors import GuildhallError

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]  # Generic in the stubs, plain at run time.
else:
    ModelAdmin = admin.ModelAdmin


def actor_of(request: HttpRequest) -> User:
    """Who is at work; the admin site lets nobody else come so far."""
    assert isinstance(request.user, User)
    return request.user


class ReadOnlyAdmin(ModelAdmin):
    """Shows, and changes nothing."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ServicedAdmin(ModelAdmin):
    """Changes and deletes by services, so that who did it is recorded and those who listen are told.

    What a service refuses is shown above the page, and nothing is changed.
    """

    show_full_result_count = False

    def update(self, *, actor: User, thing: Any, changes: dict[str, Any]) -> None:
        """Change what is given; a subclass calls its service."""
        raise PermissionDenied

    def remove(self, *, actor: User, thing: Any) -> None:
        """Delete it; a subclass calls its service."""
        raise PermissionDenied

    def has_add_permission(self, request: HttpRequest) -> bool:
        # What is created has more to it than a row; the pages do it.
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001 — Django's.
        if form.changed_data:
            # As it stands in the database, for the form wrote into the other one.
            thing = self.model._default_manager.get(pk=obj.pk)  # noqa: SLF001 — documented as public.
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            self.update(actor=actor_of(request), thing=thing, changes=changes)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.remove(actor=actor_of(request), thing=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for thing in queryset:
                self.remove(actor=actor_of(request), thing=thing)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Whether one may is the service's question; pages that only show must not stand in its way.
        shown, counts, _missing, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._told(request, lambda: super(ServicedAdmin, self).changeform_view(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._told(request, lambda: super(ServicedAdmin, self).delete_view(request, *args, **kwargs))

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._told(request, lambda: super(ServicedAdmin, self).changelist_view(request, *args, **kwargs))

    def _told(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            return view()
        except GuildhallError as error:
            texts = [text for of_field in error.fields.values() for text in of_field]
            self.message_user(request, " ".join(texts) or gettext(error.detail), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
