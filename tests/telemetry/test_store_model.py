"""The store beside a dictionary: whatever is written, deleted, sealed or interrupted, both say the same."""

import math
import struct
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guildhall.modules.telemetry.services import create_datapoint
from guildhall.modules.telemetry.store import aggregates, compaction, journal, reading, sealing
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.layout import DAY, QUARTER, SECOND, microseconds, moment
from guildhall.modules.telemetry.store.plan import run
from tests.support.broker import database_url
from tests.support.people import build_house

# The days around a change of the clock in Europe, with one at midnight in Asia and a zone of quarters nearby.
START = microseconds(datetime.fromisoformat("2021-03-26T00:00:00Z"))
ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Beirut", "America/St_Johns"]
LENGTH = 40 * DAY

times = st.one_of(
    st.integers(0, 8).map(lambda n: START + n * QUARTER),
    st.integers(0, 4 * DAY // SECOND).map(lambda n: START + n * SECOND),
    st.integers(0, LENGTH).map(lambda n: START + n),
    # Long before the zones had offsets in quarters of an hour.
    st.integers(0, 3 * DAY).map(lambda n: microseconds(datetime.fromisoformat("1911-03-09T00:00:00Z")) + n),
)
values = st.one_of(
    st.integers(-5000, 5000).map(lambda n: n / 100),
    st.sampled_from([0.0, -0.0, 5e-324, 1e300, -1e300, 0.1, 1 / 3]),
    st.floats(-1e300, 1e300),
    st.floats(-1e6, 1e6, width=32),
)
writes = st.lists(st.tuples(st.integers(0, 1), times, values), min_size=1, max_size=40)
ranges = st.tuples(times, times).map(sorted)
steps = st.one_of(
    st.tuples(st.just("write"), writes),
    st.tuples(st.just("again"), st.integers(0, 5)),
    st.tuples(st.just("delete"), st.integers(0, 1), ranges),
    st.tuples(st.just("delete open"), st.integers(0, 1), times),
    st.tuples(st.just("seal"), st.none()),
    st.tuples(st.just("crash"), st.integers(0, 25)),
    st.tuples(st.just("forget"), st.none()),
)


class CrashError(Exception):
    pass


class Crashing:
    """A connection whose statements fail from a certain one on, as when the process dies there."""

    def __init__(self, connection, left):
        self._connection, self.left = connection, left

    def transaction(self):
        return self._connection.transaction()

    def execute(self, *arguments):
        self.spend()
        return self._connection.execute(*arguments)

    def cursor(self, **options):
        return CrashingCursor(self, self._connection.cursor(**options))

    def spend(self):
        self.left -= 1
        if self.left < 0:
            raise CrashError


class CrashingCursor:
    def __init__(self, owner, cursor):
        self._owner, self._cursor = owner, cursor

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._cursor.close()

    def __getattr__(self, name):
        if name in {"execute", "copy"}:
            self._owner.spend()
        return getattr(self._cursor, name)


def bits(value):
    return struct.pack("<d", value)


def order(value):
    return value, math.copysign(1, value)


def bucket_key(at, interval, zone):
    here = moment(at).astimezone(zone)
    match interval:
        case Interval.YEAR:
            return here.year
        case Interval.MONTH:
            return here.year, here.month
        case Interval.WEEK:
            return here.date() - timedelta(days=here.weekday())
        case Interval.DAY:
            return here.date()
        case Interval.HOUR:
            return here.replace(minute=0, second=0, microsecond=0, tzinfo=None), here.utcoffset()
        case _:
            return here.replace(minute=here.minute // 15 * 15, second=0, microsecond=0, tzinfo=None), here.utcoffset()


def assert_same_aggregates(found, model, interval, zone, start, end):
    expected = {}
    for at in sorted(at for at in model if (start is None or at >= start) and (end is None or at < end)):
        expected.setdefault(bucket_key(at, interval, zone), []).append(model[at])
    starts = found.starts.tolist()
    buckets = found.buckets
    assert buckets.starts.tolist() == starts
    assert buckets.counts.tolist() == [len(group) for group in expected.values()]
    for number, group in enumerate(expected.values()):
        assert bits(buckets.firsts[number]) == bits(group[0])
        assert bits(buckets.lasts[number]) == bits(group[-1])
        assert bits(buckets.mins[number]) == bits(min(group, key=order))
        assert bits(buckets.maxs[number]) == bits(max(group, key=order))
        allowed = 1e-12 * math.fsum(abs(value) for value in group)
        assert abs(buckets.sums[number] - math.fsum(group)) <= allowed
        assert abs(found.averages[number] - math.fsum(group) / len(group)) <= allowed / len(group)


class Shelf(dict):
    """Buckets of weeks are kept in it, by every example, as what changes has another key from then on."""

    def get(self, keys):
        return [super(Shelf, self).get(key) for key in keys]

    def put(self, found):
        self.update(found)


SHELF = Shelf()


@pytest.fixture
def store(transactional_db):
    house = build_house()
    ids = [
        create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key=key).pk for key in ("a", "b")
    ]
    with psycopg.connect(database_url(), autocommit=True) as connection:
        yield connection, ids


def wipe(connection):
    connection.execute(
        "TRUNCATE telemetry_journal, telemetry_chunk, telemetry_rollup, telemetry_sealed, telemetry_position"
    )


@pytest.mark.parametrize(("full", "summed_up"), [(4, 0), (8192, 1), (8192, 4)])
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actions=st.lists(steps, min_size=1, max_size=10),
    zone=st.sampled_from(ZONES),
    interval=st.sampled_from(list(Interval)),
    asked=st.tuples(st.none() | times, st.none() | times),
    limit=st.integers(1, 30),
)
def test_store_says_what_a_dictionary_says(store, full, summed_up, actions, zone, interval, asked, limit):
    connection, ids = store
    wipe(connection)
    model, known = ({}, {}), []
    with pytest.MonkeyPatch.context() as patch:
        for module in (compaction, reading):
            patch.setattr(module, "FULL", full)
        patch.setattr(compaction, "SUMMED_UP", summed_up)
        patch.setattr(aggregates, "LEAST_WEEKS", 1)
        for name, *arguments in actions:
            act(connection, ids, model, known, name, arguments)
            if name != "write":
                compare(connection, ids, model, ZoneInfo(zone), interval, asked, limit)
        compare(connection, ids, model, ZoneInfo(zone), interval, asked, limit)


