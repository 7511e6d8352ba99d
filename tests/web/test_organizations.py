"""Switch, create, join, settings, leave, delete."""

import pytest
from django.test import Client

from guildhall.core.organizations.invites import create_invite
from guildhall.core.organizations.models import Organization, RoleAssignment
from guildhall.core.organizations.policy import Role
from guildhall.core.organizations.selectors import active_organization
from tests.support.people import House

SWITCH, CREATE, SETTINGS = "/organization/switch/", "/organization/new/", "/organization/settings/"


@pytest.mark.parametrize("chosen", ["foreign", "3f2c8f4e-0000-4000-8000-000000000000", "nonsense", ""])
def test_switch_to_what_one_does_not_see_is_404(admin: Client, house: House, chosen: str):
    chosen = str(house.foreign_organization.pk) if chosen == "foreign" else chosen
    assert admin.post(SWITCH, {"organization": chosen}).status_code == 404
    house.admin.refresh_from_db()
    assert active_organization(house.admin) == house.organization


def test_switch_shows_the_other_organization(admin: Client, house: House):
    personal = house.admin.personal_organization
    response = admin.post(SWITCH, {"organization": str(personal.pk)}, follow=True)
    assert response.context["organization"] == personal


def test_created_organization_is_shown_at_once(member: Client, house: House):
    assert member.get(CREATE).status_code == 200
    response = member.post(CREATE, {"name": "Night shift", "language": "en"}, follow=True)
    assert response.context["organization"].name == "Night shift"
    assert "Night shift is open. You are its admin." in response.content.decode()
    assert RoleAssignment.objects.filter(user=house.user, organization__name="Night shift", role=Role.ADMIN).exists()


def test_organization_without_a_name_is_not_created(member: Client):
    response = member.post(CREATE, {"name": "  ", "language": "en"})
    assert response.context["form"].errors["name"] == ["This field is required."]


def test_join_with_a_code_opens_the_organization(visit, house: House):
    made = create_invite(actor=house.admin, organization=house.organization, role=Role.MODERATOR, project=house.project)
    browser = visit(house.stranger)
    assert browser.get("/join/").status_code == 200
    response = browser.post("/join/", {"code": made.code}, follow=True)
    assert response.context["organization"] == house.organization
    assert "Welcome to Makers." in response.content.decode()


def test_join_with_a_wrong_code_says_so(visit, house: House):
    response = visit(house.stranger).post("/join/", {"code": "wrong"})
    assert response.context["form"].errors["code"] == ["This invite code is not valid; ask for a new one."]


def test_join_for_guest_explains_and_never_takes_a_code(client: Client, house: House):
    page = client.get("/join/").content.decode()
    assert "You are invited" in page
    assert client.post("/join/", {"code": "any"})["Location"] == "/sign-in/?next=/join/"


def test_settings_by_admin_are_saved(admin: Client, house: House):
    assert b'value="Makers"' in admin.get(SETTINGS).content
    assert admin.post(SETTINGS, {"name": "Makers & Co", "language": "ru"})["Location"] == SETTINGS
    house.organization.refresh_from_db()
    assert (house.organization.name, house.organization.language) == ("Makers & Co", "ru")


def test_settings_too_long_are_not_saved(admin: Client, house: House):
    response = admin.post(SETTINGS, {"name": "x" * 121, "language": "en"})
    assert "name" in response.context["form"].errors


@pytest.mark.parametrize("method", ["get", "post"])
def test_settings_by_others_are_refused(moderator: Client, house: House, method: str):
    response = getattr(moderator, method)(SETTINGS, {"name": "Mine", "language": "en"})
    assert response.status_code == 403
    assert "You may not do this" in response.content.decode()
    house.organization.refresh_from_db()
    assert house.organization.name == "Makers"


def test_delete_by_admin_goes_back_to_the_personal_organization(admin: Client, house: House):
    response = admin.post("/organization/delete/", follow=True)
    assert not Organization.objects.filter(pk=house.organization.pk).exists()
    assert response.context["organization"] == house.admin.personal_organization


def test_delete_by_moderator_is_refused(moderator: Client, house: House):
    assert moderator.post("/organization/delete/").status_code == 403
    assert Organization.objects.filter(pk=house.organization.pk).exists()


def test_leave_ends_the_roles(member: Client, house: House):
    response = member.post("/organization/leave/", follow=True)
    assert "You left Makers." in response.content.decode()
    assert not RoleAssignment.objects.filter(user=house.user, organization=house.organization).exists()


def test_last_admin_can_not_leave_and_is_told_why(admin: Client, house: House):
    response = admin.post("/organization/leave/", follow=True)
    assert "make somebody else admin first" in response.content.decode()
    assert RoleAssignment.objects.filter(user=house.admin, organization=house.organization).exists()
