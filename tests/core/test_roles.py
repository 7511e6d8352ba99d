"""Roles and their scopes: what the database refuses, what the policy allows, what the services keep."""

import pytest
from django.db import IntegrityError, transaction

from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.core.organizations import policy, services
from guildhall.core.organizations.errors import LastAdminError, NameTakenError, PersonalOrganizationError
from guildhall.core.organizations.models import Organization, Project, ProjectObject, RoleAssignment
from guildhall.core.organizations.policy import Action, Grant, Place, Role
from guildhall.core.organizations.selectors import active_organization, may, members_of, places_where
from tests.core.test_personal_organization import check_now

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "project", "thing"),
    [
        ("admin", True, False),
        ("admin", True, True),
        ("moderator", False, False),
        ("moderator", True, True),
        ("user", False, False),
        ("user", True, False),
        ("user", False, True),
        ("owner", False, False),
    ],
)
def test_role_with_a_scope_that_does_not_fit_is_refused(house, role, project, thing):
    with pytest.raises(IntegrityError, match="role_fits_scope"), transaction.atomic():
        RoleAssignment.objects.create(
            user=house.stranger,
            role=role,
            organization=house.organization,
            project=house.project if project else None,
            object=house.thing if thing else None,
        )


def test_role_in_a_project_of_another_organization_is_refused(house):
    with pytest.raises(IntegrityError, match="role_project_in_organization"), transaction.atomic():
        RoleAssignment.objects.create(
            user=house.stranger, role="moderator", organization=house.organization, project=house.foreign_project
        )
        check_now()


def test_role_at_an_object_of_another_project_is_refused(house):
    with pytest.raises(IntegrityError, match="role_object_in_project"), transaction.atomic():
        RoleAssignment.objects.create(
            user=house.stranger,
            role="user",
            organization=house.organization,
            project=house.other_project,
            object=house.thing,
        )
        check_now()


@pytest.mark.parametrize(
    ("person", "constraint"),
    [
        ("admin", "one_admin_role_per_organization"),
        ("moderator", "one_moderator_role_per_project"),
        ("user", "one_user_role_per_object"),
    ],
)
def test_holding_the_same_role_twice_is_refused(house, person, constraint):
    held = RoleAssignment.objects.get(user=house.person(person), organization=house.organization)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RoleAssignment.objects.create(
            user=held.user, role=held.role, organization=held.organization, project=held.project, object=held.object
        )


def test_visible_to_shows_each_role_its_scope(house):
    def seen(model, name):
        rows = model.objects.visible_to(house.person(name))
        return {str(row) for row in rows if str(row) not in {"Personal", name.title()}}

    assert seen(Organization, "admin") == {"Makers"}
    assert seen(Project, "admin") == {"General", "Workshop"}
    assert seen(ProjectObject, "admin") == {"Common room", "Laser cutter"}
    assert seen(Project, "moderator") == {"General"}
    assert seen(ProjectObject, "moderator") == {"Common room", "Laser cutter"}
    assert seen(Project, "user") == {"General"}
    assert seen(ProjectObject, "user") == {"Common room"}
    assert seen(Organization, "stranger") == {"Elsewhere"}
    assert {"Makers", "Elsewhere"} <= seen(Organization, "superuser")


def test_may_answers_by_table_and_scope(house):
    assert may(house.admin, "object", Action.EDIT, house.thing)
    assert may(house.moderator, "object", Action.EDIT, house.thing)
    assert not may(house.moderator, "object", Action.EDIT, house.other_project.place)
    assert not may(house.user, "object", Action.EDIT, house.thing)
    assert not may(house.stranger, "object", Action.EDIT, house.thing)
    assert may(house.superuser, "object", Action.EDIT, house.thing)


def test_policy_without_a_row_is_a_defect_and_no_permission(house):
    with pytest.raises(KeyError):
        policy.allows([Grant(Role.ADMIN, house.organization.pk)], "nonsense", Action.EDIT, house.thing.place)


def test_policy_refuses_a_second_meaning_for_a_resource():
    policy.register("test-resource", {Action.VIEW: policy.EVERYBODY})
    policy.register("test-resource", {Action.VIEW: policy.EVERYBODY})
    with pytest.raises(ValueError, match="test-resource"):
        policy.register("test-resource", {Action.VIEW: policy.ADMINS})


