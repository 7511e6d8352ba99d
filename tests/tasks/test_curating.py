"""The pages of templates and tags."""

import pytest
from django.test import Client

from guildhall.modules.tasks import services
from guildhall.modules.tasks.models import Tag, Task, TaskTemplate
from tests.support.people import House
from tests.tasks.browsers import browser_of
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


def make_tag(house: House, name: str) -> Tag:
    return services.create_tag(actor=house.admin, organization=house.organization, name=name)


def make_template(house: House, **fields) -> TaskTemplate:
    given = {"name": "Service", "title": "Service of {{machine}}", **fields}
    return services.create_template(actor=house.admin, organization=house.organization, **given)


def form_of(**changed):
    return {
        "name": "Service", "title": "Service of {{machine}}", "description": "Ask {{who_knows}}.",
        "subtasks": "Clean {{machine}}\n\n  Oil  it ", "status": "todo", "priority": "high", "due_days": "1.5",
        "estimated_hours": "2", **changed,
    }  # fmt: skip


def test_template_is_written_and_a_task_is_made_of_it(page: Client, members_page: Client, house: House):
    assert "No templates yet" in page.get("/tasks/templates/").text
    wood = make_tag(house, "wood")
    assert page.get("/tasks/templates/new/").status_code == 200
    sent = form_of(tags=[wood.pk], assignees=[house.user.pk], project=house.project.pk)
    assert page.post("/tasks/templates/new/", sent)["Location"] == "/tasks/templates/"
    template = TaskTemplate.objects.get()
    assert (template.due_after_hours, template.subtasks) == (36, [{"title": "Clean {{machine}}"}, {"title": "Oil it"}])
    address = f"/tasks/templates/{template.pk}/use/"
    form = members_page.get(address).context["form"]
    assert [field.label for field in form] == ["Machine", "Who knows"]
    assert list(members_page.post(address, {"value-machine": "the lathe"}).context["form"].errors) == [
        "value-who_knows"
    ]
    response = members_page.post(address, {"value-machine": "the lathe", "value-who_knows": "Ada"})
    task = Task.objects.get(title="Service of the lathe")
    assert response["Location"] == f"/tasks/{task.pk}/"
    assert (task.description, task.priority, task.tag_ids) == ("Ask Ada.", "high", [wood.pk])
    assert set(Task.objects.filter(parent_task=task).values_list("title", flat=True)) == {"Clean the lathe", "Oil it"}


def test_edit_of_a_template_keeps_what_its_form_does_not_show(page: Client, house: House):
    full = {"title": "Clean it", "estimated_hours": 3, "priority": "low"}
    template = make_template(house, subtasks=[full, {"title": "Oil it"}], due_after_hours=30)
    address = f"/tasks/templates/{template.pk}/edit/"
    form = page.get(address).context["form"]
    assert (form["subtasks"].value(), str(form["due_days"].value())) == ("Clean it\nOil it", "1.25")
    page.post(address, form_of(subtasks="Test it\nClean it", due_days="1.25"))
    template.refresh_from_db()
    assert (template.subtasks, template.due_after_hours) == ([{"title": "Test it"}, full], 30)
    assert page.post(f"/tasks/templates/{template.pk}/delete/")["Location"] == "/tasks/templates/"
    assert not TaskTemplate.objects.exists()


def test_form_of_a_template_shows_what_is_wrong_beside_the_field(page: Client, house: House):
    template = make_template(house)
    for changed in ({"title": ""}, {"due_days": "-1"}, {"subtasks": "x" * 201}, {"subtasks": "x\n" * 51}):
        response = page.post(f"/tasks/templates/{template.pk}/edit/", form_of(**changed))
        assert list(response.context["form"].errors) == list(changed)
    assert list(page.post("/tasks/templates/new/", form_of(name="service")).context["form"].errors) == ["name"]


def test_templates_are_written_by_those_who_look_after_them(members_page: Client, house: House):
    template = make_template(house)
    text = members_page.get("/tasks/templates/").text
    assert ("New task from it" in text, "New template" in text) == (True, False)
    for part in ("new/", f"{template.pk}/edit/"):
        assert members_page.get(f"/tasks/templates/{part}").status_code == 403
        assert members_page.post(f"/tasks/templates/{part}", form_of(name="Mine")).status_code == 403
    assert members_page.post(f"/tasks/templates/{template.pk}/delete/").status_code == 403
    assert browser_of(house.stranger, house.stranger.personal_organization).get(
        f"/tasks/templates/{template.pk}/use/"
    ).status_code == 404  # fmt: skip


def test_tags_are_made_renamed_and_deleted(page: Client, house: House):
    assert "No tags yet" in page.get("/tasks/tags/").text
    page.post("/tasks/tags/", {"name": "Wood", "color": "green"})
    tag = Tag.objects.get()
    make_task(house, tags=[tag])
    assert page.get("/tasks/tags/").context["rows"] == [(tag, 1)]
    assert "name" in page.post("/tasks/tags/", {"name": "wood", "color": "red"}).context["form"].errors
    assert page.get(f"/tasks/tags/{tag.pk}/").status_code == 200
    page.post(f"/tasks/tags/{tag.pk}/", {"name": "Timber", "color": "orange"})
    tag.refresh_from_db()
    assert (tag.name, tag.color) == ("Timber", "orange")
    assert "name" in page.post(f"/tasks/tags/{tag.pk}/", {"name": "", "color": "red"}).context["form"].errors
    page.post(f"/tasks/tags/{tag.pk}/delete/")
    assert Task.objects.get().tag_ids == []


def test_merged_tag_gives_its_tasks_and_templates_to_the_other(page: Client, house: House):
    wood, timber = make_tag(house, "wood"), make_tag(house, "timber")
    both, one = make_task(house, tags=[wood, timber]), make_task(house, tags=[timber])
    template = make_template(house, tags=[timber])
    address = f"/tasks/tags/{timber.pk}/"
    assert "into" in page.post(address, {"into": timber.pk}).context["merging"].errors
    assert page.post(address, {"into": wood.pk})["Location"] == "/tasks/tags/"
    for task in (both, one):
        task.refresh_from_db()
        assert task.tag_ids == [wood.pk]
    assert list(template.tags.all()) == [wood]
    assert list(Tag.objects.all()) == [wood]


def test_tags_are_curated_by_those_who_look_after_them(members_page: Client, house: House):
    wood, timber = make_tag(house, "wood"), make_tag(house, "timber")
    make_task(house, tags=[wood])
    response = members_page.get("/tasks/tags/")
    assert response.context["rows"] == [(timber, 0), (wood, 0)]
    assert f"/tasks/tags/{wood.pk}/" not in response.text
    for sent in ({"name": "x", "color": "red"}, {"into": timber.pk}):
        assert members_page.post(f"/tasks/tags/{wood.pk}/", sent).status_code == 403
    assert members_page.post(f"/tasks/tags/{wood.pk}/delete/").status_code == 403
    stranger = browser_of(house.stranger, house.stranger.personal_organization)
    assert stranger.get(f"/tasks/tags/{wood.pk}/").status_code == 404
