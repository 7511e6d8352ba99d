"""Versions: ETag on reads, 304 for who knows it already, 412 for a change that started from a stale one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from guildhall.core.accounts import tokens
from guildhall.core.errors import InvalidInputError, NotFoundError
from guildhall.core.http import fastapi as manners
from guildhall.core.http.versions import etag, expected_versions, is_known
from guildhall.core.organizations import services
from guildhall.core.organizations.models import Organization
from guildhall.core.versions import StaleVersionError
from tests.support.people import build_house


@given(st.integers(1, 2**31 - 1))
def test_tag_is_recognized(version):
    assert expected_versions(etag(version)) == {version}
    assert is_known(version, etag(version))
    assert not is_known(version + 1, etag(version))


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        (None, None),
        ("", None),
        ("*", None),
        (' "7" ', {7}),
        ('W/"7"', {7}),
        ('"7", W/"8" ,"9"', {7, 8, 9}),
        ('"of-another-server"', set()),
        ('"7", "x"', {7}),
        ('"99999999999999999999999"', set()),
        ('"٣"', None),
    ],
)
def test_if_match_is_read_as_a_list_of_versions(header, versions):
    if header == '"٣"':
        with pytest.raises(InvalidInputError):
            expected_versions(header)
        return
    assert expected_versions(header) == versions


@pytest.mark.parametrize("header", ["7", '"7', '"7" "8"', "'7'", '"7",', "W/7", '"a b"'])
def test_malformed_tag_is_refused(header):
    with pytest.raises(InvalidInputError) as caught:
        expected_versions(header)
    assert list(caught.value.fields) == ["If-Match"]
    with pytest.raises(InvalidInputError):
        is_known(7, header)


def records(house):
    team = services.create_team(actor=house.admin, organization=house.organization, name="Night shift")
    return {
        "organization": f"/api/organizations/{house.organization.pk}/",
        "project": f"/api/projects/{house.project.pk}/",
        "object": f"/api/objects/{house.thing.pk}/",
        "team": f"/api/organizations/{house.organization.pk}/teams/{team.pk}/",
    }


KINDS = ["organization", "project", "object", "team"]


@pytest.fixture
def admin(house, api):
    api.force_login(house.admin)
    return api


@pytest.mark.parametrize("kind", KINDS)
def test_read_tells_the_version_and_is_spared_to_who_knows_it(house, admin, kind):
    url = records(house)[kind]
    tag = admin.get(url).headers["ETag"]
    assert tag == '"1"'
    again = admin.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    admin.patch(url, {"name": "Renamed"})
    changed = admin.get(url, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["name"], changed.headers["ETag"]) == (200, "Renamed", '"2"')


@pytest.mark.parametrize("kind", KINDS)
def test_change_from_a_stale_version_is_refused(house, admin, kind):
    url = records(house)[kind]
    first = admin.patch(url, {"name": "First"}, headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    stale = admin.patch(url, {"name": "Second"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert stale.headers["Content-Type"] == "application/problem+json"
    assert admin.get(url).json()["name"] == "First"
    assert admin.delete(url, headers={"If-Match": '"1"'}).status_code == 412
    assert admin.patch(url, {"name": "Third"}, headers={"If-Match": 'W/"2"'}).status_code == 200
    assert admin.patch(url, {"name": "Fourth"}).status_code == 200
    assert admin.delete(url, headers={"If-Match": '"4"'}).status_code == 204


def test_profile_has_versions_too(house, api):
    api.force_login(house.user)
    url = f"/api/users/{house.user.pk}/"
    profile = {"name": "New", "language": "en", "time_zone": "UTC"}
    tag = api.get(url).headers["ETag"]
    assert api.get(url, headers={"If-None-Match": tag}).status_code == 304
    changed = api.put(url, profile, headers={"If-Match": tag})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert api.put(url, profile, headers={"If-Match": tag}).status_code == 412
    assert api.get(url, headers={"If-None-Match": tag}).status_code == 200


def test_malformed_condition_is_told(house, admin):
    answer = admin.patch(records(house)["project"], {"name": "X"}, headers={"If-Match": "7"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "If-Match")


def test_condition_opens_nothing_that_one_may_not(house, api):
    url = records(house)["organization"]
    assert api.get(url, headers={"If-None-Match": "*"}).status_code == 401
    api.force_login(house.stranger)
    assert api.get(url, headers={"If-None-Match": "*"}).status_code == 404
    api.force_login(house.user)
    assert api.patch(url, {"name": "X"}, headers={"If-Match": '"9"'}).status_code == 403


def test_team_has_a_new_version_when_a_member_leaves_it(house, admin):
    url = records(house)["team"]
    admin.patch(url, {"members": [str(house.user.pk)]})
    before = admin.get(url).headers["ETag"]
    services.remove_member(actor=house.admin, organization=house.organization, user=house.user)
    after = admin.get(url, headers={"If-None-Match": before})
    assert (after.status_code, after.json()["members"]) == (200, [])


def test_change_does_not_undo_what_another_changed_meanwhile(house):
    mine, theirs = (Organization.objects.get(pk=house.organization.pk) for _ in range(2))
    services.update_organization(actor=house.admin, organization=theirs, language="ru")
    services.update_organization(actor=house.admin, organization=mine, name="Mine")
    found = Organization.objects.get(pk=house.organization.pk)
    assert (found.name, found.language, found.version) == ("Mine", "ru", 3)
    with pytest.raises(StaleVersionError):
        services.update_organization(actor=house.admin, organization=mine, expected={2}, name="Late")


def test_change_of_what_was_deleted_meanwhile_is_told(house):
    thing = house.other_thing
    type(thing).objects.filter(pk=thing.pk).delete()
    with pytest.raises(NotFoundError):
        services.update_object(actor=house.admin, thing=thing, name="Gone")


@pytest.mark.django_db(transaction=True)
def test_of_ten_changes_from_one_version_one_comes_through():
    house, barrier = build_house(), Barrier(10)
    headers = {"Authorization": f"Bearer {tokens.issue_tokens(user=house.admin).access}", "If-Match": '"1"'}

    def change(number):
        barrier.wait()
        try:
            url = f"/api/projects/{house.project.pk}/"
            body = {"name": f"Name {number}"}
            return Client(headers=headers).patch(url, body, content_type="application/json").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(change, range(10))) == [200] + [412] * 9


@pytest.fixture
def fast():
    """An application with one record of version 3."""
    app = FastAPI()
    manners.install(app, area="compute")

    @app.get("/record")
    async def read(request: Request, response: Response):
        manners.tell_version(request, response, 3)
        return {"name": "x"}

    @app.put("/record")
    async def change(expected: manners.ExpectedVersions):
        if expected is not None and 3 not in expected:
            raise StaleVersionError
        return {}

    return TestClient(app)


def test_fastapi_tells_versions_and_refuses_stale_ones(db, fast):
    assert fast.get("/record").headers["ETag"] == '"3"'
    spared = fast.get("/record", headers={"If-None-Match": '"3"'})
    assert (spared.status_code, spared.content, spared.headers["ETag"]) == (304, b"", '"3"')
    assert fast.get("/record", headers={"If-None-Match": '"2"'}).status_code == 200
    assert fast.put("/record", headers={"If-Match": '"3"'}).status_code == 200
    stale = fast.put("/record", headers={"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert fast.put("/record", headers={"If-Match": "3"}).status_code == 400
