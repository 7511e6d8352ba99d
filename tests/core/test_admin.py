"""The admin site shows every kind of thing, and can create a person, who then owns a place."""

import pytest

from guildhall.core.accounts.models import User

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
    assert admin_client.get(f"/admin/accounts/user/{user.pk}/change/").status_code == 200


def test_organization_is_shown_with_its_roles(admin_client, house):
    answer = admin_client.get(f"/admin/organizations/organization/{house.organization.pk}/change/")
    assert answer.status_code == 200


def test_somebody_without_staff_rights_does_not_get_in(client, house):
    client.force_login(house.admin)
    assert client.get("/admin/").status_code == 302
