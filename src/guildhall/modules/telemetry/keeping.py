"""How long measurements are kept, and the deletion of those of a range. `store.retention` forgets what is due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.audit.services import record
from guildhall.core.errors import InvalidInputError, NotFoundError
from guildhall.core.organizations.models import Project
from guildhall.core.organizations.policy import Action, Place
from guildhall.core.organizations.selectors import require
from guildhall.core.validation import as_invalid_input
from guildhall.modules.telemetry.database import carry_out
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.store import journal
from guildhall.modules.telemetry.store.journal import UnknownDatapointError
from guildhall.modules.telemetry.store.layout import microseconds, moment
from guildhall.modules.telemetry.stored import RawFloor, Retention


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many days values, and sums of 15 minutes, are kept; without a number, for ever."""

    raw_days: int | None = None
    rollup_days: int | None = None


@dataclass(frozen=True, slots=True)
class KeptOfDatapoint:
    """What holds for a datapoint: its own numbers, what its project adds to them, and since when it has values."""

    own: Kept
    effective: Kept
    values_from: datetime | None


def place_of(project: Project) -> Place:
    """Where the retention of a whole project is decided."""
    return Place(project.organization_id, project.pk, None)


def kept_of_project(project: Project) -> Kept:
    """What holds for datapoints of the project that have no numbers of their own."""
    return _kept(Retention.objects.filter(project=project))


def kept_of_datapoint(datapoint: Datapoint) -> KeptOfDatapoint:
    """What holds for the datapoint."""
    own = _kept(Retention.objects.filter(datapoint=datapoint))
    project = kept_of_project(datapoint.project)
    effective = Kept(
        project.raw_days if own.raw_days is None else own.raw_days,
        project.rollup_days if own.rollup_days is None else own.rollup_days,
    )
    floor = RawFloor.objects.filter(datapoint=datapoint).values_list("raw_from", flat=True).first()
    return KeptOfDatapoint(own, effective, None if floor is None else moment(floor))


def _kept(rows: models.QuerySet[Retention]) -> Kept:
    return Kept(*(rows.values_list("raw_days", "rollup_days").first() or ()))


@transaction.atomic
def keep_project(*, actor: User, project: Project, kept: Kept) -> None:
    """Keep measurements of the project so long. What is forgotten does not come back by keeping more.

    Raises:
        InvalidInputError: a number is out of range, or sums would go before values.
    """
    require(actor, "datapoint", Action.EDIT, place_of(project))
    _set({"project": project}, kept)
    _record(actor, project, project, kept)


@transaction.atomic
def keep_datapoint(*, actor: User, datapoint: Datapoint, kept: Kept) -> None:
    """Keep measurements of the datapoint so long; where a number is missing, its project's holds.

    Raises:
        InvalidInputError: a number is out of range, or sums would go before values.
    """
    require(actor, "datapoint", Action.EDIT, datapoint)
    _set({"datapoint": datapoint}, kept)
    _record(actor, datapoint, datapoint.project, kept)


def _set(of: dict[str, Any], kept: Kept) -> None:
    if kept == Kept():
        Retention.objects.filter(**of).delete()
        return
    numbers = {"raw_days": kept.raw_days, "rollup_days": kept.rollup_days}
    try:
        Retention(**of, **numbers).full_clean(exclude=["project", "datapoint"], validate_unique=False)
    except ValidationError as error:
        raise as_invalid_input(error) from error
    Retention.objects.update_or_create(**of, defaults=numbers)


def _record(actor: User, subject: Datapoint | Project, project: Project, kept: Kept) -> None:
    record(
        "datapoint.retention_changed",
        actor=actor,
        organization_id=project.organization_id,
        subject=subject,
        details={"raw_days": kept.raw_days, "rollup_days": kept.rollup_days},
    )


@transaction.atomic
def delete_values(*, actor: User, datapoint: Datapoint, start: datetime | None, end: datetime | None) -> None:
    """Delete the values in [start, end) that are there now; at least one side has to be given. Safe to repeat.

    Sums of what is older than the raw retention stay.

    Raises:
        InvalidInputError: the range is empty, or has no bound.
        NotFoundError: the datapoint was deleted meanwhile.
    """
    require(actor, "datapoint", Action.EDIT, datapoint)
    if start is None and end is None:
        raise InvalidInputError(fields={"start": [_("Say from when, until when, or both.")]})
    if start is not None and end is not None and start >= end:
        raise InvalidInputError(fields={"end": [_("The end has to be later than the start.")]})
    record(
        "datapoint.values_deleted",
        actor=actor,
        organization_id=datapoint.organization_id,
        subject=datapoint,
        details={name: at.isoformat() for name, at in (("start", start), ("end", end)) if at is not None},
    )
    first, last = (None if at is None else microseconds(at) for at in (start, end))
    try:
        # Last, as every writer waits from here on until the commit.
        carry_out(journal.delete(datapoint.pk, first, last))
    except UnknownDatapointError as error:
        raise NotFoundError from error
