"""What this process tells Prometheus, on a port of its own: requests, jobs, connections, and gauges of modules.

Modules register gauges with `gauge`; they are read when Prometheus asks, so that nobody counts in vain.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final
from wsgiref.simple_server import WSGIServer

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
    """Connections of Django's pool: how many are open, free and allowed, and how many callers wait for one."""
    # Looked up where Django keeps its pools: asking a connection would make one, and importing would load Django.
    backend = sys.modules.get("django.db.backends.postgresql.base")
    pools: dict[str, Any] = getattr(getattr(backend, "DatabaseWrapper", None), "_connection_pools", {})
    pool = pools.get("default")
    if pool is None:
        return {}
    stats = pool.get_stats()
    names = {"pool_size": "open", "pool_available": "free", "pool_max": "allowed", "requests_waiting": "awaited"}
    return {(label,): float(stats.get(name, 0)) for name, label in names.items()}


gauge("guildhall_database_connections", "Connections of this process's pool.", pool_use, labels=("state",))


@contextmanager
def serving(process: str) -> Iterator[int]:
    """Serve the metrics of this process on METRICS_PORT, or on a free port where that is 0 or taken; yields the port.

    As long as it does, the address stands in `metrics/NAME-PID` of the home.
    """
    server = _server()
    port = int(server.server_port)
    file = home_folder() / "metrics" / f"{process}-{os.getpid()}"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{settings.metrics_host}:{port}\n")
    except OSError as error:
        # A container may have no home; its port is fixed then.
        logger.debug("The address of the metrics can't be published: %s", error)
    try:
        yield port
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)
        server.shutdown()
        server.server_close()


def _server() -> WSGIServer:
    try:
        return start_http_server(settings.metrics_port, addr=settings.metrics_host)[0]
    except OSError:
        logger.warning("Port %d is taken; this process serves its metrics on another.", settings.metrics_port)
        return start_http_server(0, addr=settings.metrics_host)[0]
