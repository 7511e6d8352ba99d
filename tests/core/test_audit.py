"""The audit log: what it says, who reads it, and that nobody changes it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError
from django.utils import timezone
from pydantic import ValidationError
from rest_framework.test import APIClient

from guildhall.core.audit import actions, jobs
from guildhall.core.audit.models import AuditEntry
from guildhall.core.audit.services import forget, record
from guildhall.core.errors import NotAllowedError
from guildhall.core.organizations import invites, services
from guildhall.core.organizations.models import RoleAssignment
from guildhall.core.organizations.policy import Place, Role
from guildhall.settings.environment import Settings
from tests.support.people import PASSWORD

pytestmark = pytest.mark.django_db


def latest(action: str) -> AuditEntry:
    return AuditEntry.objects.filter(action=action).latest("id")


@pytest.fixture
def entry(house) -> AuditEntry:
    record("organization.created", actor=house.admin, organization_id=house.organization.pk)
    return AuditEntry.objects.latest("id")


@pytest.mark.parametrize("statement", ["UPDATE audit_auditentry SET action = 'x'", "DELETE FROM audit_auditentry"])
def test_audit_entries_are_not_changed_or_removed_by_sql(entry, statement):
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditEntry.objects.filter(pk=entry.pk, action="organization.created").exists()


def test_audit_entries_are_not_truncated(entry):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_refuses_truncate")
        with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
            cursor.execute("TRUNCATE audit_auditentry")
        transaction.set_rollback(True)


def test_audit_entries_are_not_changed_or_removed_by_the_orm(entry):
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        entry.delete()
    entry.action = "organization.deleted"
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        entry.save()


def test_unregistered_action_is_a_defect(house):
    with pytest.raises(ValueError, match="no registered action"):
        record("account.winked", actor=house.admin, organization_id=None)
    with pytest.raises(ValueError, match="no name"):
        actions.register({"Winked": "Winked"})


def test_entry_falls_with_its_change(house):
    before = AuditEntry.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.create_organization(actor=house.user, name="Short-lived")
        raise ZeroDivisionError
    assert AuditEntry.objects.count() == before


def test_entry_tells_who_from_where_and_in_which_request(house):
    client = APIClient()
    client.force_login(house.admin)
    body = {"role": "moderator", "project": str(house.project.pk)}
    answer = client.post(
        f"/api/organizations/{house.organization.pk}/invites/",
        body,
        headers={"User-Agent": "Workbench/1.0\n", "X-Request-ID": "request-12345"},
        REMOTE_ADDR="::ffff:192.0.2.7",
    )
    assert answer.status_code == 201
    entry = latest("invite.created")
    assert (entry.actor_id, entry.organization_id) == (house.admin.pk, house.organization.pk)
    assert (entry.address, entry.user_agent, entry.request_id) == ("192.0.2.7", "Workbench/1.0", "request-12345")
    assert entry.subject_id == answer.json()["invite"]["id"]
    assert answer.json()["code"] not in str(entry.details)


def test_role_and_invite_changes_are_recorded(house):
    made = invites.create_invite(actor=house.admin, organization=house.organization, role=Role.ADMIN)
    again = invites.rotate_invite(actor=house.admin, invite=made.invite)
    invites.join_organization(actor=house.stranger, code=again.code)
    invites.revoke_invite(actor=house.admin, invite=made.invite)
    invites.revoke_invite(actor=house.admin, invite=made.invite)
    services.remove_member(actor=house.admin, organization=house.organization, user=house.stranger)
    found = AuditEntry.objects.filter(organization_id=house.organization.pk).order_by("id")
    assert [entry.action for entry in found][-6:] == [
        "invite.created", "invite.rotated", "role.granted", "invite.used", "invite.revoked", "role.revoked"
    ]  # fmt: skip
    revoked = found.last()
    assert revoked.actor_id == house.admin.pk
    assert revoked.details == {"user": str(house.stranger.pk), "role": "admin", "project": None, "object": None}


def test_refused_grant_leaves_no_entry_and_no_role(house):
    before = AuditEntry.objects.count()
    with pytest.raises(NotAllowedError):
        services.grant_role(actor=house.user, user=house.stranger, role=Role.ADMIN, place=Place(house.organization.pk))
    assert AuditEntry.objects.count() == before
    assert not RoleAssignment.objects.filter(user=house.stranger, organization=house.organization).exists()


def listed(person, **query) -> list[dict]:
    client = APIClient()
    client.force_login(person)
    answer = client.get("/api/audit/", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_everybody_reads_what_concerns_him_and_no_more(house):
    def organizations(person) -> set[str]:
        return {entry["organization"] for entry in listed(person)}

    mine, foreign = str(house.organization.pk), str(house.foreign_organization.pk)
    assert organizations(house.admin) == {mine}
    assert organizations(house.stranger) == {foreign}
    assert organizations(house.user) == organizations(house.moderator) == set()
    assert organizations(house.superuser) == {mine, foreign}
    record("sign_in.failed", actor=None, organization_id=None, subject=house.user)
    assert [entry["action"] for entry in listed(house.user)] == ["sign_in.failed"]
    assert "sign_in.failed" not in {entry["action"] for entry in listed(house.moderator)}


def test_list_is_filtered_and_names_people(house):
    services.create_organization(actor=house.moderator, name="Second")
    found = listed(house.superuser, action="organization.created", actor=str(house.moderator.pk))
    assert [entry["actor"] for entry in found] == [{"id": str(house.moderator.pk), "name": "Moderator"}]
    assert len(listed(house.superuser, organization=str(house.foreign_organization.pk))) == 1
    now = timezone.now()
    assert listed(house.superuser, since=(now + timedelta(minutes=1)).isoformat()) == []
    assert listed(house.superuser, until=(now - timedelta(days=1)).isoformat()) == []
    assert listed(house.superuser, since=(now - timedelta(days=1)).isoformat())


@pytest.mark.parametrize(
    ("person", "status", "field"), [("stranger", 400, "organization"), ("user", 403, None), ("admin", 200, None)]
)
def test_list_of_an_organization_needs_its_admin(house, person, status, field):
    client = APIClient()
    client.force_login(house.person(person))
    answer = client.get("/api/audit/", {"organization": str(house.organization.pk)})
    assert answer.status_code == status
    if field:
        assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("query", [{"actor": "x"}, {"since": "yesterday"}, {"organization": "1"}, {"action": "a\0"}])
def test_filter_that_makes_no_sense_names_the_parameter(house, query):
    client = APIClient()
    client.force_login(house.admin)
    answer = client.get("/api/audit/", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == next(iter(query))


def test_list_is_paged_latest_first(house):
    for _ in range(5):
        record("api_key.created", actor=house.user, organization_id=house.organization.pk)
    client = APIClient()
    client.force_login(house.user)
    seen: list[int] = []
    address = "/api/audit/?page_size=2"
    while address:
        answer = client.get(address).json()
        seen += [entry["id"] for entry in answer["results"]]
        address = answer["next"]
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_log_can_not_be_written_by_the_api(house):
    client = APIClient()
    client.force_login(house.superuser)
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)("/api/audit/").status_code == 405


def test_labels_are_there_for_every_action_and_unknown_ones_show_their_name():
    assert dict(actions.choices())["api_key.created"] == "API key created"
    assert actions.label_of("gone.module_did") == "gone.module_did"
    assert PASSWORD not in str(actions.choices())


def of_age(days: float) -> AuditEntry:
    return AuditEntry.objects.create(action="sign_in.succeeded", at=timezone.now() - timedelta(days=days))


def test_entries_older_than_wanted_are_forgotten_and_that_is_recorded(monkeypatch):
    old, young = of_age(400), of_age(300)
    jobs.forget_old_entries()
    assert AuditEntry.objects.filter(pk=old.pk).exists()
    monkeypatch.setattr(jobs, "settings", SimpleNamespace(audit_kept_days=365))
    for _ in range(2):
        jobs.forget_old_entries()
    assert list(AuditEntry.objects.filter(action="sign_in.succeeded").values_list("pk", flat=True)) == [young.pk]
    assert AuditEntry.objects.get(action="audit.forgotten").details["entries"] == 1
    # Nothing else is allowed by it.
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        young.delete()


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_database_keeps_entries_for_a_month_whoever_asks(days, kept):
    entry = of_age(days)
    if kept:
        with pytest.raises(IntegrityError, match="30 days at least"), transaction.atomic():
            forget(before=timezone.now())
    else:
        forget(before=timezone.now() - timedelta(days=30))
    assert AuditEntry.objects.filter(pk=entry.pk).exists() is kept


def test_setting_of_less_than_a_month_is_refused():
    assert Settings(AUDIT_KEPT_DAYS=0).audit_kept_days == 0
    with pytest.raises(ValidationError, match="30 at least"):
        Settings(AUDIT_KEPT_DAYS=29)
