"""Rollups give back what was packed, bit for bit, and add up without arrays to what arrays give."""

import itertools
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guildhall.modules.telemetry.store import compaction, frame, rollups
from guildhall.modules.telemetry.store.decimals import SIGNED
from guildhall.modules.telemetry.store.frame import DamagedError
from guildhall.modules.telemetry.store.layout import QUARTER
from guildhall.modules.telemetry.store.merging import Samples
from guildhall.modules.telemetry.store.pieces import Pieces
from guildhall.modules.telemetry.store.summary import Buckets

FIRST = 1_900_000
ANYWHERE = st.integers(-(10**8), 10**8)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0, 5e-324, 1 / 3])


@st.composite
def buckets(draw, sums, steps=(1, 1, 1, 1, 2, 700, 70_000), firsts=ANYWHERE):
    """Buckets of some quarters, of which few are missing."""
    taken = draw(st.lists(st.sampled_from(steps), max_size=40))
    numbers = np.array(list(itertools.accumulate(taken, initial=draw(firsts))), np.int64)
    size = len(numbers)
    counts = np.array(draw(st.lists(st.sampled_from([1, 89, 90, 70_000]), min_size=size, max_size=size)))
    columns = [np.array(draw(st.lists(DOUBLES, min_size=size, max_size=size))) for _ in range(4)]
    return Buckets(numbers, counts, draw(sums(size)), *columns)


@st.composite
def any_sums(draw, size):
    return np.array(draw(st.lists(DOUBLES, min_size=size, max_size=size)))


@st.composite
def decimal_sums(draw, size):
    top = draw(st.sampled_from([0, 99, 9999, 10**9, 2**53 - 1]))
    places = draw(st.sampled_from([0, 2, 2, 4]))
    return np.array(draw(st.lists(st.integers(-top, top), min_size=size, max_size=size))) / 10.0**places


def together(parts):
    columns = [np.concatenate(column) for column in zip(*(one.columns for one in parts), strict=True)]
    return Buckets(*columns), Pieces.of([len(one) for one in parts])


@settings(deadline=None, max_examples=150)
@given(st.lists(buckets(any_sums) | buckets(decimal_sums), min_size=1, max_size=6))
def test_what_was_packed_comes_back_to_the_bit(parts):
    whole, pieces = together(parts)
    packed = rollups.pack(whole, pieces)
    found, back = rollups.unpack(packed)
    for name in ("starts", "counts", "mins", "maxs", "firsts", "lasts"):
        assert getattr(found, name).tobytes() == getattr(whole, name).tobytes()
    # All but the signs of zeros.
    assert found.sums.tolist() == whole.sums.tolist()
    assert back.lengths.tolist() == pieces.lengths.tolist()
    # Each for itself is the same as all at once.
    assert packed == [rollups.pack(one, Pieces.of([len(one)]))[0] for one in parts]
    numbers, counts, sums, _ = rollups.sums(packed)
    assert numbers.tolist() == whole.starts.tolist()
    assert counts.tolist() == whole.counts.tolist()
    assert len(sums.integers) == len(whole)
    # Which stand there as such only, so that they can be added up.
    assert SIGNED not in sums.kinds


@settings(deadline=None, max_examples=200)
@given(
    st.lists(buckets(decimal_sums, (1,), st.integers(-50, 50)), min_size=1, max_size=3)
    | st.lists(buckets(decimal_sums, (1, 1, 1, 2), st.integers(-50, 50)), min_size=1, max_size=3),
    st.integers(1, 96),
    st.data(),
)
def test_sums_without_arrays_are_exact_or_left_to_arrays(parts, width, data):
    whole, pieces = together(parts)
    low, high = int(whole.starts.min()), int(whole.starts.max()) + 1
    edges = list(range(low - data.draw(st.sampled_from([-3, -1, 0, 2])), high + width + 3, width))
    first = data.draw(st.integers(low - 1, high))
    end = data.draw(st.integers(first, high + 1))
    packed = rollups.pack(whole, pieces)
    found = rollups.added_up(packed, edges, first, end)
    scales = {int(scale) for scale in rollups.sums(packed).sums.scales}
    missing = any((np.diff(one.starts) > 1).any() for one in parts)
    assert (found is None) == (missing or len(scales) > 1)
    if found is None:
        return
    counts, sums = [0] * len(edges), [0] * len(edges)
    for number, count, added in zip(whole.starts.tolist(), whole.counts.tolist(), whole.sums.tolist(), strict=True):
        if first <= number < end:
            place = max(sum(edge <= number for edge in edges) - 1, 0)
            counts[place] += count
            sums[place] += round(added * 10**found.places)
    assert found.counts == counts
    assert found.sums == sums


