"""How entries of the audit log look over the wire."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from guildhall.core.audit.models import AuditEntry


class AuditFilterSerializer(serializers.Serializer[Any]):
    action = serializers.CharField(max_length=64, required=False, help_text="Such as `sign_in.failed`.")
    actor = serializers.UUIDField(required=False, help_text="Who did it.")
    organization = serializers.UUIDField(required=False, help_text="The caller needs to be its admin.")
    since = serializers.DateTimeField(required=False, help_text="From this time on.")
    until = serializers.DateTimeField(required=False, help_text="Before this time.")


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True, help_text="Null where the account is deleted.")


class SubjectSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    id = serializers.CharField()


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    actor = serializers.SerializerMethodField()
    organization = serializers.UUIDField(source="organization_id", allow_null=True)
    subject = serializers.SerializerMethodField()
    details = serializers.DictField()

    class Meta:
        model = AuditEntry
        fields = [
            "id", "at", "action", "actor", "organization", "subject", "details", "address", "user_agent", "request_id"
        ]  # fmt: skip

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_actor(self, entry: AuditEntry) -> dict[str, Any] | None:
        if entry.actor_id is None:
            return None
        return {"id": entry.actor_id, "name": self.context["names"].get(entry.actor_id)}

    @extend_schema_field(SubjectSerializer(allow_null=True))
    def get_subject(self, entry: AuditEntry) -> dict[str, Any] | None:
        if not entry.subject_type:
            return None
        return {"type": entry.subject_type, "id": entry.subject_id}
