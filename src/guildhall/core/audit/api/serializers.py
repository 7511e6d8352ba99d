"""How entries of the audit log look over the wire."""

from typing import Any

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

    def get_actor(self, entry: AuditEntry) -> PersonSerializer | None:
        if entry.actor_id is None:
            return None
        # The schema wants the serializer as the return type, the wire a plain mapping.
        return {"id": entry.actor_id, "name": self.context["names"].get(entry.actor_id)}  # type: ignore[return-value]

    def get_subject(self, entry: AuditEntry) -> SubjectSerializer | None:
        if not entry.subject_type:
            return None
        return {"type": entry.subject_type, "id": entry.subject_id}  # type: ignore[return-value]
