"""Datasources with their rights, datapoints, and what could not be stored, with what the database refuses.

The migrations add what Django's models cannot say: composite foreign keys that keep project and object inside the
organization, and triggers that count up `rights_version` whoever changes rights. Samples are in the tables of `stored`.
"""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.versions import Versioned
from guildhall.modules.telemetry import (
    policy,
    stored,  # noqa: F401 — Django finds the store's tables here.
)
from guildhall.modules.telemetry.alarms import models as alarm_models  # noqa: F401 — Django finds them here.
from guildhall.modules.telemetry.mapping import FIELDS, MAX_RULES, Rule
from guildhall.modules.telemetry.payload import RejectReason
from guildhall.modules.telemetry.placing import Placed, PlacedQuerySet
from guildhall.modules.telemetry.policy import Change, Refused, Right

TOPIC_MAX_LENGTH = 512
KEY_MAX_LENGTH = 200
TAG_MAX_LENGTH = 64
MAX_TAGS = 32
SECRET_HASH_BYTES = 32
#: Topics of a datasource, or foreign ones whose first level is a name that neither NATS nor the house uses.
SAFE_FILTER = r"^(guildhall/d/[a-z0-9]{8,16}|(?!guildhall(/|$))[^#+\s*>/_$][^#+\s*>/]*)(/([^#+\s*>/]+|\+))*(/#)?$"


RIGHT_CHOICES = [(Right.PUBLISH.value, _("Publish")), (Right.READ.value, _("Read"))]


REFUSED_CHOICES = [
    (Refused.PUBLISH.value, _("Publish")),
    (Refused.READ.value, _("Read")),
    (Refused.CONNECT.value, _("Connect; another organization uses this client id")),
]


CHANGE_CHOICES = [
    (Change.WHOLE.value, _("The whole document")),
    (Change.SECTION.value, _("One section")),
    (Change.REMOVAL.value, _("A section was removed")),
    (Change.RESTORE.value, _("An older version was restored")),
]


REASON_CHOICES = [
    (RejectReason.NOT_A_TOPIC_OF_A_DATASOURCE.value, _("The topic belongs to no datasource")),
    (RejectReason.UNKNOWN_DATASOURCE.value, _("The datasource does not exist any more")),
    (RejectReason.UNKNOWN_DATAPOINT.value, _("There is no such datapoint, and this datasource may not create any")),
    (RejectReason.TOO_MANY_DATAPOINTS.value, _("The project has as many datapoints as it may have")),
    (RejectReason.BAD_KEY.value, _("The end of the topic can't be the key of a datapoint")),
    (RejectReason.EMPTY.value, _("The message is empty")),
    (RejectReason.TOO_LARGE.value, _("The message is too large")),
    (RejectReason.NOT_UNDERSTOOD.value, _("The message is neither a number nor JSON")),
    (RejectReason.VALUE_MISSING.value, _("The message has no value")),
    (RejectReason.NOT_A_NUMBER.value, _("The value is not a number")),
    (RejectReason.NOT_FINITE.value, _("The value is not a finite number")),
    (RejectReason.BAD_TIME.value, _("The time is not understood")),
    (RejectReason.TIME_OUT_OF_RANGE.value, _("The time is before 1970 or in the future")),
    (RejectReason.OLDER_THAN_KEPT.value, _("The time is so long ago that values of then are not kept any more")),
    (RejectReason.NOT_STORABLE.value, _("The database refused it")),
]


def validate_topic_filter(text: str) -> None:
    """Accept what MQTT 3.1.1 calls a topic filter, without spaces, which the broker does not carry."""
    problem = policy.filter_problem(text)
    if problem is not None:
        raise ValidationError(_("This is not a topic filter: %(problem)s"), params={"problem": problem})


def validate_datapoint_key(text: str) -> None:
    """Accept what can stand at the end of a topic."""
    problem = policy.topic_problem(text)
    if problem is not None:
        raise ValidationError(_("This can't stand in a topic: %(problem)s"), params={"problem": problem})


def validate_tag(text: str) -> None:
    """Accept what can stand in a list with commas between."""
    if not text or text != text.strip() or "," in text:
        raise ValidationError(_("A tag has no commas, and no spaces around it."))


def validate_mapping(rows: Any) -> None:
    """Accept a list of rules as `mapping` describes them."""
    if not isinstance(rows, list) or len(rows) > MAX_RULES:
        raise ValidationError(_("These are no rules, or more than %(most)s."), params={"most": MAX_RULES})
    for number, row in enumerate(rows, 1):
        is_rule = isinstance(row, dict) and row.keys() == FIELDS and all(isinstance(one, str) for one in row.values())
        problem = Rule(**row).problem() if is_rule else ("topic", "it is no rule")
        if problem is not None:
            raise ValidationError(
                _("Rule %(number)s, %(field)s: %(problem)s."),
                params={"number": number, "field": problem[0], "problem": problem[1]},
            )


