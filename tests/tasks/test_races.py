"""What happens when many do the same at once: real threads on a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection
from django.test import Client

from guildhall.core.accounts import tokens
from guildhall.modules.tasks import services
from guildhall.modules.tasks.errors import ParentCycleError
from guildhall.modules.tasks.models import Task, TaskHistory
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, ROUNDS = 50, 3
T = TypeVar("T")


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """What the work says to each of the numbers, all begun in the same moment."""
    barrier = Barrier(count)

    def one(number: int) -> T:
        try:
            connection.ensure_connection()
            barrier.wait(60)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.no_cover
def test_of_fifty_edits_from_one_version_one_wins_each_round_and_none_is_lost(house):
    task = make_task(house)
    token = tokens.issue_tokens(user=house.admin).access
    url, winners = f"/api/tasks/{task.pk}/", []
    for round_number in range(ROUNDS):
        tag = Client(headers={"Authorization": f"Bearer {token}"}).get(url).headers["ETag"]

        def edit(number, round_number=round_number, tag=tag):
            client = Client(headers={"Authorization": f"Bearer {token}", "If-Match": tag})
            body = {"description": f"{round_number} {number}"}
            return client.patch(url, body, content_type="application/json").status_code

        answers = at_once(WRITERS, edit)
        assert sorted(answers) == [200] + [412] * (WRITERS - 1)
        winners.append(f"{round_number} {answers.index(200)}")
        assert Task.objects.get(pk=task.pk).description == winners[-1]
    rows = TaskHistory.objects.filter(task_id=task.pk, field="description").order_by("pk")
    assert [(row.old, row.new) for row in rows] == list(zip(["", *winners], winners, strict=False))
    assert Task.objects.get(pk=task.pk).version == 1 + ROUNDS


def test_edits_of_different_fields_at_once_are_all_kept(house):
    task = make_task(house)
    changes = [{"title": "Other"}, {"description": "Words"}, {"status": "blocked"}, {"priority": "urgent"}]

    def edit(number):
        services.update_task(actor=house.admin, task=Task.objects.get(pk=task.pk), **changes[number])

    at_once(len(changes), edit)
    found = Task.objects.get(pk=task.pk)
    assert (found.title, found.description, found.status, found.priority) == ("Other", "Words", "blocked", "urgent")
    assert found.version == 1 + len(changes)


def test_tasks_made_at_once_are_numbered_without_gap_or_repeat(house):
    def make(number):
        return [make_task(house, title=f"{number} {turn}").number for turn in range(3)]

    numbers = at_once(20, make)
    assert sorted(number for own in numbers for number in own) == list(range(1, 61))
    assert all(own == sorted(own) for own in numbers)


@pytest.mark.parametrize("length", [2, 7])
def test_cycle_closed_from_all_sides_at_once_stays_open(house, length):
    for _round in range(3):
        ring = [make_task(house) for _ in range(length)]

        def hang(number, ring=ring):
            try:
                services.update_task(actor=house.admin, task=ring[number], parent_task=ring[(number + 1) % len(ring)])
            except ParentCycleError:
                return False
            return True

        assert sorted(at_once(length, hang)) == [False] + [True] * (length - 1)
        parents = dict(Task.objects.filter(pk__in=[task.pk for task in ring]).values_list("pk", "parent_task"))
        assert list(parents.values()).count(None) == 1


def test_one_person_is_assigned_once_however_many_do_it(house):
    task = make_task(house)

    def assign(_number):
        services.assign_task(actor=house.admin, task=Task.objects.get(pk=task.pk), add=[house.user])

    at_once(10, assign)
    found = Task.objects.get(pk=task.pk)
    assert (found.assignee_ids, found.version, found.assignments.count()) == ([house.user.pk], 2, 1)


def test_bulk_changes_of_the_same_tasks_in_other_orders_wait_for_each_other(house):
    ids = [make_task(house).pk for _ in range(12)]

    def change(number):
        chosen = ids if number % 2 else ids[::-1]
        status = "done" if number % 2 else "todo"
        services.change_tasks(actor=house.admin, organization=house.organization, ids=chosen, status=status)

    at_once(8, change)
    assert Task.objects.filter(pk__in=ids).values("status").distinct().count() == 1
