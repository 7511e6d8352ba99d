"""The API of alarm rules and of alarms, which are the episodes in which a rule's condition held."""

from typing import Any, ClassVar, Final
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from guildhall.core.accounts.api.serializers import StrictSerializer
from guildhall.core.http.drf import actor_of, validated, visible_or_field_error
from guildhall.core.http.fields import ChoiceField
from guildhall.core.http.records import IF_MATCH, IF_NONE_MATCH, expected_of, record
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import require
from guildhall.modules.telemetry.alarms import selectors, services
from guildhall.modules.telemetry.alarms.models import (
    KIND_CHOICES,
    PER_CHOICES,
    SEVERITY_CHOICES,
    AlarmEpisode,
    AlarmRule,
)
from guildhall.modules.telemetry.alarms.policy import LONGEST_DURATION_S, Per, Severity
from guildhall.modules.telemetry.api.datasources import query_of
from guildhall.modules.telemetry.models import Datapoint

LARGEST_ID: Final = 2**63 - 1
MAX_DATAPOINTS: Final = 100


class AlarmRuleSerializer(serializers.ModelSerializer[AlarmRule]):
    class Meta:
        model = AlarmRule
        fields = [
            "id", "datapoint", "name", "kind", "low", "high", "hysteresis", "per", "duration_s", "severity", "enabled",
            "since", "version", "created_at",
        ]  # fmt: skip


class AlarmRuleChangeSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    low = serializers.FloatField(required=False, allow_null=True, help_text="The lower threshold.")
    high = serializers.FloatField(
        required=False, allow_null=True, help_text="The upper threshold; of a rate, the most `per` minute or hour."
    )
    hysteresis = serializers.FloatField(
        required=False, help_text="By how much the value comes back over the threshold before the alarm clears."
    )
    per = ChoiceField(choices=PER_CHOICES, default=Per.MINUTE.value)
    duration_s = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LONGEST_DURATION_S,
        help_text="How long it has to be so before it is an alarm; of a silence, how long none may come.",
    )
    severity = ChoiceField(choices=SEVERITY_CHOICES, default=Severity.WARNING.value)
    enabled = serializers.BooleanField(default=True)


class AlarmRuleInputSerializer(AlarmRuleChangeSerializer):
    datapoint = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    kind = ChoiceField(choices=KIND_CHOICES)
    since = serializers.DateTimeField(
        required=False, help_text="From when on samples count; now if nothing is said. The past is recorded, not told."
    )


class AlarmRuleQuerySerializer(serializers.Serializer[Any]):
    datapoint = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        max_length=MAX_DATAPOINTS,
        help_text="Only rules of these datapoints; may be given several times.",
    )
    project = serializers.UUIDField(required=False, help_text="Only rules in this project.")
    object = serializers.UUIDField(required=False, help_text="Only rules on this object.")
    enabled = serializers.BooleanField(required=False, allow_null=True, default=None)


class AlarmSerializer(serializers.ModelSerializer[AlarmEpisode]):
    datapoint = serializers.IntegerField(source="rule.datapoint_id", read_only=True)
    name = serializers.CharField(source="rule.name", read_only=True)
    kind = ChoiceField(source="rule.kind", choices=KIND_CHOICES, read_only=True)
    severity = ChoiceField(source="rule.severity", choices=SEVERITY_CHOICES, read_only=True)
    acknowledged_by_name = serializers.SerializerMethodField()

    class Meta:
        model = AlarmEpisode
        fields = [
            "id", "rule", "datapoint", "name", "kind", "severity", "began_at", "started_at", "ended_at", "peak_value",
            "peak_at", "acknowledged_at", "acknowledged_by", "acknowledged_by_name",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_acknowledged_by_name(self, episode: AlarmEpisode) -> str | None:
        return str(episode.acknowledged_by) if episode.acknowledged_by else None


class AlarmQuerySerializer(serializers.Serializer[Any]):
    open = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Only alarms that are on, or that are over."
    )
    severity = serializers.ListField(
        child=ChoiceField(choices=SEVERITY_CHOICES),
        required=False,
        help_text="Only alarms as bad as this; may be given several times.",
    )
    rule = serializers.UUIDField(required=False, help_text="Only alarms of this rule.")
    datapoint = AlarmRuleQuerySerializer().fields["datapoint"]
    project = serializers.UUIDField(required=False, help_text="Only alarms in this project.")
    object = serializers.UUIDField(required=False, help_text="Only alarms on this object.")
    start = serializers.DateTimeField(required=False, help_text="Only alarms that were on at this time or later.")
    end = serializers.DateTimeField(required=False, help_text="Only alarms that started before this time.")


#: Parameters of addresses, and the conditions on rows that they are.
RULE_CONDITIONS: Final = {
    "datapoint": "datapoint_id__in",
    "project": "datapoint__project",
    "object": "datapoint__object",
    "enabled": "enabled",
}
ALARM_CONDITIONS: Final = {
    "severity": "rule__severity__in",
    "rule": "rule",
    "datapoint": "rule__datapoint_id__in",
    "project": "rule__datapoint__project",
    "object": "rule__datapoint__object",
    "end": "started_at__lt",
}


