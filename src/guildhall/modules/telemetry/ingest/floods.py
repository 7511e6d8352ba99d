"""Notices datasources that send more than they may, of anything or of what can't be stored, and has them paused.

A paused datasource is cut off and not let in, so that what it sends costs nobody else's time; each time sooner after
the last one it is for longer. Counted by the times of the broker, in buckets that empty evenly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from guildhall.modules.telemetry.store.series import Tally

FIRST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 600.0
#: After so long without a pause, the next one is short again.
FORGIVEN_AFTER_S: Final = 1800.0
MAX_KNOWN: Final = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `quota` messages at once, and as many in every `window_s` seconds."""

    quota: int
    window_s: int

    @classmethod
    def parse(cls, text: str) -> "Limit | None":
        """The limit that a setting such as `6000/60` stands for; None for `off`."""
        if text == "off":
            return None
        quota, window_s = text.split("/")
        return cls(int(quota), int(window_s))


@dataclass(slots=True)
class _Standing:
    """How full a datasource's buckets are, of all messages and of rejected ones, and how it was paused."""

    at: float
    all: float = 0.0
    rejected: float = 0.0
    paused_until: float = 0.0
    pause_s: float = 0.0


class Floods:
    """Counts what batches bring."""

    def __init__(self, *, all_messages: Limit | None, rejected: Limit | None) -> None:
        self._all = all_messages
        self._rejected = rejected
        self._standings: dict[UUID, _Standing] = {}

    def note(self, tallies: Mapping[UUID, Tally]) -> dict[UUID, float]:
        """Count these; returns for how many seconds which datasources are to be paused now."""
        pauses: dict[UUID, float] = {}
        if self._all is None and self._rejected is None:
            return pauses
        if len(self._standings) > MAX_KNOWN:
            self._standings.clear()
        for datasource, tally in tallies.items():
            if tally.at is None:
                continue
            now = tally.at.timestamp()
            standing = self._standings.setdefault(datasource, _Standing(now))
            passed, standing.at = max(0.0, now - standing.at), max(now, standing.at)
            count = tally.stored + tally.rejected + tally.passed_over
            standing.all, too_many = _filled(standing.all, self._all, passed, count)
            standing.rejected, too_bad = _filled(standing.rejected, self._rejected, passed, tally.rejected)
            if (too_many or too_bad) and now >= standing.paused_until:
                forgiven = now - standing.paused_until > FORGIVEN_AFTER_S
                longer = min(2 * standing.pause_s, LONGEST_PAUSE_S)
                standing.pause_s = FIRST_PAUSE_S if forgiven or not standing.pause_s else longer
                standing.paused_until = now + standing.pause_s
                standing.all = standing.rejected = 0.0
                pauses[datasource] = standing.pause_s
        return pauses


def _filled(level: float, limit: Limit | None, passed_s: float, count: int) -> tuple[float, bool]:
    """The bucket's level after so long and so many more messages, and whether that is too much."""
    if limit is None:
        return 0.0, False
    level = max(0.0, level - passed_s * limit.quota / limit.window_s) + count
    return level, level > limit.quota
