"""Tasks written and changed in the form, beside others who do the same."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from guildhall.core.organizations.services import create_team
from guildhall.modules.tasks import services
from guildhall.modules.tasks.models import Tag, Task
from tests.support.people import House
from tests.tasks.browsers import form_of
from tests.tasks.makers import DUE, make_task

pytestmark = pytest.mark.django_db


def test_task_is_created_as_the_form_says(page: Client, house: House):
    house.admin.time_zone = "Asia/Tokyo"
    house.admin.save()
    wood = services.create_tag(actor=house.admin, organization=house.organization, name="Wood")
    parent = make_task(house)
    team = create_team(actor=house.admin, organization=house.organization, name="Keepers", members=[])
    assert page.get("/tasks/new/").status_code == 200
    sent = form_of(
        title=" Count the blades ", description="**All**", assignees=[house.user.pk], tags=[wood.pk],
        new_tags="saw, wood, Saw", parent_task=f"#{parent.number}", project=house.project.pk, team=team.pk,
    )  # fmt: skip
    response = page.post("/tasks/new/", sent)
    task = Task.objects.get(title="Count the blades")
    assert response["Location"] == f"/tasks/{task.pk}/"
    assert task.due_date == datetime(2030, 5, 4, 3, tzinfo=UTC)
    assert (task.parent_task, task.project, task.team) == (parent, house.project, team)
    assert {tag.name for tag in Tag.objects.filter(pk__in=task.tag_ids)} == {"Wood", "saw"}
    assert task.assignee_ids == [house.user.pk]


def test_form_of_a_part_begins_with_what_the_whole_has(page: Client, house: House):
    parent = make_task(house, project=house.project)
    initial = page.get(f"/tasks/new/?parent={parent.pk}&status=blocked&assignee=me").context["form"].initial
    assert (initial["parent_task"], initial["project"], initial["due_date"]) == ("#1", house.project.pk, DUE)
    assert (initial["status"], initial["assignees"]) == ("blocked", [house.admin.pk])


def test_form_shows_what_is_wrong_beside_the_field(page: Client, house: House):
    for changed in (
        {"title": ""},
        {"title": "x" * 201},
        {"due_date": ""},
        {"due_date": "1999-01-01T10:00"},
        {"estimated_hours": "-1"},
        {"parent_task": "#77"},
        {"status": "eaten"},
        {"new_tags": "x" * 61},
    ):
        (field,) = changed
        response = page.post("/tasks/new/", form_of(description="A long text", **changed))
        assert response.status_code == 200
        assert list(response.context["form"].errors) == [field]
        assert f'id="id_{field}_errors"' in response.text
        assert "A long text" in response.text
    assert not Task.objects.exists()
    assert not Tag.objects.exists()


def test_task_that_others_may_not_see_is_no_parent(members_page: Client, house: House):
    hidden = make_task(house)
    response = members_page.post("/tasks/new/", form_of(parent_task=f"{hidden.number}"))
    assert "parent_task" in response.context["form"].errors


def test_another_task_can_be_written_at_once(page: Client, house: House):
    response = page.post("/tasks/new/?status=blocked", form_of(another=""))
    assert response["Location"] == "/tasks/new/?status=blocked"


def test_form_in_another_language_and_zone_says_the_same_moment(page: Client, house: House):
    house.admin.time_zone, house.admin.language = "Asia/Kolkata", "ru"
    house.admin.save()
    task = make_task(house, estimated_hours=Decimal("2.25"))
    text = page.get(f"/tasks/{task.pk}/edit/").text
    assert 'value="2030-05-04T17:30"' in text
    assert re.search(r'name="estimated_hours" value="2[.]25"', text)


def test_task_is_changed_as_the_form_says(page: Client, house: House):
    task = make_task(house, assignees=[house.user])
    form = page.get(f"/tasks/{task.pk}/edit/").context["form"]
    sent = form_of(title="Other", assignees=[house.admin.pk], version=form.initial["version"], actual_hours="0.5")
    assert page.post(f"/tasks/{task.pk}/edit/", sent)["Location"] == f"/tasks/{task.pk}/"
    task.refresh_from_db()
    assert (task.title, task.assignee_ids, task.actual_hours) == ("Other", [house.admin.pk], Decimal("0.50"))


def test_wrong_value_in_an_edit_changes_nothing(page: Client, house: House):
    task = make_task(house)
    response = page.post(f"/tasks/{task.pk}/edit/", form_of(parent_task=f"{task.number}", title="Typed"))
    assert response.context["form"].errors == {"parent_task": ["A task can't be a part of itself."]}
    assert "Typed" in response.text


def test_stale_edit_puts_both_sides_changes_together(page: Client, house: House):
    task = make_task(house, description="Before")
    form = page.get(f"/tasks/{task.pk}/edit/").context["form"]
    opened = {name: form.initial[name] for name in ("version", "opened_at")}
    services.update_task(actor=house.admin, task=task, status="blocked", assignees=[house.user])
    response = page.post(f"/tasks/{task.pk}/edit/", form_of(description="Mine", **opened))
    assert response.status_code == 412
    assert "data-stale" in response.text
    assert "changed the status from To do to Blocked" in response.text
    assert response.context["stale"].differences == []
    again = response.context["form"]
    assert (again["description"].value(), again["status"].value()) == ("Mine", "blocked")
    sent = {name: again.data.getlist(name) for name in again.data}
    assert page.post(f"/tasks/{task.pk}/edit/", sent).status_code == 302
    task.refresh_from_db()
    assert (task.description, task.status, task.assignee_ids) == ("Mine", "blocked", [house.user.pk])


def test_stale_edit_shows_what_both_changed_and_keeps_what_was_typed(page: Client, house: House):
    wood = services.create_tag(actor=house.admin, organization=house.organization, name="Wood")
    task = make_task(house, title="Before")
    form = page.get(f"/tasks/{task.pk}/edit/").context["form"]
    opened = {name: form.initial[name] for name in ("version", "opened_at")}
    services.update_task(
        actor=house.admin, task=task, title="Theirs", due_date=DUE + timedelta(days=1), tags=[wood], priority="low"
    )
    sent = form_of(title="Mine", due_date="2031-01-01T00:00", new_tags="saw", priority="low", **opened)
    response = page.post(f"/tasks/{task.pk}/edit/", sent)
    found = {one.field: one.theirs for one in response.context["stale"].differences}
    assert found == {"title": "Theirs", "due_date": "05/05/2030 noon"}
    again = response.context["form"]
    assert again["title"].value() == "Mine"
    assert again["new_tags"].value() == "saw"
    assert again["tags"].value() == [str(wood.pk)]
    task.refresh_from_db()
    assert task.title == "Theirs"
    assert not Tag.objects.filter(name="saw").exists()
