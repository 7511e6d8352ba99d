"""The API of series: formats, several datapoints, few points for charts, and what it says of bad parameters."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from guildhall.core.accounts import api_keys
from guildhall.core.http import redis as core_redis
from guildhall.modules.telemetry import asking, selectors, series, services, shelf
from guildhall.modules.telemetry.stored import RawFloor
from guildhall.stack.servers.base import free_port
from tests.support.samples import put, seal

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def admin(house):
    client = APIClient()
    client.force_login(house.admin)
    return client


def make(house, key="temperature", thing=None):
    place = thing or house.thing
    return services.create_datapoint(actor=house.superuser, project=place.project, thing=place, key=key)


@pytest.fixture
def datapoint(house):
    """Ten samples, a minute apart, each with its number as value."""
    made = make(house)
    put(*((made, START + timedelta(minutes=number), number) for number in range(10)))
    return made


def body_of(response):
    assert response.status_code == 200, response.content
    return b"".join(response) if response.streaming else response.content


@pytest.mark.parametrize("how", ["parameter", "header"])
def test_series_come_as_csv_and_lines_of_json(admin, datapoint, how):
    def read(kind, media_type, path):
        if how == "header":
            return admin.get(path, headers={"Accept": media_type})
        return admin.get(f"{path}&format={kind}")

    base = f"/api/datapoints/{datapoint.pk}"
    response = read("csv", "text/csv", f"{base}/timeseries/?start=2026-05-04T00:08:00Z")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert body_of(response) == b"ts,value\r\n2026-05-04T00:08:00Z,8.0\r\n2026-05-04T00:09:00Z,9.0\r\n"
    response = read("ndjson", "application/x-ndjson", f"{base}/aggregates/?interval=hour&functions=count,avg")
    assert response.headers["Content-Type"] == "application/x-ndjson"
    assert orjson.loads(body_of(response)) == {"ts": "2026-05-04T00:00:00Z", "count": 10, "avg": 4.5}
    response = read("csv", "text/csv", f"/api/timeseries/query/?datapoints={datapoint.pk}&interval=year")
    assert body_of(response) == f"datapoint,ts,avg\r\n{datapoint.pk},2026-01-01T00:00:00Z,4.5\r\n".encode()


def test_csv_goes_on_behind_a_cursor_and_holds_more_than_a_page(admin, datapoint, monkeypatch):
    monkeypatch.setattr(series, "PAGE", 3)
    base = f"/api/datapoints/{datapoint.pk}/timeseries/"
    assert body_of(admin.get(f"{base}?format=csv")).count(b"\r\n") == 11
    following = admin.get(f"{base}?limit=4&order=desc").json()["next"]
    rest = body_of(admin.get(f"{following.replace('limit=4', 'limit=100')}&format=ndjson")).splitlines()
    assert [orjson.loads(line)["value"] for line in rest] == [5, 4, 3, 2, 1, 0]


def test_several_datapoints_are_read_at_once_and_lead_on(admin, house, datapoint):
    other = make(house, "humidity", house.other_thing)
    put((other, START, 50.0))
    body = {"datapoints": [datapoint.pk, other.pk], "limit": 9}
    answer = admin.post("/api/timeseries/query/", body).json()["series"]
    assert [one["datapoint"] for one in answer] == [datapoint.pk, other.pk]
    assert [row["value"] for row in answer[0]["results"]] == list(range(9))
    assert [row["value"] for row in admin.get(answer[0]["next"]).json()["results"]] == [9]
    assert answer[1] == {
        "datapoint": other.pk, "results": [{"ts": "2026-05-04T00:00:00Z", "value": 50.0}], "next": None
    }  # fmt: skip
    query = f"datapoints={datapoint.pk}&datapoints={other.pk}&interval=day&functions=max"
    answer = admin.get(f"/api/timeseries/query?{query}").json()["series"]
    assert [one["results"] for one in answer] == [
        [{"ts": "2026-05-04T00:00:00Z", "max": 9.0}],
        [{"ts": "2026-05-04T00:00:00Z", "max": 50.0}],
    ]


def test_key_that_may_only_read_may_ask_by_post(house, datapoint, api):
    key = api_keys.create_api_key(actor=house.admin, name="Display", scopes=["telemetry:read"]).key
    api.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    assert api.post("/api/timeseries/query/", {"datapoints": [datapoint.pk]}).status_code == 200
    assert api.patch(f"/api/datapoints/{datapoint.pk}/", {"unit": "K"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "interval"),
        ("interval=minute", "interval"),
        ("interval=day&tz=Mars/Olympus", "tz"),
        ("interval=day&tz=", "tz"),
        ("interval=day&functions=median", "functions"),
        ("interval=day&functions=", "functions"),
        ("interval=day&fill=zero", "fill"),
        ("interval=day&start=yesterday", "start"),
        ("interval=day&start=2026-05-05T00:00:00Z&end=2026-05-04T00:00:00Z", "end"),
        ("interval=day&zone=UTC", "zone"),
        ("interval=day&format=xml", "format"),
        ("interval=15m&fill=null&start=1990-01-01T00:00:00Z&end=2026-01-01T00:00:00Z", "interval"),
        ("interval=day&start=2026-05-04T00:00:00Z&start=2026-05-05T00:00:00Z", "start"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_bad_parameter_of_aggregates_is_named(admin, datapoint, query, field, accept):
    response = admin.get(f"/api/datapoints/{datapoint.pk}/aggregates/?{query}", headers={"Accept": accept})
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert [one["field"] for one in response.json()["errors"]] == [field]


def test_word_that_is_not_known_is_answered_with_those_that_are(admin, datapoint):
    (error,) = admin.get(f"/api/datapoints/{datapoint.pk}/aggregates/?interval=minute").json()["errors"]
    assert error["message"] == "“minute” is none of these: 15m, hour, day, week, month, year."


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "datapoints"),
        ({"datapoints": []}, "datapoints"),
        ({"datapoints": "1,x"}, "datapoints"),
        ({"datapoints": [True]}, "datapoints"),
        ({"datapoints": list(range(101))}, "datapoints"),
        ({"datapoints": [2**70]}, "datapoints"),
        ({"datapoints": [1], "max_points": 3}, "max_points"),
        ({"datapoints": [1], "max_points": 100, "limit": 5}, "max_points"),
        ({"datapoints": [1], "interval": "day", "order": "desc"}, "interval"),
        ({"datapoints": [1], "functions": {"avg": 1}}, "functions"),
        ({"datapoints": [1], "tz": ["UTC"]}, "tz"),
    ],
)
def test_bad_field_of_a_question_is_named(admin, body, field):
    response = admin.post("/api/timeseries/query/", body)
    assert response.status_code == 400
    assert [one["field"] for one in response.json()["errors"]] == [field]


@pytest.mark.parametrize("query", ["max_points=100&limit=5", "max_points=100&cursor=x", "max_points=8&order=desc"])
def test_points_for_a_chart_have_no_pages(admin, datapoint, query):
    response = admin.get(f"/api/datapoints/{datapoint.pk}/timeseries/?{query}")
    assert [one["field"] for one in response.json()["errors"]] == ["max_points"]


def test_answer_that_would_be_too_long_leads_to_the_export(admin, datapoint, monkeypatch):
    monkeypatch.setattr(asking, "MAX_ROWS", 5)
    base = f"/api/datapoints/{datapoint.pk}"
    hours = "start=2026-05-04T00:00:00Z&end=2026-05-04T02:00:00Z"
    for address in (f"{base}/timeseries/?format=csv", f"{base}/aggregates/?interval=15m&fill=null&{hours}"):
        response = admin.get(address)
        assert response.status_code == 400
        assert response.json()["code"] == "too_many_rows"
        assert asking.EXPORT_ADDRESS in response.json()["detail"]
    assert body_of(admin.get(f"{base}/timeseries/?format=csv&limit=5")).count(b"\r\n") == 6


def thinned(admin, datapoint, query):
    rows = admin.get(f"/api/datapoints/{datapoint.pk}/timeseries/?{query}").json()["results"]
    assert [row["ts"] for row in rows] == sorted({row["ts"] for row in rows})
    return rows


@pytest.mark.parametrize("sealed", [True, False])
def test_few_points_of_a_long_range_keep_its_extremes(admin, datapoint, monkeypatch, sealed):
    """Where there are very many samples the points come from sums, and their values are those of samples all the same."""
    spike = START + timedelta(days=20, hours=7, minutes=3)
    put(*((datapoint, START + timedelta(hours=n), n % 24 + 100) for n in range(1, 24 * 40)), (datapoint, spike, 1e6))
    if sealed:
        seal()
    exact = thinned(admin, datapoint, "max_points=40")
    assert 20 < len(exact) <= 40
    assert {"ts": "2026-05-24T07:03:00Z", "value": 1e6} in exact
    monkeypatch.setattr(series, "FEW", 100)
    rough = thinned(admin, datapoint, "max_points=40")
    assert len(rough) <= 40
    assert rough[0]["value"] == 0
    assert rough[-1]["value"] == exact[-1]["value"]
    (peak,) = [row for row in rough if row["value"] == 1e6]
    assert abs(datetime.fromisoformat(peak["ts"]) - spike) < timedelta(days=4)
    # A short piece of it has bins of less than a quarter of an hour, so it is drawn from samples again.
    zoomed = thinned(admin, datapoint, "max_points=40&start=2026-05-24T07:00:00Z&end=2026-05-24T09:00:00Z")
    assert [row["value"] for row in zoomed] == [107, 1e6, 108]


def test_bins_of_a_line_lie_where_samples_are_not_where_they_were_asked_for(admin, datapoint, monkeypatch):
    put(*((datapoint, START + timedelta(hours=n), n) for n in range(1, 24 * 40)))
    seal()
    monkeypatch.setattr(series, "FEW", 100)
    exactly = thinned(admin, datapoint, f"max_points=40&start={START:%Y-%m-%dT%H:%M:%SZ}&end=2026-06-13T00:00:00Z")
    assert len(exactly) == 40
    assert thinned(admin, datapoint, "max_points=40&start=2000-01-01T00:00:00Z&end=2026-06-13T00:00:00Z") == exactly
    assert thinned(admin, datapoint, "max_points=40") == exactly
    assert thinned(admin, datapoint, "max_points=40&end=2040-01-01T00:00:00Z") == exactly


def test_who_sees_a_datapoint_may_read_it_and_nobody_else(house):
    made = [make(house), make(house, thing=house.other_thing)]
    numbers = [one.pk for one in made]
    for person in (house.superuser, house.admin, house.moderator, house.user, house.stranger):
        seen = selectors.datapoints_for(person).filter(pk__in=numbers).values_list("pk", flat=True)
        assert selectors.visible_ids(person, numbers) == set(seen)
        client = APIClient()
        client.force_login(person)
        answers = [client.get(f"/api/datapoints/{number}/timeseries/").status_code for number in numbers]
        assert answers == [200 if number in seen else 404 for number in numbers]


def test_key_is_read_once_for_limits_and_rights(house, datapoint):
    key = api_keys.create_api_key(actor=house.user, name="reader", scopes=["telemetry:read"]).key
    client = APIClient(headers={"Authorization": f"Api-Key {key}"})
    path = f"/api/datapoints/{datapoint.pk}/timeseries/"
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    assert sum("accounts_apikey" in query["sql"] for query in queries) == 1
    assert len(queries) <= 4, queries.captured_queries


def test_line_is_drawn_of_sums_where_retention_took_the_samples(admin, datapoint):
    seal()
    RawFloor.objects.create(datapoint=datapoint, raw_from=int((START + timedelta(days=1)).timestamp() * 1e6))
    assert len(thinned(admin, datapoint, "max_points=8")) > 0
    assert thinned(admin, datapoint, "max_points=8&start=2027-01-01T00:00:00Z") == []


def test_finished_weeks_are_kept_in_redis_for_those_who_may_see_them_and_missed_by_no_one(
    admin, house, monkeypatch, caplog
):
    datapoint, redis = make(house), core_redis.client()
    put(*((datapoint, START - timedelta(hours=12 * number), number) for number in range(100)))
    seal()
    path = f"/api/datapoints/{datapoint.pk}/aggregates/?interval=week&functions=sum,count,last&end=2026-05-05T00:00:00Z"
    expected = admin.get(path).json()
    keys = redis.keys(f"guildhall:week:*:{datapoint.pk}:*")
    assert sum(row["count"] for row in expected["results"]) == 100
    assert len(keys) == 7
    assert all(0 < redis.ttl(key) <= shelf.SECONDS for key in keys)
    # What is there is taken: a week that is emptied is missing in the answer.
    for key in keys:
        redis.set(key, b"")
    assert sum(row["count"] for row in admin.get(path).json()["results"]) < 100
    stranger = APIClient()
    stranger.force_login(house.stranger)
    assert stranger.get(path).status_code == 404
    redis.delete(*keys)
    monkeypatch.setattr(shelf, "MOST_BYTES", 10)
    assert admin.get(path).json() == expected
    assert not redis.keys(f"guildhall:week:*:{datapoint.pk}:*")
    monkeypatch.setattr(core_redis, "settings", SimpleNamespace(redis_url=_nowhere()))
    monkeypatch.setattr(core_redis, "breaker", core_redis.Breaker())
    assert admin.get(path).json() == expected
    assert "Redis does not answer" in caplog.text


def _nowhere():
    address = f"redis://127.0.0.1:{free_port()}/0"
    return SimpleNamespace(get_secret_value=lambda: address)
