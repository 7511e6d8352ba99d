"""Writes of tasks, what they leave behind in history and events, and who may make them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from guildhall.core.errors import InvalidInputError, NotAllowedError, NotFoundError
from guildhall.core.events.models import EventRow
from guildhall.core.organizations import services as places
from guildhall.core.versions import StaleVersionError
from guildhall.modules.tasks import history, selectors, services
from guildhall.modules.tasks.errors import ParentCycleError
from guildhall.modules.tasks.models import Task, TaskAssignment, TaskHistory
from tests.tasks.makers import DUE, make_task

pytestmark = pytest.mark.django_db


def told(task) -> list[str]:
    rows = EventRow.objects.filter(subject=f"task/{task.pk}").order_by("pk")
    return [row.type.removeprefix("tasks.") for row in rows]


def fields_of(task) -> list[tuple[str, object, object]]:
    return list(TaskHistory.objects.filter(task_id=task.pk).order_by("pk").values_list("field", "old", "new"))


def fresh(task) -> Task:
    return Task.objects.get(pk=task.pk)


def test_new_task_has_a_number_history_and_an_event(house):
    first, second = make_task(house), make_task(house, title="  Sweep  ", actor=house.user)
    assert (first.number, second.number, second.title) == (1, 2, "Sweep")
    elsewhere = make_task(house, actor=house.stranger, organization=house.foreign_organization)
    assert elsewhere.number == 1
    ((field, old, new),) = fields_of(first)
    assert (field, old, new["title"], new["due_date"]) == ("created", None, "Oil the lathe", "2030-05-04T12:00:00Z")
    assert (new["estimated_hours"], new["metadata"], new["assigned_to"]) == ("1.50", {}, [])
    assert told(first) == ["task_created"]


def test_new_task_with_everything_is_found_so(house):
    parent = make_task(house)
    team = places.create_team(actor=house.admin, organization=house.organization, name="Wardens", members=[house.user])
    tag = services.create_tag(actor=house.user, organization=house.organization, name="Safety", color="red")
    task = fresh(
        make_task(
            house, description="All of it", status="blocked", priority="urgent", actual_hours=Decimal("0.25"),
            parent_task=parent, project=house.project, team=team, assignees=[house.user, house.moderator], tags=[tag],
            metadata={"machine": "lathe"},
        )
    )  # fmt: skip
    assert task.assignee_ids == [house.user.pk, house.moderator.pk]
    assert task.tag_ids == [tag.pk]
    assert set(task.audience) == {house.admin.pk, house.user.pk, house.moderator.pk, team.pk, house.project.pk}
    assert (task.status_rank, task.priority_rank, task.title_key) == (4, 3, "oil the lathe")
    assert told(task) == ["task_created", "task_assigned"]
    assert selectors.assignees_of(task) == [house.user, house.moderator]
    assert selectors.tags_of([task]) == {tag.pk: tag}
    assert set(selectors.people_of([task])) == {house.user.pk, house.moderator.pk}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("title", "x" * 201),
        ("title", "two\nlines"),
        ("title", "nul\0"),
        ("description", "x" * 50_001),
        ("status", "nearly"),
        ("priority", ""),
        ("due_date", datetime(1999, 12, 31, tzinfo=UTC)),
        ("due_date", datetime(2200, 1, 1, tzinfo=UTC)),
        ("due_date", None),
        ("estimated_hours", Decimal("-0.01")),
        ("estimated_hours", Decimal("1.001")),
        ("estimated_hours", Decimal(1_000_000)),
        ("actual_hours", Decimal("NaN")),
        ("actual_hours", Decimal(-1)),
        ("metadata", []),
        ("metadata", {"x": "y" * 20_000}),
        ("metadata", {"x": "\0"}),
        ("number", 3),
    ],
)
def test_value_that_makes_no_sense_is_refused_with_its_field(house, field, value):
    task = make_task(house)
    for write in (
        lambda: make_task(house, **{field: value}),
        lambda: services.update_task(actor=house.admin, task=task, **{field: value}),
    ):
        with pytest.raises(InvalidInputError) as caught:
            write()
        assert list(caught.value.fields) == [field]


def test_what_belongs_elsewhere_is_refused(house):
    foreign = make_task(house, actor=house.stranger, organization=house.foreign_organization)
    team = places.create_team(actor=house.stranger, organization=house.foreign_organization, name="Theirs")
    tag = services.create_tag(actor=house.stranger, organization=house.foreign_organization, name="Theirs")
    for field, name, value in (
        ("project", "project", house.foreign_project),
        ("team", "team", team),
        ("parent_task", "parent_task", foreign),
        ("assigned_to", "assignees", [house.stranger]),
        ("tags", "tags", [tag]),
    ):
        with pytest.raises(InvalidInputError) as caught:
            make_task(house, **{name: value})
        assert list(caught.value.fields) == [field]


def test_change_writes_a_row_for_each_field_and_one_event(house):
    task = make_task(house)
    services.update_task(
        actor=house.admin, task=task, title="Grease the lathe", priority="high", estimated_hours=Decimal("1.50")
    )
    assert fields_of(task)[1:] == [
        ("title", "Oil the lathe", "Grease the lathe"),
        ("priority", "medium", "high"),
    ]
    assert len(set(TaskHistory.objects.filter(task_id=task.pk).values_list("change", flat=True))) == 2
    assert told(task) == ["task_created", "task_changed"]
    event = EventRow.objects.get(subject=f"task/{task.pk}", type="tasks.task_changed")
    assert event.data["before"] == {"title": "Oil the lathe", "priority": "medium"}
    assert fresh(task).version == 2


def test_change_that_changes_nothing_leaves_no_trace(house):
    task = make_task(house, assignees=[house.user])
    before = fresh(task)
    services.update_task(actor=house.admin, task=task, title="Oil the lathe", due_date=DUE, assignees=[house.user])
    services.restore_task(actor=house.admin, task=task)
    services.assign_task(actor=house.admin, task=task, add=[house.user], remove=[house.moderator])
    assert (fresh(task).version, fresh(task).updated_at) == (1, before.updated_at)
    assert len(fields_of(task)) == 1


def test_stale_change_is_refused(house):
    task = make_task(house)
    services.update_task(actor=house.admin, task=fresh(task), title="First", expected={1})
    with pytest.raises(StaleVersionError):
        services.update_task(actor=house.admin, task=task, title="Second", expected={1})
    assert fresh(task).title == "First"


def test_assignments_keep_who_gave_and_who_took(house):
    task = make_task(house, assignees=[house.user])
    services.assign_task(actor=house.moderator if False else house.admin, task=task, add=[house.moderator])
    services.assign_task(actor=house.admin, task=task, remove=[house.user])
    services.assign_task(actor=house.admin, task=task, add=[house.user])
    assert fresh(task).assignee_ids == task.assignee_ids == [house.moderator.pk, house.user.pk]
    rows = [(row.user, row.assigned_by, row.removed_by) for row in selectors.assignments_of(task)]
    assert rows == [
        (house.user, house.admin, house.admin),
        (house.moderator, house.admin, None),
        (house.user, house.admin, None),
    ]
    assert [row[0] for row in fields_of(task)] == ["created"] + ["assigned_to"] * 3
    assert told(task).count("task_assigned") == 4
    assert TaskAssignment.objects.filter(task=task, removed_at=None).count() == 2


def test_task_that_becomes_done_says_so(house):
    task = make_task(house)
    Task.objects.filter(pk=task.pk).update(is_overdue=True)
    services.update_task(actor=house.admin, task=task, status="done")
    assert not fresh(task).is_overdue
    assert [row[0] for row in fields_of(task)[1:]] == ["status", "is_overdue"]
    assert told(task)[1:] == ["task_changed", "task_completed"]


def test_task_with_another_date_is_not_overdue_until_somebody_looks(house):
    task = make_task(house)
    Task.objects.filter(pk=task.pk).update(is_overdue=True)
    services.update_task(actor=house.admin, task=task, due_date=datetime(2020, 1, 1, tzinfo=UTC))
    assert not fresh(task).is_overdue
    assert list(Task.objects.overdue(datetime(2026, 1, 1, tzinfo=UTC))) == [task]


def test_archived_task_comes_back(house):
    task = make_task(house)
    services.archive_task(actor=house.admin, task=task)
    assert list(Task.objects.archived()) == [task]
    assert not Task.objects.listed().exists()
    archived_at = fresh(task).archived_at
    services.archive_task(actor=house.admin, task=task)
    assert fresh(task).archived_at == archived_at
    services.restore_task(actor=house.admin, task=task)
    assert list(Task.objects.listed()) == [task]
    assert fresh(task).archived_at is None
    assert [row[0] for row in fields_of(task)[1:]] == ["is_archived"] * 2


def test_deleted_task_is_gone_and_its_parts_stand_alone(house):
    task = make_task(house)
    part = make_task(house, parent_task=task)
    assert list(selectors.subtasks_of(house.admin, task)) == [part]
    services.delete_task(actor=house.admin, task=task)
    assert selectors.task_for(house.admin, task.pk) is None
    assert fresh(part).parent_task_id is None
    assert told(task)[-1] == "task_deleted"
    for write in (services.update_task, services.archive_task, services.delete_task):
        with pytest.raises(NotFoundError):
            write(actor=house.admin, task=task)


def test_cycles_are_refused(house):
    top = make_task(house)
    middle = make_task(house, parent_task=top)
    low = make_task(house, parent_task=middle)
    for parent in (middle, low):
        with pytest.raises(ParentCycleError):
            services.update_task(actor=house.admin, task=fresh(top), parent_task=parent)
    with pytest.raises(InvalidInputError):
        services.update_task(actor=house.admin, task=fresh(top), parent_task=top)
    assert fresh(top).parent_task_id is None


def test_many_are_changed_or_none(house):
    tasks = [make_task(house, title=f"Task {number}") for number in range(4)]
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="Spring")
    ids = [task.pk for task in tasks]
    changed = services.change_tasks(
        actor=house.admin, organization=house.organization, ids=ids, status="done", add_tags=[tag],
        add_assignees=[house.user], is_archived=True,
    )  # fmt: skip
    assert [task.pk for task in changed] == ids
    for task in map(fresh, tasks):
        assert (task.status, task.tag_ids, task.assignee_ids) == ("done", [tag.pk], [house.user.pk])
        assert task.is_archived
        assert [row[0] for row in fields_of(task)[1:]] == ["status", "assigned_to", "tags", "is_archived"]
    assert TaskHistory.objects.exclude(field="created").values("change").distinct().count() == 1
    with pytest.raises(InvalidInputError):
        services.change_tasks(actor=house.admin, organization=house.organization, ids=[*ids, 10**6], status="todo")
    with pytest.raises(ParentCycleError):
        services.change_tasks(
            actor=house.admin, organization=house.organization, ids=ids[:2], parent_task=_below(house, tasks[0])
        )
    assert {fresh(task).status for task in tasks} == {"done"}
    with pytest.raises(InvalidInputError):
        services.change_tasks(actor=house.admin, organization=house.organization, ids=range(501), status="todo")


def _below(house, task):
    return make_task(house, parent_task=task)


def test_each_sees_what_concerns_him(house):
    team = places.create_team(actor=house.admin, organization=house.organization, name="Crew", members=[house.user])
    tasks = {
        "nobody's": make_task(house),
        "project's": make_task(house, project=house.project),
        "other project's": make_task(house, project=house.other_project),
        "team's": make_task(house, team=team),
        "user's": make_task(house, actor=house.user),
        "given to user": make_task(house, assignees=[house.user]),
        "given to moderator": make_task(house, assignees=[house.moderator]),
    }
    seen = {
        house.admin: set(tasks),
        house.superuser: set(tasks),
        house.moderator: {"project's", "given to moderator"},
        house.user: {"team's", "user's", "given to user"},
        house.stranger: set(),
    }
    for person, names in seen.items():
        visible = set(Task.objects.visible_to(person).values_list("pk", flat=True))
        assert visible == {tasks[name].pk for name in names}, person
        listed = selectors.tasks_for(person, house.organization)
        assert {task.pk for task in listed} == visible
        for name, task in tasks.items():
            allowed = name in names
            assert (selectors.task_for(person, task.pk) is not None) is allowed
            if not allowed:
                with pytest.raises(NotFoundError):
                    services.update_task(actor=person, task=task, title="Mine")
    places.remove_member(actor=house.admin, organization=house.organization, user=house.user)
    assert not Task.objects.visible_to(house.user).exists()


def test_task_is_created_and_moved_only_where_one_has_a_role(house):
    with pytest.raises(NotAllowedError):
        make_task(house, actor=house.stranger)
    with pytest.raises(NotAllowedError):
        make_task(house, actor=house.user, project=house.other_project)
    task = make_task(house, actor=house.user, project=house.project)
    with pytest.raises(NotAllowedError):
        services.update_task(actor=house.user, task=task, project=house.other_project)
    with pytest.raises(NotAllowedError):
        services.change_tasks(
            actor=house.user, organization=house.organization, ids=[task.pk], project=house.other_project
        )
    given = make_task(house, assignees=[house.user])
    with pytest.raises(NotAllowedError):
        services.delete_task(actor=house.user, task=given)
    services.delete_task(actor=house.user, task=task)


def test_history_replayed_is_the_task(house):
    task = make_task(house, assignees=[house.user])
    services.update_task(actor=house.admin, task=task, description="More", project=house.project)
    services.assign_task(actor=house.admin, task=task, add=[house.moderator], remove=[house.user])
    rows = TaskHistory.objects.filter(task_id=task.pk).order_by("pk")
    assert history.replay(rows) == history.state_of(fresh(task))
