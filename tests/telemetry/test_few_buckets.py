"""Averages without arrays are those that arrays give, to the bit, or are left to these."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from guildhall.modules.telemetry.store import compaction, few, parts
from guildhall.modules.telemetry.store.layout import QUARTER
from guildhall.modules.telemetry.store.pieces import Pieces
from guildhall.modules.telemetry.store.summary import Buckets

FIRST = 1_900_000


@st.composite
def rollups(draw):
    """Bodies of rollups that follow each other in time, each with decimals of its own; two may share a quarter."""
    bodies, quarter = [], FIRST
    for _ in range(draw(st.integers(1, 5))):
        places = draw(st.integers(0, 4))
        top = draw(st.sampled_from([0, 99, 9999, 10**9, 2**53 - 1]))
        steps = draw(st.lists(st.integers(1, 3) | st.just(1), min_size=1, max_size=40))
        quarters = np.array(list(itertools.accumulate(steps, initial=quarter)), np.int64)
        quarter = int(quarters[-1]) + draw(st.integers(0, 200))
        counts = np.array([draw(st.sampled_from([1, 90, 90, 90, 70_000])) for _ in quarters], np.int64)
        sums = np.array([draw(st.integers(-top, top)) for _ in quarters]) / 10.0**places
        buckets = Buckets(quarters, counts, sums, sums, sums, sums, sums)
        bodies += compaction.pack_rollups(buckets, Pieces.of([len(quarters)]))
    return bodies, quarter


def of_arrays(bodies, edges):
    _, buckets = parts._summed_up(bodies, Pieces.of([len(bodies)]), edges)
    return buckets.starts, buckets.sums / buckets.counts


@settings(deadline=None, max_examples=150)
@given(rollups(), st.integers(1, 96), st.integers(0, 3))
def test_few_buckets_have_the_averages_of_arrays(made, width, moved):
    bodies, last = made
    edges = np.arange(FIRST - moved, last + width + 1, width) * QUARTER
    found = few.averaged(bodies, edges)
    if found is not None:
        starts, averages = of_arrays(bodies, edges)
        assert found[0].tolist() == starts.tolist()
        assert found[1].tobytes() == averages.tobytes()


def day_of(sums, quarters=None):
    numbers = np.arange(FIRST, FIRST + len(sums)) if quarters is None else quarters
    some = np.array(sums)
    buckets = Buckets(numbers, np.full(len(some), 90), some, some, some, some, some)
    (body,) = compaction.pack_rollups(buckets, Pieces.of([len(some)]))
    return body


EDGES = np.arange(FIRST, FIRST + 1000, 4) * QUARTER


def test_day_of_a_sensor_is_done_without_arrays():
    walk = np.round(1800 + np.cumsum(np.random.default_rng(2).normal(0, 5, 96)), 2)
    found = few.averaged([day_of(walk)], EDGES)
    assert found is not None
    assert np.allclose(found[1], walk.reshape(-1, 4).mean(axis=1) / 90, rtol=1e-12)


def test_what_is_not_few_or_no_decimal_or_damaged_is_left_to_arrays():
    good = day_of([20.25] * 96)
    assert few.averaged([good] * 5, EDGES) is None
    assert few.averaged([good, day_of([1 / 3] * 96)], EDGES) is None
    assert few.averaged([day_of([float(2**53 - 1)] * 96)], EDGES) is None
    assert few.averaged([good[:-3]], EDGES) is None
    assert few.averaged([b"\2" + good[1:]], EDGES) is None
