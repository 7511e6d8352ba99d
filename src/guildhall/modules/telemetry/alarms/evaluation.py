"""Brings the episodes of a rule up to date with the samples, in the caller's transaction, which has locked the rule.

The state in which to begin is read from the episodes: who is in no alarm at a time has no condition that began a
duration before it. So what changed is folded from a duration earlier, until a sample leaves no trace of what was
before; the rest stays as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Q

from guildhall.modules.telemetry.alarms.events import Told
from guildhall.modules.telemetry.alarms.folding import Condition, Episode, Fold, Peak, Sample, worst_of
from guildhall.modules.telemetry.alarms.models import AlarmEpisode, AlarmRule, AlarmState
from guildhall.modules.telemetry.alarms.policy import SECOND, Kind, Per
from guildhall.modules.telemetry.database import carry_out
from guildhall.modules.telemetry.store import reading
from guildhall.modules.telemetry.store.alarm_marks import Mark
from guildhall.modules.telemetry.store.layout import LAST_TIME, microseconds, moment
from guildhall.modules.telemetry.store.merging import Samples

#: So many samples are read at once; most stretches are short.
FIRST_SLICE: Final = 1000
LARGEST_SLICE: Final = 64_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """Times that have to be looked at again; nothing but time passed behind `until`."""

    start: int
    until: int


def condition_of(rule: AlarmRule) -> Condition:
    """The rule as its policy knows it."""
    return Condition(
        kind=Kind(rule.kind),
        low=rule.low,
        high=rule.high,
        hysteresis=rule.hysteresis,
        per=Per(rule.per),
        duration=rule.duration_s * SECOND,
        since=microseconds(rule.since),
    )


def evaluate(rule: AlarmRule, state: AlarmState, marks: Iterable[Mark], now: int) -> list[Told]:
    """Make the rule's episodes those of the samples that there are, and tell what that changes.

    `marks` are those that were read before, in this transaction or an earlier one. Doing it again changes nothing.
    """
    condition = condition_of(rule)
    known_until = microseconds(state.evaluated_until)
    clock = max(now, microseconds(state.clock))
    evaluation = _Evaluation(rule, condition, settled_until=min(known_until, clock))
    before = rule.episodes.filter(ended_at=None).first()
    check_at: int | None = None
    horizon = clock
    for stretch in _stretches(condition, marks, evaluation.settled_until):
        fold, has_settled = evaluation.refold(stretch, clock)
        if not has_settled:
            horizon = fold.horizon(clock)
            check_at = fold.finish(clock)[1]
            break
    state.evaluated_until = moment(horizon)
    state.clock = moment(clock)
    state.check_at = None if check_at is None else moment(min(check_at, LAST_TIME))
    state.save()
    fresh_from = max(moment(known_until), rule.created_at)
    return list(_tellings(rule, before, [one for one in evaluation.added if one.started_at >= fresh_from]))


def _stretches(condition: Condition, marks: Iterable[Mark], known_until: int) -> list[Stretch]:
    """What to look at: the marked stretches, as far as they overlap as one, and all that came since the last time."""
    wanted = [Stretch(max(mark.dirty_from, condition.since), mark.dirty_until) for mark in marks]
    wanted = sorted((one for one in wanted if one.start < known_until), key=lambda one: one.start)
    wanted.append(Stretch(known_until, LAST_TIME))
    merged: list[Stretch] = []
    for one in wanted:
        if merged and one.start <= merged[-1].until:
            merged[-1] = Stretch(merged[-1].start, max(merged[-1].until, one.until))
        else:
            merged.append(one)
    return merged


class _Evaluation:
    """One rule, as it is being evaluated."""

    def __init__(self, rule: AlarmRule, condition: Condition, *, settled_until: int) -> None:
        self._rule = rule
        self._condition = condition
        self.settled_until = settled_until
        self.added: list[AlarmEpisode] = []

    def refold(self, stretch: Stretch, clock: int) -> tuple[Fold, bool]:
        """Fold from the beginning of the stretch, until nothing can be different from what is known, or to the end,
        and say which it was.
        """
        row = self._alarm_at(stretch.start)
        opened = self._episode(row, stretch.start) if row is not None else None
        begin = stretch.start
        if opened is None and self._condition.kind is not Kind.SILENT_FOR:
            begin = max(begin - self._condition.duration, self._condition.since)
        fold = Fold(self._condition, start=begin, opened=opened, before=self._sample_before(begin))
        settled = None
        for piece in self._pieces(begin):
            settled = fold.take(piece.times, piece.values, settled_from=stretch.until, settled_until=self.settled_until)
            if settled is not None:
                break
        found = list(fold.closed)
        if settled is None and (still_on := fold.finish(clock)[0]) is not None:
            found.append(still_on)
        self._write(row, found, stretch.start, settled)
        return fold, settled is not None

    def _alarm_at(self, at: int) -> AlarmEpisode | None:
        """The episode that is on just before this time."""
        rows = self._rule.episodes.filter(started_at__lt=moment(at))
        return rows.filter(Q(ended_at=None) | Q(ended_at__gte=moment(at))).first()

    def _episode(self, row: AlarmEpisode, at: int) -> Episode:
        """What was known of an episode just before this time."""
        began = microseconds(row.began_at)
        episode = Episode(began, microseconds(row.started_at))
        if row.peak_at is None or row.peak_value is None:
            return episode if self._condition.kind is Kind.SILENT_FOR else self._with_peak(episode, at)
        peak_at = microseconds(row.peak_at)
        if peak_at >= at:
            return self._with_peak(episode, at)
        # Nothing since was worse, so nothing until then was.
        return replace(episode, peak=Peak(peak_at, row.peak_value, self._condition.badness_of(row.peak_value)))

    def _with_peak(self, episode: Episode, at: int) -> Episode:
        samples = carry_out(reading.samples_in(self._rule.datapoint_id, episode.began, at))
        before = self._sample_before(episode.began)
        peak = worst_of(self._condition, before, samples.times, samples.values)
        if before is not None and episode.began == self._condition.since and self._condition.is_of_level:
            # It began with the value that held when the rule began to count.
            badness = self._condition.badness_of(before.value)
            if peak is None or badness >= peak.badness:
                peak = Peak(episode.began, before.value, badness)
        return replace(episode, peak=peak)

    def _sample_before(self, at: int) -> Sample | None:
        """The newest sample older than this, where the fold can make use of it."""
        if self._condition.is_of_level and at != self._condition.since:
            return None
        found = carry_out(reading.samples_in(self._rule.datapoint_id, end=at, descending=True, limit=1))
        return Sample(int(found.times[0]), float(found.values[0])) if len(found) else None

    def _pieces(self, begin: int) -> Iterator[Samples]:
        limit = FIRST_SLICE
        while True:
            piece = carry_out(reading.samples_in(self._rule.datapoint_id, begin, limit=limit))
            yield piece
            if len(piece) < limit:
                return
            begin = int(piece.times[-1]) + 1
            limit = min(limit * 8, LARGEST_SLICE)

    def _write(self, row: AlarmEpisode | None, found: Sequence[Episode], start: int, settled: int | None) -> None:
        """Put the episodes that were found in the place of those that stood in the stretch."""
        rows = self._rule.episodes.filter(started_at__gte=moment(start))
        if settled is not None:
            rows = rows.filter(started_at__lte=moment(settled))
        standing = {one.started_at: one for one in rows}
        if row is not None:
            standing[row.started_at] = row
        wanted = {moment(episode.started): episode for episode in found}
        gone = [one.pk for started_at, one in standing.items() if started_at not in wanted]
        AlarmEpisode.objects.filter(pk__in=gone).delete()
        # Those that end come before the one that is on, of which there may be one only.
        for started_at, episode in wanted.items():
            values = {
                "began_at": moment(episode.began),
                "ended_at": None if episode.ended is None else moment(episode.ended),
                "peak_value": None if episode.peak is None else episode.peak.value,
                "peak_at": None if episode.peak is None else moment(episode.peak.at),
            }
            known = standing.get(started_at)
            if known is None:
                added = AlarmEpisode(rule=self._rule, started_at=started_at, **values)
                added.save(force_insert=True)
                self.added.append(added)
            elif any(getattr(known, name) != value for name, value in values.items()):
                # Nothing else of the row, as somebody may be acknowledging it.
                AlarmEpisode.objects.filter(pk=known.pk).update(**values)


def _tellings(rule: AlarmRule, before: AlarmEpisode | None, fresh: Sequence[AlarmEpisode]) -> Iterator[Told]:
    """What changed for those who listen. They heard of the alarm that was on before, and of nothing else that is on;
    they are told of all that began since the last time, but of the past only as far as it is still so.
    """
    now = rule.episodes.filter(ended_at=None).first()
    if before is not None and (now is None or now.started_at != before.started_at):
        after = rule.episodes.filter(started_at=before.started_at).first()
        yield Told.cleared(rule, after or before, is_withdrawn=after is None)
    for episode in sorted(fresh, key=lambda one: one.started_at):
        if episode.ended_at is not None and (before is None or episode.started_at != before.started_at):
            yield Told.raised(rule, episode)
            yield Told.cleared(rule, episode)
    if now is not None and (before is None or now.started_at != before.started_at):
        yield Told.raised(rule, now)
