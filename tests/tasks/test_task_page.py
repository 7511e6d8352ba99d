"""The page of one task: its parts, small changes, comments, history."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guildhall.core.organizations.services import choose_active_organization
from guildhall.modules.tasks import services
from guildhall.modules.tasks.attention import attention
from guildhall.modules.tasks.models import Comment
from tests.support.people import House
from tests.tasks.browsers import form_of, titles, words
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


def test_page_of_a_task_shows_everything_about_it(page: Client, house: House):
    wood = services.create_tag(actor=house.admin, organization=house.organization, name="Wood")
    parent = make_task(house, title="The whole")
    task = make_task(house, description="**Bold**", assignees=[house.user], tags=[wood], parent_task=parent)
    make_task(house, title="A part", parent_task=task, status="done")
    services.add_comment(actor=house.user, task=task, body="Said `something`")
    response = page.get(f"/tasks/{task.pk}/")
    assert "<strong>Bold</strong>" in response.text
    assert "Said <code>something</code>" in response.text
    text = words(response)
    for part in ("A part", "1/1", "Wood", "The whole", "User wrote a comment", "Admin created the task"):
        assert part in text


def test_parent_that_one_does_not_see_is_not_named(members_page: Client, house: House):
    parent = make_task(house, title="Secret whole")
    task = make_task(house, assignees=[house.user], parent_task=parent)
    response = members_page.get(f"/tasks/{task.pk}/")
    assert "Secret whole" not in response.text


def test_task_that_one_does_not_see_is_neither_there_nor_changed(members_page: Client, house: House):
    hidden = make_task(house)
    comment = services.add_comment(actor=house.admin, task=hidden, body="Between us")
    said = f"comments/{comment.pk}"
    for part in ("", "edit/", f"{said}/edit/"):
        assert members_page.get(f"/tasks/{hidden.pk}/{part}").status_code == 404, part
    writes = ("edit/", "change/", "archive/", "restore/", "delete/", "comments/", f"{said}/edit/", f"{said}/delete/")
    for part in writes:
        assert members_page.post(f"/tasks/{hidden.pk}/{part}", form_of(body="x")).status_code == 404, part
    hidden.refresh_from_db()
    assert hidden.version == 1


def test_small_changes_of_a_task(page: Client, house: House):
    task = make_task(house)
    for sent in ({"status": "in_review"}, {"priority": "urgent"}, {"assign": ""}):
        assert page.post(f"/tasks/{task.pk}/change/", sent)["Location"] == f"/tasks/{task.pk}/"
    task.refresh_from_db()
    assert (task.status, task.priority, task.assignee_ids) == ("in_review", "urgent", [house.admin.pk])
    page.post(f"/tasks/{task.pk}/change/", {"relieve": ""})
    page.post(f"/tasks/{task.pk}/archive/")
    task.refresh_from_db()
    assert (task.assignee_ids, task.is_archived) == ([], True)
    assert "Archived on" in page.get(f"/tasks/{task.pk}/").text
    page.post(f"/tasks/{task.pk}/restore/")
    task.refresh_from_db()
    assert not task.is_archived
    assert "is not a valid choice" in page.post(f"/tasks/{task.pk}/change/", {"status": "eaten"}, follow=True).text


def test_member_who_did_not_create_it_may_not_delete_a_task(members_page: Client, house: House):
    task = make_task(house, assignees=[house.user])
    assert f"/tasks/{task.pk}/delete/" not in members_page.get(f"/tasks/{task.pk}/").text
    assert members_page.post(f"/tasks/{task.pk}/delete/").status_code == 403


def test_comment_lives_from_writing_to_deletion(page: Client, members_page: Client, house: House):
    task = make_task(house, assignees=[house.user])
    response = members_page.post(f"/tasks/{task.pk}/comments/", {"body": "First"})
    comment = Comment.objects.get()
    assert response["Location"] == f"/tasks/{task.pk}/#comment-{comment.pk}"
    address = f"/tasks/{task.pk}/comments/{comment.pk}"
    assert ">First</textarea>" in members_page.get(f"{address}/edit/").text.replace("\n", "")
    members_page.post(f"{address}/edit/", {"body": "Second"})
    assert "edited" in members_page.get(f"/tasks/{task.pk}/").text
    assert page.post(f"{address}/edit/", {"body": "Third"}).status_code == 403
    page.post(f"{address}/delete/")
    text = words(page.get(f"/tasks/{task.pk}/"))
    assert "Second" not in text
    assert "Admin deleted a comment" in text
    assert page.post(f"{address}/delete/").status_code == 404


def test_comment_without_words_is_explained(page: Client, house: House):
    task = make_task(house)
    response = page.post(f"/tasks/{task.pk}/comments/", {"body": " "})
    assert response.context["comment_form"].errors["body"]
    services.add_comment(actor=house.admin, task=task, body="Said")
    address = f"/tasks/{task.pk}/comments/{Comment.objects.get().pk}/edit/"
    assert page.post(address, {"body": ""}).context["comment_form"].errors["body"]


def test_long_talk_and_history_begin_with_the_newest(page: Client, house: House, monkeypatch):
    monkeypatch.setattr("guildhall.modules.tasks.web.detail.SHOWN_COMMENTS", 2)
    monkeypatch.setattr("guildhall.modules.tasks.web.detail.SHOWN_CHANGES", 2)
    task = make_task(house)
    for number in range(3):
        services.add_comment(actor=house.admin, task=task, body=f"Number {number}")
    text = page.get(f"/tasks/{task.pk}/").text
    assert "Number 0" not in text
    assert text.index("Number 1") < text.index("Number 2")
    assert "created the task" not in text
    text = page.get(f"/tasks/{task.pk}/?all").text
    assert "Number 0" in text
    assert "created the task" in text


def test_task_of_another_organization_says_so(page: Client, house: House):
    task = make_task(house)
    choose_active_organization(actor=house.admin, organization=house.admin.personal_organization)
    assert "This task belongs to Makers." in page.get(f"/tasks/{task.pk}/").text


def test_home_tells_of_my_overdue_tasks_only(page: Client, house: House):
    past = timezone.now() - timedelta(days=1)
    for number in range(4):
        make_task(house, title=f"Late {number}", due_date=past, assignees=[house.admin])
    make_task(house, title="Somebody else's", due_date=past, assignees=[house.user])
    make_task(house, title="Finished", due_date=past, assignees=[house.admin], status="done")
    make_task(house, title="Next", assignees=[house.admin])
    item, other = attention(house.admin, house.organization)
    assert (str(other.title), other.detail) == ("1 task is assigned to you", "#7 Next")
    assert "Next" in titles(page.get(other.url))
    assert str(item.title) == "4 of your tasks are overdue"
    assert "Late 2" in item.detail
    assert "Late 3" not in item.detail
    assert len(titles(page.get(item.url))) == 4
    assert not list(attention(house.moderator, house.organization))
    assert "4 of your tasks are overdue" in page.get("/").text
