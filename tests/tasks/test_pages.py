"""The tracker's pages as people see them: list, forms, the page of a task."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guildhall.core.organizations.services import choose_active_organization, create_team
from guildhall.modules.tasks import services
from guildhall.modules.tasks.attention import attention
from guildhall.modules.tasks.filters import order_of
from guildhall.modules.tasks.models import Comment, Tag, Task
from tests.support.people import House
from tests.tasks.browsers import browser_of, queries_of_the_frame
from tests.tasks.makers import DUE, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(house: House) -> Client:
    """The admin's browser."""
    return browser_of(house.admin, house.organization)


@pytest.fixture
def members_page(house: House) -> Client:
    """The browser of somebody with the least role."""
    return browser_of(house.user, house.organization)


def titles(response) -> list[str]:
    return [row.task.title for row in response.context["rows"]]


def form_of(**changed):
    return {
        "title": "Oil the lathe",
        "description": "",
        "status": "todo",
        "priority": "medium",
        "due_date": "2030-05-04T12:00",
        "estimated_hours": "1.5",
        **changed,
    }


def words(response) -> str:
    """What a person reads of the page: no markup, no runs of spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.text).split())


def test_list_without_tasks_offers_the_next_step(page: Client):
    response = page.get("/tasks/")
    assert "No tasks yet" in response.text
    assert 'href="/tasks/new/"' in response.text


def test_list_needs_a_signed_in_person(client: Client):
    assert client.get("/tasks/")["Location"] == "/sign-in/?next=/tasks/"


def test_list_shows_what_the_reader_sees_and_no_more(members_page: Client, house: House):
    make_task(house, title="The admin's own")
    make_task(house, title="Everybody's", assignees=[house.user])
    assert titles(members_page.get("/tasks/")) == ["Everybody's"]


ASKED = [
    ("", ["Late", "Soon", "Blocked"]),
    ("state=closed", ["Finished"]),
    ("state=archived", ["Put away"]),
    ("state=all", ["Late", "Finished", "Soon", "Blocked"]),
    ("status=blocked&status=done", ["Finished", "Blocked"]),
    ("priority=urgent", ["Soon"]),
    ("assignee=me", ["Soon"]),
    ("assignee=none", ["Late", "Blocked"]),
    ("tag=none&assignee=none", ["Late"]),
    ("due=overdue", ["Late"]),
    ("due=week", ["Soon"]),
    ("due_after=2030-01-01&due_before=2030-05-04", ["Blocked"]),
    ("due_before=2030-05-03&state=open", ["Late", "Soon"]),
    ("search=blocked", ["Blocked"]),
    ("ordering=-title", ["Soon", "Late", "Blocked"]),
    ("status=nonsense&tag=x&assignee=y&due_after=yesterday&ordering=mood&state=sad&creator=none", ["Late", "Soon", "Blocked"]),
]  # fmt: skip


def test_list_shows_what_its_address_asks_for(page: Client, house: House):
    now = timezone.now()
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="wood")
    make_task(house, title="Late", due_date=now - timedelta(days=2))
    make_task(house, title="Finished", due_date=now - timedelta(days=1), status="done", assignees=[house.user])
    make_task(house, title="Soon", due_date=now + timedelta(days=1), assignees=[house.admin], priority="urgent")
    make_task(house, title="Blocked", status="blocked", tags=[tag])
    services.archive_task(actor=house.admin, task=make_task(house, title="Put away"))
    assert [(query, titles(page.get(f"/tasks/?{query}"))) for query, _titles in ASKED] == ASKED


def test_day_in_a_filter_is_the_readers_day(page: Client, house: House):
    house.admin.time_zone = "Asia/Kolkata"
    house.admin.save()
    # The first is still the third of May in UTC and the last of the fourth there.
    for hour, title in ((18, "Before"), (19, "First"), (42, "Last"), (43, "After")):
        make_task(house, title=title, due_date=datetime(2030, 5, 3, tzinfo=UTC) + timedelta(hours=hour))
    assert titles(page.get("/tasks/?due_after=2030-05-04&due_before=2030-05-04")) == ["First", "Last"]


def test_chips_name_what_is_asked_for_and_survive_paging(page: Client, house: House, monkeypatch):
    monkeypatch.setattr("guildhall.modules.tasks.web.lists.PAGE_SIZE", 2)
    for number in range(5):
        make_task(house, title=f"Task {number}", priority="high")
    make_task(house, title="Another")
    response = page.get("/tasks/?priority=high&assignee=none&search=task&ordering=due_date")
    assert [(chip.label, chip.value) for chip in response.context["chips"]] == [
        ("Search", "task"),
        ("Priority", "High"),
        ("Assigned to", "Nobody"),
    ]
    assert response.context["chips"][1].without == "search=task&assignee=none&ordering=due_date"
    seen = titles(response)
    while following := response.context["following"]:
        response = page.get(f"/tasks/?{following}")
        assert len(response.context["chips"]) == 3
        seen += titles(response)
    assert seen == [f"Task {number}" for number in range(5)]
    assert titles(page.get(f"/tasks/?{response.context['previous']}")) == ["Task 2", "Task 3"]


def pages_from(page: Client, query: str, way: str) -> list[list[int]]:
    """The keys on each page, from the one at the query on in one direction."""
    found = []
    while query:
        response = page.get(f"/tasks/?{query}")
        found.append([row.task.pk for row in response.context["rows"]])
        query = response.context[way]
    return found


def test_pages_hold_each_task_once_whatever_the_order(page: Client, house: House, monkeypatch):
    monkeypatch.setattr("guildhall.modules.tasks.web.lists.PAGE_SIZE", 3)
    for number in range(7):
        status, priority = [("todo", "low"), ("blocked", "high")][number % 2]
        make_task(house, title=f"{number % 3}", status=status, priority=priority)
    for ordering in ("due_date", "-due_date", "status", "-status", "-priority", "title", "-number", "updated_at"):
        whole = list(Task.objects.order_by(*order_of(ordering)).values_list("pk", flat=True))
        there = pages_from(page, f"ordering={ordering}", "following")
        assert list(chain.from_iterable(there)) == whole
        middle = page.get(f"/tasks/?ordering={ordering}").context["following"]
        last = page.get(f"/tasks/?{middle}").context["following"]
        assert pages_from(page, last, "previous") == there[::-1]


def test_broken_cursor_leads_to_the_first_page(page: Client, house: House):
    make_task(house)
    for cursor in ("nonsense", "WzEsMl0", "-", "WyJ4IiwxXQ"):
        assert page.get(f"/tasks/?priority=medium&cursor={cursor}")["Location"] == "/tasks/?priority=medium"


def test_search_for_a_number_leads_to_the_task(page: Client, house: House):
    task = make_task(house)
    assert page.get(f"/tasks/?search=%23{task.number}")["Location"] == f"/tasks/{task.pk}/"
    assert titles(page.get("/tasks/?search=%23999")) == []


def test_empty_lists_say_what_to_do_next(page: Client, house: House):
    make_task(house, status="done")
    assert "Everything is done" in page.get("/tasks/").text
    assert "The archive is empty" in page.get("/tasks/?state=archived").text
    response = page.get("/tasks/?search=nothing")
    assert "No task fits" in response.text
    assert 'href="?state=open"' in response.text


def test_number_of_queries_does_not_grow_with_the_page(page: Client, house: House):
    tags = [services.create_tag(actor=house.admin, organization=house.organization, name=name) for name in "abc"]
    counts = []
    for _round in range(2):
        for _number in range(4):
            make_task(house, assignees=[house.admin, house.user], tags=tags, project=house.project)
        for query in ("", "?assignee=me&tag=none", "?search=lathe", "?search=lathh"):
            with CaptureQueriesContext(connection) as queries:
                page.get(f"/tasks/{query}")
            counts.append(len(queries) - queries_of_the_frame(page))
    assert counts[:4] == counts[4:]
    assert max(counts) <= 8


def test_search_shows_the_best_first_with_what_was_found(page: Client, house: House, monkeypatch):
    monkeypatch.setattr("guildhall.modules.tasks.web.lists.PAGE_SIZE", 2)
    make_task(house, title="Mend the door", description="The lathe & its rail stand behind it.")
    make_task(house, title="Paint it", description="The lathe, green.")
    make_task(house, title="Oil the lathe")
    response = page.get("/tasks/?search=lathe&state=open")
    assert titles(response)[0] == "Oil the lathe"
    assert "Oil the <mark>lathe</mark>" in response.text
    following = page.get(f"/tasks/?{response.context['following']}")
    assert len(titles(following)) == 1
    assert sorted(titles(response) + titles(following)) == ["Mend the door", "Oil the lathe", "Paint it"]
    monkeypatch.setattr("guildhall.modules.tasks.web.lists.PAGE_SIZE", 50)
    assert "</mark> &amp; its rail" in page.get("/tasks/?search=lathe").text
    by_title = page.get("/tasks/?search=lathe&ordering=-title")
    assert titles(by_title) == ["Paint it", "Oil the lathe", "Mend the door"]
    assert page.get("/tasks/?search=lathe&cursor=nonsense")["Location"] == "/tasks/?search=lathe"


def test_search_with_a_typing_error_finds_what_was_meant(page: Client, house: House):
    make_task(house, title="Oil the lathe")
    response = page.get("/tasks/?search=lahte")
    assert titles(response) == ["Oil the lathe"]
    assert "No task holds these words" in response.text


def test_filters_tell_how_many_tasks_there_are_of_each_kind(page: Client, house: House):
    wood = services.create_tag(actor=house.admin, organization=house.organization, name="wood")
    for title in "AB":
        make_task(house, title=title, tags=[wood], assignees=[house.user], project=house.project)
    make_task(house, title="C", status="done", priority="urgent")
    response = page.get("/tasks/?state=all")
    counts = {
        name: {value: count for value, _word, count in values}
        for name, _label, values, _on in response.context["ticked"]
    }
    assert response.context["total"] == 3
    assert (counts["status"]["todo"], counts["priority"]["urgent"], counts["priority"]["low"]) == (2, 1, 0)
    assert (counts["tag"][str(wood.pk)], counts["assignee"][str(house.user.pk)]) == (2, 2)
    assert (counts["project"][str(house.project.pk)], counts["project"]["none"]) == (2, 1)
    assert counts["assignee"]["me"] is None


def test_ticked_tasks_change_together(page: Client, house: House):
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="wood")
    first, second, other = (make_task(house, title=title) for title in ("A", "B", "C"))
    change = {"task": [first.pk, second.pk], "status": "blocked", "assign": str(house.user.pk), "tag": str(tag.pk)}
    response = page.post("/tasks/bulk/", {**change, "next": "/tasks/?search=x"}, follow=True)
    assert response.redirect_chain == [("/tasks/?search=x", 302)]
    assert "2 tasks are changed." in response.text
    changed = Task.objects.filter(status="blocked", assignee_ids=[house.user.pk], tag_ids=[tag.pk])
    assert set(changed) == {first, second}
    page.post("/tasks/bulk/", {"task": [first.pk], "relieve": str(house.user.pk), "untag": str(tag.pk)})
    first.refresh_from_db()
    assert (first.assignee_ids, first.tag_ids) == ([], [])
    other.refresh_from_db()
    assert other.status == "todo"


def test_bulk_change_that_makes_no_sense_is_explained(page: Client, house: House):
    task = make_task(house)
    for change, said in (
        ({"status": "done"}, "Tick the tasks first"),
        ({"task": "1"}, "Choose first what is to become"),
        ({"task": "1", "assign": "nobody"}, "There is no such thing"),
        ({"task": "99999999", "status": "done"}, "There is no such thing"),
        ({"task": task.pk, "status": "eaten"}, "is not a valid choice"),
    ):
        assert said in page.post("/tasks/bulk/", change, follow=True).text
    task.refresh_from_db()
    assert task.version == 1


def test_bulk_change_leads_to_no_other_site(page: Client, house: House):
    task = make_task(house)
    for elsewhere in ("https://example.org/tasks/", "//example.org/tasks/", "/organization/", "/admin/", "data:,x"):
        sent = {"task": task.pk, "do": "archive", "next": elsewhere}
        assert page.post("/tasks/bulk/", sent)["Location"] == "/tasks/"


def test_archived_tasks_come_back_by_undo(page: Client, house: House):
    tasks = [make_task(house, title=title) for title in "AB"]
    response = page.post("/tasks/bulk/", {"task": [task.pk for task in tasks], "do": "archive"}, follow=True)
    what = re.search(r'form="undo" name="what" value="([^"]+)"', response.text)
    assert what is not None
    assert Task.objects.filter(is_archived=True).count() == 2
    page.post("/tasks/undo/", {"what": what[1]})
    assert Task.objects.filter(is_archived=True).count() == 0


def test_deleted_task_comes_back_by_undo_with_its_parts(page: Client, house: House):
    task = make_task(house)
    part = make_task(house, title="Part", parent_task=task)
    response = page.post(f"/tasks/{task.pk}/delete/", follow=True)
    what = re.search(r'form="undo" name="what" value="([^"]+)"', response.text)
    assert what is not None
    assert page.get(f"/tasks/{task.pk}/").status_code == 404
    response = page.post("/tasks/undo/", {"what": what[1]}, follow=True)
    assert response.redirect_chain == [(f"/tasks/{task.pk}/", 302)]
    assert "deleted it" in response.text
    assert "brought it back" in response.text
    part.refresh_from_db()
    assert part.parent_task_id == task.pk


def test_deletion_is_undone_by_nobody_who_may_not_delete(members_page: Client, page: Client, house: House):
    task = make_task(house, assignees=[house.user])
    hidden = make_task(house)
    for one in (task, hidden):
        page.post(f"/tasks/{one.pk}/delete/")
    assert members_page.post("/tasks/undo/", {"what": f"deleted:{task.pk}"}).status_code == 403
    assert members_page.post("/tasks/undo/", {"what": f"deleted:{hidden.pk}"}).status_code == 404
    assert members_page.post("/tasks/undo/", {"what": "deleted:987654321"}).status_code == 404


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
