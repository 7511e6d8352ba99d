"""Tells of each answered request: one line of the log, and the metrics. For every framework alike."""

import logging
import time
from typing import Any, Final

from guildhall.core import metrics

logger = logging.getLogger("guildhall.access")

#: Addresses that lead nowhere share one name, or whoever tries many would fill the memory with metrics.
NOWHERE: Final = "(none)"
_KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_STATIC: Final = "/static/"


class Watch:
    """Measures one request from its making to `stop`."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    def stop(self, *, method: str, path: str, route: str | None, status: int, actor: Any = None) -> None:
        """Tell of the answer. The query is left out, as it may hold what is private; `actor` is a user's id."""
        seconds = time.perf_counter() - self._begun
        known = method if method in _KNOWN_METHODS else "(other)"
        metrics.observe_request(route=route or NOWHERE, method=known, status=status, seconds=seconds)
        level = logging.DEBUG if path.startswith(_STATIC) else logging.INFO
        if not logger.isEnabledFor(level):
            return
        fields: dict[str, Any] = {"status": status, "duration_ms": round(seconds * 1000, 1), "route": route or NOWHERE}
        if actor is not None:
            fields["actor"] = str(actor)
        logger.log(level, "%s %s", method, path, extra=fields)
