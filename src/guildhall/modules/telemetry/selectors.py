"""Reads: which datasources and datapoints there are for whom, latest values, and the samples of a time range."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q, QuerySet

from guildhall.core.accounts.models import User
from guildhall.core.organizations import policy as roles
from guildhall.core.organizations.policy import Action
from guildhall.core.organizations.selectors import grants_of
from guildhall.modules.telemetry.models import (
    Configuration,
    ConfigurationVersion,
    Datapoint,
    Datasource,
    DeadLetter,
    RefusedPublish,
    Sample,
    Watermark,
)

MAX_MISSED_SAMPLES: Final = 50_000

_LATEST = """
SELECT d.id, s.at, s.value
FROM unnest(%s::bigint[]) AS d (id)
CROSS JOIN LATERAL (
    SELECT at, value FROM telemetry_sample WHERE datapoint_id = d.id ORDER BY at DESC LIMIT 1
) s
"""
# Late samples are found for as long as a day; the condition on the time keeps this to the latest partitions.
_SINCE = """
SELECT datapoint_id, at, value, position FROM telemetry_sample
WHERE datapoint_id = ANY(%s) AND position > %s AND at > now() - interval '1 day'
ORDER BY position, at LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """A value and when it was so."""

    at: datetime
    value: float


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


def datapoints_for(user: User, *, organization_id: UUID | None = None, search: str = "") -> QuerySet[Datapoint]:
    """The datapoints that the user sees, with project and object; `search` looks into name, key and description."""
    rows = Datapoint.objects.visible_to(user).select_related("project", "object")
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    for word in search.split():
        rows = rows.filter(Q(name__icontains=word) | Q(key__icontains=word) | Q(description__icontains=word))
    return rows


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
    if user is None:
        return set()
    return set(Datapoint.objects.visible_to(user).filter(pk__in=list(datapoint_ids)).values_list("pk", flat=True))


def readable_usernames(user: User, organization_id: UUID, usernames: Iterable[str]) -> set[str]:
    """Those of the user names that belong to datasources of the organization which the user may edit."""
    rows = Datasource.objects.filter(organization_id=organization_id, username__in=list(usernames))
    grants = grants_of(user)
    return {
        row.username for row in rows if user.is_superuser or roles.allows(grants, "datasource", Action.EDIT, row.place)
    }


def latest_values(datapoint_ids: Sequence[int]) -> dict[int, Moment]:
    """The newest value of each of these datapoints that has any; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [list(datapoint_ids)])
        return {id_: Moment(at, value) for id_, at, value in cursor.fetchall()}


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
    rows = Sample.objects.filter(datapoint_id=datapoint.pk)
    if start is not None:
        rows = rows.filter(at__gte=start)
    if end is not None:
        rows = rows.filter(at__lt=end)
    if after is not None:
        rows = rows.filter(at__lt=after) if descending else rows.filter(at__gt=after)
    ordered = rows.order_by("-at" if descending else "at").values_list("at", "value")[:limit]
    return [Moment(at, value) for at, value in ordered]


def current_position() -> int:
    """The position of the last batch that was stored."""
    return Watermark.objects.aggregate(position=Max("position"))["position"] or 0


def samples_since(datapoint_ids: Sequence[int], position: int) -> list[StoredSample]:
    """What was stored for these datapoints behind this position, in the order of storing, of the last day's times."""
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [list(datapoint_ids), position, MAX_MISSED_SAMPLES])
        return [StoredSample(*row) for row in cursor.fetchall()]


def refused_publishes(datasource: Datasource) -> QuerySet[RefusedPublish]:
    """What the broker refused to the datasource."""
    return RefusedPublish.objects.filter(datasource=datasource)


def dead_letters(datasource: Datasource) -> QuerySet[DeadLetter]:
    """Messages of the datasource that could not be stored."""
    return DeadLetter.objects.filter(datasource=datasource)
