"""Configuration documents: whole, by section, their versions, and what can't be stored."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import orjson
import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from guildhall.core.events.models import EventRow
from guildhall.modules.telemetry import configurations, pointer
from guildhall.modules.telemetry.models import Configuration, ConfigurationVersion
from tests.support.people import build_house

DOCUMENT = {"mqtt": {"interval": 10, "topics": ["a", "b"]}, "wifi/2": {"~": True}, "label": "Ofen"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def paths_in(value, keys=()):
    yield keys
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_in(inner, (*keys, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths_in(inner, (*keys, str(index)))


@given(json_values, json_values, st.data())
def test_replaced_section_is_there_and_all_else_as_it_was(document, value, data):
    places = [keys for keys in paths_in(document) if keys]
    if not places:
        return
    keys = data.draw(st.sampled_from(places))
    before = orjson.dumps(document)
    changed = pointer.replaced(document, keys, value)
    assert pointer.section(changed, pointer.keys_of(pointer.path_of(keys))) == value
    assert orjson.dumps(pointer.replaced(changed, keys, pointer.section(document, keys))) == before
    assert orjson.dumps(document) == before


@given(json_values, st.data())
def test_removed_section_is_gone_and_comes_back_by_putting_it(document, data):
    places = [keys for keys in paths_in(document) if keys]
    if not places:
        return
    keys = data.draw(st.sampled_from(places))
    parent = pointer.section(document, keys[:-1])
    without = pointer.section(pointer.removed(document, keys), keys[:-1])
    assert len(without) == len(parent) - 1
    if isinstance(parent, dict):
        assert pointer.replaced({"p": without}, ("p", keys[-1]), parent[keys[-1]]) == {"p": parent}


@pytest.mark.parametrize("keys", [("a", "b"), ("list", "3"), ("list", "01"), ("list", "-1"), ("text", "0")])
def test_path_that_leads_nowhere_is_told(keys):
    with pytest.raises(pointer.NoSectionError):
        pointer.section({"list": [1, 2], "text": "x"}, keys)


@pytest.fixture
def house(db):
    return build_house()


@pytest.fixture
def client(house):
    client = Client()
    client.force_login(house.moderator)
    return client


@pytest.fixture
def made(house, client):
    body = {"project": house.project.pk, "object": house.thing.pk, "name": "Oven", "document": DOCUMENT}
    answer = client.post("/api/configurations/", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer["ETag"] == '"1"'
    return f"/api/configurations/{answer.json()['id']}/"


def put(client, address, value, **headers):
    return client.put(address, orjson.dumps(value), content_type="application/json", headers=headers)


def document_at(client, address):
    return client.get(address).json()["document"]


def test_document_comes_back_as_it_was_sent_with_keys_in_their_order(client, made):
    answer = client.get(made)
    assert answer.json()["document"] == DOCUMENT
    assert list(answer.json()["document"]) == list(DOCUMENT)
    assert client.get(made, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_section_is_read_replaced_added_and_removed_alone(client, made):
    assert client.get(f"{made}sections/wifi~12/~0").json() is True
    assert put(client, f"{made}sections/mqtt/interval", 30)["ETag"] == '"2"'
    assert put(client, f"{made}sections/mqtt/topics/-", "c").json() == "c"
    assert put(client, f"{made}sections/mqtt/qos", None).status_code == 200
    assert client.delete(f"{made}sections/mqtt/topics/0").status_code == 204
    assert document_at(client, made) == {
        **DOCUMENT,
        "mqtt": {"interval": 30, "topics": ["b", "c"], "qos": None},
    }


def test_slash_behind_a_section_does_not_count_and_two_are_a_key_without_a_name(client, made):
    assert put(client, f"{made}sections/mqtt/interval/", 30).status_code == 200
    assert client.get(f"{made}sections/mqtt/interval/").json() == 30
    assert put(client, f"{made}sections/mqtt//", "nameless").status_code == 200
    assert client.delete(f"{made}sections/mqtt/topics/0/").status_code == 204
    assert document_at(client, made)["mqtt"] == {
        **DOCUMENT["mqtt"],
        "interval": 30,
        "topics": DOCUMENT["mqtt"]["topics"][1:],
        "": "nameless",
    }


def test_section_that_is_not_there_is_missing_and_can_not_be_reached_through(client, made):
    assert client.get(f"{made}sections/nothing").status_code == 404
    assert client.delete(f"{made}sections/nothing").status_code == 404
    answer = put(client, f"{made}sections/mqtt/nothing/deep", 1)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "path")
    assert "mqtt" in answer.json()["errors"][0]["message"]
    assert put(client, f"{made}sections/a~b", 1).status_code == 400
    assert document_at(client, made) == DOCUMENT


def test_change_from_a_stale_version_is_refused_whole_or_section(client, made):
    assert put(client, f"{made}sections/label", "Kiln", **{"If-Match": '"1"'}).status_code == 200
    for answer in (
        put(client, f"{made}sections/label", "Forge", **{"If-Match": '"1"'}),
        put(client, made, {"document": {}}, **{"If-Match": '"1"'}),
        client.delete(f"{made}sections/label", headers={"If-Match": '"1"'}),
        client.delete(made, headers={"If-Match": '"1"'}),
        client.post(f"{made}versions/1/restore/", headers={"If-Match": '"1"'}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
    assert document_at(client, made)["label"] == "Kiln"


def test_versions_say_who_did_what_and_an_older_one_comes_back(client, made, house):
    put(client, f"{made}sections/label", "Kiln")
    put(client, made, {"document": [1], "name": "Oven 2"})
    restored = client.post(f"{made}versions/1/restore/")
    assert (restored.json()["document"], restored.json()["name"], restored["ETag"]) == (DOCUMENT, "Oven 2", '"4"')
    versions = client.get(f"{made}versions/").json()["results"]
    told = [(one["number"], one["action"], one["path"], one["restored_from"]) for one in versions]
    assert told == [
        (4, "restore", "", 1),
        (3, "whole", "", None),
        (2, "section", "label", None),
        (1, "whole", "", None),
    ]
    assert {one["changed_by"] for one in versions} == {str(house.moderator.pk)}
    assert client.get(f"{made}versions/2/").json()["document"] == {**DOCUMENT, "label": "Kiln"}
    assert client.get(f"{made}versions/9/").status_code == 404


def test_only_the_latest_versions_are_kept(client, made, monkeypatch):
    monkeypatch.setattr(configurations, "KEPT_VERSIONS", 3)
    for number in range(5):
        put(client, f"{made}sections/label", str(number))
    assert [one["number"] for one in client.get(f"{made}versions/").json()["results"]] == [6, 5, 4]
    assert client.post(f"{made}versions/1/restore/").status_code == 404


@pytest.mark.parametrize(
    "document", [{"a": "x" * configurations.MAX_BYTES}, orjson.loads("[" * 33 + "]" * 33)], ids=["large", "deep"]
)
def test_document_beyond_the_limits_is_refused_and_nothing_changes(client, made, document):
    for answer in (put(client, made, {"document": document}), put(client, f"{made}sections/label", document)):
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "document")
    assert document_at(client, made) == DOCUMENT


@pytest.mark.parametrize("document", [None, 0, "", "a\0b", [], {"": {"": 1}}, 1.5e300])
def test_every_value_of_json_is_a_document(client, made, document):
    assert put(client, made, {"document": document}).status_code == 200
    assert document_at(client, made) == document


def test_name_is_unique_in_its_place(client, made, house):
    body = {"project": house.project.pk, "object": house.thing.pk, "name": "Oven", "document": {}}
    answer = client.post("/api/configurations/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    body.pop("object")
    assert client.post("/api/configurations/", body, content_type="application/json").status_code == 201


def test_object_of_another_project_is_refused(client, house):
    body = {"project": house.other_project.pk, "object": house.thing.pk, "name": "Oven", "document": {}}
    client.force_login(house.admin)
    answer = client.post("/api/configurations/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "object")


def test_each_change_is_told_as_an_event(client, made):
    put(client, f"{made}sections/label", "Kiln")
    client.delete(made)
    rows = EventRow.objects.filter(subject__startswith="configuration/").order_by("pk")
    told = [(row.type, row.data.get("document_version"), row.data.get("path")) for row in rows]
    assert told == [
        ("telemetry.configuration_changed", 1, ""),
        ("telemetry.configuration_changed", 2, "label"),
        ("telemetry.configuration_deleted", None, None),
    ]
    assert not ConfigurationVersion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sections_changed_at_once_are_all_there():
    house, count = build_house(), 16
    configuration = configurations.create_configuration(
        actor=house.admin, project=house.project, name="Oven", document={}
    )
    barrier = Barrier(count)

    def change(number):
        try:
            barrier.wait()
            mine = Configuration.objects.get(pk=configuration.pk)
            configurations.replace_section(actor=house.admin, configuration=mine, path=str(number), value=number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(change, range(count)))
    configuration.refresh_from_db()
    assert configurations.document_of(configuration) == {str(number): number for number in range(count)}
    assert configuration.version == count + 1
