"""How datasources, datapoints and samples look over the wire."""

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from guildhall.core.accounts.api.serializers import StrictSerializer
from guildhall.modules.telemetry.models import (
    KEY_MAX_LENGTH,
    RIGHT_CHOICES,
    TOPIC_MAX_LENGTH,
    Datapoint,
    Datasource,
    DeadLetter,
    RefusedPublish,
    TopicRight,
)
from guildhall.modules.telemetry.selectors import Moment


def iso(at: datetime) -> str:
    """A time as every API of the site writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class TopicRightSerializer(serializers.ModelSerializer[TopicRight]):
    class Meta:
        model = TopicRight
        fields = ["action", "filter"]


class RightInputSerializer(StrictSerializer):
    action = serializers.ChoiceField(choices=RIGHT_CHOICES)
    filter = serializers.CharField(max_length=TOPIC_MAX_LENGTH)


class RightsInputSerializer(StrictSerializer):
    rights = RightInputSerializer(many=True)


class RightsSerializer(serializers.Serializer[Any]):
    rights = TopicRightSerializer(many=True)


class DatasourceSerializer(serializers.ModelSerializer[Datasource]):
    topic_prefix = serializers.CharField(read_only=True)

    class Meta:
        model = Datasource
        fields = [
            "id", "organization", "project", "object", "name", "username", "topic_prefix", "enabled", "expires_at",
            "paused_until", "may_create_datapoints", "created_at", "last_seen_at", "messages_stored",
            "messages_rejected", "publishes_refused",
        ]  # fmt: skip


class CredentialsSerializer(serializers.Serializer[Any]):
    datasource = DatasourceSerializer()
    secret = serializers.CharField(help_text="Shown this once.")


class DatasourceChangeSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    enabled = serializers.BooleanField(required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    may_create_datapoints = serializers.BooleanField(required=False)


class DatasourceInputSerializer(DatasourceChangeSerializer):
    project = serializers.UUIDField()
    object = serializers.UUIDField(required=False, allow_null=True)


class LatestSerializer(serializers.Serializer[Any]):
    ts = serializers.DateTimeField()
    value = serializers.FloatField()


class DatapointSerializer(serializers.ModelSerializer[Datapoint]):
    latest = serializers.SerializerMethodField()

    class Meta:
        model = Datapoint
        fields = [
            "id", "organization", "project", "object", "key", "name", "unit", "description", "created_at", "latest",
        ]  # fmt: skip

    @extend_schema_field(LatestSerializer(allow_null=True))
    def get_latest(self, datapoint: Datapoint) -> dict[str, Any] | None:
        found: Moment | None = self.context.get("latest", {}).get(datapoint.pk)
        return None if found is None else {"ts": iso(found.at), "value": found.value}


class DatapointChangeSerializer(StrictSerializer):
    key = serializers.CharField(max_length=KEY_MAX_LENGTH)
    name = serializers.CharField(max_length=KEY_MAX_LENGTH, required=False)
    unit = serializers.CharField(max_length=32, required=False, allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class DatapointInputSerializer(DatapointChangeSerializer):
    project = serializers.UUIDField()
    object = serializers.UUIDField(required=False, allow_null=True)


class DatapointQuerySerializer(serializers.Serializer[Any]):
    project = serializers.UUIDField(required=False, help_text="Only datapoints of this project.")
    object = serializers.UUIDField(required=False, help_text="Only datapoints of this object.")
    search = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="Words that name, key or description hold."
    )


class DatasourceQuerySerializer(serializers.Serializer[Any]):
    project = serializers.UUIDField(required=False, help_text="Only datasources of this project.")
    object = serializers.UUIDField(required=False, help_text="Only datasources of this object.")


class TimeseriesSerializer(serializers.Serializer[Any]):
    results = LatestSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class RefusedPublishSerializer(serializers.ModelSerializer[RefusedPublish]):
    class Meta:
        model = RefusedPublish
        fields = ["id", "action", "topic", "count", "first_at", "last_at"]


class DeadLetterSerializer(serializers.ModelSerializer[DeadLetter]):
    payload = serializers.CharField(source="payload_text", help_text="The beginning of the message, as text.")

    class Meta:
        model = DeadLetter
        fields = ["id", "topic", "payload", "payload_size", "reason", "at"]
