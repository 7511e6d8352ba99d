"""The pages of configuration documents as people see them."""

import pytest

from guildhall.core.organizations.services import choose_active_organization
from guildhall.modules.telemetry import configurations
from guildhall.modules.telemetry.models import Configuration
from tests.support.people import build_house

pytestmark = pytest.mark.django_db
PAGES = "/telemetry/configurations/"


@pytest.fixture
def house():
    return build_house()


@pytest.fixture
def page(client, house):
    choose_active_organization(actor=house.moderator, organization=house.organization)
    client.force_login(house.moderator)
    return client


@pytest.fixture
def made(house) -> Configuration:
    return configurations.create_configuration(
        actor=house.admin, project=house.project, thing=house.thing, name="Oven", document={"heat": 180}
    )


def edit(page, made, **given):
    body = {"name": "Oven", "document": '{"heat": 200}', "version": 1, **given}
    return page.post(f"{PAGES}{made.pk}/", body)


def current(made):
    return configurations.document_of(Configuration.objects.get(pk=made.pk))


def test_empty_list_offers_the_next_step(page):
    assert f"{PAGES}new/" in page.get(PAGES).text


def test_configuration_is_created_listed_and_shown(page, house):
    body = {"name": "Kiln", "place": f"object:{house.thing.pk}", "document": '{"heat": 900}'}
    answer = page.post(f"{PAGES}new/", body)
    made = Configuration.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGES}{made.pk}/")
    assert "Kiln" in page.get(PAGES).text
    assert "&quot;heat&quot;: 900" in page.get(f"{PAGES}{made.pk}/").text


def test_text_that_is_not_json_comes_back_with_the_line_at_fault(page, made):
    answer = edit(page, made, document='{\n  "heat": 20O\n}')
    assert "line 2" in answer.text
    assert "20O" in answer.text
    assert current(made) == {"heat": 180}


def test_edit_becomes_a_version_and_an_older_one_can_be_restored(page, made):
    assert edit(page, made).status_code == 302
    assert current(made) == {"heat": 200}
    shown = page.get(f"{PAGES}{made.pk}/").text
    assert f"{PAGES}{made.pk}/versions/1/restore/" in shown
    assert f"{PAGES}{made.pk}/versions/2/restore/" not in shown
    page.post(f"{PAGES}{made.pk}/versions/1/restore/")
    assert current(made) == {"heat": 180}


def test_edit_of_a_stale_version_keeps_both_texts(page, made, house):
    configurations.replace_document(actor=house.admin, configuration=made, document={"heat": 90})
    answer = edit(page, made)
    assert "&quot;heat&quot;: 200" in answer.text
    assert "&quot;heat&quot;: 90" in answer.text
    assert current(made) == {"heat": 90}


def test_user_reads_but_changes_nothing(client, house, made):
    choose_active_organization(actor=house.user, organization=house.organization)
    client.force_login(house.user)
    shown = client.get(f"{PAGES}{made.pk}/").text
    assert "&quot;heat&quot;: 180" in shown
    assert "<textarea" not in shown
    assert edit(client, made).status_code == 403
    assert client.post(f"{PAGES}{made.pk}/versions/1/restore/").status_code == 403
    assert f"{PAGES}new/" not in client.get(PAGES).text


def test_deleted_configuration_is_gone(page, made):
    page.post(f"{PAGES}{made.pk}/delete/")
    assert page.get(f"{PAGES}{made.pk}/").status_code == 404
