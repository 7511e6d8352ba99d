"""The board as people and scripts use it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guildhall.modules.tasks import services
from guildhall.modules.tasks.models import Task
from tests.support.people import House
from tests.tasks.browsers import browser_of, queries_of_the_frame
from tests.tasks.makers import DUE, make_task

pytestmark = pytest.mark.django_db
SCRIPT = {"headers": {"accept": "application/json"}}


def cards(response) -> dict[str, list[str]]:
    return {column.status: [row.task.title for row in column.rows] for column in response.context["columns"]}


def test_board_has_a_column_for_each_status_in_the_order_of_dates(page: Client, house: House):
    for days, title in ((2, "Later"), (1, "Sooner")):
        for status in ("todo", "done"):
            make_task(house, title=title, status=status, due_date=DUE + timedelta(days=days))
    services.archive_task(actor=house.admin, task=make_task(house, title="Put away"))
    found = cards(page.get("/tasks/board/"))
    assert list(found) == ["backlog", "todo", "in_progress", "in_review", "blocked", "done", "cancelled"]
    assert (found["todo"], found["done"]) == (["Sooner", "Later"], ["Later", "Sooner"])
    assert cards(page.get("/tasks/board/?state=archived"))["todo"] == ["Put away"]


def test_board_keeps_the_filters_of_the_list(page: Client, house: House):
    make_task(house, title="Mine", priority="high", assignees=[house.admin])
    make_task(house, title="Nobody's", priority="high", status="blocked")
    response = page.get("/tasks/board/?priority=high&assignee=me&status=todo&status=blocked")
    assert cards(response) == {"todo": ["Mine"], "blocked": []}
    layouts = {str(label): url for url, label, _current in response.context["layouts"]}
    assert layouts["List"] == "/tasks/?status=todo&status=blocked&priority=high&assignee=me"
    assert "No task fits" in page.get("/tasks/board/?search=nothing").text


def test_board_without_tasks_offers_the_next_step(page: Client, house: House):
    assert "No tasks yet" in page.get("/tasks/board/").text
    make_task(house, status="done")
    assert "Drag a card here" in page.get("/tasks/board/").text


def test_member_sees_on_the_board_what_is_his(house: House):
    make_task(house, title="Hidden")
    make_task(house, title="Shown", assignees=[house.user])
    response = browser_of(house.user, house.organization).get("/tasks/board/")
    assert cards(response)["todo"] == ["Shown"]
    assert response.context["columns"][1].count == 1


def test_long_column_comes_in_parts(page: Client, house: House, monkeypatch):
    monkeypatch.setattr("guildhall.modules.tasks.web.board.CARDS", 2)
    for number in range(5):
        make_task(house, title=f"Task {number}", priority="high")
    make_task(house, title="Another")
    response = page.get("/tasks/board/?priority=high")
    column = response.context["columns"][1]
    assert (column.count, [row.task.title for row in column.rows]) == (5, ["Task 0", "Task 1"])
    seen = []
    while column.following:
        response = page.get(f"/tasks/board/cards/?{column.following}")
        column = response.context["column"]
        seen += [row.task.title for row in column.rows]
    assert seen == ["Task 2", "Task 3", "Task 4"]


@pytest.mark.parametrize(
    "query", ["column=eaten", "column=todo&cursor=nonsense", "column=todo", "column=todo&cursor=WyJ4IiwxXQ"]
)
def test_cards_that_nothing_leads_to_are_not_found(page: Client, query: str):
    assert page.get(f"/tasks/board/cards/?{query}").status_code == 404


def test_number_of_queries_does_not_grow_with_the_board(page: Client, house: House):
    tags = [services.create_tag(actor=house.admin, organization=house.organization, name=name) for name in "abc"]
    counts = []
    for _round in range(2):
        for status in ("todo", "blocked", "done", "backlog"):
            make_task(house, status=status, assignees=[house.admin, house.user], tags=tags, project=house.project)
        with CaptureQueriesContext(connection) as queries:
            page.get("/tasks/board/?assignee=me")
        counts.append(len(queries) - queries_of_the_frame(page))
    assert counts[0] == counts[1] <= 8


def test_card_is_moved_by_a_script_and_back_by_undo(page: Client, house: House):
    task = make_task(house)
    answer = page.post(f"/tasks/{task.pk}/move/", {"status": "in_review", "version": task.version}, **SCRIPT)
    assert (answer.status_code, answer.json()["version"]) == (200, task.version + 1)
    assert answer.json()["said"] == "#1 Oil the lathe is moved to In review."
    task.refresh_from_db()
    assert task.status == "in_review"
    response = page.post("/tasks/undo/", {"what": answer.json()["undo"], "next": "/tasks/board/?priority=low"})
    assert response["Location"] == "/tasks/board/?priority=low"
    task.refresh_from_db()
    assert task.status == "todo"


def test_card_is_moved_by_a_form_without_a_script(page: Client, house: House):
    task = make_task(house)
    sent = {"status": "done", "version": task.version, "next": "/tasks/board/?tag=none"}
    response = page.post(f"/tasks/{task.pk}/move/", sent, follow=True)
    assert response.redirect_chain == [("/tasks/board/?tag=none", 302)]
    assert "is moved to Done." in response.text
    assert f"moved:{task.pk}:todo:2" in response.text


def test_move_from_an_older_version_is_refused_in_words(page: Client, house: House):
    task = make_task(house)
    services.update_task(actor=house.user if task.assignee_ids else house.admin, task=task, priority="high")
    sent = {"status": "done", "version": 1}
    answer = page.post(f"/tasks/{task.pk}/move/", sent, **SCRIPT)
    assert answer.status_code == 412
    assert answer.json()["said"].startswith("Somebody changed this task")
    assert "Somebody changed this task" in page.post(f"/tasks/{task.pk}/move/", sent, follow=True).text
    assert Task.objects.get().status == "todo"


def test_undo_of_a_move_spares_what_somebody_changed_since(page: Client, house: House):
    task = make_task(house)
    undo = page.post(f"/tasks/{task.pk}/move/", {"status": "done", "version": 1}, **SCRIPT).json()["undo"]
    task.refresh_from_db()
    services.update_task(actor=house.admin, task=task, priority="high")
    assert "Somebody changed this task" in page.post("/tasks/undo/", {"what": undo}, follow=True).text
    assert Task.objects.get().status == "done"
    assert page.post("/tasks/undo/", {"what": "moved:x:todo:1"}).status_code == 404
    assert page.post("/tasks/undo/", {"what": f"moved:{task.pk}"}).status_code == 404


def test_move_that_makes_no_sense_is_refused(page: Client, house: House):
    task = make_task(house)
    assert page.post(f"/tasks/{task.pk}/move/", {"status": "eaten"}, **SCRIPT).status_code == 400
    hidden = browser_of(house.user, house.organization)
    assert hidden.post(f"/tasks/{task.pk}/move/", {"status": "done"}, **SCRIPT).status_code == 404
    assert Task.objects.get().status == "todo"
