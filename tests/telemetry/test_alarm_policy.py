"""Alarm rules as pure rules: what is wrong with one, and samples folded into episodes beside a loop over them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guildhall.modules.telemetry.alarms.folding import Condition, Fold, Sample
from guildhall.modules.telemetry.alarms.policy import Flaw, Kind, Per, flaws_of
from tests.telemetry.alarm_model import naive_episodes

START = 1_777_888_800 * 1_000_000
SECOND = 1_000_000


def flaws(kind, *, low=None, high=None, hysteresis=0.0, duration_s=0):
    return flaws_of(kind, low=low, high=high, hysteresis=hysteresis, duration_s=duration_s)


@pytest.mark.parametrize(
    ("kind", "given_", "expected"),
    [
        (Kind.ABOVE, {"high": 30.0}, {}),
        (Kind.ABOVE, {}, {"high": Flaw.NEEDED}),
        (Kind.ABOVE, {"low": 1.0, "high": 2.0}, {"low": Flaw.NOT_TAKEN}),
        (Kind.ABOVE, {"high": math.nan}, {"high": Flaw.NOT_FINITE}),
        (Kind.BELOW, {"low": -math.inf}, {"low": Flaw.NOT_FINITE}),
        (Kind.BELOW, {"low": 1.0, "hysteresis": -1.0}, {"hysteresis": Flaw.NEGATIVE}),
        (Kind.BELOW, {"low": 1.0, "hysteresis": math.inf}, {"hysteresis": Flaw.NOT_FINITE}),
        (Kind.OUTSIDE, {"low": 5.0, "high": 5.0}, {"high": Flaw.NOT_ABOVE_LOW}),
        (Kind.OUTSIDE, {"low": 0.0, "high": 10.0, "hysteresis": 5.0}, {}),
        (Kind.OUTSIDE, {"low": 0.0, "high": 10.0, "hysteresis": 5.1}, {"hysteresis": Flaw.NEVER_CLEARS}),
        (Kind.RATE_OF_CHANGE, {"high": 0.0}, {"high": Flaw.NOT_POSITIVE}),
        (Kind.RATE_OF_CHANGE, {"high": 1.0, "hysteresis": 2.0}, {"hysteresis": Flaw.NEVER_CLEARS}),
        (Kind.SILENT_FOR, {"duration_s": 60}, {}),
        (Kind.SILENT_FOR, {}, {"duration_s": Flaw.NOT_POSITIVE}),
        (Kind.SILENT_FOR, {"duration_s": 60, "hysteresis": 1.0}, {"hysteresis": Flaw.NOT_TAKEN}),
        (Kind.ABOVE, {"high": 1.0, "duration_s": -1}, {"duration_s": Flaw.NEGATIVE}),
        (Kind.ABOVE, {"high": 1.0, "duration_s": 400 * 86_400}, {"duration_s": Flaw.TOO_LONG}),
    ],
)
def test_flaws_name_the_field(kind, given_, expected):
    assert flaws(kind, **given_) == expected


numbers = st.one_of(st.integers(-6, 6).map(float), st.floats(-8, 8), st.sampled_from([1e308, -1e308]))
steps = st.lists(st.tuples(st.integers(1, 9), numbers), max_size=30)


@st.composite
def conditions(draw):
    kind = draw(st.sampled_from(list(Kind)))
    duration = draw(st.integers(0, 12)) * SECOND
    since = START + draw(st.integers(-5, 40)) * SECOND
    slack = draw(st.integers(0, 2)) / 2
    match kind:
        case Kind.ABOVE:
            given_ = {"high": float(draw(st.integers(-3, 3))), "hysteresis": slack}
        case Kind.BELOW:
            given_ = {"low": float(draw(st.integers(-3, 3))), "hysteresis": slack}
        case Kind.OUTSIDE:
            given_ = {"low": -2.0, "high": float(draw(st.integers(1, 3))), "hysteresis": slack}
        case Kind.RATE_OF_CHANGE:
            given_ = {"high": draw(st.sampled_from([1.0, 30.0, 90.0])), "per": draw(st.sampled_from(list(Per)))}
        case _:
            given_, duration = {}, max(duration, SECOND)
    return Condition(kind=kind, duration=duration, since=since, **given_)


def series_of(pairs):
    at, found = START, []
    for step, value in pairs:
        at += step * SECOND
        found.append((at, value))
    return found


@given(conditions(), steps, st.integers(0, 300), st.integers(1, 7))
def test_fold_in_pieces_finds_what_a_loop_over_samples_finds(condition, pairs, later, size):
    series = series_of(pairs)
    now = START + later * SECOND
    older = [one for one in series if one[0] < condition.since]
    newer = [one for one in series if one[0] >= condition.since]
    now = max(now, condition.since)
    before = Sample(*older[-1]) if older else None
    fold = Fold(condition, start=condition.since, opened=None, before=before)
    for index in range(0, len(newer), size):
        piece = newer[index : index + size]
        fold.take(np.array([at for at, _ in piece]), np.array([value for _, value in piece]))
    still_on, check_at = fold.finish(now)
    found = [*fold.closed, *([still_on] if still_on else [])]
    expected, expected_check = naive_episodes(condition, series, now)
    assert [
        (one.began, one.started, one.ended, one.peak and one.peak.at, one.peak and one.peak.value) for one in found
    ] == expected
    assert check_at == expected_check


def test_value_between_threshold_and_hysteresis_neither_raises_nor_clears():
    condition = Condition(kind=Kind.ABOVE, high=30.0, hysteresis=2.0, since=START)
    fold = Fold(condition, start=START, opened=None, before=None)
    values = [29.0, 31.0, 29.0, 28.5, 28.0, 29.0, 31.0]
    fold.take(np.arange(len(values)) * SECOND + START, np.array(values))
    assert [(one.started, one.ended) for one in fold.closed] == [(START + SECOND, START + 4 * SECOND)]
    assert fold.finish(START)[0].started == START + 6 * SECOND


def test_duration_elapses_without_another_sample():
    condition = Condition(kind=Kind.ABOVE, high=30.0, duration=60 * SECOND, since=START)
    fold = Fold(condition, start=START, opened=None, before=None)
    fold.take(np.array([START]), np.array([31.0]))
    assert fold.finish(START + 59 * SECOND) == (None, START + 60 * SECOND)
    assert fold.finish(START + 60 * SECOND)[0].started == START + 60 * SECOND


def test_condition_that_ends_as_its_duration_does_is_no_alarm():
    condition = Condition(kind=Kind.ABOVE, high=30.0, duration=60 * SECOND, since=START)
    fold = Fold(condition, start=START, opened=None, before=None)
    fold.take(np.array([START, START + 60 * SECOND]), np.array([31.0, 29.0]))
    assert fold.closed == []


def test_datapoint_that_never_had_a_sample_is_not_silent():
    fold = Fold(Condition(kind=Kind.SILENT_FOR, duration=SECOND, since=START), start=START, opened=None, before=None)
    assert fold.finish(START + 100 * SECOND) == (None, None)
