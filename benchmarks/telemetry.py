"""The store of measurements beside InfluxDB, VictoriaMetrics and a plain table, in one run; each durable, unless noted.

`make bench-telemetry` takes ten million points, `make bench-telemetry-large` a hundred. Many sensors
send in turns, as they do; signals are random walks of two decimals whose times jitter by milliseconds, and some batches
come twice. One process writes while the sealer's own process seals; what counts as ingest is the time until all is in
chunks with rollups. The plain table has its primary key, is given the first half a million without repeats, and is
filled by binary COPY in the same PostgreSQL. All are written to in turns, as a shared machine changes its speed.

Of more than ten million points, the first ten are written and read beside the others; the rest only by us, and then the
same questions about the newest 28 hours are asked again, of the others as well, whose data did not change meanwhile.

Sizes are those of tables, indexes and TOAST after sealing and VACUUM. Reads are medians of questions about the newest
28 hours, which is all there is of ten million points, asked of all in turns over connections that are in use already,
as those of a site are.
"""

import itertools
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.peers import MEASUREMENT, Influx, Peer, Victoria, running
from benchmarks.report import Figure, report
from benchmarks.servers import postgresql, process
from guildhall.stack.servers.base import temporary_home

SERIES = 1000
#: Points in a transaction of the store: what its consumer takes at once when much is waiting.
BATCH = 50_000
#: Points in a request to a peer, as InfluxDB's documentation advises.
REQUEST = 10_000
#: Points after which all take turns.
STRETCH = 2_500_000
#: Points up to which the others take part; with more, only our own times are compared with those before.
BESIDE = 10_000_000
PLAIN = 500_000
#: Every so manieth batch comes twice.
REPEATED = 20
STEP_US = 10_000_000
START = 1_767_225_600_000_000
#: What is read: so many rounds of all sensors.
NEWEST = 10_000
ZONE = "Europe/Berlin"
READS = 41
#: Questions before these, which make connections warm: servers plan a statement anew the first ten times.
WARMING = 12
DAY_US = 86_400_000_000
Batch = tuple[Any, Any, Any]


