"""The calendar of due dates, in the reader's time zone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guildhall.modules.tasks import services
from guildhall.modules.tasks.web import calendar
from tests.support.people import House
from tests.tasks.browsers import queries_of_the_frame
from tests.tasks.makers import DUE, make_task

pytestmark = pytest.mark.django_db


def on_days(response) -> dict[str, list[str]]:
    days = [day for week in response.context["weeks"] for day in week]
    return {str(day.date): [row.task.title for row in day.rows] for day in days if day.rows}


def test_month_shows_tasks_on_the_days_of_the_reader(page: Client, house: House):
    house.admin.time_zone = "Asia/Kolkata"
    house.admin.save()
    for hour, title in ((18, "Third"), (19, "Fourth")):
        make_task(house, title=title, due_date=datetime(2030, 5, 3, hour, tzinfo=UTC))
    make_task(house, title="Other", due_date=datetime(2030, 7, 20, tzinfo=UTC))
    response = page.get("/tasks/calendar/?month=2030-05")
    assert on_days(response) == {"2030-05-03": ["Third"], "2030-05-04": ["Fourth"]}
    assert [len(week) for week in response.context["weeks"]] == [7] * 5
    assert on_days(page.get(f"/tasks/calendar/?{response.context['following']}")) == {}


def test_month_without_a_name_is_the_present_one(page: Client, house: House):
    make_task(house, title="Now", due_date=timezone.now())
    for query in ("", "?month=nonsense", "?month=1999-01", "?month=2200-01"):
        assert on_days(page.get(f"/tasks/calendar/{query}")) == {str(timezone.localdate()): ["Now"]}
    assert page.get("/tasks/calendar/?month=2199-12").context["following"] == ""
    assert page.get("/tasks/calendar/?month=2000-02").context["previous"] == ""


def test_full_day_shows_the_first_and_leads_to_all(page: Client, house: House):
    for number in range(7):
        make_task(house, title=f"Task {number}", due_date=DUE + timedelta(minutes=number))
    response = page.get("/tasks/calendar/?month=2030-05&priority=medium")
    (day,) = [day for week in response.context["weeks"] for day in week if day.rows]
    assert ([row.task.title for row in day.rows], day.more) == ([f"Task {number}" for number in range(5)], 2)
    assert len(page.get(f"/tasks/?{day.listed}").context["rows"]) == 7
    assert "2 more" in response.text


def test_calendar_keeps_filters_and_states(page: Client, house: House):
    make_task(house, title="Open")
    make_task(house, title="Finished", status="done")
    make_task(house, title="High", priority="high")
    for query, found in (("", ["Open", "High"]), ("state=closed", ["Finished"]), ("priority=high", ["High"])):
        assert on_days(page.get(f"/tasks/calendar/?month=2030-05&{query}")) == {"2030-05-04": found}
    assert on_days(page.get("/tasks/calendar/?month=2030-05&due_after=2030-05-05")) == {}
    assert "No task that fits" in page.get("/tasks/calendar/?month=2030-05&tag=5").text
    assert "Nothing is due in this month." in page.get("/tasks/calendar/?month=2031-05").text


def test_form_of_a_new_task_begins_with_the_day_that_was_chosen(page: Client):
    form = page.get("/tasks/new/?due=2030-05-09").context["form"]
    assert form.initial["due_date"].isoformat().startswith("2030-05-09T17:00")
    assert page.get("/tasks/new/?due=2030-99-09").status_code == 200


def test_number_of_queries_does_not_grow_with_the_month(page: Client, house: House):
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="wood")
    counts = []
    for _round in range(2):
        for number in range(4):
            make_task(house, due_date=DUE + timedelta(days=number), assignees=[house.user], tags=[tag])
        with CaptureQueriesContext(connection) as queries:
            page.get("/tasks/calendar/?month=2030-05")
        counts.append(len(queries) - queries_of_the_frame(page))
    assert counts[0] == counts[1] <= 8


def test_week_shows_its_days_alone_and_leads_to_those_beside_it(page: Client, house: House):
    make_task(house, title="Here", due_date=datetime(2030, 5, 4, 12, tzinfo=UTC))
    make_task(house, title="After", due_date=datetime(2030, 5, 8, 12, tzinfo=UTC))
    response = page.get("/tasks/calendar/?week=2030-05-02&priority=medium")
    assert on_days(response) == {"2030-05-04": ["Here"]}
    assert [len(week) for week in response.context["weeks"]] == [7]
    assert on_days(page.get(f"/tasks/calendar/?{response.context['following']}")) == {"2030-05-08": ["After"]}
    assert on_days(page.get(f"/tasks/calendar/?{response.context['previous']}")) == {}
    (_month, to_month, _), (_week, _query, is_week) = response.context["spans"]
    assert is_week
    assert on_days(page.get(f"/tasks/calendar/?{to_month}")) == {"2030-05-04": ["Here"], "2030-05-08": ["After"]}
    assert "Nothing is due in this week." in page.get("/tasks/calendar/?week=2031-05-02").text
    assert "No task that fits is due in this week." in page.get("/tasks/calendar/?week=2031-05-02&tag=1").text
    assert page.get("/tasks/calendar/?week=2199-12-31").context["following"] == ""
    assert page.get("/tasks/calendar/?week=nonsense").context["is_week"] is False


def test_crowded_month_shows_the_first_of_each_day(page: Client, house: House, monkeypatch):
    for number in range(9):
        make_task(house, title=f"Task {number}", due_date=DUE + timedelta(days=number // 7, minutes=number))
    whole = on_days(page.get("/tasks/calendar/?month=2030-05"))
    monkeypatch.setattr(calendar, "MOST_COUNTED", 3)
    response = page.get("/tasks/calendar/?month=2030-05")
    assert on_days(response) == whole
    assert [len(found) for found in whole.values()] == [5, 2]
    assert "All of this day" in response.text
    assert on_days(page.get("/tasks/calendar/?month=2030-05&search=task")) == whole
    assert on_days(page.get("/tasks/calendar/?month=2030-05&search=other")) == {}
