"""The invites page: the code is shown in one answer only."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guildhall.core.organizations.invites import create_invite, join_organization
from guildhall.core.organizations.models import Invite
from guildhall.core.organizations.policy import Role
from tests.support.people import House

INVITES = "/organization/invites/"
CODE = re.compile(r'id="invite-code" value="([\w-]{24})"')


def make_code(browser: Client, house: House, **change: str) -> str:
    data = {"role": "user", "object": str(house.thing.pk), "days": "7", "max_uses": "2"} | change
    response = browser.post(INVITES, data)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    found = CODE.search(response.content.decode())
    assert found
    return found[1]


def test_made_code_works_and_is_shown_once(admin: Client, house: House):
    code = make_code(admin, house)
    assert code not in admin.get(INVITES).content.decode()
    assert join_organization(actor=house.stranger, code=code).object == house.thing
    invite = Invite.objects.get()
    assert (invite.max_uses, invite.uses) == (2, 1)
    assert timedelta(days=6, hours=23) < invite.expires_at - timezone.now() <= timedelta(days=7)


def test_link_carries_the_code_where_no_log_sees_it(admin: Client, house: House):
    response = admin.post(INVITES, {"role": "admin", "days": "0"})
    link = response.context["link"]
    assert link == f"http://testserver/join/#code={response.context['made'].code}"
    assert Invite.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"object": ""}, "object"),
        ({"max_uses": "0"}, "max_uses"),
        ({"days": "400"}, "days"),
        ({"role": "king"}, "role"),
    ],
)
def test_invite_with_a_fault_is_not_made(admin: Client, house: House, change, field: str):
    data = {"role": "user", "object": str(house.thing.pk), "days": "7", "max_uses": ""} | change
    assert field in admin.post(INVITES, data).context["form"].errors
    assert not Invite.objects.exists()


def test_rotated_code_replaces_the_old_one(admin: Client, house: House):
    old = make_code(admin, house)
    invite = Invite.objects.get()
    response = admin.post(f"{INVITES}{invite.pk}/rotate/")
    new = CODE.search(response.content.decode())
    assert new
    assert new[1] != old
    assert join_organization(actor=house.stranger, code=new[1])


def test_revoked_invite_moves_to_those_that_no_longer_work(admin: Client, house: House):
    make_code(admin, house)
    invite = Invite.objects.get()
    page = admin.post(f"{INVITES}{invite.pk}/revoke/", follow=True).content.decode()
    assert "The code no longer works." in page
    assert "1 invite that no longer works" in page
    assert "revoked" in page


@pytest.mark.parametrize("path", ["", "{}/rotate/", "{}/revoke/"])
def test_invites_for_others_are_refused(moderator: Client, house: House, path: str):
    invite = create_invite(actor=house.admin, organization=house.organization, role=Role.ADMIN).invite
    url = INVITES + path.format(invite.pk)
    assert moderator.post(url, {"role": "admin", "days": "7"}).status_code == 403
    invite.refresh_from_db()
    assert invite.revoked_at is None
    assert Invite.objects.count() == 1


def test_invite_of_another_organization_is_unknown(admin: Client, house: House):
    foreign = create_invite(actor=house.stranger, organization=house.foreign_organization, role=Role.ADMIN).invite
    assert admin.post(f"{INVITES}{foreign.pk}/revoke/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.revoked_at is None
