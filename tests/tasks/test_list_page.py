"""The list of tasks as people see it: filters, chips, paging, search, changes of many and their undo."""

import re
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guildhall.modules.tasks import services
from guildhall.modules.tasks.filters import order_of
from guildhall.modules.tasks.models import Task
from tests.support.people import House
from tests.tasks.browsers import queries_of_the_frame, titles
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


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
