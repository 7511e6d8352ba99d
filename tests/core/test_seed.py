"""The demo: the same every time, and put in once."""

import random

import pytest

from guildhall.core.accounts.models import User
from guildhall.core.accounts.sign_in import sign_in
from guildhall.core.organizations.models import Organization, ProjectObject, RoleAssignment
from guildhall.core.organizations.seed import demo_accounts, seed_people_and_places

pytestmark = pytest.mark.django_db


def snapshot():
    return sorted(
        (held.user.email, held.role, str(held.project), str(held.object))
        for held in RoleAssignment.objects.filter(organization__personal_owner=None).select_related(
            "user", "project", "object"
        )
    )


def test_seed_makes_two_projects_of_three_objects_with_people_in_roles():
    place = seed_people_and_places(random.Random(1), lambda: None)
    assert [project.objects_in_project.count() for project in place.projects] == [3, 3]
    assert {role for _, role, *_ in snapshot()} == {"admin", "moderator", "user"}
    for account in demo_accounts(place):
        assert sign_in(email=account.email, password=account.password)


def test_seed_is_the_same_every_time_and_safe_to_repeat():
    seed_people_and_places(random.Random(1), lambda: None)
    first = snapshot()
    seed_people_and_places(random.Random(2), lambda: None)
    assert snapshot() == first
    RoleAssignment.objects.filter(organization__personal_owner=None).delete()
    Organization.objects.filter(personal_owner=None).delete()
    User.objects.all().delete()
    assert not ProjectObject.objects.exists()
    seed_people_and_places(random.Random(1), lambda: None)
    assert snapshot() == first
