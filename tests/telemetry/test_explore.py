"""The page of the explorer, and what it asks the API beside series."""

import uuid

import pytest
from django.utils import timezone

from guildhall.core.organizations.services import choose_active_organization
from guildhall.modules.telemetry import selectors, services
from guildhall.modules.telemetry.web import explore
from tests.support import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, house):
    """A client of the admin, who looks at the house's organization."""
    choose_active_organization(actor=house.admin, organization=house.organization)
    client.force_login(house.admin)
    return client


def make(house, key, thing=None, **details):
    return services.create_datapoint(actor=house.superuser, project=house.project, thing=thing, key=key, **details)


def test_explorer_without_data_offers_the_next_step(page):
    response = page.get("/telemetry/explore/")
    assert response.status_code == 200
    assert "/telemetry/datasources/new/" in response.text
    assert "data-island" not in response.text


def test_explorer_tells_the_script_of_places_and_of_what_is_asked_for(page, house, monkeypatch):
    first = make(house, "a", house.thing, unit="°C")
    _, third = (make(house, key) for key in "bc")
    samples.put((first, timezone.now(), 21.5))
    response = page.get(f"/telemetry/explore/?datapoints={third.pk},{first.pk},{first.pk},x,9{'9' * 30}")
    explorer = response.context["explorer"]
    assert [one["id"] for one in explorer["chosen"]] == [third.pk, first.pk]
    assert [one["latest"] and one["latest"]["value"] for one in explorer["chosen"]] == [None, 21.5]
    assert [(one["objectName"], one["count"]) for one in explorer["places"]] == [(None, 2), (house.thing.name, 1)]
    assert explorer["complete"]
    assert 'data-island="telemetry-explorer"' in response.text
    monkeypatch.setattr(explore, "MAX_PLACES", 1)
    assert not page.get("/telemetry/explore/").context["explorer"]["complete"]


def test_explorer_keeps_what_one_may_not_see_to_itself(client, house):
    hidden = make(house, "a", house.other_thing)
    choose_active_organization(actor=house.user, organization=house.organization)
    client.force_login(house.user)
    response = client.get(f"/telemetry/explore/?datapoints={hidden.pk}")
    assert response.context["explorer"]["chosen"] == []
    assert response.context["explorer"]["places"] == []


def test_places_come_in_order_and_in_parts(house):
    for number, thing in enumerate((house.thing, None, house.other_thing)):
        make(house, f"{number}", thing if thing is None or thing.project_id == house.project.pk else None)
    found = selectors.places_for(house.admin, organization_id=house.organization.pk, limit=10)
    assert found == sorted(found, key=lambda place: (place.project_name, place.object_name or ""))
    parts = [
        selectors.places_for(house.admin, organization_id=house.organization.pk, start=start, limit=1)
        for start in range(len(found))
    ]
    assert [one for part in parts for one in part] == found


def test_datapoints_are_found_by_the_names_of_their_places_and_as_those_of_whole_projects(page, house):
    inside, whole = make(house, "inside", house.thing), make(house, "whole")

    def found(**query):
        return [row["id"] for row in page.get("/api/datapoints/", query).json()["results"]]

    assert found(search=f"inside {house.thing.name}") == [inside.pk]
    assert found(search=f"whole {house.thing.name}") == []
    assert found(whole="true") == [whole.pk]
    assert found(whole="false") == [inside.pk]
    assert found(organization=str(house.organization.pk)) == [inside.pk, whole.pk]
    assert found(organization=str(uuid.UUID(int=7))) == []
    rows = page.get("/api/datapoints/").json()["results"]
    assert [(row["project_name"], row["object_name"]) for row in rows] == [
        (house.project.name, house.thing.name),
        (house.project.name, None),
    ]
