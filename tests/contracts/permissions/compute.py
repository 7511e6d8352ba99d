"""Who gets which answer from the compute service."""

from guildhall.core.organizations import invites
from guildhall.core.organizations.policy import Role
from tests.contracts.permissions import ADMINS, SIGNED_IN, Case, Table, creating, deleting
from tests.contracts.permissions.core import second_step
from tests.support.people import PASSWORD

EVERYBODY = "200 200 200 200 200 200"


def code(house, person):
    return invites.create_invite(actor=house.admin, organization=house.organization, role=Role.ADMIN).code


def organization_with_an_invite(house, person):
    code(house, person)
    return house.organization.pk


TABLE: Table = {
    ("POST", "/api/v1/auth/register"): [
        Case(
            creating(EVERYBODY), body={"email": lambda house, person: f"new-{person}@example.org", "password": PASSWORD}
        )
    ],
    ("POST", "/api/v1/auth/login"): [Case(EVERYBODY, body={"email": "ADMIN@example.org", "password": PASSWORD})],
    ("POST", "/api/v1/auth/login/second-factor"): [Case(EVERYBODY, body=second_step)],
    ("POST", "/api/v1/auth/logout"): [Case(deleting(SIGNED_IN))],
    ("GET", "/api/v1/auth/me"): [Case(SIGNED_IN)],
    ("GET", "/api/v1/organizations"): [Case(SIGNED_IN)],
    ("POST", "/api/v1/organizations"): [Case(creating(SIGNED_IN), body={"name": "Another"})],
    ("POST", "/api/v1/organizations/join"): [Case(SIGNED_IN, body={"code": code})],
    ("POST", "/api/v1/organizations/{organization_id}/invite-code"): [
        Case(ADMINS, params={"organization_id": organization_with_an_invite})
    ],
}
