"""Telemetry in the admin site: datasources with their rights, datapoints, and to read, alarm rules and alarms."""

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext

from guildhall.core.accounts.models import User
from guildhall.core.admin import ReadOnlyAdmin, ServicedAdmin, actor_of
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.alarms.models import AlarmEpisode, AlarmRule
from guildhall.modules.telemetry.models import Datapoint, Datasource, TopicRight
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.services import RightGiven

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]  # Generic in the stubs, plain at run time.
else:
    TabularInline = admin.TabularInline


class TopicRightsInline(TabularInline):
    model = TopicRight
    extra = 0


#: What is given of a datasource, and what is seen of it once it is there.
GIVEN: Final = ["project", "object", "name", "enabled", "expires_at", "may_create_datapoints"]
SEEN: Final = [
    "username", "paused_until", "last_seen_at", "messages_stored", "messages_rejected", "publishes_refused",
]  # fmt: skip


@admin.register(Datasource)
class DatasourceAdmin(ServicedAdmin):
    """A new one may publish under its own name; its secret is shown once."""

    list_display = [
        "name", "organization", "project", "object", "username", "enabled", "expires_at", "last_seen_at",
        "messages_stored", "messages_rejected", "publishes_refused",
    ]  # fmt: skip
    list_filter = ["enabled", ("expires_at", admin.EmptyFieldListFilter)]
    list_select_related = ["organization", "project", "object"]
    search_fields = ["name", "username", "project__name", "organization__name"]
    autocomplete_fields = ["project", "object"]
    inlines = [TopicRightsInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).is_superuser

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return GIVEN if obj is None else ["organization", *GIVEN, "mapping", *SEEN]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [] if obj is None else ["organization", "project", "object", *SEEN]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return [] if obj is None else self.inlines

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 — Django's.
        if change:
            super().save_model(request, obj, form, change)
            return
        given = {name: form.cleaned_data[name] for name in ("name", "enabled", "expires_at", "may_create_datapoints")}
        made = services.create_datasource(actor=actor_of(request), project=obj.project, thing=obj.object, **given)
        obj.pk, obj.organization_id = made.datasource.pk, made.datasource.organization_id
        obj.username = made.datasource.username
        sentence = gettext("User name %(username)s, secret %(secret)s. The secret is not shown again.")
        messages.warning(request, sentence % {"username": made.datasource.username, "secret": made.secret})

    def update(self, *, actor: User, thing: Datasource, changes: dict[str, Any]) -> None:
        services.update_datasource(actor=actor, datasource=thing, **changes)

    def remove(self, *, actor: User, thing: Datasource) -> None:
        services.delete_datasource(actor=actor, datasource=thing)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 — Django's.
        formset.save(commit=False)
        gone = {right.pk for right in formset.deleted_objects}
        kept = [one.instance for one in formset.forms if one.instance.filter and one.instance.pk not in gone]
        rights = [RightGiven(Right(right.action), right.filter) for right in kept]
        services.set_topic_rights(actor=actor_of(request), datasource=form.instance, rights=rights)


@admin.register(Datapoint)
class DatapointAdmin(ServicedAdmin):
    list_display = ["name", "key", "unit", "organization", "project", "object"]
    list_select_related = ["organization", "project", "object"]
    search_fields = ["name", "key", "organization__name"]
    fields = ["organization", "project", "object", "key", "name", "unit", "description", "tags"]
    readonly_fields = ["organization", "project", "object"]

    def update(self, *, actor: User, thing: Datapoint, changes: dict[str, Any]) -> None:
        services.update_datapoint(actor=actor, datapoint=thing, **changes)

    def remove(self, *, actor: User, thing: Datapoint) -> None:
        services.delete_datapoint(actor=actor, datapoint=thing)


@admin.register(AlarmRule)
class AlarmRuleAdmin(ReadOnlyAdmin):
    """Rules are changed where their datapoint is."""

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
