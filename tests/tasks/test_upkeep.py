"""What is done to tasks without anybody asking."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guildhall.core.accounts import lifecycle
from guildhall.core.events import relay
from guildhall.core.events.models import EventRow, HeldSubject
from guildhall.core.organizations import services as places
from guildhall.modules.tasks import jobs, services, upkeep
from guildhall.modules.tasks.models import SearchEntry, Task, TaskHistory
from tests.support.people import PASSWORD
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


def deliver() -> None:
    relay.drain()
    assert list(HeldSubject.objects.values_list("error", flat=True)) == []


def test_archive_is_cleared_after_thirty_days_and_history_stays(house, monkeypatch):
    monkeypatch.setattr(upkeep, "BATCH", 2)
    old = [make_task(house, title=f"Old {number}", assignees=[house.user]) for number in range(5)]
    part = make_task(house, title="Part", parent_task=old[0])
    young = make_task(house, title="Young")
    for task in [*old, young]:
        services.archive_task(actor=house.admin, task=task)
    now = timezone.now()
    Task.objects.filter(title__startswith="Old").update(archived_at=now - timedelta(days=30, minutes=1))
    Task.objects.filter(title="Young").update(archived_at=now - timedelta(days=29))
    jobs.cleanup_archived_tasks()
    jobs.cleanup_archived_tasks()
    assert set(Task.objects.values_list("title", flat=True)) == {"Part", "Young"}
    assert Task.objects.get(pk=part.pk).parent_task_id is None
    rows = TaskHistory.objects.filter(task_id=old[0].pk)
    assert {(row.number, row.title) for row in rows} == {(1, "Old 0")}
    assert rows.latest("pk").field == "purged"
    assert TaskHistory.objects.filter(task_id=part.pk).latest("pk").field == "parent_task"
    assert EventRow.objects.filter(type="tasks.task_deleted", data__for_good=True).count() == 5
    assert make_task(house).number == 8


def test_overdue_tasks_are_marked_in_batches(house, monkeypatch):
    monkeypatch.setattr(upkeep, "BATCH", 2)
    for _ in range(5):
        make_task(house, due_date=timezone.now() - timedelta(days=1), project=house.project)
    assert upkeep.mark_overdue(timezone.now()) == 5
    assert upkeep.mark_overdue(timezone.now()) == 0
    assert TaskHistory.objects.filter(field="is_overdue", actor=None).count() == 5


def test_assignments_end_with_the_account(house):
    task = make_task(house, assignees=[house.user, house.moderator])
    lifecycle.deactivate_user(actor=house.superuser, user=house.user)
    deliver()
    assert Task.objects.get(pk=task.pk).assignee_ids == [house.moderator.pk]
    last = TaskHistory.objects.filter(task_id=task.pk).latest("pk")
    assert (last.field, last.actor_id, last.new) == ("assigned_to", None, [str(house.moderator.pk)])


def test_assignments_end_with_membership(house):
    task = make_task(house, assignees=[house.user])
    own = services.create_task(
        actor=house.user, organization=house.user.personal_organization, title="Own", due_date=task.due_date,
        estimated_hours=1, assignees=[house.user],
    )  # fmt: skip
    places.remove_member(actor=house.admin, organization=house.organization, user=house.user)
    deliver()
    assert Task.objects.get(pk=task.pk).assignee_ids == []
    assert Task.objects.get(pk=own.pk).assignee_ids == [house.user.pk]


def test_erased_person_leaves_no_tasks_of_his_own(house):
    own = make_task(house, actor=house.user, organization=house.user.personal_organization)
    shared = make_task(house, actor=house.user)
    lifecycle.erase_self(actor=house.user, password=PASSWORD)
    deliver()
    assert not Task.objects.filter(pk=own.pk).exists()
    assert Task.objects.filter(pk=shared.pk).exists()


def test_search_follows_the_language_of_the_organization(house, monkeypatch):
    monkeypatch.setattr(upkeep, "BATCH", 2)
    for _ in range(5):
        make_task(house, title="Смазать станки")
    assert set(SearchEntry.objects.values_list("config", flat=True)) == {"english"}
    places.update_organization(actor=house.admin, organization=house.organization, language="ru")
    deliver()
    jobs.index_anew()
    assert set(SearchEntry.objects.values_list("config", flat=True)) == {"russian"}
    assert "станк" in SearchEntry.objects.first().document
    assert upkeep.index_anew() == 0
