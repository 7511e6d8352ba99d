"""The API of series beside a dictionary: whatever was written, deleted and sealed, both say the same in every zone."""

import csv
import io
import math
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from guildhall.modules.telemetry.store.calendar import Interval
from guildhall.modules.telemetry.store.layout import DAY, microseconds, moment
from tests.support.people import User
from tests.telemetry.test_store_model import START, ZONES, act, bits, bucket_key, order, steps, store, times, wipe

__all__ = ["store"]
FUNCTIONS = ["avg", "min", "max", "sum", "count", "first", "last"]
#: Of so many buckets the beginning is looked for on the wall, which takes long.
CHECKED = 3
#: Of these a range of so many days only is asked, else a century of empty buckets would be filled.
DENSE = {Interval.QUARTER: 3, Interval.HOUR: 3, Interval.DAY: 41, Interval.WEEK: 41}


def iso(at):
    return moment(at).isoformat()


def at_of(text):
    return microseconds(datetime.fromisoformat(text))


def read(client, address, **parameters):
    given = {name: value for name, value in parameters.items() if value is not None}
    response = client.get(f"{address}?{urlencode(given)}")
    body = b"".join(response) if response.streaming else response.content
    assert response.status_code == 200, body
    match given.get("format"):
        case "csv":
            rows = list(csv.DictReader(io.StringIO(body.decode())))
            return [{name: cell_of(name, text) for name, text in row.items()} for row in rows]
        case "ndjson":
            return [orjson.loads(line) for line in body.splitlines()]
        case _:
            return orjson.loads(body)


def cell_of(name, text):
    if name == "ts":
        return text
    return None if text == "" else int(text) if name in {"count", "datapoint"} else float(text)


def inside(model, start, end):
    return {at: model[at] for at in sorted(model) if (start is None or at >= start) and (end is None or at < end)}


def expected_buckets(model, interval, zone, start, end):
    groups = {}
    for at, value in inside(model, start, end).items():
        groups.setdefault(bucket_key(at, interval, zone), []).append((at, value))
    return groups


def beginning_of(at, interval, zone):
    """Found by nothing but the clock on the wall: the first microsecond that has the same key."""
    key, low, high = bucket_key(at, interval, zone), at, at
    step = 400 * DAY
    low = at - step
    while bucket_key(low, interval, zone) == key:
        low -= step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bucket_key(middle, interval, zone) == key else (middle, high)
    return high


def assert_buckets(rows, groups, interval, zone):
    assert [row["ts"] for row in rows] == sorted({row["ts"] for row in rows})
    found = {bucket_key(at_of(row["ts"]), interval, zone): row for row in rows}
    assert list(found) == list(groups)
    for number, (key, group) in enumerate(groups.items()):
        if number < CHECKED:
            assert at_of(found[key]["ts"]) == beginning_of(group[0][0], interval, zone)
        row, values = found[key], [value for _, value in group]
        assert row["count"] == len(values)
        assert bits(row["first"]) == bits(values[0])
        assert bits(row["last"]) == bits(values[-1])
        assert bits(row["min"]) == bits(min(values, key=order))
        assert bits(row["max"]) == bits(max(values, key=order))
        exact = math.fsum(values)
        allowed = 1e-12 * math.fsum(abs(value) for value in values)
        assert abs(row["sum"] - exact) <= allowed
        assert abs(row["avg"] - exact / len(values)) <= allowed / len(values)


def assert_filled(rows, sparse, fill, interval, zone, start, end):
    """Between the buckets that are known there is one for every key, and it says what it is to say."""
    known = {row["ts"]: row for row in sparse}
    assert [row for row in rows if row["ts"] in known] == sparse
    if not rows:
        assert not sparse
        return
    beginnings = [at_of(row["ts"]) for row in rows]
    assert beginnings[0] == beginning_of(start, interval, zone) if start is not None else rows[0] == sparse[0]
    last = end - 1 if end is not None else at_of(sparse[-1]["ts"])
    assert bucket_key(beginnings[-1], interval, zone) == bucket_key(last, interval, zone)
    for one, other in pairwise(beginnings):
        # Neighbours have different keys, and nothing lies between them.
        assert bucket_key(other - 1, interval, zone) == bucket_key(one, interval, zone)
        assert bucket_key(other, interval, zone) != bucket_key(one, interval, zone)
    before, later = None, list(sparse)
    for at, row in zip(beginnings, rows, strict=True):
        if row["ts"] in known:
            before = row
            later.pop(0)
            continue
        assert row["count"] == 0
        for name in FUNCTIONS:
            if name == "count":
                continue
            if fill == "null" or before is None or (fill == "linear" and not later):
                assert row[name] is None
            elif fill == "previous":
                assert bits(row[name]) == bits(before[name])
            else:
                left, right = at_of(before["ts"]), at_of(later[0]["ts"])
                share = (at - left) / (right - left)
                line = before[name] * (1 - share) + later[0][name] * share
                assert row[name] == pytest.approx(line, rel=1e-9, abs=1e-300)


