"""The tables of the store as Django knows them: their rows are written and read by `store` alone, but for `Retention`.

The migration adds what cannot be said here: partitions, deletion with the datapoint, and how bodies are kept.
"""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

#: A hundred years.
MAX_DAYS = 36_500


class StorePosition(models.Model):
    """The one row whose lock every write to the store takes; the number of the last write or deletion."""

    id = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField()

    class Meta:
        db_table = "telemetry_position"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="position_is_one_row")]

    def __str__(self) -> str:
        return str(self.position)


class SealedMark(models.Model):
    """The one row that says up to which position the journal is sealed, and up to which it is forgotten.

    `generation` changes with everything that changes chunks or rollups.
    """

    id = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField()
    generation = models.BigIntegerField()
    forgotten = models.BigIntegerField()

    class Meta:
        db_table = "telemetry_sealed"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sealed_is_one_row")]

    def __str__(self) -> str:
        return str(self.position)


class SampleSource(models.Model):
    """The number by which samples know a datasource; it stays when the datasource is deleted."""

    id = models.AutoField(primary_key=True)
    datasource_id = models.UUIDField(unique=True)

    class Meta:
        db_table = "telemetry_source"

    def __str__(self) -> str:
        return str(self.datasource_id)


class JournalRow(models.Model):
    """A write of packed samples, or the deletion of a range; see `store.journal`."""

    position = models.BigIntegerField(primary_key=True)
    written_at = models.DateTimeField(db_default=Now())
    datapoints = ArrayField(models.BigIntegerField())
    ends = ArrayField(models.IntegerField(), null=True)
    body = models.BinaryField(null=True)
    deleted_from = models.BigIntegerField(null=True)
    deleted_until = models.BigIntegerField(null=True)

    class Meta:
        db_table = "telemetry_journal"

    def __str__(self) -> str:
        return str(self.position)


class Chunk(models.Model):
    """Sealed samples of a datapoint, compressed; partitioned by time; see `store.compaction`."""

    pk = models.CompositePrimaryKey("datapoint_id", "start_at")
    # The database deletes what is stored with its datapoint; Django is not to fetch it for that.
    datapoint = models.ForeignKey("telemetry.Datapoint", on_delete=models.DO_NOTHING, related_name="+")
    start_at = models.BigIntegerField()
    last_at = models.BigIntegerField()
    position = models.BigIntegerField()
    count = models.IntegerField()
    sum = models.FloatField()
    min = models.FloatField()
    max = models.FloatField()
    first = models.FloatField()
    last = models.FloatField()
    body = models.BinaryField()
    rollup = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"{self.datapoint_id} {self.start_at}"


class Rollup(models.Model):
    """The buckets of 15 minutes of a datapoint's week, for which it has no chunks any more; see `store.retention`."""

    pk = models.CompositePrimaryKey("datapoint_id", "week")
    datapoint = models.ForeignKey("telemetry.Datapoint", on_delete=models.DO_NOTHING, related_name="+")
    week = models.IntegerField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.datapoint_id} {self.week}"


class Week(models.Model):
    """A week of a datapoint of which something is sealed; see `store.weeks`."""

    pk = models.CompositePrimaryKey("datapoint_id", "week")
    datapoint = models.ForeignKey("telemetry.Datapoint", on_delete=models.DO_NOTHING, related_name="+")
    week = models.IntegerField()
    generation = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.datapoint_id} {self.week}"


class RawFloor(models.Model):
    """Before which time a datapoint has no samples any more, and takes none, as its raw retention is over."""

    datapoint = models.OneToOneField(
        "telemetry.Datapoint", on_delete=models.DO_NOTHING, primary_key=True, related_name="+"
    )
    raw_from = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.datapoint_id} {self.raw_from}"


class Retention(models.Model):
    """How long values of a project's datapoints, or of one datapoint, are kept; a datapoint's own row counts first."""

    project = models.OneToOneField("organizations.Project", null=True, on_delete=models.CASCADE, related_name="+")
    datapoint = models.OneToOneField("telemetry.Datapoint", null=True, on_delete=models.CASCADE, related_name="+")
    raw_days = models.PositiveIntegerField(
        _("days that values are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_DAYS)],
    )
    rollup_days = models.PositiveIntegerField(
        _("days that sums of 15 minutes are kept"), null=True, blank=True, validators=[MaxValueValidator(MAX_DAYS)]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=True) ^ Q(datapoint__isnull=True), name="retention_of_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(raw_days__gte=1) | Q(raw_days=None), name="retention_keeps_raw_for_a_day"
            ),
            models.CheckConstraint(
                condition=Q(raw_days=None) | Q(rollup_days=None) | Q(rollup_days__gte=F("raw_days")),
                name="retention_sums_outlive_values",
                violation_error_message=_("The sums are kept at least as long as the values."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.raw_days} / {self.rollup_days}"
