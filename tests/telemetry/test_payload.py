"""What devices send, and why some of it can't be stored."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guildhall.modules.telemetry.payload import (
    DAY,
    MAX_BYTES,
    SECOND,
    RejectedError,
    RejectReason,
    columns,
    columns_of_lists,
    parse,
)

NOW = int(datetime(2026, 5, 4, 10, tzinfo=UTC).timestamp()) * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"21.5", [(NOW, 21.5)]),
        (b" -7\n", [(NOW, -7.0)]),
        (b"+.5", [(NOW, 0.5)]),
        (b"007", [(NOW, 7.0)]),
        (b"1e3", [(NOW, 1000.0)]),
        (b'{"value": 3}', [(NOW, 3.0)]),
        (b'{"ts": null, "value": 3}', [(NOW, 3.0)]),
        (b'{"ts": "2026-05-04T10:00:00Z", "value": 3, "more": "is ignored"}', [(NOW, 3.0)]),
        (b'{"ts": "2026-05-04T12:00:00+02:00", "value": 3}', [(NOW, 3.0)]),
        (b'{"ts": "2026-05-04T10:00:00", "value": 3}', [(NOW, 3.0)]),
        (b'{"ts": "2026-05-04T10:00:00.000001Z", "value": 3}', [(NOW + 1, 3.0)]),
        (b'{"ts": 1777888800, "value": 3}', [(NOW, 3.0)]),
        (b'{"ts": 1777888800.25, "value": 3}', [(NOW + 250_000, 3.0)]),
        (b'{"ts": 1777888800123, "value": 3}', [(NOW + 123_000, 3.0)]),
        (b'{"ts": 0, "value": 3}', [(0, 3.0)]),
        (b'[1, {"ts": 0, "value": 2}]', [(NOW, 1.0), (0, 2.0)]),
    ],
)
def test_message_is_understood(payload, expected):
    assert parse(payload, NOW) == expected


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", RejectReason.EMPTY),
        (b"  ", RejectReason.EMPTY),
        (b"[]", RejectReason.EMPTY),
        (b"1" * (MAX_BYTES + 1), RejectReason.TOO_LARGE),
        (json.dumps([1] * 10_001).encode(), RejectReason.TOO_LARGE),
        (b"warm", RejectReason.NOT_UNDERSTOOD),
        (b"{", RejectReason.NOT_UNDERSTOOD),
        (b"\xff\xfe", RejectReason.NOT_UNDERSTOOD),
        (b"[" * 100_000, RejectReason.NOT_UNDERSTOOD),
        (b"1_000", RejectReason.NOT_UNDERSTOOD),
        (b"nan", RejectReason.NOT_FINITE),
        (b"-Infinity", RejectReason.NOT_FINITE),
        (b"1e999", RejectReason.NOT_FINITE),
        (b"9" * 400, RejectReason.NOT_FINITE),
        (b"{}", RejectReason.VALUE_MISSING),
        (b'{"value": null}', RejectReason.VALUE_MISSING),
        (b"true", RejectReason.NOT_A_NUMBER),
        (b"null", RejectReason.NOT_A_NUMBER),
        (b'"21.5"', RejectReason.NOT_A_NUMBER),
        (b'{"value": {"a": 1}}', RejectReason.NOT_A_NUMBER),
        (b"[[1]]", RejectReason.NOT_A_NUMBER),
        (b'{"ts": "yesterday", "value": 1}', RejectReason.BAD_TIME),
        (b'{"ts": true, "value": 1}', RejectReason.BAD_TIME),
        (b'{"ts": [], "value": 1}', RejectReason.BAD_TIME),
        (b'{"ts": -1, "value": 1}', RejectReason.TIME_OUT_OF_RANGE),
        (b'{"ts": 1e300, "value": 1}', RejectReason.TIME_OUT_OF_RANGE),
        (b'{"ts": "1969-12-31T23:59:59Z", "value": 1}', RejectReason.TIME_OUT_OF_RANGE),
        (b'{"ts": "0001-01-01T00:00:00+14:00", "value": 1}', RejectReason.TIME_OUT_OF_RANGE),
        (b'{"ts": "9999-12-31T23:59:59-14:00", "value": 1}', RejectReason.TIME_OUT_OF_RANGE),
        (b'[1, {"value": "x"}]', RejectReason.NOT_A_NUMBER),
    ],
)
def test_message_is_rejected_with_its_reason(payload, reason):
    with pytest.raises(RejectedError) as raised:
        parse(payload, NOW)
    assert raised.value.reason is reason


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ts", "value"]), inner),
    ).map(lambda content: json.dumps(content).encode())
)
def test_whatever_comes_is_finite_values_or_a_reason(payload):
    try:
        found = parse(payload, NOW)
    except RejectedError:
        return
    assert found
    assert all(math.isfinite(value) and 0 <= at <= NOW + DAY for at, value in found)


@given(
    st.datetimes(
        datetime(1970, 1, 2),
        datetime(2026, 5, 4),
        timezones=st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    ),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_time_and_value_come_through_exactly(at, value):
    payload = orjson.dumps({"ts": at.isoformat(), "value": value})
    assert parse(payload, NOW) == [((at - EPOCH) // timedelta(microseconds=1), value)]


def outcome(content, read):
    try:
        return read(json.dumps(content).encode(), NOW)
    except RejectedError as error:
        return error.reason


@pytest.mark.parametrize(
    "content",
    [
        b'[{"ts":1,"value":1.}]',
        b'[{"ts":1,"value":01}]',
        b'[{"ts":1,"value":1-2}]',
        b'[{"ts":1,"value":--1}]',
        b'[{"ts":1,"value":}]',
        b'[{"ts":1,"value":-}]',
        b'[{"ts":,"value":1}]',
        b'[{"ts1":1,"value":1}]',
        b'[{"ts":1,"value":1}2]',
        b'[2{"ts":1,"value":1}]',
        b'[{2"ts":1,"value":1}]',
        b'[{"ts"2:1,"value":1}]',
        b'[{"ts":1,2"value":1}]',
        b'[{"ts":1,"value"2:1}]',
        b'[{"ts":1,"value":1},]',
        b'[{"ts":1,"value":' + b"9" * 400 + b"}]",
        b'[{"ts":99999999999999999999999,"value":1}]',
    ],
)
def test_list_with_numbers_that_are_none_is_left_to_be_looked_at_alone(content):
    good = b'[{"ts":1777888800,"value":-0.1},{"ts":1777888801,"value":7}]'
    found = columns_of_lists([good, content, good], [NOW] * 3)
    assert found[1] is None
    for one in (found[0], found[2]):
        assert list(zip(*one, strict=True)) == [(1777888800 * SECOND, -0.1), (1777888801 * SECOND, 7.0)]


def test_lists_are_read_in_several_threads_at_once():
    def read(first):
        lists = [b'[{"ts":%d,"value":%d.5}]' % (at, at) for at in range(first, first + 500)]
        for one, at in zip(columns_of_lists(lists, [NOW] * 500), range(first, first + 500), strict=True):
            assert (one[0].tolist(), one[1].tolist()) == ([at * SECOND], [at + 0.5])

    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(read, range(0, 40_000, 500)))) == 80


TIMES = st.sampled_from(
    [
        0,
        1,
        99_999_999_999,
        100_000_000_000,
        NOW // SECOND,
        NOW // 1000,
        -1,
        2**62,
        None,
        "x",
        1.5,
        True,
        float(NOW // 1000),
    ]
)
VALUES = st.sampled_from([1, -2.5, 1e308, 2**64 - 1, 10**25, None, "1", False]) | st.floats(
    allow_nan=False, allow_infinity=False
)


@given(
    st.lists(
        st.fixed_dictionaries({"ts": TIMES, "value": VALUES})
        | st.fixed_dictionaries({"ts": st.just(NOW // 1000), "value": st.just(20.25)})
        | st.fixed_dictionaries({"value": VALUES})
        | VALUES,
        min_size=1,
        max_size=4,
    )
)
@example([{"ts": NOW // 1000, "value": 1e308}] * 2)
def test_list_is_understood_as_its_members_are(content):
    alone = [outcome(one, parse) for one in content]
    refused = [one for one in alone if isinstance(one, RejectReason)]
    found = outcome(content, columns)
    # Beside others it is the same, or left to be looked at alone.
    others = [b'[{"ts":%d,"value":1.5}]' % (NOW // 1000), b"[1]", json.dumps(content, separators=(",", ":")).encode()]
    beside = columns_of_lists([others[0], json.dumps(content).encode(), *others], [NOW] * 5)
    assert beside[0] is not None
    assert beside[2] is not None
    for one in (beside[1], beside[4]):
        if one is not None:
            assert list(zip(*one, strict=True)) == list(zip(*found, strict=True))
    if refused:
        assert found is refused[0]
    else:
        assert list(zip(*found, strict=True)) == [one for (one,) in alone]
