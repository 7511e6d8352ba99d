"""Telemetry in the admin site, for superusers: datasources, and alarm rules and what they found, to read.

Topic rights are granted on the datasource's page, and can be taken away here; alarm rules are changed where their
datapoint is.
"""

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from guildhall.core.accounts.models import User
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.alarms.models import AlarmEpisode, AlarmRule
from guildhall.modules.telemetry.models import Datasource, TopicRight

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]  # Generic in the stubs, plain at run time.
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline


#: What is given of a datasource, and what is seen of it.
GIVEN: Final = ["name", "project", "object", "enabled", "expires_at", "may_create_datapoints"]
SEEN: Final = [
    "username", "paused_until", "last_seen_at", "messages_stored", "messages_rejected", "publishes_refused",
]  # fmt: skip


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


class ReadOnlyAdmin(ModelAdmin):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Never alone, as nobody would be told; but with an organization that is deleted.
        return f"/{self.opts.model_name}/" not in request.path and super().has_delete_permission(request, obj)


@admin.register(AlarmRule)
class AlarmRuleAdmin(ReadOnlyAdmin):
    list_display = ["name", "datapoint", "kind", "low", "high", "duration_s", "severity", "enabled"]
    list_filter = ["kind", "severity", "enabled"]
    list_select_related = ["datapoint"]
    search_fields = ["name", "datapoint__name"]


@admin.register(AlarmEpisode)
class AlarmEpisodeAdmin(ReadOnlyAdmin):
    list_display = ["rule", "started_at", "ended_at", "peak_value", "acknowledged_by"]
    list_filter = ["rule__severity", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["rule", "acknowledged_by"]
    search_fields = ["rule__name"]


class TopicRightsInline(TabularInline):
    model = TopicRight
    extra = 0
    readonly_fields = ["action", "filter"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Datasource)
class DatasourceAdmin(ModelAdmin):
    """Writes by the services, so that the audit log tells of them and open connections are cut."""

    list_display = [
        "name", "organization", "project", "object", "username", "enabled", "expires_at", "last_seen_at",
        "messages_stored", "messages_rejected", "publishes_refused",
    ]  # fmt: skip
    list_filter = ["enabled", ("expires_at", admin.EmptyFieldListFilter)]
    list_select_related = ["organization", "project", "object"]
    search_fields = ["name", "username", "project__name", "organization__name"]
    autocomplete_fields = ["project", "object"]
    show_full_result_count = False
    inlines = [TopicRightsInline]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return GIVEN if obj is None else [*GIVEN, *SEEN]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [] if obj is None else ["project", "object", *SEEN]

    def save_model(self, request: HttpRequest, obj: Datasource, form: Any, change: bool) -> None:  # noqa: FBT001
        given = {name: form.cleaned_data[name] for name in form.changed_data if name not in {"project", "object"}}
        if change:
            services.update_datasource(actor=_actor(request), datasource=obj, **given)
            return
        given |= {"name": obj.name, "enabled": obj.enabled, "may_create_datapoints": obj.may_create_datapoints}
        made = services.create_datasource(actor=_actor(request), project=obj.project, thing=obj.object, **given)
        obj.pk, obj.organization_id = made.datasource.pk, made.datasource.organization_id
        obj.username = made.datasource.username
        sentence = gettext("User name %(username)s, secret %(secret)s. The secret is not shown again.")
        messages.warning(request, sentence % {"username": made.datasource.username, "secret": made.secret})

    def delete_model(self, request: HttpRequest, obj: Datasource) -> None:
        services.delete_datasource(actor=_actor(request), datasource=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Datasource]) -> None:
        for datasource in queryset:
            self.delete_model(request, datasource)
