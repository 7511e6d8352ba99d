"""Datasources, datapoints and what surrounds them."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import guildhall.modules.telemetry.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organizations", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Datapoint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "key",
                    models.CharField(
                        help_text="The end of its topics.",
                        max_length=200,
                        validators=[guildhall.modules.telemetry.models.validate_datapoint_key],
                        verbose_name="key",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("unit", models.CharField(blank=True, db_default="", default="", max_length=32, verbose_name="unit")),
                (
                    "description",
                    models.TextField(
                        blank=True, db_default="", default="", max_length=2000, verbose_name="description"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created"
                    ),
                ),
                (
                    "object",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.projectobject",
                        verbose_name="object",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.project",
                        verbose_name="project",
                    ),
                ),
            ],
            options={
                "verbose_name": "datapoint",
                "verbose_name_plural": "datapoints",
            },
        ),
        migrations.CreateModel(
            name="Datasource",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "username",
                    models.CharField(
                        editable=False,
                        help_text="For MQTT, and part of its topics.",
                        max_length=16,
                        unique=True,
                        verbose_name="user name",
                    ),
                ),
                ("secret_hash", models.BinaryField(max_length=32)),
                ("enabled", models.BooleanField(db_default=True, default=True, verbose_name="enabled")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                (
                    "may_create_datapoints",
                    models.BooleanField(
                        db_default=True,
                        default=True,
                        help_text="A topic seen for the first time becomes a datapoint.",
                        verbose_name="may create datapoints",
                    ),
                ),
                ("rights_version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "rights_changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created"
                    ),
                ),
                ("last_seen_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last seen")),
                (
                    "messages_stored",
                    models.PositiveBigIntegerField(
                        db_default=0, default=0, editable=False, verbose_name="messages stored"
                    ),
                ),
                (
                    "messages_rejected",
                    models.PositiveBigIntegerField(
                        db_default=0, default=0, editable=False, verbose_name="messages rejected"
                    ),
                ),
                (
                    "publishes_refused",
                    models.PositiveBigIntegerField(
                        db_default=0, default=0, editable=False, verbose_name="publishes refused"
                    ),
                ),
                (
                    "object",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.projectobject",
                        verbose_name="object",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="organizations.project",
                        verbose_name="project",
                    ),
                ),
            ],
            options={
                "verbose_name": "datasource",
                "verbose_name_plural": "datasources",
            },
        ),
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(max_length=512, verbose_name="topic")),
                ("payload", models.BinaryField(verbose_name="message")),
                ("payload_size", models.PositiveIntegerField(verbose_name="size")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("not_a_topic_of_a_datasource", "The topic belongs to no datasource"),
                            ("unknown_datasource", "The datasource does not exist any more"),
                            ("unknown_datapoint", "There is no such datapoint, and this datasource may not create any"),
                            ("too_many_datapoints", "The project has as many datapoints as it may have"),
                            ("bad_key", "The end of the topic can't be the key of a datapoint"),
                            ("empty", "The message is empty"),
                            ("too_large", "The message is too large"),
                            ("not_understood", "The message is neither a number nor JSON"),
                            ("value_missing", "The message has no value"),
                            ("not_a_number", "The value is not a number"),
                            ("not_finite", "The value is not a finite number"),
                            ("bad_time", "The time is not understood"),
                            ("time_out_of_range", "The time is before 1970 or in the future"),
                            ("not_storable", "The database refused it"),
                        ],
                        max_length=40,
                        verbose_name="reason",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="received")),
                (
                    "datasource",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dead_letters",
                        to="telemetry.datasource",
                    ),
                ),
            ],
            options={
                "verbose_name": "dead letter",
                "verbose_name_plural": "dead letters",
            },
        ),
        migrations.CreateModel(
            name="RefusedPublish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[("publish", "Publish"), ("read", "Read")],
                        default="publish",
                        max_length=8,
                        verbose_name="right",
                    ),
                ),
                ("topic", models.CharField(max_length=512, verbose_name="topic")),
                ("count", models.PositiveBigIntegerField(default=1, verbose_name="times")),
                ("first_at", models.DateTimeField(verbose_name="first")),
                ("last_at", models.DateTimeField(verbose_name="last")),
                (
                    "datasource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_publishes",
                        to="telemetry.datasource",
                    ),
                ),
            ],
            options={
                "verbose_name": "refused publish",
                "verbose_name_plural": "refused publishes",
            },
        ),
        migrations.CreateModel(
            name="RetiredUsername",
            fields=[
                ("username", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("retired_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["retired_at"], name="retiredusername_retired_at")],
            },
        ),
        migrations.CreateModel(
            name="TopicRight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[("publish", "Publish"), ("read", "Read")], max_length=8, verbose_name="right"
                    ),
                ),
                (
                    "filter",
                    models.CharField(
                        max_length=512,
                        validators=[guildhall.modules.telemetry.models.validate_topic_filter],
                        verbose_name="topics",
                    ),
                ),
                (
                    "datasource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="topic_rights",
                        to="telemetry.datasource",
                    ),
                ),
            ],
            options={
                "verbose_name": "topic right",
                "verbose_name_plural": "topic rights",
            },
        ),
        migrations.CreateModel(
            name="Watermark",
            fields=[
                ("stream", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("stream_created", models.CharField(db_default="", default="", max_length=64)),
                ("sequence", models.BigIntegerField(db_default=0, default=0)),
                ("message_at", models.DateTimeField(null=True)),
                ("position", models.BigIntegerField(db_default=0, default=0)),
                ("epoch", models.BigIntegerField(db_default=0, default=0)),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sequence__gte", 0)), name="watermark_sequence_not_negative"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="datapoint",
            constraint=models.UniqueConstraint(
                fields=("project", "object", "key"), name="datapoint_key_unique_in_place", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="datapoint",
            constraint=models.UniqueConstraint(
                fields=("project", "object", "name"), name="datapoint_name_unique_in_place", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="datasource",
            index=models.Index(fields=["rights_changed_at"], name="datasource_rights_changed_at"),
        ),
        migrations.AddConstraint(
            model_name="datasource",
            constraint=models.UniqueConstraint(
                fields=("project", "object", "name"), name="datasource_name_unique_in_place", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="datasource",
            constraint=models.CheckConstraint(
                condition=models.Q(("username__regex", "^[a-z0-9]{8,16}$")), name="datasource_username_is_safe"
            ),
        ),
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(fields=["datasource", "-id"], name="deadletter_by_datasource"),
        ),
        migrations.AddConstraint(
            model_name="refusedpublish",
            constraint=models.UniqueConstraint(
                fields=("datasource", "action", "topic"), name="refused_publish_once_a_topic"
            ),
        ),
        migrations.AddConstraint(
            model_name="topicright",
            constraint=models.UniqueConstraint(fields=("datasource", "action", "filter"), name="topic_right_once"),
        ),
        migrations.AddConstraint(
            model_name="topicright",
            constraint=models.CheckConstraint(
                condition=models.Q(("action__in", ["publish", "read"])), name="topic_right_action_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="topicright",
            constraint=models.CheckConstraint(
                condition=models.Q(("filter__regex", "^guildhall/d/[a-z0-9]{8,16}(/([^#+\\s*>/]+|\\+))*(/#)?$")),
                name="topic_right_filter_is_safe",
            ),
        ),
    ]
