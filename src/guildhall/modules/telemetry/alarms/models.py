"""Alarm rules and episodes, what the evaluation remembers of each rule, and the marks of what it has to look at."""

import math
import uuid
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.organizations.policy import Place
from guildhall.core.versions import Versioned
from guildhall.modules.telemetry.alarms.policy import LONGEST_DURATION_S, Flaw, Kind, Per, Severity, flaws_of
from guildhall.modules.telemetry.placing import PlacedQuerySet

KIND_CHOICES = [
    (Kind.ABOVE.value, _("Above a threshold")),
    (Kind.BELOW.value, _("Below a threshold")),
    (Kind.OUTSIDE.value, _("Outside of a range")),
    (Kind.RATE_OF_CHANGE.value, _("Changes too quickly")),
    (Kind.SILENT_FOR.value, _("Silent for too long")),
]
SEVERITY_CHOICES = [
    (Severity.INFO.value, _("Information")),
    (Severity.WARNING.value, _("Warning")),
    (Severity.CRITICAL.value, _("Critical")),
]
PER_CHOICES = [(Per.MINUTE.value, _("a minute")), (Per.HOUR.value, _("an hour"))]
FLAW_TEXTS = {
    Flaw.NEEDED: _("A rule of this kind needs it."),
    Flaw.NOT_TAKEN: _("A rule of this kind has none."),
    Flaw.NOT_FINITE: _("This is not a finite number."),
    Flaw.NEGATIVE: _("It can't be negative."),
    Flaw.NOT_POSITIVE: _("It has to be more than zero."),
    Flaw.NOT_ABOVE_LOW: _("It has to be more than the lower threshold."),
    Flaw.NEVER_CLEARS: _("With so much hysteresis the alarm would never clear."),
    Flaw.TOO_LONG: _("It can be 366 days at most."),
}


def _thresholds_fit() -> Q:
    """That a rule has the thresholds of its kind and no others."""
    neither = Q(low=None, high=None)
    return (
        Q(kind=Kind.ABOVE.value, low=None, high__isnull=False)
        | Q(kind=Kind.BELOW.value, low__isnull=False, high=None)
        | Q(kind=Kind.OUTSIDE.value, low__isnull=False, high__gt=F("low"))
        | Q(kind=Kind.RATE_OF_CHANGE.value, low=None, high__gt=0)
        | (Q(kind=Kind.SILENT_FOR.value, duration_s__gt=0) & neither)
    )


def _finite(name: str) -> Q:
    # For PostgreSQL not a number is more than infinity.
    return Q(**{f"{name}__gt": -math.inf, f"{name}__lt": math.inf})


#: A change of one of these makes it another rule from then on.
DEFINING = ("low", "high", "hysteresis", "per", "duration_s", "enabled")


class OfDatapointQuerySet(PlacedQuerySet):
    through = "datapoint__"


class OfRuleQuerySet(PlacedQuerySet):
    through = "rule__datapoint__"


