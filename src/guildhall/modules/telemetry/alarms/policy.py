"""What alarm rules are, and what is wrong with one. Pure: no Django. Samples are folded into alarms by `folding`."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

SECOND: Final = 1_000_000
LONGEST_DURATION_S: Final = 366 * 86_400


class Kind(StrEnum):
    """What a rule watches for."""

    ABOVE = "above"
    BELOW = "below"
    OUTSIDE = "outside"
    RATE_OF_CHANGE = "rate_of_change"
    SILENT_FOR = "silent_for"


class Severity(StrEnum):
    """How bad it is, from the least to the worst."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Per(StrEnum):
    """The time in which a value changes by so much."""

    MINUTE = "minute"
    HOUR = "hour"

    @property
    def microseconds(self) -> int:
        return SECOND * (60 if self is Per.MINUTE else 3600)


class Flaw(StrEnum):
    """What is wrong with a field of a rule."""

    NEEDED = "needed"
    NOT_TAKEN = "not_taken"
    NOT_FINITE = "not_finite"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    NOT_ABOVE_LOW = "not_above_low"
    NEVER_CLEARS = "never_clears"
    TOO_LONG = "too_long"


#: Which thresholds a kind has; it takes no others.
THRESHOLDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ABOVE: ("high",),
    Kind.BELOW: ("low",),
    Kind.OUTSIDE: ("low", "high"),
    Kind.RATE_OF_CHANGE: ("high",),
    Kind.SILENT_FOR: (),
}


def flaws_of(
    kind: Kind, *, low: float | None, high: float | None, hysteresis: float, duration_s: int
) -> dict[str, Flaw]:
    """What is wrong with a rule, by field; empty where nothing is."""
    given = {"low": low, "high": high}
    found: dict[str, Flaw] = {}
    for name, value in given.items():
        if (value is None) and name in THRESHOLDS[kind]:
            found[name] = Flaw.NEEDED
        elif value is not None and name not in THRESHOLDS[kind]:
            found[name] = Flaw.NOT_TAKEN
        elif value is not None and not math.isfinite(value):
            found[name] = Flaw.NOT_FINITE
    if not math.isfinite(hysteresis):
        found["hysteresis"] = Flaw.NOT_FINITE
    elif hysteresis < 0:
        found["hysteresis"] = Flaw.NEGATIVE
    elif hysteresis and kind is Kind.SILENT_FOR:
        found["hysteresis"] = Flaw.NOT_TAKEN
    if duration_s < 0:
        found["duration_s"] = Flaw.NEGATIVE
    elif duration_s > LONGEST_DURATION_S:
        found["duration_s"] = Flaw.TOO_LONG
    elif kind is Kind.SILENT_FOR and not duration_s:
        found["duration_s"] = Flaw.NOT_POSITIVE
    return found or _flaws_together(kind, low, high, hysteresis)


def _flaws_together(kind: Kind, low: float | None, high: float | None, hysteresis: float) -> dict[str, Flaw]:
    if kind is Kind.RATE_OF_CHANGE and high is not None:
        if high <= 0:
            return {"high": Flaw.NOT_POSITIVE}
        if hysteresis > high:
            return {"hysteresis": Flaw.NEVER_CLEARS}
    if kind is Kind.OUTSIDE and low is not None and high is not None:
        if low >= high:
            return {"high": Flaw.NOT_ABOVE_LOW}
        if low + hysteresis > high - hysteresis:
            return {"hysteresis": Flaw.NEVER_CLEARS}
    return {}
