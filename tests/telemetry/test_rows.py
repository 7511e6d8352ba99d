"""Samples in JSON, NDJSON and CSV: what is understood, and where the mistakes are."""

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guildhall.modules.telemetry.intake.rows import MAX_TOLD, BadRowsError, Format, parse
from guildhall.modules.telemetry.payload import SECOND

NOW = int(datetime(2026, 5, 4, 10, tzinfo=UTC).timestamp()) * SECOND


@pytest.mark.parametrize(
    ("written", "body", "expected"),
    [
        (Format.JSON, b'{"value": 3}', [(NOW, 3.0)]),
        (Format.JSON, b'[{"ts": 1777888800, "value": 3}, {"ts": null, "value": -1e3}]', [(NOW, 3.0), (NOW, -1000.0)]),
        (Format.JSON, b'[{"ts": "2026-05-04T12:00:00+02:00", "value": 3}]', [(NOW, 3.0)]),
        (Format.NDJSON, b'{"ts": 0, "value": 1}\r\n\n{"ts": 1, "value": 2}\n', [(0, 1.0), (SECOND, 2.0)]),
        (Format.CSV, b"ts,value\n1777888800,1\n2026-05-04T10:00:01Z,+2.5\n", [(NOW, 1.0), (NOW + SECOND, 2.5)]),
        (Format.CSV, b'\xef\xbb\xbf value , ts \r\n"3",1777888800.25\r\n\r\n4\r\n', [(NOW + 250_000, 3.0), (NOW, 4.0)]),
    ],
)
def test_rows_are_understood(written, body, expected):
    assert parse(body, written, NOW) == expected


@pytest.mark.parametrize(
    ("written", "body", "line", "mistakes"),
    [
        (Format.JSON, b"[{]", 1, [("", "not_json")]),
        (Format.JSON, b"[]", None, [("", "empty")]),
        (Format.JSON, b"5", None, [("", "not_a_row")]),
        (Format.JSON, b'{"ts": 1}', None, [("value", "value_missing")]),
        (Format.JSON, b'[{"value": 1}, {"value": "1"}, [2]]', None, [("1.value", "not_a_number"), ("2", "not_a_row")]),
        (Format.JSON, b'[{"value": 1, "unit": "K"}]', None, [("0.unit", "unknown_field")]),
        (Format.JSON, b'[{"value": 1, "ts": "noon"}]', None, [("0.ts", "bad_time")]),
        (Format.JSON, b'[{"value": 1, "ts": true}]', None, [("0.ts", "bad_time")]),
        (Format.NDJSON, b"", None, [("", "empty")]),
        (Format.NDJSON, b'{"value": 1}\n{"value":', 2, [("2", "not_json")]),
        (Format.NDJSON, b'\n{"value": true}', 2, [("2.value", "not_a_number")]),
        (Format.CSV, b"", None, [("", "empty")]),
        (Format.CSV, b"ts,value\n", None, [("", "empty")]),
        (Format.CSV, b"time,value\n1,2\n", 1, [("1.time", "unknown_field")]),
        (Format.CSV, b"ts\n1\n", 1, [("1.value", "value_missing")]),
        (Format.CSV, b"ts,value,value\n", 1, [("1.value", "repeated_field")]),
        (Format.CSV, b"ts,value\n1,2\n3,warm\n-5,1\n", 3, [("3.value", "not_a_number"), ("4.ts", "time_out_of_range")]),
        (Format.CSV, b"ts,value\n1,nan\n", 2, [("2.value", "not_finite")]),
        (Format.CSV, b"ts,value\n1,\n", 2, [("2.value", "value_missing")]),
        (Format.CSV, b"ts,value\n1,2,3\n", 2, [("2", "too_many_cells")]),
        (Format.CSV, b'ts,value\n"1\n",x\n', 2, [("2.value", "not_a_number")]),
        (Format.CSV, b'ts,value\n"1"2,3\n', 2, [("2", "not_csv")]),
        (Format.CSV, b"ts,value\n1,\xff\n", 2, [("2", "not_text")]),
    ],
)
def test_mistakes_are_named_with_their_place(written, body, line, mistakes):
    with pytest.raises(BadRowsError) as caught:
        parse(body, written, NOW)
    assert [(mistake.place, mistake.what.value) for mistake in caught.value.mistakes] == mistakes
    assert caught.value.line == line


def test_rubbish_is_told_of_only_so_long():
    with pytest.raises(BadRowsError) as caught:
        parse(b"rubbish\n" * 1000, Format.NDJSON, NOW)
    assert len(caught.value.mistakes) == MAX_TOLD


@given(
    st.lists(
        st.tuples(st.integers(0, 2_000_000_000), st.floats(allow_nan=False, allow_infinity=False)),
        min_size=1,
        max_size=20,
    )
)
def test_every_format_says_the_same(samples):
    rows = [{"ts": at, "value": value} for at, value in samples]
    text = io.StringIO()
    writer = csv.DictWriter(text, ["ts", "value"])
    writer.writeheader()
    writer.writerows(rows)
    expected = [(at * SECOND, value) for at, value in samples]
    later = 3_000_000_000 * SECOND
    assert parse(orjson.dumps(rows), Format.JSON, later) == expected
    assert parse(b"\n".join(map(orjson.dumps, rows)), Format.NDJSON, later) == expected
    assert parse(text.getvalue().encode(), Format.CSV, later) == expected


@given(st.binary(max_size=60), st.sampled_from(Format))
def test_whatever_comes_is_rows_or_mistakes(body, written):
    with suppress(BadRowsError):
        assert parse(body, written, NOW)