def day_of(sums, counts=90):
    numbers = np.arange(FIRST, FIRST + len(sums))
    some = np.array(sums)
    made = Buckets(numbers, np.full(len(some), counts), some, some, some, some, some)
    return rollups.pack(made, Pieces.of([len(some)]))[0]


def test_bytes_are_as_described():
    values = [np.array([1.5, 2.75, 300.0])] * 5
    made = Buckets(np.array([FIRST, FIRST + 1, FIRST + 3]), np.array([90, 91, 90]), *values)
    (body,) = rollups.pack(made, Pieces.of([3]))
    assert body[:32] == struct.pack("<4B4BIIqq", 3, 1, 2, 0, 1, 1, 2, 0, 3, 90, FIRST, 150)
    assert body[32:44] == bytes([0, 0, 1]) + bytes([0, 1, 0]) + struct.pack("<3H", 0, 125, 29_850)
    assert [column.tolist() for column in frame.unpack(body[44:])] == [[1.5, 2.75, 300.0]] * 4


def test_day_of_a_sensor_is_added_up_without_arrays_and_small():
    walk = np.round(1800 + np.cumsum(np.random.default_rng(2).normal(0, 5, 96)), 2)
    body = day_of(walk)
    found = rollups.added_up([body], range(FIRST, FIRST + 96, 4), FIRST, FIRST + 96)
    assert found.counts == [360] * 24
    assert found.sums == [round(math.fsum(hour) * 100) for hour in walk.reshape(-1, 4)]
    # Counts and sums take no more than they did as columns of a frame.
    alone = frame.pack([np.arange(FIRST, FIRST + 96), np.full(96, 90), walk])
    assert len(body) - len(frame.pack([walk] * 4)) < len(alone) * 1.2


def test_what_lies_before_the_first_edge_counts_as_behind_it():
    """As quarters do of which the single values are forgotten, when the range begins in one."""
    found = rollups.added_up([day_of([20.25] * 10)], [FIRST + 3, FIRST + 7, FIRST + 11], FIRST + 1, FIRST + 99)
    assert found == ([6 * 90, 3 * 90, 0], [6 * 2025, 3 * 2025, 0], 2)


def test_zeros_with_a_sign_are_added_up_without_arrays_too():
    """As a thermometer prints them that stands a little below zero."""
    printed = np.array([float(f"{value:.1f}") for value in np.random.default_rng(3).normal(0, 0.3, 96 * 90).tolist()])
    assert (np.signbit(printed) & (printed == 0)).sum() > 500
    times = FIRST * QUARTER + np.arange(96 * 90) * 10_000_000
    packed = compaction.pack_chunks(Samples(times, printed, np.zeros(len(times), np.int64)), Pieces.of([len(times)]))
    found = rollups.added_up(packed.rollups, range(FIRST, FIRST + 96, 4), FIRST, FIRST + 96)
    assert found.sums == [round(math.fsum(hour) * 10) for hour in printed.reshape(-1, 360).tolist()]
    assert packed.whole.sums.tolist() == [round(math.fsum(printed.tolist()) * 10) / 10]


def test_no_decimals_missing_buckets_and_several_scales_are_left_to_arrays():
    good, edges = day_of([20.25] * 96), range(FIRST, FIRST + 96, 4)
    assert rollups.added_up([good, good], edges, FIRST, FIRST + 96) is not None
    for other in (day_of([1 / 3] * 96), day_of([20.5] * 96)):
        assert rollups.added_up([good, other], edges, FIRST, FIRST + 96) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: b"\1" + body[1:],
        lambda body: body[:20],
        lambda body: body[:40],
        lambda body: body[:-3],
        lambda body: body[:2] + b"\x0b" + body[3:],
        lambda body: body[:5] + b"\3" + body[6:],
        lambda body: body[:8] + bytes(4) + body[12:],
        lambda body: body[:8] + (2**31).to_bytes(4, "little") + body[12:],
        lambda _: b"",
    ],
)
def test_damage_is_told(damage):
    good = day_of(np.round(np.linspace(3, 9, 96), 2))
    with pytest.raises(DamagedError):
        rollups.unpack([good, damage(good)])


@pytest.mark.parametrize("length", [0, 20, 40])
def test_what_is_cut_off_is_told_by_sums_without_arrays_too(length):
    good = day_of(np.round(np.linspace(3, 9, 96), 2))
    with pytest.raises(DamagedError):
        rollups.added_up([good, good[:length]], range(FIRST, FIRST + 96, 4), FIRST, FIRST + 96)
