"""Believable signals for the demo and the simulation: what a sensor of each kind would show at a time. Pure.

Each is a daily and a yearly curve with slowly wandering noise, so two sensors of a kind are alike but not the same.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

DAY_S: Final = 86_400.0
YEAR_S: Final = 365.25 * DAY_S
#: How the noise wanders: in so many seconds so much of it is kept, and a step of so many wanders is added.
WANDER_STEP_S: Final = 900.0
WANDER_KEPT: Final = 0.93
WANDER_STEP: Final = 0.25


@dataclass(frozen=True, slots=True)
class Instant:
    """A time in seconds since 1970, and taken apart as the signals need it: `hour` in [0, 24), `season` from -1
    (midwinter) to 1 (midsummer).
    """

    at_s: float
    hour: float
    season: float
    is_workday: bool

    @classmethod
    def of(cls, at_s: float) -> "Instant":
        """The parts of a time in seconds since 1970."""
        hour = at_s % DAY_S / 3600
        season = -math.cos((at_s % YEAR_S - 10 * DAY_S) / YEAR_S * 2 * math.pi)
        return cls(at_s, hour, season, datetime.fromtimestamp(at_s, tz=UTC).weekday() < 5)  # noqa: PLR2004 — Saturday.

    @property
    def daylight(self) -> float:
        """From 0 at night to 1 at noon of a summer's day."""
        height = math.cos((self.hour - 12.5) / 24 * 2 * math.pi)
        return max(0.0, height + 0.35 * self.season) / 1.35

    @property
    def presence(self) -> float:
        """How busy the house is, from 0 to 1: evenings of workdays, afternoons of weekends."""
        middle, width = (18.5, 2.6) if self.is_workday else (15.0, 3.4)
        return math.exp(-(((self.hour - middle) / width) ** 2)) * (0.8 if self.is_workday else 1.0)


@dataclass(frozen=True, slots=True)
class Signal:
    """A kind of sensor: how it is called, its unit, its digits, how far it wanders, and its undisturbed course."""

    key: str
    name: str
    unit: str
    digits: int
    wander: float
    course: Callable[[Instant], float]
    lowest: float = -math.inf


SIGNALS: Final = (
    Signal("temperature", "Temperature", "°C", 2, 0.8, lambda i: 20.5 + 2.5 * i.season + 1.6 * i.daylight + i.presence),
    Signal("humidity", "Humidity", "%", 1, 3.0, lambda i: 48 + 8 * i.season - 6 * i.daylight + 4 * i.presence, 5),
    Signal("co2", "CO₂", "ppm", 0, 35.0, lambda i: 430 + 620 * i.presence, 390),
    Signal("power", "Power", "W", 0, 90.0, lambda i: 140 + 1900 * i.presence, 20),
    Signal("door-count", "Door openings", "", 0, 1.2, lambda i: 9 * i.presence, 0),
)
OUTDOOR: Final = (
    Signal("temperature", "Temperature", "°C", 2, 2.2, lambda i: 9 + 9.5 * i.season + 6 * i.daylight),
    Signal("humidity", "Humidity", "%", 1, 6.0, lambda i: 78 - 8 * i.season - 18 * i.daylight, 5),
    Signal("light", "Light", "lx", 0, 900.0, lambda i: 62_000 * i.daylight, 0),
    Signal("wind", "Wind", "m/s", 1, 1.6, lambda i: 4.2 - 0.9 * i.season + i.daylight, 0),
)


class Sensor:
    """One sensor of a kind, with its own offset and a noise that wanders back to it; it goes on from `latest`, a value
    that it showed before.
    """

    def __init__(self, signal: Signal, rng: random.Random, *, latest: float | None = None) -> None:
        self.signal = signal
        self._rng = rng
        self._offset = rng.gauss(0, signal.wander / 2)
        self._noise = 0.0
        self._latest = latest
        self._at_s: float | None = None

    def value(self, instant: Instant) -> float:
        """What it shows at this time; called in the order of time, however often."""
        signal = self.signal
        course = signal.course(instant) + self._offset
        if self._at_s is None and self._latest is not None:
            self._noise = self._latest - course
        else:
            passed_s = WANDER_STEP_S if self._at_s is None else max(instant.at_s - self._at_s, 0.0)
            # An Ornstein-Uhlenbeck process, so the noise of an hour is the same in one step and in a thousand.
            kept = WANDER_KEPT ** (passed_s / WANDER_STEP_S)
            step = signal.wander * WANDER_STEP * math.sqrt((1 - kept**2) / (1 - WANDER_KEPT**2))
            self._noise = kept * self._noise + self._rng.gauss(0, step)
        self._at_s = instant.at_s
        return round(max(course + self._noise, signal.lowest), signal.digits)