@dataclass(slots=True)
class Contestant:
    """One store: how it is written to, what it took, and how its questions are asked."""

    name: str
    write: Callable[[Sequence[Batch]], float]
    seconds: list[float] = field(default_factory=list)
    points: list[int] = field(default_factory=list)
    bytes: float = 0.0
    questions: dict[str, Callable[[list[int]], None]] = field(default_factory=dict)
    reads: dict[str, list[float]] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Points a second."""
        return sum(self.points) / sum(self.seconds)


def main() -> None:
    """Run and print."""
    points = points_of(os.environ.get("POINTS") or "10M")
    with temporary_home() as home, postgresql() as server, ExitStack() as stack:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        peers = [stack.enter_context(running(kind, home)) for kind in (Influx, Victoria)]
        _run(server.url, home, points, [peer for peer in peers if peer is not None])


def points_of(text: str) -> int:
    units = {"k": 1000, "M": 1_000_000}
    return int(float(text[:-1]) * units[text[-1]]) if text[-1] in units else int(text)


def signal_of(points: int) -> Iterator[Batch]:
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


def _stretches(points: int) -> Iterator[list[Batch]]:
    """The signal in parts, in each of which some batches are repeated."""
    found: list[Batch] = []
    for number, batch in enumerate(signal_of(points)):
        if number % (STRETCH // BATCH) == 0 and found:
            yield found
            found = []
        found.append(batch)
        if number % REPEATED == REPEATED - 1:
            found.append(found[-2])  # As one that had not been acknowledged yet is delivered again.
    if found:
        yield found


def _requests(batches: Sequence[Batch]) -> list[bytes]:
    """The line protocol."""
    found = []
    for series, times, values in batches:
        for first in range(0, len(times), REQUEST):
            part = slice(first, first + REQUEST)
            rows = zip(series[part].tolist(), values[part].tolist(), times[part].tolist(), strict=True)
            found.append("".join([f"{MEASUREMENT},id={i} value={v} {t}\n" for i, v, t in rows]).encode())
    return found


def _run(url: str, home: Path, points: int, peers: Sequence[Peer]) -> None:
    import psycopg

    from guildhall.core.organizations.models import Organization, Project
    from guildhall.modules.telemetry.models import Datapoint

    organization = Organization.objects.create(name="Benchmark")
    project = Project.objects.create(organization=organization, name="Benchmark")
    Datapoint.objects.bulk_create(
        Datapoint(organization=organization, project=project, key=f"{n}", name=f"{n}") for n in range(SERIES)
    )
    ids = np.array(list(Datapoint.objects.order_by("pk").values_list("pk", flat=True)), np.int64)
    beside = min(points, BESIDE)
    stretches = _stretches(points)
    with psycopg.connect(url, autocommit=True, options="-c TimeZone=UTC") as connection:
        ours = Contestant("Guildhall", lambda batches: store(connection, ids, batches))
        plain = Contestant("plain table", lambda batches: _copy(connection, ids, batches))
        others = [_contestant(peer, _newest(beside)) for peer in peers]
        with process("guildhall.modules.telemetry.sealer:main"):
            for number, batches in enumerate(itertools.islice(stretches, BESIDE // STRETCH)):
                total = sum(len(times) for _, times, _ in batches)
                _take(ours, lambda batches=batches: ours.write(batches), total)
                if others:
                    requests = _requests(batches)
                for peer, other in zip(peers, others, strict=True):
                    _take(other, lambda peer=peer, requests=requests: peer.write(requests), total)
                if not number:
                    unique = batches[: PLAIN // BATCH]
                    _take(plain, lambda unique=unique: plain.write(unique), sum(len(times) for _, times, _ in unique))
        _finish(connection, ours, beside)
        ours.questions = _questions(connection, ids, _newest(beside))
        plain.bytes = _size(connection, "plain") / plain.points[0]
        for peer, other in zip(peers, others, strict=True):
            other.bytes = peer.bytes_on_disk() / beside
        _read([ours, *others])
        print(f"{beside:,} points of {SERIES} series")
        _print([ours, *others, plain], peers)
        figures = _figures(ours, others)
        if points > beside:
            grown = Contestant("Guildhall", ours.write)
            with process("guildhall.modules.telemetry.sealer:main"):
                for batches in stretches:
                    total = sum(len(times) for _, times, _ in batches)
                    _take(grown, lambda batches=batches: grown.write(batches), total)
            _finish(connection, grown, points)
            grown.questions = _questions(connection, ids, _newest(points))
            again = [_contestant(peer, _newest(beside)) for peer in peers]
            _read([grown, *again])
            figures += _growth(points, (ours, grown), list(zip(others, again, strict=True)))
    report(f"telemetry, {points:,} points", figures)


def _newest(points: int) -> tuple[int, int]:
    """What is asked for: the end of so many points."""
    end = START + points // SERIES * STEP_US
    return max(START, end - NEWEST * STEP_US), end


def _finish(connection: Any, ours: Contestant, points: int) -> None:
    """See that every point is there once, and what all of them take."""
    from guildhall.modules.telemetry.store import sealing

    sealing.forget(connection, kept_s=0)
    # What somebody's snapshot may still see, as that of PostgreSQL's own ANALYZE, VACUUM would leave in its place.
    deadline = time.monotonic() + SNAPSHOTS_S
    while connection.execute(SNAPSHOTS).fetchone() and time.monotonic() < deadline:
        time.sleep(0.2)
    connection.execute("VACUUM ANALYZE")
    (stored,) = connection.execute("SELECT sum(count) FROM telemetry_chunk").fetchone() or (0,)
    if stored != points:
        raise SystemExit(f"{stored} of {points} points are there")
    ours.bytes = sum(_size(connection, pattern) for pattern in SIZES) / points


def _figures(ours: Contestant, others: Sequence[Contestant]) -> list[Figure]:
    """What is required beside InfluxDB, and on disk."""
    found = [
        Figure("ingest, journal, sealing and rollups included", ours.rate, "points/s"),
        Figure("on disk after sealing", ours.bytes, "bytes/point", 4, at_most=True),
    ]
    influx = next((other for other in others if other.name == Influx.name), None)
    if influx is None:
        return found
    found.append(Figure("ingest / InfluxDB", 1 / _turns(influx, ours), "x", 2))
    found += [
        Figure(f"{question}: quicker than InfluxDB", _quicker(ours, influx, question), "x", 1.5)
        for question in (RAW, HOURLY, DAILY)
    ]
    from_rollups = min(_quicker(ours, influx, question) for question in (HOURLY, DAILY))
    found.append(Figure("aggregates from rollups: quicker than InfluxDB", from_rollups, "x", 5))
    return found


def _growth(
    points: int, ours: tuple[Contestant, Contestant], others: Sequence[tuple[Contestant, Contestant]]
) -> list[Figure]:
    """What reading costs now, compared with before."""
    before, after = ours
    found = [
        Figure(f"ingest up to {points:,}", after.rate, "points/s"),
        Figure(f"on disk, {points:,}", after.bytes, "bytes/point", 4, at_most=True),
    ]
    for question in (RAW, HOURLY, DAILY):
        drift = ", ".join(f"{now.name} x{_quicker(was, now, question):.2f}" for was, now in others)
        grown = _quicker(before, after, question)
        note = f"unchanged meanwhile: {drift}" if drift else ""
        found.append(Figure(f"{question}: time at {points:,} / before", grown, "x", 1.5, at_most=True, note=note))
    return found


def _quicker(one: Contestant, other: Contestant, question: str) -> float:
    """How many times the other's time is the one's."""
    return statistics.median(other.reads[question]) / statistics.median(one.reads[question])


def _turns(one: Contestant, ours: Contestant) -> float:
    """How many times quicker than ours it was written to. Each turn by itself, as the machine changes its speed."""
    turns = zip(one.points, one.seconds, ours.points, ours.seconds, strict=False)
    return statistics.median((points / seconds) / (our / ours_s) for points, seconds, our, ours_s in turns)


SNAPSHOTS = "SELECT FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() LIMIT 1"
SNAPSHOTS_S = 60
SIZES = ("telemetry_chunk%", "telemetry_rollup", "telemetry_journal")


def _size(connection: Any, pattern: str) -> int:
    query = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE %s"
    return int(connection.execute(query, [pattern]).fetchone()[0])


def _take(contestant: Contestant, write: Callable[[], float], points: int) -> None:
    contestant.seconds.append(write())
    contestant.points.append(points)


def store(connection: Any, ids: Any, batches: Sequence[Batch]) -> float:
    """Write to the journal, as slowly as the store asks for; seconds until all is sealed."""
    from guildhall.modules.telemetry.store import journal, merging, sealing
    from guildhall.modules.telemetry.store.plan import run

    started = time.perf_counter()
    with connection.cursor(binary=True) as cursor:
        for series, times, values in batches:
            batch = merging.Batch.of(ids[series], times, values, np.zeros(len(times), np.int32))
            with connection.transaction():
                run(journal.write(batch), cursor)
            time.sleep(run(journal.pause_s(), cursor))
    sealing.seal_all(connection)
    return time.perf_counter() - started


def _copy(connection: Any, ids: Any, batches: Sequence[Batch]) -> float:
    connection.execute(
        "CREATE TABLE plain (datapoint_id bigint, at timestamptz, value float8, PRIMARY KEY (datapoint_id, at))"
    )
    layout = [("n", ">i2"), ("a", ">i4"), ("id", ">i8"), ("b", ">i4"), ("at", ">i8"), ("c", ">i4"), ("value", ">f8")]
    started = time.perf_counter()
    for series, times, values in batches:
        order = np.lexsort((times, series))
        rows = np.empty(len(order), dtype=layout)
        rows["n"], rows["a"], rows["b"], rows["c"] = 3, 8, 8, 8
        rows["id"], rows["at"], rows["value"] = ids[series[order]], times[order] - 946_684_800_000_000, values[order]
        with connection.cursor() as cursor, cursor.copy("COPY plain FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8) + rows.tobytes() + b"\xff\xff")
    return time.perf_counter() - started


RAW, HOURLY, DAILY = "raw 24 h of one", "hourly, all of one", "daily of 100"


def _questions(connection: Any, ids: Any, window: tuple[int, int]) -> dict[str, Callable[[list[int]], None]]:
    from guildhall.modules.telemetry.store import aggregates, reading
    from guildhall.modules.telemetry.store.calendar import Interval
    from guildhall.modules.telemetry.store.plan import run

    start, end = window
    cursor = connection.cursor(binary=True)

    def averages(interval: Interval, zone: Any) -> Callable[[list[int]], None]:
        def ask(chosen: list[int]) -> None:
            wanted = [int(ids[series]) for series in chosen]
            found = run(aggregates.aggregates(wanted, interval=interval, zone=zone, start=start, end=end), cursor)
            assert all(len(one.averages) for one in found.values())

        return ask

    return {
        RAW: lambda chosen: (run(reading.samples_in(int(ids[chosen[0]]), end - DAY_US, end), cursor), None)[1],
        HOURLY: lambda chosen: averages(Interval.HOUR, UTC)(chosen[:1]),
        DAILY: averages(Interval.DAY, ZoneInfo(ZONE)),
    }


def _contestant(peer: Peer, window: tuple[int, int]) -> Contestant:
    start, end = window
    connection = peer.connection()
    made = Contestant(peer.name, peer.write)  # type: ignore[arg-type]
    made.questions = {
        RAW: lambda chosen: (peer.get(peer.raw(chosen[0], end - DAY_US, end), connection), None)[1],
        HOURLY: lambda chosen: (peer.get(peer.hourly(chosen[0], start, end), connection), None)[1],
        DAILY: lambda chosen: (peer.get(peer.daily(chosen, start, end, ZONE), connection), None)[1],
    }
    return made


def _read(contestants: Sequence[Contestant]) -> None:
    """Ask all the same, in turns."""
    random = Random(4)
    for question in (RAW, HOURLY, DAILY):
        for number in range(-WARMING, READS):
            chosen = random.sample(range(SERIES), 100)
            for contestant in contestants:
                started = time.perf_counter()
                contestant.questions[question](chosen)
                if number >= 0:
                    contestant.reads.setdefault(question, []).append((time.perf_counter() - started) * 1000)


def _print(contestants: Sequence[Contestant], peers: Sequence[Peer]) -> None:
    ours = contestants[0]
    print(
        f"{'':<18}{'k points/s':>12}{'ratio':>8}{'bytes/point':>13}" + "".join(f"{n + ', ms':>24}" for n in ours.reads)
    )
    for one in contestants:
        line = f"{one.name:<18}{one.rate / 1000:>12.0f}{1 / _turns(one, ours):>8.2f}{one.bytes:>13.2f}"
        for name, times in one.reads.items():
            found, our = statistics.median(times), statistics.median(ours.reads[name])
            line += f"{found:>15.2f} x{found / our:>7.2f}"
        print(line)
    for peer in peers:
        if peer.note:
            print(f"{peer.name} {peer.note}.")


if __name__ == "__main__":
    main()