def test_places_where_names_the_projects_of_a_role(house):
    found = Project.objects.filter(places_where(house.moderator, "object", Action.CREATE), is_personal=False)
    assert list(found) == [house.project]
    assert set(Project.objects.filter(places_where(house.admin, "object", Action.CREATE), is_personal=False)) == {
        house.project,
        house.other_project,
    }
    assert (
        Project.objects.filter(places_where(house.superuser, "object", Action.CREATE)).count()
        == Project.objects.count()
    )


def test_moderator_may_give_roles_in_his_project_only(house):
    place = house.thing.place
    made = services.grant_role(actor=house.moderator, user=house.stranger, role=Role.USER, place=place)
    assert services.grant_role(actor=house.moderator, user=house.stranger, role=Role.USER, place=place) == made
    with pytest.raises(NotAllowedError):
        services.grant_role(
            actor=house.moderator, user=house.stranger, role=Role.ADMIN, place=Place(house.organization.pk)
        )
    with pytest.raises(NotAllowedError):
        services.grant_role(
            actor=house.moderator, user=house.stranger, role=Role.MODERATOR, place=house.other_project.place
        )


@pytest.mark.parametrize(
    ("role", "project", "thing", "field"),
    [
        (Role.MODERATOR, None, None, "project"),
        (Role.USER, "project", None, "object"),
        (Role.USER, "other_project", "thing", "object"),
        (Role.USER, None, "foreign_thing", "object"),
        (Role.MODERATOR, "foreign_project", None, "project"),
    ],
)
def test_resolve_scope_names_the_field_at_fault(house, role, project, thing, field):
    with pytest.raises(InvalidInputError) as caught:
        services.resolve_scope(
            role=role,
            organization=house.organization,
            project=getattr(house, project) if project else None,
            thing=getattr(house, thing) if thing else None,
        )
    assert list(caught.value.fields) == [field]


def test_last_admin_can_not_go(house):
    assignment = RoleAssignment.objects.get(user=house.admin, organization=house.organization)
    with pytest.raises(LastAdminError):
        services.revoke_role(actor=house.admin, assignment=assignment)
    with pytest.raises(LastAdminError):
        services.remove_member(actor=house.admin, organization=house.organization, user=house.admin)


def test_personal_organization_can_not_be_left_or_deleted(house):
    personal = house.user.personal_organization
    with pytest.raises(PersonalOrganizationError):
        services.remove_member(actor=house.user, organization=personal, user=house.user)
    with pytest.raises(PersonalOrganizationError):
        services.delete_organization(actor=house.user, organization=personal)
    with pytest.raises(PersonalOrganizationError):
        services.delete_project(actor=house.user, project=personal.projects.get())
    with pytest.raises(PersonalOrganizationError):
        services.revoke_role(actor=house.user, assignment=house.user.role_assignments.get(organization=personal))


def test_removed_member_leaves_teams_too(house):
    team = services.create_team(
        actor=house.admin, organization=house.organization, name="Night shift", members=[house.user, house.moderator]
    )
    services.remove_member(actor=house.admin, organization=house.organization, user=house.user)
    assert list(team.members.all()) == [house.moderator]
    assert house.user not in members_of(house.organization)


def test_member_may_leave_by_himself_but_not_remove_others(house):
    with pytest.raises(NotAllowedError):
        services.remove_member(actor=house.user, organization=house.organization, user=house.moderator)
    services.remove_member(actor=house.user, organization=house.organization, user=house.user)
    assert not Organization.objects.visible_to(house.user).filter(pk=house.organization.pk).exists()


def test_team_takes_members_only(house):
    with pytest.raises(InvalidInputError) as caught:
        services.create_team(actor=house.admin, organization=house.organization, name="Odd", members=[house.stranger])
    assert list(caught.value.fields) == ["members"]


def test_name_taken_in_any_case_is_told_at_the_field(house):
    with pytest.raises((NameTakenError, InvalidInputError)):
        services.create_project(actor=house.admin, organization=house.organization, name="WORKSHOP")


def test_active_organization_falls_back_to_the_personal_one(house):
    assert active_organization(house.user) == house.user.personal_organization
    services.choose_active_organization(actor=house.user, organization=house.organization)
    assert active_organization(house.user) == house.organization
    services.remove_member(actor=house.user, organization=house.organization, user=house.user)
    assert active_organization(house.user) == house.user.personal_organization
