"""The store of measurements beside a plain table that is filled by binary COPY, in the same PostgreSQL with fsync.

Many sensors send in turns, as they do; signals are random walks of two decimals whose times jitter by milliseconds.
All of the store's work counts as ingest: journal, sealing and rollups. The plain table has its primary key and is given
no repeats. Size is that of tables, indexes and TOAST after sealing and VACUUM. Reads are medians.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.servers import postgresql

SERIES = 1000
BATCH = 10_000
STEP_US = 10_000_000
START = 1_767_225_600_000_000
ZONE = "Europe/Berlin"
READS = 15


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=10_000_000)
    points = parser.parse_args().points
    with postgresql() as server:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _run(server.url, points)


def _signal(points: int) -> Iterator[tuple[Any, Any, Any]]:
    """Batches of numbers of series, times and values."""
    rng = np.random.default_rng(4)
    levels = rng.normal(20, 5, SERIES)
    rounds = points // SERIES
    at_once = max(BATCH // SERIES, 1)
    for first in range(0, rounds, at_once):
        count = min(at_once, rounds - first)
        walk = levels + np.cumsum(rng.normal(0, 0.02, (count, SERIES)), axis=0)
        levels = walk[-1]
        jitter = rng.integers(0, 50, (count, SERIES)) * 1000
        times = START + (first + np.arange(count))[:, None] * STEP_US + jitter
        numbers = np.broadcast_to(np.arange(SERIES), (count, SERIES))
        yield numbers.ravel(), times.ravel(), np.round(walk, 2).ravel()


def _run(url: str, points: int) -> None:
    import psycopg

    from guildhall.core.organizations.models import Organization, Project
    from guildhall.modules.telemetry.models import Datapoint
    from guildhall.modules.telemetry.store import journal, sealing
    from guildhall.modules.telemetry.store.merging import Batch
    from guildhall.modules.telemetry.store.plan import run

    organization = Organization.objects.create(name="Benchmark")
    project = Project.objects.create(organization=organization, name="Benchmark")
    Datapoint.objects.bulk_create(
        Datapoint(organization=organization, project=project, key=f"{n}", name=f"{n}") for n in range(SERIES)
    )
    ids = np.array(list(Datapoint.objects.order_by("pk").values_list("pk", flat=True)), np.int64)
    with psycopg.connect(url, autocommit=True, options="-c TimeZone=UTC") as connection:
        connection.execute(
            "CREATE TABLE plain (datapoint_id bigint, at timestamptz, value float8, PRIMARY KEY (datapoint_id, at))"
        )
        spent = {"journal": 0.0, "sealing": 0.0, "plain": 0.0}
        for number, (series, times, values) in enumerate(_signal(points)):
            batch_ids = ids[series]
            with _timed(spent, "journal"), connection.transaction(), connection.cursor(binary=True) as cursor:
                run(journal.write(Batch.of(batch_ids, times, values, np.zeros(len(times), np.int32))), cursor)
            with _timed(spent, "plain"):
                _copy(connection, batch_ids, times, values)
            if number % 100 == 99:  # A million points, which is what the process seals at once.
                with _timed(spent, "sealing"):
                    sealing.seal_all(connection)
        with _timed(spent, "sealing"):
            sealing.seal_all(connection)
        sealing.forget(connection, kept_s=0)
        connection.execute("VACUUM ANALYZE")
        stored = spent["journal"] + spent["sealing"]
        print(f"{points:,} points of {SERIES} series in batches of {BATCH:,}, durable")
        print(f"journal alone            {points / spent['journal'] / 1000:9.0f} k/s")
        print(f"store, all included      {points / stored / 1000:9.0f} k/s")
        print(
            f"plain table              {points / spent['plain'] / 1000:9.0f} k/s   ratio {spent['plain'] / stored:.2f}"
        )
        sizes = {name: _size(connection, pattern) / points for name, pattern in SIZES.items()}
        whole = sizes["chunks"] + sizes["rollups"] + sizes["journal"]
        print(f"bytes a point, store     {whole:9.2f}       " + ", ".join(f"{k} {v:.2f}" for k, v in sizes.items()))
        print(f"bytes a point, plain     {sizes['plain']:9.2f}       ratio {sizes['plain'] / whole:.1f}")
        _reads(connection, [int(id_) for id_ in ids], points // SERIES * STEP_US + START)


SIZES = {"chunks": "telemetry_chunk%", "rollups": "telemetry_rollup", "journal": "telemetry_journal", "plain": "plain"}


def _size(connection: Any, pattern: str) -> int:
    query = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE %s"
    return int(connection.execute(query, [pattern]).fetchone()[0])


class _timed:  # noqa: N801 — reads as a word.
    def __init__(self, spent: dict[str, float], name: str) -> None:
        self.spent, self.name = spent, name

    def __enter__(self) -> None:
        self.started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.spent[self.name] += time.perf_counter() - self.started


def _copy(connection: Any, ids: Any, times: Any, values: Any) -> None:
    layout = [("n", ">i2"), ("a", ">i4"), ("id", ">i8"), ("b", ">i4"), ("at", ">i8"), ("c", ">i4"), ("value", ">f8")]
    order = np.lexsort((times, ids))
    rows = np.empty(len(ids), dtype=layout)
    rows["n"], rows["a"], rows["b"], rows["c"] = 3, 8, 8, 8
    rows["id"], rows["at"], rows["value"] = ids[order], times[order] - 946_684_800_000_000, values[order]
    with connection.cursor() as cursor, cursor.copy("COPY plain FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8) + rows.tobytes() + b"\xff\xff")


def _reads(connection: Any, ids: list[int], end: int) -> None:
    from guildhall.modules.telemetry.store import aggregates, reading
    from guildhall.modules.telemetry.store.calendar import Interval
    from guildhall.modules.telemetry.store.plan import run

    day = 86_400_000_000
    rng = random.Random(4)
    zone = ZoneInfo(ZONE)

    def raw(chosen: list[int]) -> None:
        run(reading.samples_in(chosen[0], end - day, end), cursor)

    def hourly(chosen: list[int]) -> None:
        run(aggregates.aggregates(chosen[:1], interval=Interval.HOUR, zone=UTC), cursor)

    def daily(chosen: list[int]) -> None:
        run(aggregates.aggregates(chosen, interval=Interval.DAY, zone=zone), cursor)

    def plain(query: str, count: int) -> Callable[[list[int]], None]:
        def ask(chosen: list[int]) -> None:
            cursor.execute(query, [chosen[:count]])
            cursor.fetchall()

        return ask

    last = f"to_timestamp({(end - day) / 1e6})"
    average = (
        "SELECT datapoint_id, date_trunc('{}', at{}), avg(value) FROM plain WHERE datapoint_id = ANY(%s) GROUP BY 1, 2"
    )
    pairs = {
        "raw 24 h of one": (
            raw,
            plain(f"SELECT at, value FROM plain WHERE datapoint_id = ANY(%s) AND at >= {last} ORDER BY at", 1),
        ),
        "hourly, all of one": (hourly, plain(average.format("hour", ""), 1)),
        "daily, all of 100": (daily, plain(average.format("day", f" AT TIME ZONE '{ZONE}'"), 100)),
    }
    with connection.cursor(binary=True) as cursor:
        for name, asked in pairs.items():
            spent: tuple[list[float], list[float]] = ([], [])
            for _ in range(READS):
                chosen = rng.sample(ids, 100)
                for ask, times in zip(asked, spent, strict=True):
                    started = time.perf_counter()
                    ask(chosen)
                    times.append((time.perf_counter() - started) * 1000)
            ours, theirs = (statistics.median(times) for times in spent)
            print(f"{name:<24} {ours:9.2f} ms   plain {theirs:9.2f} ms   ratio {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
