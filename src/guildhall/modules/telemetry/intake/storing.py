"""Stores samples that came by HTTP or out of a file, in one transaction with the counts of their datasource."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.utils import timezone

from guildhall.core.errors import NotFoundError
from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.database import carry_out
from guildhall.modules.telemetry.errors import SealingIsBehindError
from guildhall.modules.telemetry.intake import announcing
from guildhall.modules.telemetry.intake.points import Points
from guildhall.modules.telemetry.models import Datapoint, Datasource
from guildhall.modules.telemetry.payload import Measurement, RejectReason
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.store import journal, series
from guildhall.modules.telemetry.store.journal import LONGEST_PAUSE_S, NO_SOURCE, UnknownDatapointError
from guildhall.modules.telemetry.store.merging import Batch
from guildhall.modules.telemetry.store.series import Tally

#: A datapoint may be deleted between finding it and writing to it, but hardly twice.
ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of samples: how many are stored, how many were older than what is kept, and what had no datapoint.

    `unknown` counts the samples of each key that leads to no datapoint, and says why; without a reason, it is that the
    datasource may not publish there.
    """

    stored: int = 0
    too_old: int = 0
    position: int = 0
    unknown: dict[str, tuple[RejectReason | None, int]] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """How many samples are not stored."""
        return self.too_old + sum(count for _, count in self.unknown.values())


def store_in(
    datapoint: Datapoint,
    measurements: Sequence[Measurement],
    *,
    datasource: Datasource | None = None,
    announced: bool = True,
) -> Outcome:
    """Store samples of one datapoint; of several for one time, the last one counts. Safe to repeat.

    Raises:
        NotFoundError: the datapoint was deleted meanwhile.
        SealingIsBehindError: nothing is taken now.
    """
    _require_room()
    times, values = zip(*measurements, strict=True)
    ids = np.full(len(times), datapoint.pk, np.int64)
    try:
        return _store(ids, times, values, datasource, announced=announced)
    except UnknownDatapointError as error:
        raise NotFoundError from error


def store_points(datasource: Datasource, points: Points, *, announced: bool = True) -> Outcome:
    """Store samples by the keys of the datasource's datapoints, which are created where it may. Safe to repeat.

    A key that leads to no datapoint, or to which the datasource may not publish, keeps only its own samples out.

    Raises:
        SealingIsBehindError: nothing is taken now.
    """
    _require_room()
    slots = np.array(points.slots, np.int64)
    used = np.unique(slots)
    counts = dict(zip(used.tolist(), np.bincount(slots)[used].tolist() if len(slots) else [], strict=True))
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _store_keys(datasource, points, slots, counts, announced=announced)
        except UnknownDatapointError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def may_publish(datasource: Datasource, keys: Sequence[str]) -> set[str]:
    """Those of the keys to whose topics the datasource has the right to publish."""
    rights = datasource.topic_rights.filter(action=Right.PUBLISH.value).values_list("filter", flat=True)
    filters = list(rights)
    if policy.default_filter(datasource.username) in filters:
        return set(keys)
    prefix = datasource.topic_prefix
    return {key for key in keys if any(policy.matches(filter_, f"{prefix}/{key}") for filter_ in filters)}


def _store_keys(
    datasource: Datasource, points: Points, slots: "np.ndarray[tuple[int], np.dtype[np.int64]]", counts: dict[int, int],
    *, announced: bool,
) -> Outcome:  # fmt: skip
    keys = [points.keys[slot] for slot in counts]
    allowed = may_publish(datasource, keys)
    targets = carry_out(series.targets_of([(datasource.username, key) for key in keys if key in allowed]))
    ids = np.zeros(len(points.keys), np.int64)
    unknown: dict[str, tuple[RejectReason | None, int]] = {}
    for slot, count in counts.items():
        key = points.keys[slot]
        target = targets.get((datasource.username, key))
        if target is not None and target.datapoint_id is not None:
            ids[slot] = target.datapoint_id
        else:
            unknown[key] = None if target is None else target.reason, count
    of = ids[slots] if len(slots) else slots
    known = of != 0
    outcome = _store(
        of[known],
        np.array(points.times, np.int64)[known],
        np.array(points.values, np.float64)[known],
        datasource,
        is_rejected=bool(unknown),
        announced=announced,
    )
    return Outcome(outcome.stored, outcome.too_old, outcome.position, unknown)


@transaction.atomic
def _store(
    ids: Any,
    times: Any,
    values: Any,
    datasource: Datasource | None,
    *,
    is_rejected: bool = False,
    announced: bool = True,
) -> Outcome:
    source = NO_SOURCE
    if datasource is not None:
        source = carry_out(journal.sources_of([datasource.pk]))[datasource.pk]
        tally = Tally(stored=int(not is_rejected), rejected=int(is_rejected), at=timezone.now())
        carry_out(series.counted({datasource.pk: tally}))
    batch = Batch.of(ids, np.array(times, np.int64), np.array(values, np.float64), np.full(len(ids), source, np.int32))
    if not len(batch):
        return Outcome()
    # Last, as every other writer waits from here on until the commit.
    written = carry_out(journal.write(batch))
    if announced:
        transaction.on_commit(lambda: announcing.announce(batch, written), robust=True)
    too_old = sum(written.refused.values())
    return Outcome(len(batch) - too_old, too_old, written.position)


def _require_room() -> None:
    if carry_out(journal.pause_s()) >= LONGEST_PAUSE_S:
        raise SealingIsBehindError