@settings(
    deadline=None, max_examples=10, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    actions=st.lists(steps, min_size=1, max_size=8),
    zone=st.sampled_from(ZONES),
    interval=st.sampled_from(list(Interval)),
    fill=st.sampled_from(["null", "previous", "linear"]),
    how=st.sampled_from(["json", "csv", "ndjson"]),
    asked=st.tuples(st.none() | times, st.none() | times),
    limit=st.integers(1, 9),
)
def test_api_says_what_a_dictionary_says(store, actions, zone, interval, fill, how, asked, limit):
    connection, ids = store
    wipe(connection)
    model, known = ({}, {}), []
    for name, *arguments in actions:
        act(connection, ids, model, known, name, arguments)
    client = APIClient()
    client.force_login(User.objects.get(email="admin@example.org"))
    start, end = asked
    if interval in DENSE:
        last = START + DENSE[interval] * DAY
        start = min(max(start or START, START), last)
        end = min(max(end or last, start), last)
    if start is not None and end is not None and end < start:
        start, end = end, start
    span = {"start": None if start is None else iso(start), "end": None if end is None else iso(end)}
    zone_info = ZoneInfo(zone)
    wanted = {"interval": interval.value, "tz": zone, "functions": ",".join(FUNCTIONS), **span}
    together = read(client, "/api/timeseries/query/", datapoints=",".join(map(str, ids)), **wanted)["series"]
    for which, id_ in enumerate(ids):
        address = f"/api/datapoints/{id_}"
        everything = [(iso_of(at), bits(value)) for at, value in inside(model[which], start, end).items()]
        rows = listed(read(client, f"{address}/timeseries/", format=how, **span), how)
        assert [(row["ts"], bits(row["value"])) for row in rows] == everything[: 1000 if how == "json" else None]
        down = listed(read(client, f"{address}/timeseries/", order="desc", limit=limit, format=how, **span), how)
        assert [(row["ts"], bits(row["value"])) for row in down] == everything[::-1][:limit]
        thin = read(client, f"{address}/timeseries/", max_points=8, **span)["results"]
        assert_draws_the_same([(row["ts"], bits(row["value"])) for row in thin], everything, 8)

        rows = listed(read(client, f"{address}/aggregates/", format=how, **wanted), how)
        assert_buckets(rows, expected_buckets(model[which], interval, zone_info, start, end), interval, zone_info)
        assert together[which] == {
            "datapoint": id_, "results": read(client, f"{address}/aggregates/", **wanted)["results"], "next": None
        }  # fmt: skip
        filled = listed(read(client, f"{address}/aggregates/", format=how, fill=fill, **wanted), how)
        if start == end and start is not None:
            assert filled == []
        else:
            assert_filled(filled, rows, fill, interval, zone_info, start, end)


def listed(answer, how):
    return answer["results"] if how == "json" else answer


def iso_of(at):
    return moment(at).isoformat().replace("+00:00", "Z")


def value_of(pair):
    import struct

    (value,) = struct.unpack("<d", pair[1])
    return value


def assert_draws_the_same(thin, everything, most):
    """Samples, in order, no more than were asked for, with the first, the last, the least and the greatest."""
    assert len(thin) <= most
    assert [one for one in everything if one in set(thin)] == thin
    if len(everything) <= most:
        assert thin == everything
        return
    assert thin[0] == everything[0]
    assert thin[-1] == everything[-1]
    assert min(map(value_of, thin)) == min(map(value_of, everything))
    assert max(map(value_of, thin)) == max(map(value_of, everything))