class Datasource(Placed):
    """A device or program that publishes by MQTT. Of its secret only the hash is kept; the secret is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    username = models.CharField(
        _("user name"), max_length=16, unique=True, editable=False, help_text=_("For MQTT, and part of its topics.")
    )
    secret_hash = models.BinaryField(max_length=SECRET_HASH_BYTES, editable=False)
    enabled = models.BooleanField(_("enabled"), default=True, db_default=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    #: The consumer sets it where more comes than may.
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True, editable=False)
    may_create_datapoints = models.BooleanField(
        _("may create datapoints"),
        default=True,
        db_default=True,
        help_text=_("A topic seen for the first time becomes a datapoint."),
    )
    mapping = models.JSONField(_("mapping"), default=list, db_default=[], blank=True, validators=[validate_mapping])
    rights_version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    rights_changed_at = models.DateTimeField(db_default=Now(), editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)
    messages_stored = models.PositiveBigIntegerField(_("messages stored"), default=0, db_default=0, editable=False)
    messages_rejected = models.PositiveBigIntegerField(_("messages rejected"), default=0, db_default=0, editable=False)
    publishes_refused = models.PositiveBigIntegerField(_("publishes refused"), default=0, db_default=0, editable=False)

    objects: ClassVar[models.Manager["Datasource"]] = PlacedQuerySet.as_manager()

    class Meta:
        verbose_name = _("datasource")
        verbose_name_plural = _("datasources")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "object", "name"], nulls_distinct=False, name="datasource_name_unique_in_place"
            ),
            models.CheckConstraint(
                condition=Q(username__regex=r"^[a-z0-9]{8,16}$"), name="datasource_username_is_safe"
            ),
        ]
        indexes = [models.Index(fields=["rights_changed_at"], name="datasource_rights_changed_at")]

    def is_usable(self, now: datetime) -> bool:
        """Whether it may connect at this time."""
        return policy.may_connect(now, enabled=self.enabled, expires_at=self.expires_at, paused_until=self.paused_until)

    @property
    def topic_prefix(self) -> str:
        return policy.topic_prefix(self.username)

    def __str__(self) -> str:
        return self.name


class TopicRight(models.Model):
    """That a datasource may publish to, or read, the topics that a filter matches.

    Of foreign topics, a trigger sees to it that no two organizations share any, nor two datasources that publish.
    """

    datasource = models.ForeignKey(Datasource, on_delete=models.CASCADE, related_name="topic_rights")
    action = models.CharField(_("right"), max_length=8, choices=RIGHT_CHOICES)
    filter = models.CharField(_("topics"), max_length=TOPIC_MAX_LENGTH, validators=[validate_topic_filter])

    class Meta:
        verbose_name = _("topic right")
        verbose_name_plural = _("topic rights")
        constraints = [
            models.UniqueConstraint(fields=["datasource", "action", "filter"], name="topic_right_once"),
            models.CheckConstraint(
                condition=Q(action__in=[Right.PUBLISH.value, Right.READ.value]), name="topic_right_action_known"
            ),
            # The broker is configured from these rows, so the database itself refuses what it could misread.
            models.CheckConstraint(
                condition=Q(filter__regex=SAFE_FILTER),
                name="topic_right_filter_is_safe",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.filter}"


class RetiredUsername(models.Model):
    """The user name of a deleted datasource, written by a trigger: it is never given again, and tells the connection's
    supervisor that its connections are to be cut.
    """

    username = models.CharField(max_length=16, primary_key=True)
    retired_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["retired_at"], name="retiredusername_retired_at")]

    def __str__(self) -> str:
        return self.username


class ClientId(models.Model):
    """An MQTT client id and the organization whose device used it first; nobody else's may, while it is kept."""

    client_id = models.TextField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    used_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.client_id


