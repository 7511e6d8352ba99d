"""What reading costs through the API of a real site, with a member's key, as programs and charts ask: p50 and p95.

A thousand sensors have values as in `make bench-telemetry`, and some have one every half minute for a year. Cold is a
question while nothing is in Redis; warm is the same again. Questions come one after another over one connection.
"""

import http.client
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import numpy as np

from benchmarks import telemetry
from benchmarks.report import Figure, report
from benchmarks.servers import STOP_S, process, site
from guildhall.stack.children import dies_with_parent
from guildhall.stack.servers.base import HOST, free_port

#: Datapoints with a year of values, and how far these lie apart.
LONG = 12
LONG_STEP_US = 30_000_000
YEAR_US = 365 * telemetry.DAY_US
#: Questions of each kind, cold, and as many again, warm.
QUESTIONS = 40
LIMIT_MS = 50
START_S = 60.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of `count` of some datapoints: the path with its parameters."""

    name: str
    of_year: bool
    count: int
    path: Callable[[Sequence[int]], str]


def main() -> None:
    """Run and print."""
    points = telemetry.points_of(os.environ.get("POINTS") or "3M")
    with site():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        key, short, long = _filled(points)
        end = telemetry.START + points // telemetry.SERIES * telemetry.STEP_US
        with _web() as connection:
            figures = [
                figure
                for question in _questions(max(telemetry.START, end - telemetry.NEWEST * telemetry.STEP_US), end)
                for figure in _asked(connection, key, question, long if question.of_year else short)
            ]
    report(f"telemetry through the API, {points:,} points and {LONG} years", figures)


def _filled(points: int) -> tuple[str, list[int], list[int]]:
    """A key that sees everything, and the numbers of the datapoints."""
    import psycopg

    from guildhall.core.accounts import api_keys
    from guildhall.core.accounts.models import User
    from guildhall.core.organizations.models import Project
    from guildhall.core.organizations.services import create_organization
    from guildhall.modules.telemetry.models import Datapoint

    user = User.objects.create_user("benchmark@example.com", None)
    organization = create_organization(actor=user, name="Benchmark")
    project = Project.objects.create(organization=organization, name="Benchmark")
    names = [*(f"short{n:04}" for n in range(telemetry.SERIES)), *(f"year{n:02}" for n in range(LONG))]
    Datapoint.objects.bulk_create(
        Datapoint(organization=organization, project=project, key=name, name=name) for name in names
    )
    ids = np.array(list(Datapoint.objects.order_by("key").values_list("pk", flat=True)), np.int64)
    short, long = ids[: telemetry.SERIES], ids[telemetry.SERIES :]
    with (
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, options="-c TimeZone=UTC") as connection,
        process("guildhall.modules.telemetry.sealer:main"),
    ):
        telemetry.store(connection, short, list(telemetry.signal_of(points)))
        telemetry.store(connection, long, list(_year()))
        connection.execute("VACUUM ANALYZE")
    key = api_keys.create_api_key(actor=user, name="benchmark", scopes=["telemetry:read"]).key
    return key, short.tolist(), long.tolist()


def _year() -> Iterator[telemetry.Batch]:
    """Random walks of two decimals, many days of all at once."""
    rng = np.random.default_rng(5)
    rounds = YEAR_US // LONG_STEP_US
    level = np.full(LONG, 20.0)
    for first in range(0, rounds, telemetry.BATCH // LONG):
        count = min(telemetry.BATCH // LONG, rounds - first)
        walk = level + np.cumsum(rng.normal(0, 0.02, (count, LONG)), axis=0)
        level = walk[-1]
        times = telemetry.START - YEAR_US + (first + np.arange(count))[:, None] * LONG_STEP_US
        times = times + rng.integers(0, 50, (count, LONG)) * 1000
        yield np.broadcast_to(np.arange(LONG), (count, LONG)).ravel(), times.ravel(), np.round(walk, 2).ravel()


def _questions(start: int, end: int) -> list[Question]:
    def path(of: str, **parameters: Any) -> Callable[[Sequence[int]], str]:
        return lambda chosen: f"/api/{of}/?{urlencode(parameters)}".format(chosen[0], ",".join(map(str, chosen)))

    def text(at: int) -> str:
        return datetime.fromtimestamp(at / 1e6, UTC).isoformat()

    day, whole = {"start": text(end - telemetry.DAY_US), "end": text(end)}, {"start": text(start), "end": text(end)}
    year = {"start": text(telemetry.START - YEAR_US), "end": text(telemetry.START)}
    series = "datapoints/{0}"
    return [
        Question("raw 24 h of one", False, 1, path(f"{series}/timeseries", **day, limit=10_000)),
        Question("hourly, all of one", False, 1, path(f"{series}/aggregates", interval="hour")),
        Question(
            "daily of 100",
            False,
            100,
            lambda chosen: (
                "/api/timeseries/query/?"
                + urlencode(
                    {**whole, "datapoints": ",".join(map(str, chosen)), "interval": "day", "tz": telemetry.ZONE}
                )
            ),
        ),
        Question("chart of a year, 1,000 points", True, 1, path(f"{series}/timeseries", **year, max_points=1000)),
        Question("daily of a year", True, 1, path(f"{series}/aggregates", **year, interval="day", tz=telemetry.ZONE)),
    ]


def _asked(connection: http.client.HTTPConnection, key: str, question: Question, ids: Sequence[int]) -> list[Figure]:
    from guildhall.core.http import redis

    rng = random.Random(4)
    cold: list[float] = []
    warm: list[float] = []
    for number in range(QUESTIONS + 2):
        path = question.path(rng.sample(ids, question.count))
        redis.client().flushdb()
        times = [_get(connection, key, path) for _ in range(2)]
        if number > 1:  # The first ones make the process itself warm.
            cold.append(times[0])
            warm.append(times[1])
    return [
        Figure(
            f"{question.name}, {kind}: p95",
            statistics.quantiles(times, n=20)[-1],
            "ms",
            LIMIT_MS,
            at_most=True,
            note=f"p50 {statistics.median(times):.1f} ms",
        )
        for kind, times in (("cold", cold), ("warm", warm))
    ]


def _get(connection: http.client.HTTPConnection, key: str, path: str) -> float:
    """Milliseconds until all of the answer was there."""
    started = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": f"Api-Key {key}"})
    answer = connection.getresponse()
    body = answer.read()
    taken = (time.perf_counter() - started) * 1000
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
    return taken


@contextmanager
def _web() -> Iterator[http.client.HTTPConnection]:
    """The whole site as one process serves it, and a connection to it."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "guildhall.config.asgi:application",
        "--host",
        HOST,
        "--port",
        str(port),
    ]
    web = subprocess.Popen(
        [*command, "--log-level", "error", "--no-access-log"],
        env={**os.environ, "RATE_LIMIT_USER": "off"},
        preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 — one system call.
    )
    connection = http.client.HTTPConnection(HOST, port, timeout=START_S)
    try:
        deadline = time.monotonic() + START_S
        while True:
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                break
            except OSError as error:
                connection.close()
                if web.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("the site does not start") from error
                time.sleep(0.2)
        yield connection
    finally:
        web.terminate()
        web.wait(STOP_S)


if __name__ == "__main__":
    main()
