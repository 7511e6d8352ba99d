"""How samples become episodes. Pure: no Django, no clock.

A sample's value counts until the next sample comes. A condition begins at a sample, ends at a later one, and is an
alarm from the moment at which it has held for the rule's duration. Between the threshold and the threshold less
hysteresis things stay as they are. Times are the store's: microseconds since 1970.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guildhall.modules.telemetry.alarms.policy import Kind, Per

LARGEST: Final = 1.7976931348623157e308

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A rule as far as it decides over samples. It looks at nothing before `since`, but at the value that held then.

    `high` of a rate is the most by which the value may change `per` minute or hour; the duration of a silence is how
    long none may come.
    """

    kind: Kind
    low: float | None = None
    high: float | None = None
    hysteresis: float = 0.0
    per: Per = Per.MINUTE
    duration: int = 0
    since: int = 0

    @property
    def is_of_level(self) -> bool:
        """Whether a value decides by itself, whatever came before and whenever."""
        return self.kind in {Kind.ABOVE, Kind.BELOW, Kind.OUTSIDE}

    def weigh(self, before: "Sample | None", times: Ints, values: Floats) -> tuple[NDArray[np.int8], Floats, Floats]:
        """For each sample 1 if the condition begins there, -1 if it ends, 0 if it stays; how bad it is, larger is
        worse; and the value that a person is told: the sample's, or the rate at which it came. `before` is the sample
        before the first.
        """
        low, high, slack = self.low or 0.0, self.high or 0.0, self.hysteresis
        with np.errstate(over="ignore"):
            match self.kind:
                case Kind.ABOVE:
                    begins, ends, badness = values > high, values <= high - slack, values
                case Kind.BELOW:
                    begins, ends, badness = values < low, values >= low + slack, -values
                case Kind.OUTSIDE:
                    begins = (values < low) | (values > high)
                    ends = (values >= low + slack) & (values <= high - slack)
                    badness = np.maximum(low - values, values - high)
                case _:
                    values = badness = self._rates(before, times, values)
                    begins, ends = badness > high, badness <= high - slack
        return begins.astype(np.int8) - ends.astype(np.int8), badness, values

    def badness_of(self, told: float) -> float:
        """How bad a value is that a person was told."""
        match self.kind:
            case Kind.BELOW:
                return -told
            case Kind.OUTSIDE:
                return max((self.low or 0.0) - told, told - (self.high or 0.0))
            case _:
                return told

    def _rates(self, before: "Sample | None", times: Ints, values: Floats) -> Floats:
        first = before or Sample(int(times[0]) - 1, float(values[0]))
        changes = np.abs(np.diff(values, prepend=first.value))
        rates: Floats = np.minimum(changes / np.diff(times, prepend=first.at) * self.per.microseconds, LARGEST)
        return rates


@dataclass(frozen=True, slots=True)
class Sample:
    """A value and when it came."""

    at: int
    value: float


@dataclass(frozen=True, slots=True)
class Peak:
    """The worst of an episode: the first sample at which it was as bad as it got."""

    at: int
    value: float
    badness: float


@dataclass(frozen=True, slots=True)
class Episode:
    """A time in which a rule's condition held for longer than its duration.

    The condition `began`, it was an alarm from `started`, and it `ended`, or None. A silence has no peak.
    """

    began: int
    started: int
    ended: int | None = None
    peak: Peak | None = None


