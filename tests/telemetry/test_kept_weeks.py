"""Finished buckets that are kept: what changes makes the weeks that it touches be read anew, and no others."""

from zoneinfo import ZoneInfo

import pytest

from guildhall.modules.telemetry.store import aggregates, retention, weeks
from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.layout import DAY, QUARTER, SECOND, WEEK
from guildhall.modules.telemetry.store.plan import run
from guildhall.modules.telemetry.stored import Retention
from tests.telemetry.test_store_model import Shelf, act, assert_same_aggregates, store

__all__ = ["store"]

#: A Thursday, as weeks begin in the store; in the middle of a period.
FIRST = 2930 * WEEK
STEP = 2 * 3600 * SECOND
#: Seven weeks, the first and the last in parts; six days lie behind what is over.
TIMES = range(FIRST + 2 * DAY + 7 * SECOND, FIRST + 7 * WEEK - DAY, STEP)
NOW = FIRST + 6 * WEEK + DAY
ZONE = ZoneInfo("Europe/Berlin")


class Watched(Shelf):
    """Tells which weeks had to be read."""

    def __init__(self):
        super().__init__()
        self.asked, self.read = set(), set()

    def get(self, keys):
        self.asked |= {place(key) for key in keys}
        return super().get(keys)

    def put(self, found):
        self.read |= {place(key) for key in found}
        super().put(found)


def place(key):
    """Datapoint and week, counted from the first one."""
    _, _, datapoint, week, *_ = key.split(":")
    return int(datapoint), int(week) - FIRST // WEEK


@pytest.fixture
def years(store):
    """What is stored, the same as dictionaries, and the shelf, on which everything is that is over."""
    connection, ids = store
    model, known = ({}, {}), []
    for part in (TIMES[:250], TIMES[250:]):
        act(connection, ids, model, known, "write", [[(which, at, at % 977 / 10) for which in (0, 1) for at in part]])
        act(connection, ids, model, known, "seal", [])
    shelf = Watched()
    everything = {(id_, week) for id_ in ids for week in range(6)}
    assert ask(connection, ids, model, shelf) == (everything, everything)
    assert ask(connection, ids, model, shelf) == (everything, set())
    return connection, ids, model, shelf


def ask(connection, ids, model, shelf, interval=Interval.DAY, start=None, end=None):
    """Compare with the dictionaries; which weeks were looked for on the shelf, and which of them were read."""
    shelf.asked, shelf.read = set(), set()
    with connection.cursor(binary=True) as cursor:
        question = {"interval": interval, "zone": ZONE, "start": start, "end": end}
        found = run(aggregates.aggregates(ids, **question, kept=shelf, now=NOW), cursor)
    for id_, values in zip(ids, model, strict=True):
        assert_same_aggregates(found[id_], values, interval, ZONE, start, end)
    return shelf.asked, shelf.read


def test_buckets_that_lie_in_several_weeks_are_put_together(years):
    connection, ids, model, shelf = years
    everything = {(id_, week) for id_ in ids for week in range(6)}
    for interval in (Interval.HOUR, Interval.WEEK, Interval.MONTH, Interval.YEAR):
        assert ask(connection, ids, model, shelf, interval) == (everything, everything)
        assert ask(connection, ids, model, shelf, interval) == (everything, set())


def test_range_that_cuts_weeks_takes_those_between_from_the_shelf(years):
    connection, ids, model, shelf = years
    start, end = FIRST + WEEK + 3 * QUARTER + SECOND, FIRST + 6 * WEEK - DAY + SECOND
    assert ask(connection, ids, model, shelf, start=start, end=end) == (
        {(id_, week) for id_ in ids for week in range(2, 5)},
        set(),
    )
    assert ask(connection, ids, model, shelf, start=FIRST + WEEK, end=FIRST + 3 * WEEK) == (set(), set())
    assert ask(connection, ids, model, shelf, Interval.QUARTER) == (set(), set())


def test_late_value_correction_or_deletion_is_seen_at_once_and_touches_its_weeks_alone(years):
    connection, ids, model, shelf = years
    everything = {(id_, week) for id_ in ids for week in range(6)}
    for name, arguments, touched in (
        ("write", [[(0, FIRST + 2 * WEEK + DAY, 5.5)]], {2}),
        ("write", [[(0, TIMES[200], -1.0), (0, FIRST + 7 * WEEK - SECOND, 1.0)]], {2}),
        ("write", [[(0, FIRST - 3 * WEEK, 8.0)]], {-3}),
        ("delete", [0, (FIRST + 3 * WEEK + DAY, FIRST + 5 * WEEK + SECOND)], {3, 4, 5}),
        ("delete open", [0, FIRST + 5 * WEEK + DAY], {5}),
    ):
        act(connection, ids, model, [], name, arguments)
        of_one = {(ids[0], week) for week in touched}
        # As long as it is in the journal alone, these weeks are read without being put on the shelf.
        assert ask(connection, ids, model, shelf) == (everything - of_one, set())
        act(connection, ids, model, [], "seal", [])
        everything |= of_one
        assert ask(connection, ids, model, shelf) == (everything, of_one)
        assert ask(connection, ids, model, shelf) == (everything, set())


def test_what_comes_behind_everything_touches_nothing_that_is_over(years):
    connection, ids, model, shelf = years
    act(connection, ids, model, [], "write", [[(0, FIRST + 7 * WEEK, 3.0), (1, FIRST + 7 * WEEK, 4.0)]])
    everything = {(id_, week) for id_ in ids for week in range(6)}
    for _ in range(2):
        assert ask(connection, ids, model, shelf) == (everything, set())
        act(connection, ids, model, [], "seal", [])


def test_week_that_is_sealed_while_it_is_asked_for_is_read_again(years):
    connection, ids, model, shelf = years
    act(connection, ids, model, [], "write", [[(0, FIRST + 2 * WEEK + DAY, 5.5)]])
    question = {"interval": Interval.DAY, "zone": ZONE, "kept": shelf, "now": NOW}
    plan = aggregates.aggregates(ids, **question)
    statements = []
    with connection.cursor(binary=True) as cursor:
        query, parameters = next(plan)
        with pytest.raises(StopIteration) as end:
            while True:
                statements.append(query)
                cursor.execute(query, parameters)
                rows = cursor.fetchall()
                if len(statements) == 1:
                    act(connection, ids, model, [], "seal", [])
                query, parameters = plan.send(rows)
    assert statements[1:3] == [weeks.READ, statements[0]]
    assert_same_aggregates(end.value.value[ids[0]], model[0], Interval.DAY, ZONE, None, None)


def test_retention_touches_the_weeks_that_it_freezes_and_drops_those_it_forgets(years):
    connection, ids, model, shelf = years
    Retention.objects.create(datapoint_id=ids[0], raw_days=7, rollup_days=7)
    now = FIRST + 3 * WEEK
    retention.apply(connection, now=now)
    for at in [at for at in model[0] if at < FIRST + 2 * WEEK]:
        del model[0][at]
    left = {(ids[0], week) for week in range(2, 6)} | {(ids[1], week) for week in range(6)}
    assert ask(connection, ids, model, shelf) == (left, set())
    Retention.objects.update(rollup_days=None)
    retention.apply(connection, now=now + WEEK)
    assert ask(connection, ids, model, shelf) == (left, {(ids[0], 2)})
