"""InfluxDB's line protocol: compared with what its own client writes."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st
from influxdb_client import Point, WritePrecision

from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.intake import influx
from guildhall.modules.telemetry.intake.influx import KEY_MAX_LENGTH, BadLineError, Precision, key_of
from guildhall.modules.telemetry.payload import SECOND

SHAPE = "this is not MEASUREMENT[,TAG=VALUE] FIELD=VALUE[,FIELD=VALUE] [TIME]"
NOW = int(datetime(2026, 5, 4, 10, tzinfo=UTC).timestamp()) * SECOND


def samples(text, precision=Precision.NANOSECONDS):
    points = influx.parse(text, precision, NOW)
    return [
        (points.keys[slot], at, float(value))
        for slot, at, value in zip(points.slots, points.times, points.values, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t value=21.5", [("t", NOW, 21.5)]),
        ("weather,room=3,floor=2 t=21.5,h=48i 1777888800000000000\n",
         [("weather/floor=2/room=3/t", NOW, 21.5), ("weather/floor=2/room=3/h", NOW, 48.0)]),
        ("# comment\n\r\nm a=1\r\nb c=t 5000\n", [("m/a", NOW, 1.0), ("b/c", 5, 1.0)]),
        ('m s="two\nlines, a=1",n=2u 1000', [("m/n", 1, 2.0)]),
        (r"lab\ 1,a\ b=c/d e\=f=1 0", [("lab%201/a%20b=c%2Fd/e%3Df", 0, 1.0)]),
        ("tank/ph value=7 0", [("tank/ph", 0, 7.0)]),
        ("/odd//one v=1 0", [("%2Fodd%2F%2Fone/v", 0, 1.0)]),
        ("$SYS value=1 0", [("%24SYS", 0, 1.0)]),
        ("Zürich,ø=ü 温度=1 0", [("Zürich/ø=ü/温度", 0, 1.0)]),
        ('m text="only"', []),
        (r'm path="C:\\",a=5e-324 0', [("m/a", 0, 5e-324)]),
        (r'm b"c=1,d=" a\"b, c",e=F 0', [('m/b"c', 0, 1.0), ("m/e", 0, 0.0)]),
        ("  m  a=18446744073709551615u,b=-9223372036854775808i   0 ", [("m/a", 0, 2.0**64), ("m/b", 0, -(2.0**63))]),
        ("", []),
    ],
)  # fmt: skip
def test_lines_become_samples(text, expected):
    assert samples(text) == expected


@pytest.mark.parametrize(
    ("precision", "given"),
    [("ns", 1_777_888_800_000_000_000), ("us", 1_777_888_800_000_000), ("ms", 1_777_888_800_000), ("s", 1_777_888_800),
     ("m", 29_631_480), ("h", 493_858), ("n", 1_777_888_800_000_000_000), ("u", 1_777_888_800_000_000), ("", NOW * 1000)],
)  # fmt: skip
def test_time_has_the_asked_precision(precision, given):
    assert samples(f"t value=1 {given}", influx.ALIASES[precision]) == [("t", NOW, 1.0)]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("t value=1\nt value=\n", 2, "the field 'value' has no name or no value"),
        ("t =1", 1, "the field '' has no name or no value"),
        ("t value", 1, "the field 'value' has no name or no value"),
        ("t value=1,", 1, "the field '' has no name or no value"),
        ("t,tag value=1", 1, "the tag 'tag' has no name or no value"),
        (r"t,a\ b= value=1", 1, r"the tag 'a\\ b' has no name or no value"),
        ("t", 1, SHAPE),
        (",a=b value=1", 1, SHAPE),
        ("t value=1 1 1", 1, SHAPE),
        ('t value="text"rest', 1, SHAPE),
        *((f"t value={value}", 1, "the value of the field 'value' is no finite number")
          for value in ("nan", "-inf", "1e400", "1_0", "0x1", "٣", "1.5i", "9223372036854775808i", "-1u", "i", "yes")),
        ("t value=1 noon", 1, "the time is no whole number"),
        ("t value=1 1.5", 1, "the time is no whole number"),
        ('\nt value="open\nt value=1\n', 2, "a quote is not closed"),
        ('t value="open\nclosed" rest\nt value=1', 1, "the time is no whole number"),
        ("t value=1 -1", 1, "the time is before 1970 or in the future; is the precision right?"),
        ("t value=1 1\nt value=1 1999999999000000000", 2,
         "the time is before 1970 or in the future; is the precision right?"),
    ],
)  # fmt: skip
def test_bad_line_is_named(text, line, why):
    with pytest.raises(BadLineError) as caught:
        samples(text)
    assert (caught.value.line, caught.value.why) == (line, why)


def test_quotes_that_are_never_closed_are_read_in_one_pass():
    with pytest.raises(BadLineError, match="line 1: a quote is not closed"):
        samples('m t="' + "x\n" * 200_000)


#: Whatever has a meaning in lines, topics or addresses, and letters of several bytes.
TEXT = st.text(st.sampled_from("abe1 ,=\"'\\/+#*>%$.-äß温😀"), min_size=1, max_size=12)
NAMES = TEXT.map(lambda text: text.replace("\\", "|")).filter(lambda text: text.strip() == text and text[0] != "#")
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53) | st.booleans()


@given(
    st.lists(
        st.tuples(
            NAMES,
            st.dictionaries(NAMES, NAMES, max_size=3),
            st.dictionaries(NAMES, NUMBERS | TEXT, min_size=1, max_size=3),
            st.integers(0, NOW),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_influx_own_client_writes_is_read(written):
    """Its client leaves out what InfluxDB would not take, such as fields without a name."""
    lines, expected = [], []
    for measurement, tags, fields, at in written:
        point = Point(measurement).time(at, WritePrecision.US)
        for name, value in tags.items():
            point.tag(name, value)
        for name, value in fields.items():
            point.field(name, value)
        line = point.to_line_protocol()
        assume(line)
        lines.append(line)
        expected += [
            (key_of(measurement, tags, name), at, float(value))
            for name, value in sorted(fields.items())
            if not isinstance(value, str)
        ]
    note(lines)
    assert sorted(samples("\n".join(lines), Precision.MICROSECONDS)) == sorted(expected)


@given(NAMES, st.dictionaries(NAMES, NAMES, max_size=4), NAMES)
def test_key_can_stand_in_a_topic_and_differs_from_others(measurement, tags, name):
    key = key_of(measurement, tags, name)
    assert policy.topic_problem(key) is None
    assert len(key) <= KEY_MAX_LENGTH
    assert key != key_of(measurement, {**tags, "more": "x"}, name)
    assert key != key_of(measurement, tags, name + "x")


def test_long_keys_are_cut_and_stay_apart():
    tags = {f"tag{number}": "x" * 30 for number in range(20)}
    one, other = key_of("m", tags, "a"), key_of("m", tags, "b")
    assert len(one) == len(other) == KEY_MAX_LENGTH
    assert one != other


@given(st.text(st.sampled_from('m,=" \\\n#t1.eui-é\0'), max_size=60))
def test_whatever_comes_is_samples_or_a_line_at_fault(text):
    with suppress(BadLineError):
        for key, at, _ in samples(text):
            assert policy.topic_problem(key) is None
            assert 0 <= at <= NOW + 86_400 * SECOND