class Fold:
    """Samples folded into episodes, piece by piece in the order of time.

    It starts before the time `start`: in the alarm `opened`, or with no condition; `before` is the newest sample older
    than the first that will be taken.
    """

    def __init__(self, condition: Condition, *, start: int, opened: Episode | None, before: Sample | None) -> None:
        self.closed: list[Episode] = []
        self._condition = condition
        self._open = opened
        self._before = before
        self._newest = start
        if start == condition.since:
            self._carry_over()

    def _carry_over(self) -> None:
        """The rule begins to count: what held already is looked at as if it came now."""
        since, before = self._condition.since, self._before
        if self._condition.kind is Kind.SILENT_FOR:
            if self._open is not None and (before is None or before.at + self._condition.duration > since):
                self._end(since)
        elif before is not None and self._condition.is_of_level:
            self._take(np.array([since]), np.array([before.value]))

    def take(
        self, times: Ints, values: Floats, *, settled_from: int | None = None, settled_until: int = 0
    ) -> int | None:
        """Go on with these samples, the times rising.

        Where a sample ends any condition that might have held, what came before makes no difference any more. The
        first of this kind in (settled_from, settled_until] whose predecessor is in it as well is the last to be taken,
        and its time is returned.
        """
        if not len(times):
            return None
        settled = None
        if settled_from is not None:
            ends = np.ones(len(times), bool)
            if self._condition.kind is not Kind.SILENT_FOR:
                ends = self._condition.weigh(self._before, times, values)[0] < 0
            previous = np.append(self._before.at if self._before else settled_from, times[:-1])
            found = np.flatnonzero(ends & (previous > settled_from) & (times <= settled_until))
            if len(found):
                times, values = times[: found[0] + 1], values[: found[0] + 1]
                settled = int(times[-1])
        self._take(times, values)
        self._before = Sample(int(times[-1]), float(values[-1]))
        self._newest = max(self._newest, self._before.at)
        return settled

    def _take(self, times: Ints, values: Floats) -> None:
        if self._condition.kind is Kind.SILENT_FOR:
            self._take_signs_of_life(times)
            return
        codes, badness, told = self._condition.weigh(self._before, times, values)
        decisive = np.flatnonzero(codes)
        changes = decisive[np.append(True, np.diff(codes[decisive]) != 0)] if len(decisive) else decisive
        begin = 0
        for index in changes.tolist():
            if codes[index] > 0 and self._open is None:
                begin, at = index, int(times[index])
                self._open = Episode(at, at + self._condition.duration)
            elif codes[index] < 0 and self._open is not None:
                self._see(times[begin:index], badness[begin:index], told[begin:index])
                self._end(int(times[index]))
        if self._open is not None:
            self._see(times[begin:], badness[begin:], told[begin:])

    def _take_signs_of_life(self, times: Ints) -> None:
        if self._open is not None:
            self._end(int(times[0]))
            previous = times[:-1]
            times = times[1:]
        else:
            previous = np.append(self._before.at if self._before else times[0], times[:-1])
        begins = np.maximum(previous + self._condition.duration, self._condition.since)
        for index in np.flatnonzero(begins < times).tolist():
            self._open = Episode(int(previous[index]), int(begins[index]))
            self._end(int(times[index]))

    def _see(self, times: Ints, badness: Floats, told: Floats) -> None:
        """The open condition holds through these samples; remember the worst."""
        if self._open is None or not len(times):
            return
        worst = int(np.argmax(badness))
        peak = self._open.peak
        if peak is None or badness[worst] > peak.badness:
            new = Peak(int(times[worst]), float(told[worst]), float(badness[worst]))
            self._open = replace(self._open, peak=new)

    def _end(self, at: int) -> None:
        # What ends just when it would become an alarm never was one. An alarm from before this fold began earlier.
        if self._open is not None and at > self._open.started:
            self.closed.append(replace(self._open, ended=at))
        self._open = None

    def finish(self, now: int) -> tuple[Episode | None, int | None]:
        """The alarm that is on at `now`, or at the newest sample if that is later; or when there will be one if no
        sample comes until then.
        """
        condition, coming = self._condition, self._open
        if coming is None and condition.kind is Kind.SILENT_FOR and self._before is not None:
            quiet_from = self._before.at
            coming = Episode(quiet_from, max(quiet_from + condition.duration, condition.since))
        if coming is None:
            return None, None
        if coming.started > max(now, self._newest):
            return None, coming.started
        return coming, None

    def horizon(self, now: int) -> int:
        """Up to when everything is known: now, or the newest sample."""
        return max(now, self._newest)


def worst_of(condition: Condition, before: Sample | None, times: Ints, values: Floats) -> Peak | None:
    """The worst of these samples, all of which belong to one episode."""
    if not len(times) or condition.kind is Kind.SILENT_FOR:
        return None
    _, badness, told = condition.weigh(before, times, values)
    worst = int(np.argmax(badness))
    return Peak(int(times[worst]), float(told[worst]), float(badness[worst]))
