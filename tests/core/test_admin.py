"""The admin site shows every kind of thing, and can create a person, who then owns a place."""

import pytest

from guildhall.core.accounts.models import User
from guildhall.core.audit.models import AuditEntry
from guildhall.core.events.models import EventRow
from guildhall.core.organizations.models import Organization, RoleAssignment
from guildhall.core.organizations.services import create_team

pytestmark = pytest.mark.django_db

MODELS = [
    "accounts/user",
    "organizations/organization",
    "organizations/project",
    "organizations/projectobject",
    "organizations/team",
    "organizations/invite",
]


@pytest.mark.parametrize("model", MODELS)
def test_list_is_shown_and_searched(admin_client, house, model):
    assert admin_client.get(f"/admin/{model}/").status_code == 200
    assert admin_client.get(f"/admin/{model}/?q=Makers").status_code == 200


def test_person_created_there_owns_a_personal_organization(admin_client):
    body = {
        "email": "NEW@example.org",
        "name": "New",
        "usable_password": "true",
        "password1": "a quiet corridor",
        "password2": "a quiet corridor",
    }
    answer = admin_client.post("/admin/accounts/user/add/", body)
    assert answer.status_code == 302, answer.content
    user = User.objects.get(email="new@example.org")
    assert user.personal_organization.projects.get().is_personal
    assert recorded("account.registered") == [str(user.pk)]
    assert told("accounts.user_registered") == 1
    assert admin_client.get(f"/admin/accounts/user/{user.pk}/change/").status_code == 200


def test_organization_is_shown_with_its_roles(admin_client, house):
    answer = admin_client.get(f"/admin/organizations/organization/{house.organization.pk}/change/")
    assert answer.status_code == 200


def test_somebody_without_staff_rights_does_not_get_in(client, house):
    client.force_login(house.admin)
    assert client.get("/admin/").status_code == 302


def recorded(action: str) -> list[str]:
    return list(AuditEntry.objects.filter(action=action).values_list("subject_id", flat=True))


def told(kind: str) -> int:
    return EventRow.objects.filter(type=kind).count()


ROLES = {f"roleassignments-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}


@pytest.mark.parametrize(
    ("model", "thing", "body", "kind"),
    [
        ("organization", "organization", {"language": "en", **ROLES}, "organizations.organization_changed"),
        ("project", "project", {"description": ""}, "organizations.project_changed"),
        ("projectobject", "thing", {"description": ""}, "organizations.object_changed"),
    ],
)
def test_change_is_told_like_any_other_and_counted(admin_client, house, model, thing, body, kind):
    changed = getattr(house, thing)
    address = f"/admin/organizations/{model}/{changed.pk}/change/"
    before = told(kind)
    answer = admin_client.post(address, {"name": "Another name", **body})
    assert answer.status_code == 302, answer.text
    version = changed.version
    changed.refresh_from_db()
    assert (changed.name, changed.version, told(kind)) == ("Another name", version + 1, before + 1)


def test_team_gets_members_of_the_organization_only(admin_client, house):
    team = create_team(actor=house.admin, organization=house.organization, name="Crew")
    address = f"/admin/organizations/team/{team.pk}/change/"
    assert admin_client.post(address, {"name": "Crew", "members": [house.user.pk]}).status_code == 302
    assert list(team.members.all()) == [house.user]
    answer = admin_client.post(address, {"name": "Gang", "members": [house.stranger.pk]}, follow=True)
    assert "Only members of the organization can be in its teams." in answer.text
    team.refresh_from_db()
    assert (team.name, list(team.members.all())) == ("Crew", [house.user])


def roles_form(organization, rows):
    forms = {"TOTAL_FORMS": len(rows), "INITIAL_FORMS": sum("id" in row for row in rows)}
    body = {f"roleassignments-{name}": str(number) for name, number in forms.items()}
    for index, row in enumerate(rows):
        body |= {
            f"roleassignments-{index}-{name}": str(value)
            for name, value in {**row, "organization": organization.pk}.items()
        }
    return {"name": organization.name, "language": organization.language, **body}


def test_roles_are_given_and_taken_by_the_services(admin_client, house):
    address = f"/admin/organizations/organization/{house.organization.pk}/change/"
    held = [{"id": role.pk} for role in house.organization.roleassignments.order_by("pk")]
    new = {"user": house.stranger.pk, "role": "moderator", "project": house.project.pk}
    answer = admin_client.post(address, roles_form(house.organization, [*held, new]))
    assert answer.status_code == 302, answer.text
    given = RoleAssignment.objects.get(user=house.stranger, organization=house.organization)
    assert recorded("role.granted")[-1] == str(given.pk)
    held = [
        {"id": role.pk, **({"DELETE": "on"} if role == given else {})}
        for role in house.organization.roleassignments.order_by("pk")
    ]
    assert admin_client.post(address, roles_form(house.organization, held)).status_code == 302
    assert recorded("role.revoked") == [str(given.pk)]
    # Nobody would be admin any more.
    held = [
        {"id": role.pk, **({"DELETE": "on"} if role.role == "admin" else {})}
        for role in house.organization.roleassignments.order_by("pk")
    ]
    admin_client.post(address, roles_form(house.organization, held))
    assert house.organization.roleassignments.filter(role="admin").exists()


def test_deletion_is_recorded_alone_and_of_many(admin_client, house):
    for address, body in (
        ("projectobject/", {"action": "delete_selected", "_selected_action": [house.thing.pk]}),
        (f"organization/{house.organization.pk}/delete/", {}),
    ):
        assert admin_client.post(f"/admin/organizations/{address}", {"post": "yes", **body}).status_code == 302
    assert told("organizations.object_deleted") == 1
    assert recorded("organization.deleted") == [str(house.organization.pk)]


def test_personal_organization_is_not_deleted_and_nothing_is_created(admin_client, house):
    personal = house.user.personal_organization
    address = f"/admin/organizations/organization/{personal.pk}/delete/"
    admin_client.post(address, {"post": "yes"})
    assert Organization.objects.filter(pk=personal.pk).exists()
    for model in MODELS[1:]:
        assert admin_client.get(f"/admin/{model}/add/").status_code == 403


def test_person_changed_there_is_recorded_and_never_deleted(admin_client, house):
    address = f"/admin/accounts/user/{house.user.pk}"
    body = {"email": house.user.email, "name": "Renamed", "language": "en", "time_zone": "UTC"}
    answer = admin_client.post(f"{address}/change/", body)
    assert answer.status_code == 302, answer.text
    assert AuditEntry.objects.get(action="account.changed").details == {"changed": ["name"]}
    assert admin_client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
