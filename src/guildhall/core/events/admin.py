"""The events in the admin site: to read, and to mend a subject that is held up."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from guildhall.core.admin import ReadOnlyAdmin
from guildhall.core.events import relay
from guildhall.core.events.models import EventRow, HeldSubject


@admin.register(EventRow)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["id", "time", "type", "subject", "actor_id"]
    list_filter = ["type"]
    search_fields = ["subject", "event_id"]
    show_full_result_count = False


@admin.register(HeldSubject)
class HeldSubjectAdmin(ReadOnlyAdmin):
    list_display = ["subject", "event", "subscriber", "attempts", "failed_at", "retry_at", "error"]
    list_filter = ["subscriber"]
    actions = ["replay", "skip"]

    @admin.action(description=_("Try again now"))
    def replay(self, request: HttpRequest, queryset: QuerySet[HeldSubject]) -> None:
        count = relay.replay(queryset.values_list("pk", flat=True))
        text = ngettext("%d subject goes on.", "%d subjects go on.", count) % count
        self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("Skip the failed event"))
    def skip(self, request: HttpRequest, queryset: QuerySet[HeldSubject]) -> None:
        count = relay.skip(queryset.values_list("pk", flat=True))
        text = ngettext("%d event was skipped.", "%d events were skipped.", count) % count
        self.message_user(request, text, messages.SUCCESS)
