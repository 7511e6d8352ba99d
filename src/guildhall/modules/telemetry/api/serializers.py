"""How datasources, datapoints and samples look over the wire."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from guildhall.core.accounts.api.serializers import StrictSerializer
from guildhall.core.http.fields import ChoiceField
from guildhall.modules.telemetry.mapping import MAX_LENGTH
from guildhall.modules.telemetry.models import (
    KEY_MAX_LENGTH,
    MAX_TAGS,
    RIGHT_CHOICES,
    TAG_MAX_LENGTH,
    TOPIC_MAX_LENGTH,
    Datapoint,
    Datasource,
    DeadLetter,
    RefusedPublish,
    TopicRight,
)
from guildhall.modules.telemetry.selectors import Moment

MAX_TRIAL = 64 * 1024


def iso(at: datetime) -> str:
    """A time as every API of the site writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class TopicRightSerializer(serializers.ModelSerializer[TopicRight]):
    class Meta:
        model = TopicRight
        fields = ["action", "filter"]


class RightInputSerializer(StrictSerializer):
    action = ChoiceField(choices=RIGHT_CHOICES)
    filter = serializers.CharField(max_length=TOPIC_MAX_LENGTH)


class RightsInputSerializer(StrictSerializer):
    rights = RightInputSerializer(many=True)


class RightsSerializer(serializers.Serializer[Any]):
    rights = TopicRightSerializer(many=True)


class RuleSerializer(StrictSerializer):
    topic = serializers.CharField(
        default="#", max_length=MAX_LENGTH, help_text="A filter for what stands behind the datasource's prefix."
    )
    pointer = serializers.CharField(
        allow_blank=True, max_length=MAX_LENGTH, trim_whitespace=False,
        help_text="JSON pointer to the value; its last part may be `*` for every member that has one.",
    )  # fmt: skip
    key = serializers.CharField(
        max_length=MAX_LENGTH, help_text="Key of the datapoint; may hold `{topic}` and `{name}`."
    )
    time = serializers.CharField(
        default="", allow_blank=True, max_length=MAX_LENGTH, trim_whitespace=False,
        help_text="JSON pointer to the time; without one it is the time of the message.",
    )  # fmt: skip


class TrialInputSerializer(StrictSerializer):
    topic = serializers.CharField(max_length=TOPIC_MAX_LENGTH, help_text="What stands behind the prefix.")
    payload = serializers.CharField(trim_whitespace=False, allow_blank=True, max_length=MAX_TRIAL)
    mapping = RuleSerializer(many=True, required=False, help_text="Instead of the rules that hold now.")


class TrialSampleSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    ts = serializers.DateTimeField()
    value = serializers.FloatField()


class TrialSerializer(serializers.Serializer[Any]):
    samples = TrialSampleSerializer(many=True)
    reason = serializers.CharField(allow_null=True, help_text="Why such a message would not be stored.")


class DatasourceSerializer(serializers.ModelSerializer[Datasource]):
    mapping = RuleSerializer(many=True, read_only=True)
    topic_prefix = serializers.CharField(read_only=True)

    class Meta:
        model = Datasource
        fields = [
            "id", "organization", "project", "object", "name", "username", "topic_prefix", "enabled", "expires_at",
            "paused_until", "may_create_datapoints", "created_at", "last_seen_at", "messages_stored",
            "messages_rejected", "publishes_refused", "mapping",
        ]  # fmt: skip


class CredentialsSerializer(serializers.Serializer[Any]):
    datasource = DatasourceSerializer()
    secret = serializers.CharField(help_text="Shown this once.")


class DatasourceChangeSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    enabled = serializers.BooleanField(required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    may_create_datapoints = serializers.BooleanField(required=False)
    mapping = RuleSerializer(many=True, required=False)


class DatasourceInputSerializer(DatasourceChangeSerializer):
    project = serializers.UUIDField()
    object = serializers.UUIDField(required=False, allow_null=True)


class LatestSerializer(serializers.Serializer[Any]):
    ts = serializers.DateTimeField()
    value = serializers.FloatField()


class DatapointSerializer(serializers.ModelSerializer[Datapoint]):
    project_name = serializers.CharField(source="project.name", read_only=True)
    object_name = serializers.CharField(source="object.name", read_only=True, default=None, allow_null=True)
    latest = serializers.SerializerMethodField()

    class Meta:
        model = Datapoint
        fields = [
            "id", "organization", "project", "project_name", "object", "object_name", "key", "name", "unit",
            "description", "tags", "created_at", "latest",
        ]  # fmt: skip

    @extend_schema_field(LatestSerializer(allow_null=True))
    def get_latest(self, datapoint: Datapoint) -> dict[str, Any] | None:
        found: Moment | None = self.context.get("latest", {}).get(datapoint.pk)
        return None if found is None else {"ts": iso(found.at), "value": found.value}


def tags_field() -> serializers.ListField:
    """Words by which datapoints are found."""
    return serializers.ListField(
        child=serializers.CharField(max_length=TAG_MAX_LENGTH), max_length=MAX_TAGS, required=False
    )


class DatapointChangeSerializer(StrictSerializer):
    key = serializers.CharField(max_length=KEY_MAX_LENGTH)
    name = serializers.CharField(max_length=KEY_MAX_LENGTH, required=False)
    unit = serializers.CharField(max_length=32, required=False, allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    tags = tags_field()


class DatapointDescriptionSerializer(StrictSerializer):
    name = serializers.CharField(max_length=KEY_MAX_LENGTH, required=False)
    created_at = serializers.DateTimeField(required=False)
    project_name = serializers.CharField(
        max_length=120, required=False, help_text="Of a project of this organization, to which it is moved."
    )
    object_name = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="Of an object of the project; empty for none."
    )
    unit = serializers.CharField(max_length=32, required=False, allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    tags = tags_field()


class DatapointInputSerializer(DatapointChangeSerializer):
    project = serializers.UUIDField()
    object = serializers.UUIDField(required=False, allow_null=True)


class DatapointPutSerializer(StrictSerializer):
    id = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Of one that is to be changed; else one is created."
    )
    project = serializers.UUIDField(required=False, help_text="Where it is created.")
    object = serializers.UUIDField(required=False, allow_null=True, help_text="Where it is created.")
    key = serializers.CharField(max_length=KEY_MAX_LENGTH, required=False)
    name = serializers.CharField(max_length=KEY_MAX_LENGTH, required=False)
    unit = serializers.CharField(max_length=32, required=False, allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    tags = tags_field()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "id" in attrs:
            wrong = [name for name in ("project", "object") if name in attrs]
            if wrong:
                raise serializers.ValidationError({name: [_("It stays where it is.")] for name in wrong})
        else:
            missing = [name for name in ("project", "key") if name not in attrs]
            if missing:
                raise serializers.ValidationError({name: [_("This is needed.")] for name in missing})
        return attrs


class DatapointsPutSerializer(StrictSerializer):
    datapoints = serializers.ListField(child=DatapointPutSerializer(), min_length=1, max_length=1000)


class DatapointsSerializer(serializers.Serializer[Any]):
    results = DatapointSerializer(many=True)


class DatapointIdsSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.IntegerField())


class DatapointQuerySerializer(serializers.Serializer[Any]):
    organization = serializers.UUIDField(required=False, help_text="Only datapoints of this organization.")
    project = serializers.UUIDField(required=False, help_text="Only datapoints of this project.")
    object = serializers.UUIDField(required=False, help_text="Only datapoints of this object.")
    whole = serializers.BooleanField(
        source="object__isnull",
        required=False,
        allow_null=True,
        default=None,
        help_text="Only datapoints of a project as a whole, or only those of its objects.",
    )
    datasource = serializers.UUIDField(required=False, help_text="Only datapoints of its place, which it may feed.")
    unit = serializers.CharField(required=False, allow_blank=True, max_length=32, help_text="Only with this unit.")
    tag = serializers.CharField(
        required=False, max_length=1000, help_text="Only with this tag; with all of several, with commas between."
    )
    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Words that name, key, description, or the name of project or object hold.",
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
