"""What the database itself refuses, and what its triggers keep true whoever writes."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from guildhall.modules.tasks import facets, selectors, services, upkeep
from guildhall.modules.tasks.filters import TaskFilter
from guildhall.modules.tasks.models import (
    Comment,
    SearchEntry,
    Tag,
    Task,
    TaskAssignment,
    TaskHistory,
    TaskTag,
    TaskTally,
)
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


def refused_by(constraint, change):
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        change()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert constraint in str(raised.value) or raised.value.__cause__.diag.constraint_name == constraint


def test_database_refuses_what_makes_no_sense(house):
    task, other = make_task(house), make_task(house)
    foreign = make_task(house, actor=house.stranger, organization=house.foreign_organization)
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="A")
    their_tag = services.create_tag(actor=house.stranger, organization=house.foreign_organization, name="A")
    row = Task.objects.filter(pk=task.pk)
    Task.objects.filter(pk=other.pk).update(parent_task=task)
    at = datetime(2026, 5, 4, tzinfo=UTC)
    here = house.organization
    for constraint, change in (
        ("task_number_unique", lambda: row.update(number=other.number)),
        ("task_title_says_something", lambda: row.update(title=" ")),
        ("task_status_known", lambda: row.update(status="nearly")),
        ("task_priority_known", lambda: row.update(priority="none")),
        ("task_hours_not_negative", lambda: row.update(estimated_hours=-1)),
        ("task_hours_not_negative", lambda: row.update(actual_hours=-1)),
        ("task_archived_at_when_archived", lambda: row.update(is_archived=True)),
        ("task_archived_at_when_archived", lambda: row.update(archived_at=at)),
        ("task_overdue_only_when_open", lambda: row.update(status="done", is_overdue=True)),
        ("task_metadata_is_object", lambda: row.update(metadata=[])),
        ("task_not_its_own_parent", lambda: Task.objects.bulk_create([_own_parent(house)])),
        ("task_parent_cycle", lambda: row.update(parent_task=other)),
        ("task_parent_cycle", lambda: row.update(parent_task=task)),
        ("task_parent_task_in_organization", lambda: row.update(parent_task=foreign)),
        ("task_project_in_organization", lambda: row.update(project=house.foreign_project)),
        ("tag_name_unique_in_organization", lambda: Tag.objects.create(organization=here, name="a")),
        ("tag_color_known", lambda: Tag.objects.create(organization=here, name="B", color="mauve")),
        ("tasktag_tag_in_organization", lambda: TaskTag.objects.create(task=task, tag=their_tag, organization=here)),
        ("tasktag_task_in_organization", lambda: TaskTag.objects.create(task=foreign, tag=tag, organization=here)),
        ("tasktag_task_in_organization", lambda: TaskTag.objects.create(task_id=10**6, tag=tag, organization=here)),
        ("tasktag_tag_in_organization", lambda: TaskTag.objects.create(task=task, tag_id=10**6, organization=here)),
        ("task_has_tag_once", lambda: TaskTag.objects.bulk_create(
            [TaskTag(task=task, tag=tag, organization=here) for _ in range(2)])),
        ("task_assigned_once", lambda: TaskAssignment.objects.bulk_create(
            [TaskAssignment(task=task, user=house.user) for _ in range(2)])),
        ("assignment_removed_when_by_somebody", lambda: TaskAssignment.objects.create(
            task=task, user=house.user, removed_by=house.user)),
        ("comment_says_something", lambda: Comment.objects.create(task=task, body="\n")),
    ):  # fmt: skip
        refused_by(constraint, change)


def _own_parent(house):
    at = datetime(2026, 5, 4, tzinfo=UTC)
    # The trigger that refuses cycles does not see a row that is not there yet.
    return Task(
        pk=10**6, parent_task_id=10**6, number=99, title="x", due_date=at, estimated_hours=1,
        organization=house.organization,
    )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    ["UPDATE tasks_taskhistory SET field = 'x'", "DELETE FROM tasks_taskhistory", "TRUNCATE tasks_taskhistory"],
)
def test_history_is_not_changed_by_anybody(house, statement):
    make_task(house)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_taskhistory ENABLE TRIGGER history_refuses_truncate")
        with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
            cursor.execute(statement)
        transaction.set_rollback(True)


def test_arrays_follow_the_rows_whoever_writes_them(house):
    task, other = make_task(house), make_task(house)
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="A")
    given = TaskAssignment.objects.create(task=task, user=house.user)
    worn = TaskTag.objects.create(task=task, tag=tag, organization=house.organization)

    def state():
        found = Task.objects.get(pk=task.pk)
        return found.assignee_ids, found.tag_ids, house.user.pk in found.audience

    assert state() == ([house.user.pk], [tag.pk], True)
    TaskAssignment.objects.update(removed_at=datetime(2026, 5, 4, tzinfo=UTC))
    worn.delete()
    assert state() == ([], [], False)
    TaskAssignment.objects.update(removed_at=None)
    given.delete()
    assert state() == ([], [], False)
    untouched = Task.objects.get(pk=other.pk)
    assert (untouched.assignee_ids, untouched.tag_ids) == ([], [])


def words_of(task) -> str:
    return SearchEntry.objects.get(task=task).document


def test_search_entry_follows_title_text_tags_and_comments(house):
    task = make_task(house, description="Clean the spindle")
    assert "'lath':3A" in words_of(task)
    assert "'spindl':6C" in words_of(task)
    services.update_task(actor=house.admin, task=task, title="Oil the mill")
    assert "lath" not in words_of(task)
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="Danger")
    services.update_task(actor=house.admin, task=task, tags=[tag])
    assert "'danger':4B" in words_of(task)
    services.update_tag(actor=house.admin, tag=tag, name="Safety")
    assert "'safeti':4B" in words_of(task)
    comment = services.add_comment(actor=house.admin, task=task, body="Ordered grease")
    assert "'greas':9" in words_of(task)
    services.edit_comment(actor=house.admin, comment=comment, body="Ordered paint")
    assert "paint" in words_of(task)
    assert "greas" not in words_of(task)
    services.delete_comment(actor=house.admin, comment=comment)
    assert "paint" not in words_of(task)
    services.delete_tag(actor=house.admin, tag=tag)
    assert "safeti" not in words_of(task)


def test_deleting_an_organization_takes_everything_but_history(house):
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="A")
    task = make_task(house, tags=[tag], assignees=[house.user])
    make_task(house, parent_task=task)
    services.add_comment(actor=house.user, task=task, body="Hello")
    house.organization.delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Task.objects.exists()
    assert not SearchEntry.objects.exists()
    assert TaskHistory.objects.filter(task_id=task.pk).exists()


def test_rows_say_what_they_are(house):
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="A")
    task = make_task(house, tags=[tag], assignees=[house.user])
    comment = services.add_comment(actor=house.user, task=task, body="Hello")
    services.edit_comment(actor=house.user, comment=comment, body="Goodbye")
    assert (str(task), str(tag), str(comment)) == ("#1 Oil the lathe", "A", "Goodbye")
    assert str(comment.edits.get()) == "Hello"
    assert str(task.assignments.get()) == f"{task.pk} {house.user.pk}"
    assert str(task.task_tags.get()) == f"{task.pk} {tag.pk}"
    assert str(house.organization.task_counter) == "1"
    assert str(TaskHistory.objects.latest("pk")) == "#1 comment"
    assert str(task.search_entry) == "Oil the lathe"
    assert (task.place.organization_id, tag.place.organization_id) == (house.organization.pk,) * 2


def tallied(house) -> dict[str, int]:
    standing = selectors.standing_of(house.admin, house.organization.pk)
    return facets.counts_by_status(Task.objects.none(), tally=TaskFilter().tally(house.organization.pk, standing))


def test_tally_follows_every_change_and_is_added_up(house, monkeypatch):
    tasks = [make_task(house, status="todo", project=house.project) for _ in range(4)]
    make_task(house, actor=house.stranger, organization=house.foreign_organization)
    assert tallied(house) == {"todo": 4}
    services.update_task(actor=house.admin, task=tasks[0], status="done")
    services.change_tasks(
        actor=house.admin, organization=house.organization, ids=[task.pk for task in tasks[1:3]], is_archived=True
    )
    assert tallied(house) == {"todo": 1, "done": 1}
    services.delete_task(actor=house.admin, task=Task.objects.get(pk=tasks[3].pk))
    assert tallied(house) == {"done": 1}
    services.undelete_task(actor=house.admin, task_id=tasks[3].pk)
    monkeypatch.setattr(upkeep, "LONG_TALLY", 0)
    for _twice in range(2):
        upkeep.add_up_tallies()
        assert tallied(house) == {"todo": 1, "done": 1}
    assert TaskTally.objects.filter(organization_id=house.organization.pk).count() == 2
    Task.objects.filter(organization=house.organization).delete()
    assert tallied(house) == {}
    upkeep.add_up_tallies()
    assert not TaskTally.objects.filter(organization_id=house.organization.pk).exists()
