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


@dataclass(frozen=True, slots=True)
class Instant:
    """A time, taken apart as the signals need it: `hour` in [0, 24), `season` from -1 (midwinter) to 1 (midsummer)."""

    hour: float
    season: float
    is_workday: bool

    @classmethod
    def of(cls, at_s: float) -> "Instant":
        """The parts of a time in seconds since 1970."""
        hour = at_s % DAY_S / 3600
        season = -math.cos((at_s % YEAR_S - 10 * DAY_S) / YEAR_S * 2 * math.pi)
        return cls(hour, season, datetime.fromtimestamp(at_s, tz=UTC).weekday() < 5)  # noqa: PLR2004 — Saturday.

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
    """One sensor of a kind, with its own offset and a noise that wanders back to it."""

    def __init__(self, signal: Signal, rng: random.Random) -> None:
        self.signal = signal
        self._rng = rng
        self._offset = rng.gauss(0, signal.wander / 2)
        self._noise = 0.0

    def value(self, instant: Instant) -> float:
        """What it shows at this time; called in the order of time."""
        signal = self.signal
        self._noise = 0.93 * self._noise + self._rng.gauss(0, signal.wander * 0.25)
        course = signal.course(instant) + self._offset + self._noise
        return round(max(course, signal.lowest), signal.digits)
