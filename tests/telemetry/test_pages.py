"""The pages of telemetry as people see them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from guildhall.core.organizations.services import choose_active_organization
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.models import Datapoint, Datasource, DeadLetter, RefusedPublish
from tests.support import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, house):
    """A client of the admin, who looks at the house's organization."""
    choose_active_organization(actor=house.admin, organization=house.organization)
    client.force_login(house.admin)
    return client


@pytest.fixture
def source(house) -> Datasource:
    return services.create_datasource(
        actor=house.admin, project=house.project, thing=house.thing, name="Thermometer"
    ).datasource


def test_home_without_data_offers_the_next_step(page):
    response = page.get("/telemetry/")
    assert response.status_code == 200
    assert "/telemetry/datasources/new/" in response.text


def test_home_shows_places_values_and_the_chart(page, house):
    for key, thing in (("temperature", house.thing), ("load", house.other_thing)):
        made = services.create_datapoint(actor=house.admin, project=house.project, thing=thing, key=key, unit="°C")
        samples.put((made, timezone.now(), 21.456))
    response = page.get("/telemetry/")
    assert response.context["charted"][0].object_id == response.context["branches"][0].place.object_id
    assert "21.46" in response.text
    chosen = Datapoint.objects.get(key="load")
    response = page.get(f"/telemetry/?datapoint={chosen.pk}&datapoint=x")
    assert response.context["charted"] == [chosen]
    assert 'data-island="telemetry-chart"' in response.text


def test_home_draws_no_chart_where_nothing_comes_in(page, house):
    made = services.create_datapoint(actor=house.admin, project=house.project, key="old")
    samples.put((made, timezone.now() - timedelta(days=1), 1))
    response = page.get("/telemetry/")
    assert "telemetry-chart" not in response.text
    assert "data-datapoint-row" in response.text


def test_pages_need_a_signed_in_person(client):
    response = client.get("/telemetry/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")


def test_new_datasource_shows_its_secret_once(page, house):
    assert page.get("/telemetry/datasources/new/").status_code == 200
    response = page.post(
        "/telemetry/datasources/new/",
        {"name": "Thermometer", "place": f"object:{house.thing.pk}", "may_create_datapoints": "on"},
    )
    made = Datasource.objects.get()
    (secret,) = re.findall(r'id="mqtt-secret" value="([^"]+)"', response.text)
    assert (made.object, made.project) == (house.thing, house.project)
    assert f"-u {made.username} -P {secret} -q 1" in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert secret not in page.get(f"/telemetry/datasources/{made.pk}/").text


def test_taken_name_is_told_in_the_form(page, house, source):
    response = page.post("/telemetry/datasources/new/", {"name": source.name, "place": f"object:{house.thing.pk}"})
    assert response.status_code == 200
    assert response.context["form"].errors == {"name": ["This name is taken."]}


def test_list_and_detail_show_state_refusals_and_reasons(page, source):
    now = timezone.now()
    RefusedPublish.objects.create(datasource=source, topic="guildhall/d/other/t", first_at=now, last_at=now)
    DeadLetter.objects.create(
        datasource=source,
        topic="guildhall/d/x/t",
        payload=b"<b>warm</b>",
        payload_size=4,
        reason="not_understood",
        at=now,
    )
    assert "Thermometer" in page.get("/telemetry/datasources/").text
    for address in (f"/telemetry/datasources/{source.pk}/", f"/telemetry/datasources/{source.pk}/activity/"):
        text = page.get(address).text
        assert "guildhall/d/other/t" in text
        assert "neither a number nor JSON" in text
        assert "&lt;b&gt;warm" in text


def test_rights_are_edited_as_lines_and_told_what_is_wrong(page, source):
    address = f"/telemetry/datasources/{source.pk}/rights/"
    own = source.topic_prefix
    response = page.post(address, {"publish": f"{own}/a\n\n{own}/b/#", "read": f"{own}/#"})
    assert response.status_code == 302
    assert set(source.topic_rights.values_list("action", "filter")) == {
        ("publish", f"{own}/a"), ("publish", f"{own}/b/#"), ("read", f"{own}/#"),
    }  # fmt: skip
    response = page.post(address, {"publish": "", "read": "guildhall/#"})
    assert response.status_code == 200
    assert list(response.context["rights_form"].errors) == ["read"]
    assert source.topic_rights.count() == 3


def test_settings_switch_rotation_and_deletion(page, source):
    address = f"/telemetry/datasources/{source.pk}/"
    assert page.post(address, {"name": "Renamed", "expires_at": "2030-01-01T10:00"}).status_code == 302
    assert page.post(address, {"name": ""}).status_code == 200
    page.post(f"{address}switch/", {"enabled": "no"})
    source.refresh_from_db()
    assert (source.name, source.enabled, source.expires_at.year) == ("Renamed", False, 2030)
    assert "disabled" in page.get(address).text
    page.post(f"{address}switch/", {"enabled": "yes"})
    earlier = bytes(source.secret_hash)
    assert 'id="mqtt-secret"' in page.post(f"{address}rotate/").text
    source.refresh_from_db()
    assert (source.enabled, bytes(source.secret_hash) == earlier) == (True, False)
    assert page.post(f"{address}delete/").status_code == 302
    assert not Datasource.objects.exists()


def test_user_of_an_object_sees_its_datasource_but_no_more(client, house, source):
    choose_active_organization(actor=house.user, organization=house.organization)
    client.force_login(house.user)
    text = client.get(f"/telemetry/datasources/{source.pk}/").text
    assert "data-refresh" not in text
    assert "rotate" not in text
    client.force_login(house.stranger)
    assert client.get(f"/telemetry/datasources/{source.pk}/").status_code == 404


def test_authority_is_missing_where_there_is_none(page):
    assert page.get("/telemetry/ca.pem").status_code == 404
