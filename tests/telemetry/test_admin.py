"""Telemetry in the admin site: what is written there goes through the services."""

import pytest

from guildhall.core.audit.models import AuditEntry
from guildhall.modules.telemetry.models import Datapoint, Datasource
from guildhall.modules.telemetry.services import create_datapoint, create_datasource

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, house):
    client.force_login(house.superuser)
    return client


@pytest.fixture
def datasource(house) -> Datasource:
    return create_datasource(actor=house.admin, project=house.project, thing=house.thing, name="Oven").datasource


def recorded() -> list[str]:
    return list(
        AuditEntry.objects.filter(action__startswith="datasource").order_by("pk").values_list("action", flat=True)
    )


def form(datasource, *filters, **changes):
    (own,) = datasource.topic_rights.all()
    rows = [{"id": own.pk, "action": own.action, "filter": own.filter}]
    rows += [{"action": "publish", "filter": one} for one in filters]
    body = {"topic_rights-TOTAL_FORMS": len(rows), "topic_rights-INITIAL_FORMS": 1}
    for index, row in enumerate(rows):
        body |= {f"topic_rights-{index}-{name}": value for name, value in {**row, "datasource": datasource.pk}.items()}
    return {"name": datasource.name, "enabled": "on", "mapping": "[]", **body, **changes}


def test_lists_are_shown_and_searched(client, datasource, house):
    create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="oven")
    for model in ("datasource", "datapoint"):
        assert "oven" in client.get(f"/admin/telemetry/{model}/?q=oven").text.casefold()
        assert client.get(f"/admin/telemetry/{model}/add/").status_code == 403


def test_datasource_is_changed_with_its_rights_by_the_services(client, datasource):
    address = f"/admin/telemetry/datasource/{datasource.pk}/change/"
    version = datasource.rights_version
    answer = client.post(address, form(datasource, f"{datasource.topic_prefix}/heat", name="Kiln"))
    assert answer.status_code == 302, answer.text
    datasource.refresh_from_db()
    assert (datasource.name, datasource.enabled, datasource.topic_rights.count()) == ("Kiln", True, 2)
    assert datasource.rights_version > version
    assert recorded() == ["datasource.created", "datasource.changed", "datasource.rights_changed"]


def test_right_beyond_its_own_topics_is_refused_and_nothing_is_changed(client, datasource):
    address = f"/admin/telemetry/datasource/{datasource.pk}/change/"
    answer = client.post(address, form(datasource, "guildhall/d/somebodyelse/heat", name="Kiln"), follow=True)
    assert "It can publish only below" in answer.text
    datasource.refresh_from_db()
    assert (datasource.name, datasource.topic_rights.count()) == ("Oven", 1)


def test_datasource_and_datapoint_are_deleted_by_the_services(client, datasource, house):
    datapoint = create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="oven")
    address = f"/admin/telemetry/datapoint/{datapoint.pk}"
    body = {"key": "oven", "name": "Heat", "unit": "K", "description": "", "tags": "hot"}
    assert client.post(f"{address}/change/", body).status_code == 302
    datapoint.refresh_from_db()
    assert (datapoint.name, datapoint.unit, datapoint.tags) == ("Heat", "K", ["hot"])
    assert client.post(f"{address}/delete/", {"post": "yes"}).status_code == 302
    assert client.post(f"/admin/telemetry/datasource/{datasource.pk}/delete/", {"post": "yes"}).status_code == 302
    assert recorded() == ["datasource.created", "datasource.deleted"]
    assert not Datasource.objects.exists()
    assert not Datapoint.objects.exists()