class AlarmRule(Versioned):
    """What is not to happen to a datapoint's values. It belongs where its datapoint belongs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    datapoint = models.ForeignKey("telemetry.Datapoint", on_delete=models.CASCADE, related_name="alarm_rules")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=KIND_CHOICES)
    low = models.FloatField(_("lower threshold"), null=True, blank=True)
    high = models.FloatField(_("upper threshold"), null=True, blank=True)
    hysteresis = models.FloatField(
        _("hysteresis"),
        default=0.0,
        db_default=0.0,
        help_text=_("By how much the value has to come back over the threshold before the alarm clears."),
    )
    per = models.CharField(_("per"), max_length=8, choices=PER_CHOICES, default=Per.MINUTE.value, db_default="minute")
    duration_s = models.PositiveIntegerField(
        _("duration in seconds"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(LONGEST_DURATION_S)],
        help_text=_("How long it has to be so before it is an alarm."),
    )
    severity = models.CharField(
        _("severity"), max_length=8, choices=SEVERITY_CHOICES, default=Severity.WARNING.value, db_default="warning"
    )
    enabled = models.BooleanField(_("enabled"), default=True, db_default=True)
    #: The rule as it is now counts from here; episodes from before came of what it was then.
    since = models.DateTimeField(_("counts from"), editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["AlarmRule"]] = OfDatapointQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm rule")
        verbose_name_plural = _("alarm rules")
        constraints = [
            models.UniqueConstraint(fields=["datapoint", "name"], name="alarmrule_name_unique_in_datapoint"),
            models.CheckConstraint(condition=_thresholds_fit(), name="alarmrule_thresholds_fit_kind"),
            models.CheckConstraint(
                condition=(Q(low=None) | _finite("low"))
                & (Q(high=None) | _finite("high"))
                & Q(hysteresis__gte=0)
                & Q(hysteresis__lt=math.inf),
                name="alarmrule_numbers_are_finite",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=[severity.value for severity in Severity])
                & Q(per__in=[per.value for per in Per]),
                name="alarmrule_words_known",
            ),
        ]
        indexes = [models.Index(fields=["datapoint"], condition=Q(enabled=True), name="alarmrule_enabled")]

    def clean(self) -> None:
        """Tell which thresholds do not fit."""
        if self.kind not in {kind.value for kind in Kind} or self.hysteresis is None or self.duration_s is None:
            return  # Told of by the fields themselves.
        flaws = flaws_of(
            Kind(self.kind), low=self.low, high=self.high, hysteresis=self.hysteresis, duration_s=self.duration_s
        )
        if flaws:
            raise ValidationError({name: FLAW_TEXTS[flaw] for name, flaw in flaws.items()})

    @property
    def place(self) -> Place:
        place: Place = self.datapoint.place
        return place

    def __str__(self) -> str:
        return self.name


class AlarmState(models.Model):
    """How far a rule was evaluated. Up to `evaluated_until` its episodes are those of the samples that were known;
    `clock` is the latest moment at which that was done, and at `check_at` something changes if no sample comes.
    """

    rule = models.OneToOneField(AlarmRule, on_delete=models.CASCADE, primary_key=True, related_name="state")
    evaluated_until = models.DateTimeField()
    clock = models.DateTimeField()
    check_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["check_at"], condition=Q(check_at__isnull=False), name="alarmstate_check_at")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.evaluated_until:%Y-%m-%d %H:%M:%S}"


class AlarmEpisode(models.Model):
    """A time in which a rule's condition held for longer than the rule's duration."""

    rule = models.ForeignKey(AlarmRule, on_delete=models.CASCADE, related_name="episodes")
    #: When the condition began to hold; the alarm started a duration later.
    began_at = models.DateTimeField(_("condition began"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    peak_value = models.FloatField(_("worst value"), null=True, blank=True)
    peak_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("acknowledged by")
    )

    objects: ClassVar[models.Manager["AlarmEpisode"]] = OfRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [
            models.UniqueConstraint(fields=["rule", "started_at"], name="alarmepisode_once"),
            models.UniqueConstraint(fields=["rule"], condition=Q(ended_at=None), name="alarmepisode_one_open"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gt=F("started_at")), name="alarmepisode_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_by=None) | Q(acknowledged_at__isnull=False),
                name="alarmepisode_acknowledged_some_time",
            ),
        ]
        indexes = [models.Index(fields=["-started_at", "-id"], name="alarmepisode_latest")]

    @property
    def place(self) -> Place:
        return self.rule.place

    def __str__(self) -> str:
        return f"{self.rule} {self.started_at:%Y-%m-%d %H:%M:%S}"


class AlarmDue(models.Model):
    """That samples of a datapoint with rules were written or deleted; a trigger of the journal keeps these rows.

    Times are the store's. One row holds the writes that began on the same day, so that a late value does not make
    everything between it and now due.
    """

    pk = models.CompositePrimaryKey("datapoint_id", "day")
    datapoint_id = models.BigIntegerField()
    day = models.BigIntegerField()
    dirty_from = models.BigIntegerField()
    dirty_until = models.BigIntegerField()
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.datapoint_id} {self.dirty_from}"
