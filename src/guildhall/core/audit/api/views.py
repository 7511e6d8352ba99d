"""The API of the audit log: to read, never to write."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.audit import selectors
from guildhall.core.audit.api.serializers import AuditEntrySerializer, AuditFilterSerializer
from guildhall.core.audit.models import AuditEntry
from guildhall.core.audit.selectors import AuditFilter
from guildhall.core.http.drf import actor_of, visible_or_field_error
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require


class AuditListView(GenericAPIView[AuditEntry]):
    queryset = AuditEntry.objects.none()
    serializer_class = AuditEntrySerializer
    page_order: ClassVar[tuple[str, ...]] = ("-id",)

    def get_queryset(self) -> QuerySet[AuditEntry]:
        actor = actor_of(self.request)
        asked = AuditFilterSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = AuditFilter(**asked.validated_data)
        if wanted.organization is not None:
            visible = Organization.objects.visible_to(actor)
            require(actor, "audit", Action.VIEW, visible_or_field_error(visible, wanted.organization, "organization"))
        return selectors.entries_for(actor, wanted)

    @extend_schema(parameters=[AuditFilterSerializer], responses=AuditEntrySerializer(many=True), tags=["audit"])
    def get(self, request: Request) -> Response:
        """What was done, the latest first: in the organizations that the caller administers, and by himself."""
        page: list[Any] = self.paginate_queryset(self.get_queryset()) or []
        context = {"names": selectors.names_of(entry.actor_id for entry in page)}
        return self.get_paginated_response(AuditEntrySerializer(page, many=True, context=context).data)
