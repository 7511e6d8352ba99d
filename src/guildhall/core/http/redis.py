"""Redis as something that may be missing: what is kept there makes the site quicker or fairer, and never decides alone.

A call that fails is answered by its default. After a failure nobody waits for Redis for a moment, one warning an
interval says so, and the first call that works again says that too.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from guildhall.settings import settings

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

TIMEOUT_S: Final = 0.3
PAUSE_S: Final = 1.0
WARNING_INTERVAL_S: Final = 30.0

#: One attempt more mends connections of the pool that a restarted server no longer knows.
CONNECTION_OPTIONS: Final[dict[str, Any]] = {
    "socket_timeout": TIMEOUT_S,
    "socket_connect_timeout": TIMEOUT_S,
    "retry": Retry(NoBackoff(), 1),
}


class Breaker:
    """Keeps a process from waiting for a Redis that is not there. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._paused_until = 0.0
        self._warned_at = float("-inf")
        self._broken = False

    def call(self, function: Callable[[], Result], default: Result, *, lost: str) -> Result:
        """What the function returns; the default where Redis fails, or failed just now. `lost` names what degrades."""
        if self._broken and self._clock() < self._paused_until:
            return default
        try:
            result = function()
        except (RedisError, OSError) as error:
            self._fail(error, lost)
            return default
        if self._broken:
            self._recover()
        return result

    def _fail(self, error: Exception, lost: str) -> None:
        with self._lock:
            now = self._clock()
            self._broken = True
            self._paused_until = now + PAUSE_S
            if now - self._warned_at < WARNING_INTERVAL_S:
                return
            self._warned_at = now
        logger.warning("Redis does not answer (%s); going on without %s.", type(error).__name__, lost)

    def _recover(self) -> None:
        with self._lock:
            was_broken, self._broken = self._broken, False
            self._warned_at = float("-inf")
        if was_broken:
            logger.warning("Redis answers again.")


breaker: Final = Breaker()


@lru_cache
def _client(url: str) -> Redis:
    return Redis.from_url(url, **CONNECTION_OPTIONS)


def client() -> Redis:
    """The process's client with its pool of connections; threads share it."""
    return _client(settings.redis_url.get_secret_value())
