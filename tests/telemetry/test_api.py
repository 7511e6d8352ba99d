"""The API of datasources and datapoints: what it answers, and what it says about bad parameters."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.models import Datapoint, Datasource, DeadLetter, RefusedPublish
from tests.support import samples

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def admin(house) -> APIClient:
    client = APIClient()
    client.force_login(house.admin)
    return client


@pytest.fixture
def datapoint(house) -> Datapoint:
    """Ten samples, a minute apart, each with its number as value."""
    made = services.create_datapoint(
        actor=house.admin, project=house.project, thing=house.thing, key="temperature", name="Temperature", unit="°C"
    )
    samples.put(*((made, START + timedelta(minutes=number), number) for number in range(10)))
    return made


def values(response):
    assert response.status_code == 200, response.content
    return [row["value"] for row in response.json()["results"]]


def test_list_shows_datapoints_with_the_newest_value(admin, datapoint, house):
    (row,) = admin.get("/api/datapoints/").json()["results"]
    assert row == {
        "id": datapoint.pk, "organization": str(house.organization.pk), "project": str(house.project.pk),
        "project_name": house.project.name, "object": str(house.thing.pk), "object_name": house.thing.name,
        "key": "temperature", "name": "Temperature", "unit": "°C", "description": "", "tags": [],
        "created_at": row["created_at"], "latest": {"ts": "2026-05-04T00:09:00Z", "value": 9.0},
    }  # fmt: skip


def test_list_is_filtered_searched_and_paged(admin, datapoint, house):
    for key in ("humidity", "power"):
        services.create_datapoint(actor=house.admin, project=house.project, key=key)

    def keys(query):
        return [row["key"] for row in admin.get(f"/api/datapoints/{query}").json()["results"]]

    assert keys(f"?object={house.thing.pk}") == ["temperature"]
    assert keys(f"?project={house.other_project.pk}") == []
    assert keys("?search=HUMI") == ["humidity"]
    first = admin.get("/api/datapoints/?page_size=2").json()
    assert len(first["results"]) == 2
    assert len(admin.get(first["next"]).json()["results"]) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", list(range(10))),
        ("?start=2026-05-04T00:03:00Z&end=2026-05-04T00:06:00Z", [3, 4, 5]),
        ("?start=2026-05-04T05:33:00%2B05:30&limit=2", [3, 4]),
        ("?order=desc&limit=3", [9, 8, 7]),
        ("?start=2030-01-01T00:00:00Z", []),
    ],
)
def test_timeseries_is_the_asked_range_in_the_asked_order(admin, datapoint, query, expected):
    assert values(admin.get(f"/api/datapoints/{datapoint.pk}/timeseries/{query}")) == expected


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_timeseries_pages_hold_everything_once(admin, datapoint, order):
    found, address = [], f"/api/datapoints/{datapoint.pk}/timeseries/?order={order}&limit=3"
    while address:
        page = admin.get(address).json()
        found += [row["value"] for row in page["results"]]
        address = page["next"]
    assert found == sorted(range(10), reverse=order == "desc")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=yesterday", "start"),
        ("start=0000-01-01T00:00:00Z", "start"),
        ("end=9999-12-31T23:59:59-14:00", "end"),
        ("start=99999-01-01T00:00:00Z", "start"),
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("limit=" + "9" * 400, "limit"),
        ("limit=x", "limit"),
        ("order=sideways", "order"),
        ("cursor=%00", "cursor"),
        ("cursor=abc", "cursor"),
        ("cursor=WzFd", "cursor"),
        ("cursor=WyJ4Il0", "cursor"),
    ],
)
def test_bad_parameter_of_timeseries_is_named(admin, datapoint, query, field):
    response = admin.get(f"/api/datapoints/{datapoint.pk}/timeseries/?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize("query", ["project=x", "object=%00", "search=%00", "search=" + "x" * 201])
def test_bad_parameter_of_lists_is_named(admin, query):
    response = admin.get(f"/api/datapoints/?{query}")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [query.partition("=")[0]]


@pytest.mark.parametrize("key", [0, 2**63 - 1, 2**63, 10**40])
def test_id_of_nothing_is_not_found(admin, key):
    assert admin.get(f"/api/datapoints/{key}/").status_code == 404


def test_datapoint_is_created_changed_and_deleted_with_its_samples(admin, house):
    made = admin.post(
        "/api/datapoints/", {"project": house.project.pk, "object": house.thing.pk, "key": "a/b.c", "unit": "W"}
    )
    assert made.status_code == 201
    address = f"/api/datapoints/{made.json()['id']}/"
    assert made.json()["name"] == "a/b.c"
    samples.put((made.json()["id"], START, 1))
    changed = admin.patch(address, {"name": "Power", "description": "Main meter"})
    assert (changed.status_code, changed.json()["name"], changed.json()["key"]) == (200, "Power", "a/b.c")
    assert admin.delete(address).status_code == 204
    assert samples.stored() == []


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"key": "temperature"}, 409, "key"),
        ({"key": "other", "name": "Temperature"}, 409, "name"),
        ({"key": "a b"}, 400, "key"),
        ({"key": "a/#"}, 400, "key"),
        ({"key": "x" * 201}, 400, "key"),
        ({"key": "x", "colour": "red"}, 400, "colour"),
        ({"key": "x", "object": str(uuid4())}, 400, "object"),
        ({}, 400, "key"),
    ],
)
def test_bad_datapoint_is_refused_at_the_field(admin, house, datapoint, body, status, field):
    response = admin.post("/api/datapoints/", {"project": house.project.pk, "object": house.thing.pk, **body})
    assert response.status_code == status
    assert field in [error["field"] for error in response.json()["errors"]]


def test_object_of_another_project_is_refused(admin, house):
    response = admin.post(
        "/api/datasources/", {"project": house.other_project.pk, "object": house.thing.pk, "name": "X"}
    )
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["object"]


def test_secret_is_shown_at_creation_and_rotation_only(admin, house):
    made = admin.post("/api/datasources/", {"project": house.project.pk, "name": "Sensor"}).json()
    address = f"/api/datasources/{made['datasource']['id']}/"
    rotated = admin.post(f"{address}rotate/").json()
    assert len(made["secret"]) == len(rotated["secret"]) == 32
    assert made["secret"] != rotated["secret"]
    shown = admin.get(address)
    assert b"secret" not in shown.content
    assert bytes(Datasource.objects.get().secret_hash) not in (made["secret"].encode(), rotated["secret"].encode())
    assert shown.json()["topic_prefix"] == f"guildhall/d/{made['datasource']['username']}"
    assert [row["name"] for row in admin.get(f"/api/datasources/?project={house.project.pk}").json()["results"]] == [
        "Sensor"
    ]


def test_datasource_is_changed_and_deleted(admin, house):
    source = services.create_datasource(actor=house.admin, project=house.project, name="Sensor").datasource
    services.create_datasource(actor=house.admin, project=house.project, name="Other")
    address = f"/api/datasources/{source.pk}/"
    assert admin.patch(address, {"enabled": False, "expires_at": "2030-01-01T00:00:00Z"}).json()["enabled"] is False
    assert admin.patch(address, {"name": "Other"}).status_code == 409
    assert admin.delete(address).status_code == 204
    assert admin.get(address).status_code == 404


def test_rights_are_replaced_as_a_whole(admin, house):
    source = services.create_datasource(actor=house.admin, project=house.project, name="Sensor").datasource
    address = f"/api/datasources/{source.pk}/rights/"
    assert admin.get(address).json() == {"rights": [{"action": "publish", "filter": f"{source.topic_prefix}/#"}]}
    rights = [
        {"action": "publish", "filter": f"{source.topic_prefix}/+/state"},
        {"action": "read", "filter": f"{source.topic_prefix}/#"},
    ]
    assert admin.put(address, {"rights": rights}).json() == {"rights": rights}


@pytest.mark.parametrize(
    ("action", "topics"),
    [
        ("publish", "guildhall/#"),
        ("publish", "{other}/t"),
        ("publish", "+/t"),
        ("publish", "{own}/a b"),
        ("publish", "{own}/#/a"),
        ("read", "#"),
        ("read", "guildhall/d/+/t"),
        ("read", "{foreign}/#"),
    ],
)
def test_right_that_reaches_further_is_refused_at_its_place(admin, house, action, topics):
    def make(actor, project, name):
        return services.create_datasource(actor=actor, project=project, name=name).datasource

    own, other = make(house.admin, house.project, "Own"), make(house.admin, house.project, "Other")
    foreign = make(house.stranger, house.foreign_project, "Foreign")
    given = topics.format(own=own.topic_prefix, other=other.topic_prefix, foreign=foreign.topic_prefix)
    fine = {"action": "read", "filter": f"{other.topic_prefix}/#"}
    response = admin.put(f"/api/datasources/{own.pk}/rights/", {"rights": [fine, {"action": action, "filter": given}]})
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["rights.1.filter"]
    assert own.topic_rights.count() == 1


def test_refusals_and_dead_letters_are_listed_latest_first(admin, house):
    source = services.create_datasource(actor=house.admin, project=house.project, name="Sensor").datasource
    for number in range(3):
        at = START + timedelta(seconds=number)
        RefusedPublish.objects.create(datasource=source, topic=f"t{number}", first_at=at, last_at=at)
        DeadLetter.objects.create(
            datasource=source, topic=f"t{number}", payload=b"\xffx", payload_size=2, reason="not_understood", at=at
        )
    address = f"/api/datasources/{source.pk}"
    assert [row["topic"] for row in admin.get(f"{address}/refused/").json()["results"]] == ["t2", "t1", "t0"]
    first = admin.get(f"{address}/dead-letters/?page_size=2").json()
    assert [row["topic"] for row in first["results"]] == ["t2", "t1"]
    assert first["results"][0]["payload"] == "\N{REPLACEMENT CHARACTER}x"
    assert [row["topic"] for row in admin.get(first["next"]).json()["results"]] == ["t0"]
