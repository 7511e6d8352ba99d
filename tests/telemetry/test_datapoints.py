"""What is known about datapoints: tags and filters, additional information, many at once, and their page."""

import orjson
import pytest
from django.db import connection
from rest_framework.test import APIClient

from guildhall.core.organizations.services import choose_active_organization, create_object, create_project
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.api import series
from guildhall.modules.telemetry.models import Datapoint

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def admin(house):
    return signed_in(house.admin)


@pytest.fixture
def datapoint(house):
    return services.create_datapoint(
        actor=house.admin, project=house.project, thing=house.thing, key="t", unit="°C", tags=["lab", "air"]
    )


def make(house, key, thing=None, **details):
    return services.create_datapoint(actor=house.admin, project=house.project, thing=thing, key=key, **details)


def body_of(response):
    assert response.status_code == 200, response.content
    return b"".join(response) if response.streaming else response.content


def test_datapoints_are_found_by_tag_unit_and_datasource(admin, house, datapoint):
    other = make(house, "power", unit="W", tags=["lab"])
    source = services.create_datasource(
        actor=house.admin, project=house.project, thing=house.thing, name="S"
    ).datasource

    def found(query):
        return [row["id"] for row in admin.get(f"/api/datapoints/?{query}").json()["results"]]

    assert found("tag=lab") == [other.pk, datapoint.pk]
    assert found("tag=lab,air") == [datapoint.pk]
    assert found("tag=la") == []
    assert found("unit=W") == [other.pk]
    assert found(f"datasource={source.pk}") == [datapoint.pk]
    response = admin.get("/api/datapoints/?datasource=00000000-0000-4000-8000-000000000000")
    assert [one["field"] for one in response.json()["errors"]] == ["datasource"]


def test_tags_are_looked_up_in_an_index(datapoint):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM telemetry_datapoint WHERE tags @> ARRAY['lab']::varchar[]")
        assert "datapoint_tags" in str(cursor.fetchall())


def test_all_visible_ids_come_without_pages(house, datapoint, monkeypatch):
    monkeypatch.setattr(series, "IDS_AT_ONCE", 3)
    others = [make(house, f"k{n}").pk for n in range(7)]
    ids = [datapoint.pk, *others]
    admin = signed_in(house.admin)
    assert orjson.loads(body_of(admin.get("/api/datapoints/ids/"))) == {"ids": ids}
    assert body_of(admin.get("/api/datapoints/ids/?format=csv")).decode().split() == ["id", *map(str, ids)]
    assert body_of(admin.get("/api/datapoints/ids/?format=ndjson&tag=air")) == b"%d\n" % datapoint.pk
    assert orjson.loads(body_of(signed_in(house.user).get("/api/datapoints/ids/"))) == {"ids": [datapoint.pk]}
    assert body_of(signed_in(house.stranger).get("/api/datapoints/ids/?format=ndjson")) == b""


def test_additional_information_names_project_and_object(admin, house, datapoint):
    room = create_object(actor=house.admin, project=house.other_project, name="Room 3")
    answer = admin.post(
        f"/api/datapoints/{datapoint.pk}/",
        {
            "name": "Temperature", "created_at": "2020-02-29T12:00:00Z", "project_name": house.other_project.name,
            "object_name": "Room 3", "unit": "K", "description": "By the door", "tags": ["room"],
        },
    )  # fmt: skip
    assert answer.status_code == 200
    assert answer.json() == {
        "id": datapoint.pk, "organization": str(house.organization.pk), "project": str(house.other_project.pk),
        "project_name": house.other_project.name, "object": str(room.pk), "object_name": "Room 3", "key": "t",
        "name": "Temperature", "unit": "K", "description": "By the door", "tags": ["room"],
        "created_at": "2020-02-29T12:00:00Z", "latest": None,
    }  # fmt: skip
    answer = admin.post(f"/api/datapoints/{datapoint.pk}/", {"object_name": ""}).json()
    assert (answer["project"], answer["object"], answer["tags"]) == (str(house.other_project.pk), None, ["room"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"project_name": "Nowhere"}, "project_name"),
        ({"object_name": "Nothing"}, "object_name"),
        ({"project_name": "Elsewhere"}, "project_name"),
        ({"tags": ["a,b"]}, "tags"),
        ({"tags": ["x"] * 33}, "tags"),
        ({"color": "red"}, "color"),
    ],
)
def test_bad_information_is_named(admin, house, datapoint, body, field):
    create_project(actor=house.stranger, organization=house.foreign_organization, name="Elsewhere")
    response = admin.post(f"/api/datapoints/{datapoint.pk}/", body)
    assert response.status_code == 400
    assert {one["field"] for one in response.json()["errors"]} == {field}


