"""The answers that are kept for repeated requests."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="StoredAnswer",
            fields=[
                ("scope", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("sealed", models.BinaryField(null=True)),
                ("running_until", models.DateTimeField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("expires_at", models.DateTimeField(editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="storedanswer_expires_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sealed__isnull", True), ("running_until__isnull", True), _connector="XOR"),
                        name="answer_is_stored_or_awaited",
                    )
                ],
            },
        ),
    ]
