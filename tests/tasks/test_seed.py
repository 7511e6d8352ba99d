"""The demo's tasks: a history that makes their states, and as many more as one likes."""

import random
from collections import Counter

import pytest
from django.db import connection
from rich.progress import Progress

from guildhall.core.organizations.seed import seed_people_and_places
from guildhall.modules.tasks import history, search, seed, selectors
from guildhall.modules.tasks.models import Comment, SearchEntry, Task, TaskHistory
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    found = seed_people_and_places(random.Random(1), lambda: None)
    seed.seed(found, rng=random.Random(2), progress=Progress(disable=True))
    return found


def test_demo_has_five_hundred_tasks_whose_history_makes_their_state(place):
    tasks = list(Task.objects.filter(organization=place.organization).order_by("number"))
    assert [task.number for task in tasks] == [*range(1, 501)]
    rows: dict[int, list[TaskHistory]] = {}
    for row in TaskHistory.objects.order_by("at", "pk"):
        rows.setdefault(row.task_id, []).append(row)
    for task in tasks:
        found = rows[task.pk]
        assert [row.field for row in found].count("created") == 1
        replayed = history.replay(found)
        assert {**history.state_of(task), "tags": replayed["tags"]} == replayed
        assert history.state_of(task)["tags"] == replayed["tags"]
        assert task.updated_at == max(row.at for row in found if row.field != "comment")
        assert all(row.at >= task.created_at for row in found)
    statuses = Counter(task.status for task in tasks)
    assert len(statuses) == 7
    assert 80 < statuses["done"] < 350
    assert Comment.objects.count() > 50
    assert any(task.is_overdue for task in tasks)
    assert any(task.is_archived for task in tasks)
    assert any(task.parent_task_id for task in tasks)


def test_demo_is_found_by_search_and_put_in_once(place):
    assert SearchEntry.objects.count() == 500
    rows = selectors.tasks_for(place.admin, place.organization)
    assert search.find(rows, text="pump", language="en", size=5).results
    seed.seed(place, rng=random.Random(3), progress=Progress(disable=True))
    assert Task.objects.filter(organization=place.organization).count() == 500
    new = make_task(type("House", (), {"organization": place.organization, "admin": place.admin}), assignees=[])
    assert new.number == 501
    assert SearchEntry.objects.filter(task=new).exists()


def test_what_is_derived_is_what_the_triggers_would_have_derived(place):
    columns = ("task_id", "organization_id", "config", "title", "title_words", "document")
    planted = list(SearchEntry.objects.order_by("pk").values_list(*columns))
    arrays = list(Task.objects.order_by("pk").values_list("assignee_ids", "tag_ids"))
    assert any(people for people, _tags in arrays)
    assert any(len(tags) > 1 for _people, tags in arrays)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tasks_task SET assignee_ids = '{}', tag_ids = '{}'")
        cursor.execute("DELETE FROM tasks_searchentry")
        cursor.execute("SELECT tasks_derive(array_agg(id)) FROM tasks_task")
    assert list(Task.objects.order_by("pk").values_list("assignee_ids", "tag_ids")) == arrays
    assert list(SearchEntry.objects.order_by("pk").values_list(*columns)) == planted


def test_more_tasks_go_on_where_the_others_end(place):
    world = seed._world_of(place)
    seen = []
    seed.plant(world, 30, rng=random.Random(4), advance=seen.append)
    assert (sum(seen), Task.objects.count()) == (30, 530)
    assert Task.objects.filter(number__gt=500).exclude(tag_ids=[]).exists()
    assert Task.objects.filter(number__gt=500).exclude(assignee_ids=[]).exists()
