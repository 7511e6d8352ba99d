"""The tree of what is measured: small ones at once, large ones in parts, with a line of the last day."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from guildhall.core.organizations.services import choose_active_organization
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.store.layout import microseconds
from guildhall.modules.telemetry.web import tree
from tests.support import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, house):
    """A client of the admin, who looks at the house's organization."""
    choose_active_organization(actor=house.admin, organization=house.organization)
    client.force_login(house.admin)
    return client


def make(house, key, thing=None):
    return services.create_datapoint(actor=house.superuser, project=house.project, thing=thing, key=key)


def test_line_of_the_last_day_reaches_from_the_lowest_to_the_highest_hour(house):
    rising, flat, silent = (make(house, key) for key in ("rising", "flat", "silent"))
    now = timezone.now()
    for hour in range(1, 25):
        samples.put((rising, now - timedelta(hours=24 - hour, minutes=1), hour), (flat, now - timedelta(hours=hour), 5))
    samples.seal()
    found = tree.sparklines([rising.pk, flat.pk, silent.pk], now=microseconds(now))
    points = [tuple(map(float, point.split(","))) for point in found[rising.pk].split()]
    assert points == sorted(points, key=lambda point: (point[0], -point[1]))
    assert (points[0][1], points[-1][1]) == (tree.HEIGHT - 2, 2)
    assert all(0 <= x <= tree.WIDTH for x, _ in points)
    assert {point.split(",")[1] for point in found[flat.pk].split()} == {"12.0"}
    assert silent.pk not in found
    assert tree.sparklines([], now=0) == {}


def test_few_datapoints_come_with_the_page_and_many_when_they_are_seen(page, house, monkeypatch):
    made = [make(house, f"inside-{number}", house.thing) for number in range(3)]
    make(house, "whole")
    text = page.get("/telemetry/").text
    assert text.count("data-datapoint-row") == 4
    assert "data-lazy" not in text
    samples.put((made[0], timezone.now(), 5), (made[1], timezone.now() - timedelta(minutes=5), 5))
    text = page.get("/telemetry/").text.replace("\xa0", " ")
    assert re.search(r">(now|a second ago|\d+ seconds ago)<", text)
    assert ">5 minutes ago<" in text
    monkeypatch.setattr(tree, "AT_ONCE", 3)
    monkeypatch.setattr(tree, "ROWS_AT_ONCE", 2)
    text = page.get("/telemetry/").text
    assert "data-datapoint-row" not in text
    address = f"/telemetry/places/{house.project.pk}/{house.thing.pk}/"
    assert f'data-lazy="{address}"' in text
    assert f'data-lazy="/telemetry/places/{house.project.pk}/"' in text
    first = page.get(address).text
    assert first.count("data-datapoint-row") == 2
    assert f'data-lazy="{address}?start=2"' in first
    rest = page.get(f"{address}?start=2").text
    assert f'data-datapoint-row="{made[2].pk}"' in rest
    assert "data-lazy" not in rest
    assert page.get(f"/telemetry/places/{house.project.pk}/").text.count("data-datapoint-row") == 1
    assert page.get(f"{address}?start=3").status_code == 404


def test_places_are_paged_and_datapoints_found(page, house, monkeypatch):
    make(house, "inside", house.thing)
    make(house, "whole")
    monkeypatch.setattr(tree, "PLACES_AT_ONCE", 1)
    first = page.get("/telemetry/")
    assert [branch.place.object_id for branch in first.context["branches"]] == [None]
    assert 'href="?start=1"' in first.text
    second = page.get("/telemetry/?start=1")
    assert [branch.place.object_id for branch in second.context["branches"]] == [house.thing.pk]
    assert "start=2" not in second.text
    found = page.get("/telemetry/", {"q": f"inside {house.thing.name}"})
    assert [row.datapoint.key for row in found.context["found"]] == ["inside"]
    assert found.context["branches"] == []
    assert page.get("/telemetry/?q=nothing").context["found"] == []


def test_place_shows_only_what_one_may_see(client, house):
    make(house, "whole")
    choose_active_organization(actor=house.user, organization=house.organization)
    client.force_login(house.user)
    assert client.get(f"/telemetry/places/{house.project.pk}/").status_code == 404
