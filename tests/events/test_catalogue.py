"""The services tell every declared event, with data that fits its schema."""

import pytest

from guildhall.core import events
from guildhall.core.events.models import EventRow
from guildhall.core.organizations import invites, services
from guildhall.core.organizations.models import RoleAssignment
from guildhall.core.organizations.policy import Role


def of_the_project() -> dict[str, type[events.EventData]]:
    return {
        name: declared
        for name, declared in events.event_types().items()
        if declared.__module__.startswith("guildhall.") and not name.startswith("tests.")
    }


def live_through_everything(house) -> None:
    """Call every service of organizations once."""
    admin = house.admin
    organization = services.create_organization(actor=admin, name="New")
    services.update_organization(actor=admin, organization=organization, name="Newer")
    project = services.create_project(actor=admin, organization=organization, name="Project")
    services.update_project(actor=admin, project=project, name="Other project")
    thing = services.create_object(actor=admin, project=project, name="Thing")
    services.update_object(actor=admin, thing=thing, description="A thing")
    made = invites.create_invite(actor=admin, organization=organization, role=Role.ADMIN)
    made = invites.rotate_invite(actor=admin, invite=made.invite)
    assignment = invites.join_organization(actor=house.user, code=made.code)
    invites.revoke_invite(actor=admin, invite=made.invite)
    team = services.create_team(actor=admin, organization=organization, name="Team")
    services.update_team(actor=admin, team=team, members=[house.user])
    services.delete_team(actor=admin, team=team)
    services.revoke_role(actor=admin, assignment=assignment)
    services.delete_object(actor=admin, thing=thing)
    services.delete_project(actor=admin, project=project)
    services.delete_organization(actor=admin, organization=organization)


@pytest.mark.django_db
def test_services_tell_every_event_of_organizations_with_data_that_fits(house):
    before = EventRow.objects.count()
    live_through_everything(house)
    told = list(EventRow.objects.order_by("id")[before:])
    for row in told:
        declared = events.event_types()[row.type]
        assert declared.version == row.version
        declared.model_validate(row.data)
        assert row.actor_id in {house.admin.pk, house.user.pk}
        assert row.subject == f"organization/{row.organization_id}"
    expected = {name for name in of_the_project() if name.startswith("organizations.")}
    assert {row.type for row in told} == expected


@pytest.mark.django_db
def test_leaving_tells_of_every_role_that_is_lost(house):
    before = EventRow.objects.count()
    services.remove_member(actor=house.user, organization=house.organization, user=house.user)
    (row,) = EventRow.objects.order_by("id")[before:]
    assert (row.type, row.data["user_id"]) == ("organizations.role_revoked", str(house.user.pk))
    assert not RoleAssignment.objects.filter(user=house.user, organization=house.organization).exists()