def test_moderator_moves_nothing_to_what_he_may_not_use(house, datapoint):
    response = signed_in(house.moderator).post(
        f"/api/datapoints/{datapoint.pk}/", {"project_name": house.other_project.name}
    )
    assert response.status_code == 400
    assert Datapoint.objects.get(pk=datapoint.pk).project_id == house.project.pk


def test_many_are_created_and_changed_together_or_not_at_all(admin, house, datapoint):
    rows = [
        {"project": str(house.project.pk), "key": "new", "tags": ["a"]},
        {"id": datapoint.pk, "name": "Renamed"},
    ]
    answer = admin.post("/api/datapoints/bulk/", {"datapoints": rows})
    assert [(row["key"], row["name"]) for row in answer.json()["results"]] == [("new", "new"), ("t", "Renamed")]
    rows = [{"id": datapoint.pk, "name": "Once more"}, {"project": str(house.project.pk), "key": "new"}]
    answer = admin.post("/api/datapoints/bulk/", {"datapoints": rows})
    assert answer.status_code == 409
    assert [one["field"] for one in answer.json()["errors"]] == ["datapoints.1.key"]
    assert Datapoint.objects.get(pk=datapoint.pk).name == "Renamed"


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        ([{"key": "x"}], {"datapoints.0.project"}),
        ([{"id": 2**40}], {"datapoints.0.id"}),
        ([{"id": 1, "project": "00000000-0000-4000-8000-000000000000"}], {"datapoints.0.project"}),
        ([{"project": "00000000-0000-4000-8000-000000000000", "key": "x"}], {"datapoints.0.project"}),
        ([], {"datapoints"}),
    ],
)
def test_row_at_fault_is_named(admin, rows, fields):
    response = admin.post("/api/datapoints/bulk/", {"datapoints": rows})
    assert response.status_code == 400
    assert {one["field"] for one in response.json()["errors"]} == fields


@pytest.fixture
def page(client, house):
    choose_active_organization(actor=house.admin, organization=house.organization)
    client.force_login(house.admin)
    return client


def test_page_of_a_datapoint_changes_and_deletes_it(page, house, datapoint):
    address = f"/telemetry/datapoints/{datapoint.pk}/"
    shown = page.get(address)
    assert "lab, air" in shown.text
    given = {
        "name": "Air", "unit": "K", "place": f"object:{house.other_thing.pk}", "tags": " one , two,one,", "description": "",
    }  # fmt: skip
    assert page.post(address, given).status_code == 302
    changed = Datapoint.objects.get(pk=datapoint.pk)
    assert (changed.name, changed.unit, changed.object_id, changed.tags) == (
        "Air", "K", house.other_thing.pk, ["one", "two"]
    )  # fmt: skip
    make(house, "b", house.other_thing, name="Taken")
    assert "This name is taken." in page.post(address, {**given, "name": "Taken"}).text
    assert page.post(f"{address}delete/").status_code == 302
    assert not Datapoint.objects.filter(pk=datapoint.pk).exists()


def test_page_shows_a_user_no_form(client, house, datapoint):
    client.force_login(house.user)
    address = f"/telemetry/datapoints/{datapoint.pk}/"
    shown = client.get(address)
    assert shown.status_code == 200
    assert 'name="tags"' not in shown.text
    assert client.post(address, {"name": "X"}).status_code == 403
    client.force_login(house.stranger)
    assert client.get(address).status_code == 404
