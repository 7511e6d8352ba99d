"""The query API of Prometheus: as a client reads it that nobody here wrote, and each function beside plain Python."""

import base64
import math
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_api_client import PrometheusApiClientException, PrometheusConnect
from rest_framework.test import APIClient

from guildhall.core.accounts import api_keys
from guildhall.modules.telemetry import promql, services
from tests.support.people import build_house
from tests.support.samples import put, seal

START = datetime(2026, 5, 4, tzinfo=UTC)
AT = START.timestamp()
BASE = "/api/prometheus/api/v1"


def key_of(user, scope="telemetry:read"):
    return api_keys.create_api_key(actor=user, name="Grafana", scopes=[scope]).key


def fill(house):
    """Two thermometers and a counter that begins anew: a value each half minute for an hour."""
    made = {}
    for key, thing, value in (
        ("room-3/temperature", house.thing, lambda n: 20 + n / 10),
        ("outside", house.other_thing, lambda n: 5 - n / 7),
        ("energy", house.thing, lambda n: n % 50),
    ):
        made[key] = services.create_datapoint(
            actor=house.admin, project=house.project, thing=thing, key=key, unit="°C", tags=["lab"]
        )
        put(*((made[key], START + timedelta(seconds=30 * n), value(n)) for n in range(120)))
    seal()
    return made


@pytest.fixture
def api(house):
    fill(house)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key_of(house.admin)}")
    return client


@pytest.mark.parametrize("way", ["Api-Key", "Basic"])
def test_client_of_prometheus_reads_what_was_measured(transactional_db, live_server, way):
    house = build_house()
    made = fill(house)
    key = key_of(house.user)
    proof = f"Api-Key {key}" if way == "Api-Key" else f"Basic {base64.b64encode(f'me:{key}'.encode()).decode()}"
    client = PrometheusConnect(url=f"{live_server.url}/api/prometheus", headers={"Authorization": proof})
    assert client.all_metrics() == ["energy", "room_3_temperature"]
    assert "unit" in client.get_label_names()
    assert client.get_label_values("key") == ["energy", "room-3/temperature"]
    (found,) = client.get_metric_range_data(
        "room_3_temperature", start_time=START, end_time=START + timedelta(minutes=2), chunk_size=timedelta(minutes=2)
    )
    assert found["metric"]["datapoint"] == str(made["room-3/temperature"].pk)
    assert [(at, float(value)) for at, value in found["values"]] == [(AT + 30 * n, 20 + n / 10) for n in range(1, 5)]
    (now,) = client.custom_query("room_3_temperature", params={"time": AT + 61})
    assert now["value"] == [AT + 61, "20.2"]
    (ranged,) = client.custom_query_range('max by (unit) ({unit="°C"})', START, START + timedelta(minutes=3), "60")
    assert ranged == {
        "metric": {"unit": "°C"}, "values": [[AT, "20.0"], [AT + 60, "20.2"], [AT + 120, "20.4"], [AT + 180, "20.6"]]
    }  # fmt: skip
    with pytest.raises(PrometheusApiClientException, match="not known here"):
        client.custom_query("topk(1, energy)")


def ask(api, query, at=AT + 600, status=200):
    response = api.post(f"{BASE}/query", {"query": query, "time": at}, format="json")
    assert response.status_code == status, response.content
    return response.json()


def value(api, query, at=AT + 600):
    data = ask(api, query, at)["data"]
    if data["resultType"] == "scalar":
        return float(data["result"][1])
    (line,) = data["result"]
    return float(line["value"][1])


pytestmark = pytest.mark.django_db
WINDOW = [20 + n / 10 for n in range(11, 21)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("room_3_temperature", 22.0),
        ("room_3_temperature offset 5m", 21.0),
        ("avg_over_time(room_3_temperature[5m])", math.fsum(WINDOW) / 10),
        ("min_over_time(room_3_temperature[5m])", 21.1),
        ("max_over_time(room_3_temperature[5m])", 22.0),
        ("sum_over_time(room_3_temperature[5m])", math.fsum(WINDOW)),
        ("count_over_time(room_3_temperature[5m])", 10),
        ("last_over_time(room_3_temperature[5m])", 22.0),
        ("delta(room_3_temperature[5m])", 1.0),
        ("increase(energy[5m])", 10.0),
        ("rate(energy[5m])", 1 / 30),
        ('sum({__name__=~"room.*|energy"})', 42.0),
        ('count({project!="", unit!="K"})', 3),
        ('min({project!="", key!~"out.*"})', 20.0),
        ('avg({tags=~".*,lab,.*", key!="outside"})', 21.0),
        ("-(room_3_temperature - 2) * 2 ^ 3 / 4 % 7", -math.fmod(20 * 8 / 4, 7)),
        ("room_3_temperature - room_3_temperature offset 5m", 1.0),
        ("ceil(abs(outside))", 3),
        ("1 + 1", 2),
    ],
)
def test_function_says_what_prometheus_would(api, query, expected):
    assert value(api, query) == pytest.approx(expected, rel=1e-12)


