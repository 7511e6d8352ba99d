"""Validators and choices that several models of tasks share."""

from datetime import UTC, datetime
from typing import Any, Final

import orjson
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from guildhall.core.validation import is_storable
from guildhall.modules.tasks.policy import Priority, Status

TITLE_LENGTH: Final = 200
DESCRIPTION_LENGTH: Final = 50_000
METADATA_BYTES: Final = 16 * 1024
#: Beyond these, time zones lead out of what a datetime can hold, and somebody mistyped the year.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)

STATUS_CHOICES: Final = [
    (Status.BACKLOG.value, _("Backlog")),
    (Status.TODO.value, _("To do")),
    (Status.IN_PROGRESS.value, _("In progress")),
    (Status.IN_REVIEW.value, _("In review")),
    (Status.BLOCKED.value, _("Blocked")),
    (Status.DONE.value, _("Done")),
    (Status.CANCELLED.value, _("Cancelled")),
]
PRIORITY_CHOICES: Final = [
    (Priority.LOW.value, _("Low")),
    (Priority.MEDIUM.value, _("Medium")),
    (Priority.HIGH.value, _("High")),
    (Priority.URGENT.value, _("Urgent")),
]


def validate_metadata(value: Any) -> None:
    """Accept JSON objects of at most 16 KiB that PostgreSQL can keep."""
    if not isinstance(value, dict):
        raise ValidationError(_("This must be an object."))
    try:
        encoded = orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError) as error:
        raise ValidationError(_("This can't be kept as JSON.")) from error
    if len(encoded) > METADATA_BYTES:
        raise ValidationError(_("This may have %(limit)s KiB."), params={"limit": METADATA_BYTES // 1024})
    if not is_storable(encoded.decode()) or b"\\u0000" in encoded:
        raise ValidationError(_("This text holds a character that can't be kept."))


def validate_due_date(value: datetime) -> None:
    """Accept dates of this and the next century."""
    if not EARLIEST <= value < LATEST:
        raise ValidationError(_("Choose a date between 2000 and 2199."))


def validate_title(value: str) -> None:
    """A title is one line with something on it."""
    if not value.strip() or "\n" in value or "\r" in value:
        raise ValidationError(_("A title is one line of text."))
