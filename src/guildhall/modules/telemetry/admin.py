"""Telemetry in the admin site: datasources with their rights, datapoints, and to read, alarm rules and alarms."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

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


@admin.register(Datasource)
class DatasourceAdmin(ServicedAdmin):
    """A new one is made on the page, which shows its secret once."""

    list_display = ["name", "username", "organization", "enabled", "expires_at", "last_seen_at", "messages_stored"]
    list_filter = ["enabled"]
    list_select_related = ["organization"]
    search_fields = ["name", "username", "organization__name"]
    fields = [
        "organization", "project", "object", "username", "name", "enabled", "expires_at", "may_create_datapoints",
        "mapping", "paused_until", "last_seen_at", "messages_stored", "messages_rejected", "publishes_refused",
    ]  # fmt: skip
    readonly_fields = [
        "organization", "project", "object", "username", "paused_until", "last_seen_at", "messages_stored",
        "messages_rejected", "publishes_refused",
    ]  # fmt: skip
    inlines = [TopicRightsInline]

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
