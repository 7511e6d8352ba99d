"""Invite codes: what they give, when they stop, and that they are counted exactly."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.core.organizations import invites, services
from guildhall.core.organizations.errors import InviteNotValidError
from guildhall.core.organizations.models import Invite, RoleAssignment
from guildhall.core.organizations.policy import Role


def make(house, **extra):
    return invites.create_invite(actor=house.admin, organization=house.organization, role=Role.ADMIN, **extra)


@pytest.mark.django_db
class TestInvite:
    def test_code_is_random_and_stored_hashed(self, house):
        made = make(house)
        assert len(made.code) == 24
        assert made.code not in str(Invite.objects.filter(pk=made.invite.pk).values())
        assert make(house).code != made.code

    def test_code_gives_its_role_and_scope(self, house):
        made = invites.create_invite(
            actor=house.admin, organization=house.organization, role=Role.USER, thing=house.other_thing
        )
        assignment = invites.join_organization(actor=house.stranger, code=f" {made.code}\n")
        assert (assignment.role, assignment.object) == ("user", house.other_thing)

    def test_joining_twice_uses_the_code_once(self, house):
        made = make(house, max_uses=1)
        first = invites.join_organization(actor=house.stranger, code=made.code)
        with pytest.raises(InviteNotValidError):
            invites.join_organization(actor=house.user, code=made.code)
        made.invite.refresh_from_db()
        assert made.invite.uses == 1
        Invite.objects.filter(pk=made.invite.pk).update(max_uses=2)
        assert invites.join_organization(actor=house.stranger, code=made.code) == first
        made.invite.refresh_from_db()
        assert made.invite.uses == 1

    @pytest.mark.parametrize("change", ["expired", "revoked", "rotated", "unknown"])
    def test_code_that_ended_gives_nothing(self, house, change):
        made = make(house)
        code = made.code
        if change == "expired":
            Invite.objects.filter(pk=made.invite.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        elif change == "revoked":
            invites.revoke_invite(actor=house.admin, invite=made.invite)
        elif change == "rotated":
            renewed = invites.rotate_invite(actor=house.admin, invite=made.invite)
            assert renewed.invite.pk == made.invite.pk
        else:
            code = "nothing"
        with pytest.raises(InviteNotValidError):
            invites.join_organization(actor=house.stranger, code=code)
        assert not RoleAssignment.objects.filter(user=house.stranger, organization=house.organization).exists()

    def test_rotated_code_works_and_counts_anew(self, house):
        made = make(house, max_uses=1)
        invites.join_organization(actor=house.user, code=made.code)
        renewed = invites.rotate_invite(actor=house.admin, invite=made.invite)
        invites.join_organization(actor=house.stranger, code=renewed.code)

    def test_only_admins_make_codes(self, house):
        with pytest.raises(NotAllowedError):
            invites.create_invite(
                actor=house.moderator, organization=house.organization, role=Role.MODERATOR, project=house.project
            )

    @pytest.mark.parametrize(
        ("extra", "field"), [({"max_uses": 0}, "max_uses"), ({"expires_at": timezone.now()}, "expires_at")]
    )
    def test_impossible_limits_are_told(self, house, extra, field):
        with pytest.raises(InvalidInputError) as caught:
            make(house, **extra)
        assert list(caught.value.fields) == [field]

    def test_database_refuses_more_uses_than_allowed(self, house):
        made = make(house, max_uses=1)
        with pytest.raises(IntegrityError, match="invite_used_at_most_max_uses"), transaction.atomic():
            Invite.objects.filter(pk=made.invite.pk).update(uses=2)


@pytest.mark.django_db(transaction=True)
def test_invite_with_one_use_lets_one_of_twenty_in():
    admin = User.objects.create_user("admin@example.org")
    organization = services.create_organization(actor=admin, name="Makers")
    code = invites.create_invite(actor=admin, organization=organization, role=Role.ADMIN, max_uses=1).code
    people = [User.objects.create_user(f"p{number}@example.org") for number in range(20)]
    start = Barrier(len(people))

    def join(person):
        try:
            start.wait(timeout=10)
            invites.join_organization(actor=person, code=code)
        except InviteNotValidError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(people)) as pool:
        joined = list(pool.map(join, people))
    assert joined.count(True) == 1
    assert RoleAssignment.objects.filter(organization=organization).count() == 2
    assert Invite.objects.get().uses == 1
