"""Reads: which datasources and datapoints there are for whom, latest values, and the samples of a time range."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from guildhall.core.accounts.models import User
from guildhall.core.organizations import policy as roles
from guildhall.core.organizations.policy import Action, Place
from guildhall.core.organizations.selectors import grants_of
from guildhall.modules.telemetry.database import carry_out
from guildhall.modules.telemetry.models import (
    Configuration,
    ConfigurationVersion,
    Datapoint,
    Datasource,
    DeadLetter,
    RefusedPublish,
)
from guildhall.modules.telemetry.store import journal, reading
from guildhall.modules.telemetry.store.layout import microseconds, moment
from guildhall.modules.telemetry.stored import SampleSource

MAX_MISSED_SAMPLES: Final = 50_000
#: Where a search looks.
SEARCHED: Final = ("name", "key", "description", "project__name", "object__name")


@dataclass(frozen=True, slots=True)
class Moment:
    """A value and when it was so."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class SourcedSample:
    """A sample with the datasource that sent it; None where a person wrote it."""

    at: datetime
    value: float
    datasource_id: UUID | None


@dataclass(frozen=True, slots=True)
class StoredSample:
    """A sample with its place in the order of storing."""

    datapoint_id: int
    at: datetime
    value: float
    position: int


def datasources_for(user: User, *, organization_id: UUID | None = None) -> QuerySet[Datasource]:
    """The datasources that the user sees, with project and object."""
    rows = Datasource.objects.visible_to(user).select_related("project", "object")
    return rows if organization_id is None else rows.filter(organization_id=organization_id)


def datapoints_for(
    user: User,
    *,
    organization_id: UUID | None = None,
    search: str = "",
    datasource: Datasource | None = None,
    tags: Sequence[str] = (),
) -> QuerySet[Datapoint]:
    """The datapoints that the user sees, with project and object.

    `search` looks into name, key and description and into the names of project and object; with a datasource only
    those of its place, which it may feed; with tags only those that have them all.
    """
    rows = Datapoint.objects.visible_to(user).select_related("project", "object")
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    if datasource is not None:
        rows = rows.filter(project_id=datasource.project_id, object_id=datasource.object_id)
    if tags:
        rows = rows.filter(tags__contains=list(tags))
    for word in search.split():
        found = (Q(**{f"{field}__icontains": word}) for field in SEARCHED)
        rows = rows.filter(reduce(or_, found))
    return rows


def visible_ids(user: User, datapoints: Collection[int]) -> set[int]:
    """Those of these datapoints that the user sees. Quicker than by `datapoints_for`, whose condition takes longer to
    be written as SQL than most series take to be read.
    """
    rows = Datapoint.objects.filter(pk__in=datapoints)
    if user.is_superuser:
        return set(rows.values_list("pk", flat=True))
    grants = grants_of(user)
    placed = rows.values_list("pk", "organization_id", "project_id", "object_id")
    return {pk for pk, *place in placed if any(grant.covers(Place(*place)) for grant in grants)}


@dataclass(frozen=True, slots=True)
class PlaceOfDatapoints:
    """A project as a whole, or an object of it, and how many datapoints one sees there."""

    project_id: UUID
    project_name: str
    object_id: UUID | None
    object_name: str | None
    count: int


def places_for(user: User, *, organization_id: UUID, start: int = 0, limit: int) -> list[PlaceOfDatapoints]:
    """Places of the organization where the user sees datapoints, by name, the whole of a project before its objects."""
    fields = "project_id", "project__name", "object_id", "object__name"
    rows = Datapoint.objects.visible_to(user).filter(organization_id=organization_id)
    found = rows.values_list(*fields).annotate(count=Count("pk"))
    order = "project__name", "project_id", F("object__name").asc(nulls_first=True), "object_id"
    return [PlaceOfDatapoints(*row) for row in found.order_by(*order)[start : start + limit]]


def configurations_for(user: User, *, organization_id: UUID | None = None) -> QuerySet[Configuration]:
    """The configuration documents that the user sees, with project and object."""
    rows = Configuration.objects.visible_to(user).select_related("project", "object")
    return rows if organization_id is None else rows.filter(organization_id=organization_id)


