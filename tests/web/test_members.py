"""The members page: who is shown, who gives and takes which role."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from guildhall.core.organizations.models import RoleAssignment
from guildhall.core.organizations.policy import Role
from guildhall.web.roster import roster_of
from tests.support.people import House, make_person

MEMBERS = "/organization/members/"


def test_members_page_shows_everybody_with_roles_and_no_stranger(member: Client, house: House):
    page = member.get(MEMBERS).content.decode()
    for text in ("admin@example.org", "moderator@example.org", "user@example.org", "General / Common room"):
        assert text in page
    assert "stranger@example.org" not in page


def test_user_of_an_object_is_offered_nothing_to_change(member: Client, house: House):
    page = member.get(MEMBERS).content.decode()
    for id_ in ("give-role", "role-", "remove-"):
        assert f'data-dialog-open="{id_}' not in page


def test_admin_gives_a_role_with_its_scope(admin: Client, house: House):
    data = {"user": str(house.user.pk), "role": "moderator", "project": str(house.other_project.pk)}
    assert admin.post(MEMBERS, data)["Location"] == MEMBERS
    assert RoleAssignment.objects.filter(user=house.user, role=Role.MODERATOR, project=house.other_project).exists()


def test_object_left_over_from_another_role_is_ignored(admin: Client, house: House):
    data = {"user": str(house.user.pk), "role": "admin", "object": str(house.thing.pk)}
    assert admin.post(MEMBERS, data)["Location"] == MEMBERS
    held = RoleAssignment.objects.get(user=house.user, role=Role.ADMIN, organization=house.organization)
    assert held.object is None


@pytest.mark.parametrize(("role", "field"), [("moderator", "project"), ("user", "object")])
def test_role_without_its_scope_is_explained_in_the_open_dialog(admin: Client, house: House, role: str, field: str):
    response = admin.post(MEMBERS, {"user": str(house.user.pk), "role": role})
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert "data-dialog-shown" in response.content.decode()


def test_scope_and_people_of_others_are_no_choice(admin: Client, house: House):
    data = {"user": str(house.stranger.pk), "role": "user", "object": str(house.foreign_thing.pk)}
    assert set(admin.post(MEMBERS, data).context["form"].errors) == {"user", "object"}


def test_moderator_gives_roles_in_the_own_project_only(moderator: Client, house: House):
    inside = {"user": str(house.user.pk), "role": "user", "object": str(house.other_thing.pk)}
    assert moderator.post(MEMBERS, inside).status_code == 302
    assert moderator.post(MEMBERS, {"user": str(house.user.pk), "role": "admin"}).status_code == 403


def test_role_taken_by_moderator_of_the_project(moderator: Client, house: House):
    held = RoleAssignment.objects.get(user=house.user, organization=house.organization)
    assert moderator.post(f"{MEMBERS}roles/{held.pk}/revoke/")["Location"] == MEMBERS
    assert not RoleAssignment.objects.filter(pk=held.pk).exists()


def test_role_taken_by_user_is_refused_and_of_others_unknown(member: Client, house: House):
    held = RoleAssignment.objects.get(user=house.moderator, organization=house.organization)
    foreign = RoleAssignment.objects.get(user=house.stranger, organization=house.foreign_organization)
    assert member.post(f"{MEMBERS}roles/{held.pk}/revoke/").status_code == 403
    assert member.post(f"{MEMBERS}roles/{foreign.pk}/revoke/").status_code == 404
    assert RoleAssignment.objects.filter(pk__in=[held.pk, foreign.pk]).count() == 2


def test_member_removed_by_admin_is_gone(admin: Client, house: House):
    response = admin.post(f"{MEMBERS}{house.user.pk}/remove/", follow=True)
    assert "User is no longer a member." in response.content.decode()
    assert not RoleAssignment.objects.filter(user=house.user, organization=house.organization).exists()


def test_member_removed_by_moderator_is_refused(moderator: Client, house: House):
    assert moderator.post(f"{MEMBERS}{house.user.pk}/remove/").status_code == 403
    assert moderator.post(f"{MEMBERS}{house.stranger.pk}/remove/").status_code == 404


def test_roster_of_more_people_asks_no_more_queries(house: House, django_assert_num_queries: DjangoAssertNumQueries):
    for number in range(10):
        person = make_person(f"person{number}")
        RoleAssignment.objects.create(
            user=person, role=Role.USER, organization=house.organization, project=house.project, object=house.thing
        )
    with django_assert_num_queries(3):
        roster = roster_of(reader=house.admin, organization=house.organization)
    assert len(roster.rows) == 13
    assert [row.may_remove for row in roster.rows if row.is_reader] == [False]


def test_owner_of_a_personal_organization_is_not_offered_to_go(house: House):
    roster = roster_of(reader=house.superuser, organization=house.admin.personal_organization)
    (row,) = roster.rows
    assert not row.may_remove
    assert not any(role.may_take for role in row.roles)
