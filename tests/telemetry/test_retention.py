"""How long measurements are kept, the deletion of ranges, and that nothing stays of what is deleted."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from guildhall.core.audit.models import AuditEntry
from guildhall.core.errors import NotFoundError
from guildhall.modules.telemetry import keeping, services
from guildhall.modules.telemetry.database import raw_connection
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.sealer import Days
from guildhall.modules.telemetry.store import retention
from guildhall.modules.telemetry.stored import Retention
from tests.support import samples

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def api(house) -> APIClient:
    client = APIClient()
    client.force_login(house.moderator)
    return client


@pytest.fixture
def datapoint(house) -> Datapoint:
    """Ten samples, a minute apart, each with its number as value."""
    made = services.create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="t")
    samples.put(*((made, START + timedelta(minutes=number), number) for number in range(10)))
    return made


def minute(number: int) -> str:
    return (START + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"start": minute(2), "end": minute(8)}, [0, 1, 8, 9]),
        ({"start": minute(3)}, [0, 1, 2]),
        ({"end": minute(3)}, [3, 4, 5, 6, 7, 8, 9]),
        ({"start": "2026-05-04T02:05:00+02:00", "end": "2026-05-04T02:06:00+02:00"}, [0, 1, 2, 3, 4, 6, 7, 8, 9]),
    ],
)
def test_values_of_a_range_are_deleted_with_an_entry_in_the_audit_log(api, datapoint, house, sealed, query, left):
    if sealed:
        samples.seal()
    address = f"/api/datapoints/{datapoint.pk}/timeseries/"
    response = api.delete(address, query_params=query)
    assert (response.status_code, response.content) == (204, b"")
    assert samples.stored_values() == left
    samples.seal()
    assert samples.stored_values() == left
    entry = AuditEntry.objects.filter(action="datapoint.values_deleted").get()
    assert (entry.actor_id, entry.subject_id, entry.details.keys()) == (
        house.moderator.pk,
        str(datapoint.pk),
        query.keys(),
    )
    assert [row["value"] for row in api.get(address).json()["results"]] == left
    samples.put((datapoint, START + timedelta(minutes=4), 44))
    assert 44 in samples.stored_values()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "start"),
        ({"start": minute(3), "end": minute(3)}, "end"),
        ({"start": minute(3), "end": minute(2)}, "end"),
        ({"start": "yesterday"}, "start"),
    ],
)
def test_range_that_is_none_is_an_error_and_deletes_nothing(api, datapoint, query, field):
    response = api.delete(f"/api/datapoints/{datapoint.pk}/timeseries/", query_params=query)
    assert (response.status_code, [error["field"] for error in response.json()["errors"]]) == (400, [field])
    assert len(samples.stored()) == 10
    assert not AuditEntry.objects.filter(action="datapoint.values_deleted").exists()


def test_range_of_a_datapoint_that_went_is_not_found_and_leaves_no_entry(house, datapoint):
    Datapoint.objects.filter(pk=datapoint.pk).delete()
    with pytest.raises(NotFoundError):
        keeping.delete_values(actor=house.admin, datapoint=datapoint, start=START, end=None)
    assert not AuditEntry.objects.filter(action="datapoint.values_deleted").exists()


def test_datapoint_says_what_holds_for_it_with_its_projects_numbers(api, house, datapoint):
    of_project, own = f"/api/projects/{house.project.pk}/retention/", f"/api/datapoints/{datapoint.pk}/retention/"
    nothing = {"raw_days": None, "rollup_days": None}
    assert api.get(of_project).json() == nothing
    assert api.get(own).json() == {**nothing, "effective": nothing, "values_from": None}
    assert api.put(of_project, {"raw_days": 30, "rollup_days": 300}).json() == {"raw_days": 30, "rollup_days": 300}
    assert api.get(of_project).json() == {"raw_days": 30, "rollup_days": 300}
    changed = api.put(own, {"raw_days": 7})
    assert (changed.status_code, changed.json()) == (200, api.get(own).json())
    assert changed.json() == {
        "raw_days": 7, "rollup_days": None, "effective": {"raw_days": 7, "rollup_days": 300}, "values_from": None,
    }  # fmt: skip
    assert api.put(own, nothing).json()["effective"] == {"raw_days": 30, "rollup_days": 300}
    assert Retention.objects.count() == 1
    entries = AuditEntry.objects.filter(action="datapoint.retention_changed").order_by("pk")
    assert [(entry.subject_type, entry.details["raw_days"]) for entry in entries] == [
        ("project", 30), ("datapoint", 7), ("datapoint", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body", [{}, {"raw_days": 0}, {"raw_days": 36_501}, {"raw_days": "x"}, {"raw_days": 10, "rollup_days": 9}]
)
def test_retention_that_makes_no_sense_is_refused(api, house, body):
    address = f"/api/projects/{house.project.pk}/retention/"
    assert api.put(address, body).status_code == 400
    assert not Retention.objects.exists()


def test_database_refuses_sums_that_go_before_values(house):
    kept = Retention(project=house.project, raw_days=10, rollup_days=9)
    with pytest.raises(IntegrityError, match="retention_sums_outlive_values"), transaction.atomic():
        kept.save()
    with pytest.raises(ValidationError):
        kept.full_clean()


def test_what_is_due_is_forgotten_and_said(api, datapoint):
    own = f"/api/datapoints/{datapoint.pk}/retention/"
    api.put(own, {"raw_days": 1})
    with raw_connection() as raw:
        assert retention.apply(raw, now=int(START.timestamp() + 2 * 86_400) * 1_000_000) == 1
    assert samples.stored() == []
    assert api.get(own).json()["values_from"] == "2026-05-05T00:00:00Z"


def test_clock_that_jumps_ahead_forgets_nothing():
    days = Days(wall=1000.0, steady=0.0)
    assert days.now(wall=1600.0, steady=600.0) == 1600.0
    # A small correction is taken over, a jump is not, however long it lasts.
    assert days.now(wall=2230.0, steady=1200.0) == 2230.0
    assert days.now(wall=2230.0 + 400 * 86_400, steady=1210.0) == 2240.0
    assert days.now(wall=2830.0 + 400 * 86_400, steady=1810.0) == 2840.0
    # Back again, it is believed; so is one that was set back, as that forgets nothing.
    assert days.now(wall=2850.0, steady=1820.0) == 2850.0
    assert days.now(wall=10.0, steady=1821.0) == 10.0
    assert days.now(wall=11.0, steady=1822.0) == 11.0


def test_pages_change_what_is_kept_and_delete_ranges(client, house, datapoint):
    house.moderator.active_organization = house.organization
    house.moderator.save()
    client.force_login(house.moderator)
    home = client.get(f"/telemetry/?datapoint={datapoint.pk}")
    page = f"/telemetry/datapoints/{datapoint.pk}/retention/"
    assert page in home.text
    assert client.get(page).status_code == 200
    assert client.post(page, {"raw_days": "30", "rollup_days": ""}).status_code == 302
    assert "30 days" in client.get(page).text
    wrong = client.post(page, {"raw_days": "30", "rollup_days": "2"})
    assert (wrong.status_code, len(wrong.context["form"].errors)) == (200, 1)
    of_project = f"/telemetry/projects/{house.project.pk}/retention/"
    assert of_project in client.get(page).text
    assert client.post(of_project, {"raw_days": "40"}).status_code == 302
    assert client.get(of_project).context["form"].initial["raw_days"] == 40
    assert client.post(of_project, {"raw_days": "0"}).status_code == 200
    deleting = f"/telemetry/datapoints/{datapoint.pk}/delete-values/"
    assert client.post(deleting, {"start": "2026-05-04T00:01", "end": ""}).status_code == 302
    assert samples.stored_values() == [0]
    wrong = client.post(deleting, {"start": "", "end": ""})
    assert (wrong.status_code, len(wrong.context["range_form"].errors)) == (200, 1)


def test_pages_are_for_those_who_may_edit(client, house, datapoint):
    addresses = [
        f"/telemetry/datapoints/{datapoint.pk}/retention/",
        f"/telemetry/projects/{house.project.pk}/retention/",
    ]
    for person, status in ((house.user, 403), (house.stranger, 404)):
        client.force_login(person)
        assert [client.get(address).status_code for address in addresses] == [status] * 2
        assert client.post(f"/telemetry/datapoints/{datapoint.pk}/delete-values/", {}).status_code == status
    house.user.active_organization = house.organization
    house.user.save()
    client.force_login(house.user)
    assert "retention" not in client.get(f"/telemetry/?datapoint={datapoint.pk}").text
    client.force_login(house.admin)
    assert client.get(f"/telemetry/datapoints/{10**30}/retention/").status_code == 404


@pytest.mark.parametrize("what", ["datapoint", "organization"])
def test_nothing_stays_of_what_is_deleted(house, datapoint, what):
    samples.seal()
    samples.put((datapoint, START + timedelta(hours=1), 1.0))
    Retention.objects.create(datapoint=datapoint, raw_days=36_500)
    with raw_connection() as raw:
        retention.apply(raw, now=time.time_ns() // 1000)
    samples.put((datapoint, START + timedelta(hours=2), 1.0))
    if what == "datapoint":
        services.delete_datapoint(actor=house.admin, datapoint=datapoint)
    else:
        house.organization.delete()
    samples.seal()
    assert samples.stored() == []
    with connection.cursor() as cursor:
        for table in ("chunk", "rollup", "rawfloor", "retention", "datapoint"):
            cursor.execute(f"SELECT count(*) FROM telemetry_{table}")
            assert cursor.fetchone() == (0,), table