def test_counter_that_begins_anew_goes_on(api):
    # Between 24 and 26 minutes it falls from 49 to 0, which counts as one step of 0.
    assert value(api, "increase(energy[4m])", AT + 26 * 60) == pytest.approx((6 + 0) * 4 / 3.5, rel=0.2)
    assert value(api, "increase(energy[4m])", AT + 26 * 60) > 0 > value(api, "delta(energy[4m])", AT + 26 * 60)


def test_value_is_forgotten_after_a_while(api):
    late = AT + 59.5 * 60
    assert value(api, "energy", late + 15 * 60 - 1) == 119 % 50
    assert ask(api, "energy", late + 15 * 60)["data"]["result"] == []


def test_sums_keep_labels_as_asked(api):
    found = ask(api, 'sum without (key, name, datapoint, object) ({unit="°C"})')["data"]["result"]
    assert [line["metric"].keys() for line in found] == [{"organization", "project", "tags", "unit"}]
    found = ask(api, 'avg by (object) (avg_over_time({unit="°C"}[1m]))')["data"]["result"]
    assert len({line["metric"]["object"] for line in found}) == 2


@pytest.mark.parametrize(
    "query",
    [
        "", "sum(", "nothing(energy)", "topk(2, energy)", "energy[5m:1m]", "energy @ 5", "rate(energy)", "energy > 1",
        '{key=~"(("}', "energy + on (unit) outside", "quantile_over_time(0.5, energy[1m])", "stddev(energy)", "'text'",
        "1" * 5000, "(" * 200 + "1" + ")" * 200, '{a="b" or c="d"}',
    ],
)  # fmt: skip
def test_query_that_is_not_known_is_refused_in_both_languages(api, query):
    answer = ask(api, query, status=400)
    assert answer["code"] == "bad_query"
    assert answer["errorType"] == "bad_data"
    assert answer["error"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("start", "yesterday"), ("start", "nan"), ("end", "1e300"), ("end", "2020-01-01T00:00:00Z"), ("step", "0"),
        ("step", "1x"), ("step", "0.001"), ("step", ""), ("query", ""), ("start", "2020-01-01T00:00:00"),
    ],
)  # fmt: skip
def test_bad_parameter_of_a_range_is_refused(api, name, text):
    given = {"query": "energy", "start": AT, "end": AT + 600, "step": "1m", name: text}
    response = api.get(f"{BASE}/query_range", given)
    assert response.status_code == 400
    assert response.json()["code"] == "bad_query"


def test_expression_that_would_take_for_ever_is_stopped(api, house, monkeypatch):
    monkeypatch.setattr(promql, "_REGEX_TIMEOUT_MS", 1)
    labels = {n: {promql.NAME: "x", "name": "a" * 180 + str(n)} for n in range(3000)}
    selector = promql.parse('{name=~"(a|aa|aaa)+(b|c|(d+e*)+)+(f|g)*z"}')
    with pytest.raises(promql.BadQueryError, match="can't be used"):
        promql.selected(labels, selector)


def test_query_that_needs_too_much_is_refused(api, monkeypatch):
    monkeypatch.setattr(promql, "MAX_SAMPLES", 100)
    assert "shorter range" in ask(api, "avg_over_time(energy[1h])", AT + 3600, status=400)["error"]
    monkeypatch.setattr(promql, "MAX_SAMPLES", 10**6)
    monkeypatch.setattr(promql, "MAX_WINDOWED", 100)
    assert "windows" in ask(api, "avg_over_time(energy[1h])", AT + 3600, status=400)["error"]


def test_grafana_finds_series_labels_units_and_a_version(api):
    def data(path, query=""):
        response = api.get(f"{BASE}/{path}{query}")
        assert response.status_code == 200
        assert response.json()["status"] == "success"
        return response.json()["data"]

    assert [one["key"] for one in data("series", "?match[]=energy&match[]=outside")] == ["energy", "outside"]
    assert data("label/__name__/values", '?match[]={object="Laser cutter"}') == ["outside"]
    assert data("metadata", "?metric=energy") == {"energy": [{"type": "gauge", "help": "", "unit": "°C"}]}
    assert data("status/buildinfo")["version"] == "2.45.0"
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert api.post(f"{BASE}/series", "match[]=energy", **form).json()["data"][0]["key"] == "energy"
    assert "unit" in api.post(f"{BASE}/labels", "match[]=energy", **form).json()["data"]
    assert api.get(f"{BASE}/series?match[]=1").status_code == 400
    assert len(ask(api, "(energy[5m])")["data"]["result"][0]["values"]) == 10
    matrix = api.post(f"{BASE}/query_range", f"query=2&start={AT}&end={AT + 60}&step=30s", **form).json()["data"]
    assert matrix == {
        "resultType": "matrix",
        "result": [{"metric": {}, "values": [[AT + n, "2.0"] for n in (0, 30, 60)]}],
    }


@pytest.mark.parametrize("header", ["Basic !", "Basic bm9ib2R5", "Basic bWU6bm90aGluZw=="])
def test_wrong_password_is_refused(house, header):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert client.get(f"{BASE}/labels").status_code == 401
