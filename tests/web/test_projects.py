"""Projects, objects and teams."""

import pytest
from django.test import Client

from guildhall.core.organizations.models import Project, ProjectObject, Team
from guildhall.core.organizations.services import create_team
from tests.support.people import House

PROJECTS, OBJECTS, TEAMS = "/organization/projects/", "/organization/objects/", "/organization/teams/"


def test_projects_page_shows_only_what_the_user_sees(member: Client, house: House):
    projects = list(member.get(PROJECTS).context["projects"])
    assert projects == [house.project]


def test_project_created_by_admin_is_shown(admin: Client, house: House):
    assert admin.get(f"{PROJECTS}new/").status_code == 200
    response = admin.post(f"{PROJECTS}new/", {"name": "Garden", "description": "Behind the house"}, follow=True)
    assert response.context["project"].name == "Garden"
    assert "No objects yet" in response.content.decode()


def test_project_with_a_taken_name_is_explained(admin: Client, house: House):
    response = admin.post(f"{PROJECTS}new/", {"name": "workshop", "description": ""})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert Project.objects.filter(organization=house.organization).count() == 2


def test_project_created_by_moderator_is_refused(moderator: Client, house: House):
    assert moderator.get(f"{PROJECTS}new/").status_code == 403
    assert moderator.post(f"{PROJECTS}new/", {"name": "Mine"}).status_code == 403


@pytest.mark.parametrize("part", ["", "edit/", "objects/new/"])
def test_project_that_one_does_not_see_is_404(member: Client, house: House, part: str):
    assert member.get(f"{PROJECTS}{house.other_project.pk}/{part}").status_code == 404
    assert member.get(f"{PROJECTS}{house.foreign_project.pk}/{part}").status_code == 404


def test_project_seen_by_its_user_hides_other_objects_and_people(member: Client, house: House):
    response = member.get(f"{PROJECTS}{house.project.pk}/")
    assert list(response.context["objects"]) == [house.thing]
    assert "moderator@example.org" not in response.content.decode()
    assert member.get(f"{PROJECTS}{house.project.pk}/edit/").status_code == 403


def test_project_edited_by_its_moderator(moderator: Client, house: House):
    url = f"{PROJECTS}{house.project.pk}/"
    assert b'value="General"' in moderator.get(f"{url}edit/").content
    assert moderator.post(f"{url}edit/", {"name": "Main hall", "description": "x"})["Location"] == url
    house.project.refresh_from_db()
    assert house.project.name == "Main hall"
    assert moderator.post(f"{url}edit/", {"name": ""}).context["form"].errors["name"]


def test_project_deleted_by_admin_but_not_by_moderator(admin: Client, moderator: Client, house: House):
    url = f"{PROJECTS}{house.project.pk}/delete/"
    assert moderator.post(url).status_code == 403
    assert admin.post(url)["Location"] == PROJECTS
    assert not Project.objects.filter(pk=house.project.pk).exists()


def test_personal_project_stays_and_the_reason_is_told(visit, house: House):
    project = Project.objects.get(organization=house.admin.personal_organization)
    response = visit(house.admin, house.admin.personal_organization).post(
        f"{PROJECTS}{project.pk}/delete/", follow=True
    )
    assert "can&#x27;t be deleted" in response.content.decode()
    assert Project.objects.filter(pk=project.pk).exists()


def test_object_lives_from_creation_to_deletion(moderator: Client, house: House):
    project = f"{PROJECTS}{house.project.pk}/"
    assert moderator.get(f"{project}objects/new/").status_code == 200
    assert moderator.post(f"{project}objects/new/", {"name": "Lathe"})["Location"] == project
    lathe = ProjectObject.objects.get(name="Lathe")
    assert b'value="Lathe"' in moderator.get(f"{OBJECTS}{lathe.pk}/edit/").content
    assert moderator.post(f"{OBJECTS}{lathe.pk}/edit/", {"name": "Big lathe"})["Location"] == project
    lathe.refresh_from_db()
    assert lathe.name == "Big lathe"
    assert moderator.post(f"{OBJECTS}{lathe.pk}/delete/")["Location"] == project
    assert not ProjectObject.objects.filter(pk=lathe.pk).exists()


def test_object_without_a_name_is_not_saved(moderator: Client, house: House):
    assert moderator.post(f"{PROJECTS}{house.project.pk}/objects/new/", {"name": ""}).context["form"].errors["name"]
    assert moderator.post(f"{OBJECTS}{house.thing.pk}/edit/", {"name": ""}).context["form"].errors["name"]


def test_object_changed_by_its_user_is_refused(member: Client, house: House):
    assert member.get(f"{OBJECTS}{house.thing.pk}/edit/").status_code == 403
    assert member.post(f"{OBJECTS}{house.thing.pk}/delete/").status_code == 403
    assert member.post(f"{OBJECTS}{house.other_thing.pk}/delete/").status_code == 404


def test_team_lives_from_creation_to_deletion(admin: Client, house: House):
    assert "No teams yet" in admin.get(TEAMS).content.decode()
    assert admin.get(f"{TEAMS}new/").status_code == 200
    assert admin.post(f"{TEAMS}new/", {"name": "Openers", "members": [str(house.user.pk)]})["Location"] == TEAMS
    team = Team.objects.get()
    assert list(team.members.all()) == [house.user]
    assert "checked" in admin.get(f"{TEAMS}{team.pk}/edit/").content.decode()
    assert admin.post(f"{TEAMS}{team.pk}/edit/", {"name": "Closers", "members": []})["Location"] == TEAMS
    team.refresh_from_db()
    assert (team.name, team.members.count()) == ("Closers", 0)
    assert admin.post(f"{TEAMS}{team.pk}/delete/")["Location"] == TEAMS
    assert not Team.objects.exists()


def test_team_with_strangers_or_without_name_is_not_made(admin: Client, house: House):
    response = admin.post(f"{TEAMS}new/", {"name": "", "members": [str(house.stranger.pk)]})
    assert set(response.context["form"].errors) == {"name", "members"}
    assert not Team.objects.exists()


def test_teams_are_read_by_all_members_and_changed_by_admins(moderator: Client, visit, house: House):
    team = create_team(actor=house.admin, organization=house.organization, name="Openers", members=[house.user])
    assert "Openers" in moderator.get(TEAMS).content.decode()
    assert moderator.get(f"{TEAMS}new/").status_code == 403
    assert moderator.get(f"{TEAMS}{team.pk}/edit/").status_code == 403
    assert moderator.post(f"{TEAMS}{team.pk}/delete/").status_code == 403
    assert visit(house.stranger, house.foreign_organization).get(f"{TEAMS}{team.pk}/edit/").status_code == 404
    assert admin_bad_edit(visit, house, team) == ["This field is required."]


def admin_bad_edit(visit, house: House, team: Team) -> list[str]:
    browser = visit(house.admin, house.organization)
    return browser.post(f"{TEAMS}{team.pk}/edit/", {"name": ""}).context["form"].errors["name"]
