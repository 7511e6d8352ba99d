"""The latest messages of a datasource for a page that is looked at, and telling the consumer that it is."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from django.utils.translation import gettext_lazy as _

from guildhall.core.http import redis
from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.models import REASON_CHOICES, Datasource
from guildhall.modules.telemetry.store.layout import moment

#: A page asks each second, and less often where the site is slow.
WATCHED_FOR_S: Final = 10
OUTCOMES: Final[dict[str, Any]] = {
    **dict(REASON_CHOICES),
    policy.SHOWN_STORED: _("stored"),
    policy.SHOWN_PASSED_OVER: _("passed over: no rule wants it, and it is no measurement"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it is shown: its beginning, and what became of it."""

    at: datetime
    topic: str
    payload: str
    size: int
    outcome: str

    @property
    def is_stored(self) -> bool:
        return self.outcome == policy.SHOWN_STORED

    @property
    def is_passed_over(self) -> bool:
        return self.outcome == policy.SHOWN_PASSED_OVER

    @property
    def outcome_text(self) -> Any:
        """What became of it, for people."""
        return OUTCOMES.get(self.outcome, self.outcome)


def watch(datasource: Datasource) -> list[Seen] | None:
    """The latest messages since the page is looked at, the newest first; None where Redis is away."""
    now = int(time.time())

    def ask() -> list[Any]:
        pipeline = redis.client().pipeline(transaction=False)
        pipeline.zadd(policy.WATCHED_KEY, {str(datasource.pk): now + WATCHED_FOR_S})
        pipeline.zremrangebyscore(policy.WATCHED_KEY, "-inf", f"({now}")
        pipeline.lrange(policy.messages_key(datasource.pk), 0, -1)
        rows: list[Any] = pipeline.execute()[-1]
        return rows

    found = redis.breaker.call(ask, default=None, lost="messages on datasources' pages")
    return None if found is None else [_seen(orjson.loads(row)) for row in found]


def _seen(row: dict[str, Any]) -> Seen:
    return Seen(moment(row["at"]), row["topic"], row["payload"], row["size"], row["outcome"])
