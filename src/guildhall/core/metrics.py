"""What this process tells Prometheus, on a port of its own: requests, jobs, connections, and gauges of modules.

Modules register gauges with `gauge`; they are read when Prometheus asks, so that nobody counts in vain.
"""

import atexit
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from prometheus_client import Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector

from guildhall.settings import settings
from guildhall.settings.environment import home_folder

logger = logging.getLogger(__name__)

#: A single number, or numbers by the values of the labels.
Reading = float | Mapping[tuple[str, ...], float]

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

REQUESTS: Final = Counter("guildhall_http_requests", "Requests answered.", ["route", "method", "status"])
REQUEST_SECONDS: Final = Histogram(
    "guildhall_http_request_seconds", "Time from a request to its answer.", ["route", "method"], buckets=_SECONDS
)
LIMITED: Final = Counter("guildhall_http_limited", "Requests refused by a rate limit.", ["policy"])
JOBS: Final = Counter("guildhall_jobs", "Jobs done.", ["job", "state"])
JOB_SECONDS: Final = Histogram("guildhall_job_seconds", "Time that a job ran.", ["job"], buckets=_SECONDS)


def observe_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request. `route` is the template of its address, never the address itself."""
    REQUESTS.labels(route, method, status).inc()
    REQUEST_SECONDS.labels(route, method).observe(seconds)


class _Gauges(Collector):
    """Asks every registered gauge when Prometheus asks us."""

    def __init__(self) -> None:
        self._gauges: dict[str, tuple[str, tuple[str, ...], Callable[[], Reading]]] = {}

    def add(self, name: str, description: str, labels: tuple[str, ...], read: Callable[[], Reading]) -> None:
        self._gauges[name] = (description, labels, read)

    def remove(self, name: str) -> None:
        self._gauges.pop(name, None)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (description, labels, read) in sorted(self._gauges.items()):
            try:
                reading = read()
            except Exception:
                # One gauge that can't be read must not hide the others.
                logger.debug("The gauge %s can't be read.", name, exc_info=True)
                continue
            family = GaugeMetricFamily(name, description, labels=labels)
            for values, number in reading.items() if isinstance(reading, Mapping) else [((), reading)]:
                family.add_metric(values, number)
            yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """None yet; asking them all while the process starts would be too early."""
        return []


_gauges: Final = _Gauges()
REGISTRY.register(_gauges)


def gauge(name: str, description: str, read: Callable[[], Reading], *, labels: tuple[str, ...] = ()) -> None:
    """Add a gauge, such as the lag of a consumer. `read` is called in a thread of its own, must be quick, and returns a
    number, or numbers by label values. A second one of the same name takes the place of the first.
    """
    _gauges.add(name, description, labels, read)


def forget_gauge(name: str) -> None:
    """Remove a gauge. Safe to repeat."""
    _gauges.remove(name)


def pool_use() -> dict[tuple[str, ...], float]:
    """Connections of Django's pool: how many there are, are free, may be, and how many requests wait for one."""
    from django.db.backends.postgresql.base import DatabaseWrapper

    # Looked up where Django keeps its pools, as asking a connection for its pool would make one.
    pools: dict[str, Any] = getattr(DatabaseWrapper, "_connection_pools", {})
    pool = pools.get("default")
    if pool is None:
        return {}
    stats = pool.get_stats()
    names = {"pool_size": "open", "pool_available": "free", "pool_max": "allowed", "requests_waiting": "awaited"}
    return {(label,): float(stats.get(name, 0)) for name, label in names.items()}


gauge("guildhall_database_connections", "Connections of this process's pool.", pool_use, labels=("state",))


def serve(process: str) -> int:
    """Serve the metrics of this process, under this name, on METRICS_PORT, or on a free port where that is 0.

    The port stands in `metrics/` of the home as long as the process runs. Returns it.

    Raises:
        OSError: the port is taken.
    """
    server, _ = start_http_server(settings.metrics_port, addr=settings.metrics_host)
    port = int(server.server_port)
    _publish(process, port)
    return port


def _publish(process: str, port: int) -> None:
    folder = home_folder() / "metrics"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{process}-{os.getpid()}"
        file.write_text(f"{settings.metrics_host}:{port}\n")
    except OSError as error:
        # A container may have no home; its port is fixed then.
        logger.debug("The port of the metrics can't be published: %s", error)
        return
    atexit.register(_withdraw, file)


def _withdraw(file: Path) -> None:
    file.unlink(missing_ok=True)