class Datapoint(Placed):
    """One time series of an object, or of a project as a whole. Any datasource of the same place may feed it."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(
        _("key"), max_length=KEY_MAX_LENGTH, validators=[validate_datapoint_key], help_text=_("The end of its topics.")
    )
    name = models.CharField(_("name"), max_length=KEY_MAX_LENGTH)
    unit = models.CharField(_("unit"), max_length=32, blank=True, default="", db_default="")
    description = models.TextField(_("description"), blank=True, default="", db_default="", max_length=2000)
    tags = ArrayField(
        models.CharField(max_length=TAG_MAX_LENGTH, validators=[validate_tag]),
        size=MAX_TAGS,
        verbose_name=_("tags"),
        blank=True,
        default=list,
        db_default=[],
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Datapoint"]] = PlacedQuerySet.as_manager()

    class Meta:
        verbose_name = _("datapoint")
        verbose_name_plural = _("datapoints")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "object", "key"], nulls_distinct=False, name="datapoint_key_unique_in_place"
            ),
            models.UniqueConstraint(
                fields=["project", "object", "name"], nulls_distinct=False, name="datapoint_name_unique_in_place"
            ),
        ]
        indexes = [GinIndex(fields=["tags"], name="datapoint_tags")]

    def __str__(self) -> str:
        return self.name


class OfDatasourceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Rows of the datasources that the user sees."""
        if user.is_authenticated and user.is_superuser:
            return self
        return self.filter(datasource__in=Datasource.objects.visible_to(user).values("pk"))


class DeadLetter(models.Model):
    """A message that could not be stored. Only the latest of each datasource are kept."""

    datasource = models.ForeignKey(Datasource, null=True, on_delete=models.CASCADE, related_name="dead_letters")
    topic = models.CharField(_("topic"), max_length=TOPIC_MAX_LENGTH)
    payload = models.BinaryField(_("message"))
    payload_size = models.PositiveIntegerField(_("size"))
    reason = models.CharField(_("reason"), max_length=40, choices=REASON_CHOICES)
    at = models.DateTimeField(_("received"))

    objects: ClassVar[models.Manager["DeadLetter"]] = OfDatasourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("dead letter")
        verbose_name_plural = _("dead letters")
        indexes = [models.Index(fields=["datasource", "-id"], name="deadletter_by_datasource")]

    @property
    def payload_text(self) -> str:
        """The message's beginning as text, with a mark for what is none."""
        return bytes(self.payload).decode(errors="replace")

    def __str__(self) -> str:
        return f"{self.topic}: {self.reason}"


class RefusedPublish(models.Model):
    """What the broker refused to a datasource: a topic without the right to it, or a client id of others."""

    datasource = models.ForeignKey(Datasource, on_delete=models.CASCADE, related_name="refused_publishes")
    action = models.CharField(_("right"), max_length=8, choices=REFUSED_CHOICES, default=Refused.PUBLISH.value)
    #: The client id, where connecting was refused.
    topic = models.CharField(_("topic"), max_length=TOPIC_MAX_LENGTH)
    count = models.PositiveBigIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))

    objects: ClassVar[models.Manager["RefusedPublish"]] = OfDatasourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("refused publish")
        verbose_name_plural = _("refused publishes")
        constraints = [
            models.UniqueConstraint(fields=["datasource", "action", "topic"], name="refused_publish_once_a_topic"),
        ]

    def __str__(self) -> str:
        return self.topic


class Watermark(models.Model):
    """How far a stream of the broker was stored, as one row that each batch's transaction advances.

    A consumer that became leader counts `epoch` up, which makes every older one's transactions fail.
    """

    stream = models.CharField(max_length=64, primary_key=True)
    stream_created = models.CharField(max_length=64, default="", db_default="")
    sequence = models.BigIntegerField(default=0, db_default=0)
    message_at = models.DateTimeField(null=True)
    epoch = models.BigIntegerField(default=0, db_default=0)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(sequence__gte=0), name="watermark_sequence_not_negative")]

    def __str__(self) -> str:
        return f"{self.stream} {self.sequence}"


class Configuration(Placed, Versioned):
    """A JSON document of a project or an object, such as what its devices are to be set to. Its text is the current
    version's; every version, this one too, has a row of its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    # Text rather than jsonb, which would forget the order of keys and refuse some characters.
    content = models.TextField(_("document"), editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Configuration"]] = PlacedQuerySet.as_manager()

    class Meta:
        verbose_name = _("configuration")
        verbose_name_plural = _("configurations")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "object", "name"], nulls_distinct=False, name="configuration_name_unique_in_place"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConfigurationVersion(models.Model):
    """A configuration as somebody left it."""

    configuration = models.ForeignKey(Configuration, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    content = models.TextField(_("document"))
    #: Which section was changed, as a path, and what was done to it.
    action = models.CharField(max_length=8, choices=CHANGE_CHOICES)
    path = models.TextField(blank=True, default="")
    restored_from = models.PositiveIntegerField(null=True)
    changed_at = models.DateTimeField(_("changed"), db_default=Now())
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["configuration", "number"], name="configuration_version_once"),
            models.CheckConstraint(
                condition=Q(action__in=[change.value for change in Change]), name="configuration_change_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.configuration_id} {self.number}"
