"""Telemetry in the admin site: alarm rules and what they found, to read. Rules are changed where their datapoint is."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from guildhall.modules.telemetry.alarms.models import AlarmEpisode, AlarmRule

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]  # Generic in the stubs, plain at run time.
else:
    ModelAdmin = admin.ModelAdmin


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