def _conditions(query: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names[name]: value for name, value in query.items() if name in names and value not in (None, [])}


class AlarmRuleView(GenericAPIView[Any]):
    """Finds the rule of the address among those the caller sees."""

    queryset = AlarmRule.objects.none()
    page_order: ClassVar[tuple[str, ...]] = ("name", "pk")

    def rule(self) -> AlarmRule:
        found: AlarmRule = get_object_or_404(selectors.rules_for(actor_of(self.request)), pk=self.kwargs["pk"])
        return found


class AlarmRuleListView(AlarmRuleView):
    @extend_schema(parameters=[AlarmRuleQuerySerializer], responses=AlarmRuleSerializer(many=True), tags=["alarms"])
    def get(self, request: Request) -> Response:
        """The alarm rules that the caller sees, with their thresholds, such as for the lines of a chart."""
        query = query_of(AlarmRuleQuerySerializer, request)
        rows = selectors.rules_for(actor_of(request)).filter(**_conditions(query, RULE_CONDITIONS))
        return self.get_paginated_response(AlarmRuleSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(request=AlarmRuleInputSerializer, responses={201: AlarmRuleSerializer}, tags=["alarms"])
    def post(self, request: Request) -> Response:
        """Create an alarm rule of a datapoint. Which thresholds it takes depends on its kind."""
        actor, given = actor_of(request), validated(AlarmRuleInputSerializer, request)
        datapoint = visible_or_field_error(Datapoint.objects.visible_to(actor), given.pop("datapoint"), "datapoint")
        made = services.create_rule(actor=actor, datapoint=datapoint, **given)
        answer = record(request, made, AlarmRuleSerializer)
        answer.status_code = status.HTTP_201_CREATED
        return answer


class AlarmRuleDetailView(AlarmRuleView):
    @extend_schema(parameters=[IF_NONE_MATCH], responses=AlarmRuleSerializer, tags=["alarms"])
    def get(self, request: Request, pk: UUID) -> Response:
        """One alarm rule."""
        return record(request, self.rule(), AlarmRuleSerializer)

    @extend_schema(
        parameters=[IF_MATCH],
        request=AlarmRuleChangeSerializer(partial=True),
        responses=AlarmRuleSerializer,
        tags=["alarms"],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change the rule. Other thresholds hold from now on; an alarm that is on stays on as long as they let it."""
        rule, actor = self.rule(), actor_of(request)
        require(actor, "alarm_rule", Action.EDIT, rule)
        changes = validated(AlarmRuleChangeSerializer, request, partial=True)
        changed = services.update_rule(actor=actor, rule=rule, expected=expected_of(request), **changes)
        return record(request, changed, AlarmRuleSerializer)

    @extend_schema(parameters=[IF_MATCH], responses={204: None}, tags=["alarms"])
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete the rule with its history."""
        services.delete_rule(actor=actor_of(request), rule=self.rule(), expected=expected_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AlarmView(GenericAPIView[Any]):
    """Finds the alarm of the address among those the caller sees."""

    queryset = AlarmEpisode.objects.none()
    page_order: ClassVar[tuple[str, ...]] = ("-started_at", "-pk")

    def alarm(self) -> AlarmEpisode:
        key = min(self.kwargs["pk"], LARGEST_ID)
        found: AlarmEpisode = get_object_or_404(selectors.alarms_for(actor_of(self.request)), pk=key)
        return found


class AlarmListView(AlarmView):
    @extend_schema(parameters=[AlarmQuerySerializer], responses=AlarmSerializer(many=True), tags=["alarms"])
    def get(self, request: Request) -> Response:
        """The alarms that the caller sees, on and over, the latest first."""
        query = query_of(AlarmQuerySerializer, request)
        rows = selectors.alarms_for(actor_of(request), is_open=query.get("open"), on_since=query.get("start"))
        rows = rows.filter(**_conditions(query, ALARM_CONDITIONS))
        return self.get_paginated_response(AlarmSerializer(self.paginate_queryset(rows), many=True).data)


class AlarmDetailView(AlarmView):
    @extend_schema(responses=AlarmSerializer, tags=["alarms"])
    def get(self, request: Request, pk: int) -> Response:
        """One alarm."""
        return Response(AlarmSerializer(self.alarm()).data)


class AcknowledgeView(AlarmView):
    @extend_schema(request=None, responses=AlarmSerializer, tags=["alarms"])
    def post(self, request: Request, pk: int) -> Response:
        """Say that one knows of the alarm and looks after it; who said so first is remembered."""
        alarm = services.acknowledge(actor=actor_of(request), episode=self.alarm())
        return Response(AlarmSerializer(alarm).data)
