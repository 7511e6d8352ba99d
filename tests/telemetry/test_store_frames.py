"""Frames: many at once give back every bit, whatever the numbers are, and damaged ones are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guildhall.modules.telemetry.store import frame
from guildhall.modules.telemetry.store.layout import FIRST_TIME, LAST_TIME
from guildhall.modules.telemetry.store.merging import Samples, latest_of, latest_of_each
from guildhall.modules.telemetry.store.pieces import Pieces

SIGNALS = {
    "decimals": st.integers(-99_999, 99_999).map(lambda n: n / 100),
    "single precision": st.floats(width=32),
    "doubles": st.floats(),
    "mostly whole": st.sampled_from([20.0, 21.0, 21.0, 22.0, 22.5, -0.0]),
    "about zero": st.integers(-3, 3).map(lambda n: n / 10) | st.just(-0.0),
    "single precision about zero": st.sampled_from([0.0, -0.0, float(np.float32(0.1)), float(np.float32(-0.7))]),
    "doubles about zero": st.sampled_from([0.0, -0.0, 1 / 3, -1 / 7]),
    "constant": st.just(0.1),
}
TIMES = st.one_of(
    st.integers(-(2**62), 2**62),
    st.integers(0, 50).map(lambda n: 1_777_888_800_000_000 + n * 1_000_000),
    st.integers(0, 50).map(lambda n: 1_777_888_800_123_000 + n * 1000),
)


@st.composite
def pieces_of_columns(draw):
    pieces = []
    for name in draw(st.lists(st.sampled_from(list(SIGNALS)), min_size=1, max_size=6)):
        count = draw(st.sampled_from([1, 2, 3, 70, 300]))
        some = draw(st.lists(st.tuples(TIMES, SIGNALS[name]), min_size=min(count, 5), max_size=min(count, 70)))
        times, values = zip(*(some * count)[:count], strict=True)
        if draw(st.booleans()):
            times = sorted(times)
        pieces.append((np.array(times, np.int64), np.array(values, np.float64)))
    return pieces


@settings(deadline=None, max_examples=150)
@given(pieces_of_columns())
def test_packed_columns_come_back_bit_for_bit(columns):
    pieces = Pieces.of([len(times) for times, _ in columns])
    times = np.concatenate([times for times, _ in columns])
    values = np.concatenate([values for _, values in columns])
    frames = frame.pack_many([times, values, np.zeros(len(times), np.int64)], pieces)
    (times_back, values_back, nothing), back = frame.unpack_many(frames)
    assert back.lengths.tolist() == pieces.lengths.tolist()
    assert times_back.tolist() == times.tolist()
    assert values_back.view(np.int64).tolist() == values.view(np.int64).tolist()
    assert not nothing.any()
    for packed, (times, values) in zip(frames, columns, strict=True):
        assert [column.tobytes() for column in frame.unpack(packed)[:2]] == [times.tobytes(), values.tobytes()]


def test_sensor_signal_takes_few_bytes():
    rng = np.random.default_rng(1)
    times = 1_777_888_800_000_000 + np.arange(4000) * 10_000_000 + rng.integers(0, 50, 4000) * 1000
    values = np.round(20 + np.cumsum(rng.normal(0, 0.02, 4000)), 2)
    assert len(frame.pack([times, values])) < 4000 * 2.5
    assert len(frame.pack([times // 10_000_000, np.full(4000, 0.1)])) < 100


def test_zeros_with_a_sign_take_no_more_bytes():
    """As a thermometer prints them that stands a little below zero."""
    walk = np.cumsum(np.random.default_rng(1).normal(0, 0.03, 4000))
    printed = np.array([float(f"{value:.1f}") for value in walk.tolist()])
    assert (printed.view(np.int64) == -(2**63)).any()
    with_signs, without = frame.pack([printed]), frame.pack([printed + 0.0])
    assert (with_signs[0], without[0]) == (2, 1)
    assert len(with_signs) < len(without) * 1.1
    assert frame.unpack(with_signs)[0].tobytes() == printed.tobytes()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=40), min_size=1, max_size=6),
    # Many pieces with times that lie far apart, so that no number of 64 bits tells both.
    st.sampled_from([(1, 1, 0), (1, 10**6, FIRST_TIME), (20, (LAST_TIME - FIRST_TIME) // 30, FIRST_TIME)]),
)
def test_each_piece_is_sorted_and_keeps_the_last_of_equal_times(lists, spread):
    count, step, low = spread
    lists *= count
    pieces = Pieces.of([len(times) for times in lists])
    times = np.concatenate([np.array(times, np.int64) for times in lists]) * step + low
    samples = Samples(times, np.arange(len(times), dtype=np.float64), np.zeros(len(times), np.int64))
    found, bounds = latest_of_each(samples, pieces)
    assert len(found) == bounds.total
    for number in range(len(pieces)):
        ours = found.take(slice(int(bounds.heads[number]), int(bounds.ends[number])))
        alone = latest_of(samples.take(slice(int(pieces.heads[number]), int(pieces.ends[number]))))
        assert ours.times.tolist() == alone.times.tolist()
        assert ours.values.tolist() == alone.values.tolist()


def test_damaged_frame_is_refused():
    packed = frame.pack([np.arange(100), np.random.default_rng(1).random(100)])
    for damaged in (b"", b"\3" + packed[1:], packed[:-1], packed[:50], packed[:2] + b"\1" + packed[3:]):
        with pytest.raises(frame.DamagedError):
            frame.unpack(damaged)
        with pytest.raises(frame.DamagedError):
            frame.unpack_many([packed, damaged])
    with pytest.raises(frame.DamagedError):
        frame.unpack_many([packed, frame.pack([np.arange(100)])])