def act(connection, ids, model, known, name, arguments):
    match name:
        case "write" | "again":
            rows = arguments[0] if name == "write" else known[arguments[0]] if arguments[0] < len(known) else []
            if not rows:
                return
            known.append(rows)
            with connection.transaction(), connection.cursor(binary=True) as cursor:
                run(journal.write(journal.batch_of([(ids[which], at, value) for which, at, value in rows])), cursor)
            for which, at, value in rows:
                model[which][at] = value
        case "delete" | "delete open":
            which, given_range = arguments
            start, end = given_range if name == "delete" else (given_range, None)
            with connection.transaction(), connection.cursor(binary=True) as cursor:
                run(journal.delete(ids[which], start, end), cursor)
            for at in [at for at in model[which] if at >= start and (end is None or at < end)]:
                del model[which][at]
        case "seal":
            sealing.seal_all(connection)
        case "crash":
            with pytest.raises(CrashError):
                sealing.seal(Crashing(connection, arguments[0]))
                raise CrashError  # It was over before.
        case "forget":
            sealing.forget(connection, kept_s=0)


def compare(connection, ids, model, zone, interval, asked, limit):
    start, end = asked
    if interval in {Interval.QUARTER, Interval.HOUR}:
        start = START if start is None else max(start, START)  # A century of them would be too many.
    with connection.cursor(binary=True) as cursor:
        newest = run(reading.latest(ids), cursor)
        question = {"interval": interval, "zone": zone, "start": start, "end": end}
        found = run(aggregates.aggregates(ids, **question), cursor)
        # Some weeks are over by then; they are found on the shelf, or put there.
        now = START + 30 * DAY
        kept = run(aggregates.aggregates(ids, **question, kept=SHELF, now=now), cursor)
        for which, id_ in enumerate(ids):
            expected = sorted(
                (at, bits(value))
                for at, value in model[which].items()
                if (start is None or at >= start) and (end is None or at < end)
            )
            for descending in (False, True):
                ordered = expected[::-1] if descending else expected
                for most in (None, limit):
                    got = run(reading.samples_in(id_, start, end, descending=descending, limit=most), cursor)
                    same = list(zip(got.times.tolist(), map(bits, got.values.tolist()), strict=True))
                    assert same == ordered[:most]
            last = max(model[which], default=None)
            assert newest.get(id_) == (None if last is None else (last, model[which][last]))
            assert_same_aggregates(found[id_], model[which], interval, zone, start, end)
            alone = run(aggregates.aggregates([id_], **question), cursor)
            assert_same_aggregates(alone[id_], model[which], interval, zone, start, end)
            assert_same_aggregates(kept[id_], model[which], interval, zone, start, end)


def test_crash_at_any_statement_of_a_seal_changes_nothing(store):
    connection, ids = store
    model, known = ({}, {}), []
    first = [(which, START + n * SECOND, n / 10) for which in (0, 1) for n in range(20)]
    late = [(0, START + 5 * SECOND + 1, 5.5), (1, START + DAY, 1.0), (0, START + 19 * SECOND, -0.0)]
    act(connection, ids, model, known, "write", [first])
    sealing.seal_all(connection)
    act(connection, ids, model, known, "write", [late])
    act(connection, ids, model, known, "delete", [1, (START, START + 7 * SECOND)])
    crashes = 0
    while True:
        try:
            sealing.seal(Crashing(connection, crashes))
            break
        except CrashError:
            compare(connection, ids, model, ZoneInfo("UTC"), Interval.QUARTER, (None, None), 7)
            crashes += 1
    compare(connection, ids, model, ZoneInfo("UTC"), Interval.QUARTER, (None, None), 7)
    assert crashes > 8
    assert sealing.seal(connection).rows == 0
