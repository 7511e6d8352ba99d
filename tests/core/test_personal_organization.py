"""Every user, however created, owns exactly one personal organization with one project; the database sees to it."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization, Project, RoleAssignment

pytestmark = pytest.mark.django_db


def check_now() -> None:
    """Let the deferred constraints speak before the end of the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def assert_owns_one(user: User) -> None:
    organization = Organization.objects.get(personal_owner=user)
    assert organization.projects.get().is_personal
    assert RoleAssignment.objects.get(user=user, organization=organization).role == "admin"


def test_personal_organization_exists_after_create_user():
    assert_owns_one(User.objects.create_user("ada@example.org", "correct horse"))


def test_personal_organization_exists_after_createsuperuser(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse")
    call_command("createsuperuser", email="root@example.org", interactive=False, verbosity=0)
    assert_owns_one(User.objects.get(email="root@example.org"))


def test_personal_organization_exists_after_bulk_create():
    User.objects.bulk_create([User(email="a@example.org"), User(email="b@example.org")])
    for user in User.objects.all():
        assert_owns_one(user)


def test_personal_organization_exists_after_raw_insert():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_user (id, email, password, is_superuser, is_staff, is_active, date_joined)"
            " VALUES (gen_random_uuid(), 'raw@example.org', '', false, false, true, now())"
        )
    assert_owns_one(User.objects.get(email="raw@example.org"))


def test_second_personal_organization_is_refused(user):
    with pytest.raises(IntegrityError, match="personal_owner_id"), transaction.atomic():
        Organization.objects.create(name="Another", personal_owner=user)


def test_second_personal_project_is_refused(user):
    with pytest.raises(IntegrityError, match="one_personal_project"), transaction.atomic():
        Project.objects.create(organization=user.personal_organization, name="Another", is_personal=True)


@pytest.mark.parametrize(
    "damage",
    [
        lambda user: user.personal_organization.delete(),
        lambda user: user.personal_organization.projects.get().delete(),
        lambda user: user.role_assignments.all().delete(),
        lambda user: Organization.objects.filter(personal_owner=user).update(personal_owner=None),
        lambda user: Project.objects.filter(organization__personal_owner=user).update(is_personal=False),
        lambda user: RoleAssignment.objects.filter(user=user).update(
            role="moderator", project=user.personal_organization.projects.get()
        ),
    ],
    ids=["organization", "project", "role", "owner taken away", "project made common", "role lowered"],
)
def test_losing_the_personal_organization_is_refused(user, damage):
    with pytest.raises(IntegrityError, match="must keep a personal organization"), transaction.atomic():
        damage(user)
        check_now()


def test_deleting_a_user_takes_the_personal_organization_along(user):
    user.delete()
    check_now()
    assert not Organization.objects.exists()


def test_email_differing_in_case_is_the_same_account(user):
    with pytest.raises(IntegrityError, match="accounts_user_email"), transaction.atomic():
        User.objects.create(email="ADA@Example.org")
    assert User.objects.get(email="Ada@EXAMPLE.org") == user


def test_email_in_upper_case_is_refused_by_the_database(user):
    with (
        pytest.raises(IntegrityError, match="user_email_is_lower_case"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE accounts_user SET email = 'ADA@example.org'")