def versions_of(configuration: Configuration) -> QuerySet[ConfigurationVersion]:
    """The versions of a configuration that are kept, without their documents."""
    rows = ConfigurationVersion.objects.filter(configuration=configuration).select_related("changed_by")
    return rows.defer("content")


def first_admin(organization_id: UUID) -> User:
    """The one who has been admin of the organization for the longest time."""
    held = User.objects.filter(
        role_assignments__organization_id=organization_id, role_assignments__role=roles.Role.ADMIN.value
    )
    return held.order_by("role_assignments__created_at", "pk")[0]


def visible_datapoint_ids(user_id: UUID, datapoint_ids: Iterable[int]) -> set[int]:
    """Those of the datapoints that this user, as long as his account is active, sees now."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return set() if user is None else visible_ids(user, list(datapoint_ids))


def readable_usernames(user: User, organization_id: UUID, usernames: Iterable[str]) -> set[str]:
    """Those of the user names that belong to datasources of the organization which the user may edit."""
    rows = Datasource.objects.filter(organization_id=organization_id, username__in=list(usernames))
    grants = grants_of(user)
    return {
        row.username for row in rows if user.is_superuser or roles.allows(grants, "datasource", Action.EDIT, row.place)
    }


def latest_values(datapoint_ids: Sequence[int]) -> dict[int, Moment]:
    """The newest value of each of these datapoints that has any; one query."""
    found = carry_out(reading.latest(datapoint_ids))
    return {id_: Moment(moment(at), value) for id_, (at, value) in found.items()}


def timeseries(
    datapoint: Datapoint,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    after: datetime | None = None,
    descending: bool = False,
    limit: int,
) -> list[Moment]:
    """Samples in [start, end), at most `limit`, in the order of time; `after` is the last time of the page before."""
    first = None if start is None else microseconds(start)
    last = None if end is None else microseconds(end)
    if after is not None and descending:
        last = microseconds(after) if last is None else min(last, microseconds(after))
    elif after is not None:
        first = microseconds(after) + 1 if first is None else max(first, microseconds(after) + 1)
    found = carry_out(reading.samples_in(datapoint.pk, first, last, descending=descending, limit=limit))
    return [Moment(moment(at), value) for at, value in zip(found.times.tolist(), found.values.tolist(), strict=True)]


def samples_with_sources(
    datapoint: Datapoint, *, start: datetime | None = None, end: datetime | None = None, limit: int
) -> list[SourcedSample]:
    """The newest samples in [start, end), the latest first, each with the datasource that sent it."""
    first = None if start is None else microseconds(start)
    last = None if end is None else microseconds(end)
    found = carry_out(reading.samples_in(datapoint.pk, first, last, descending=True, limit=limit))
    numbers = found.sources.tolist()
    known = dict(SampleSource.objects.filter(pk__in=set(numbers)).values_list("pk", "datasource_id"))
    columns = zip(found.times.tolist(), found.values.tolist(), numbers, strict=True)
    return [SourcedSample(moment(at), value, known.get(number)) for at, value, number in columns]


def current_position() -> int:
    """The position of the last write or deletion."""
    return carry_out(journal.current_position())


def samples_since(datapoint_ids: Sequence[int], position: int) -> list[StoredSample]:
    """What was stored for these datapoints behind this position, in the order of storing, of the last day's times."""
    now = microseconds(timezone.now())
    found = carry_out(reading.since(datapoint_ids, position, now=now, limit=MAX_MISSED_SAMPLES))
    return [StoredSample(new.datapoint_id, moment(new.at), new.value, new.position) for new in found]


def refused_publishes(datasource: Datasource) -> QuerySet[RefusedPublish]:
    """What the broker refused to the datasource."""
    return RefusedPublish.objects.filter(datasource=datasource)


def dead_letters(datasource: Datasource) -> QuerySet[DeadLetter]:
    """Messages of the datasource that could not be stored."""
    return DeadLetter.objects.filter(datasource=datasource)
