"""Comments, tags and templates."""

from decimal import Decimal

import pytest

from guildhall.core.errors import InvalidInputError, NotAllowedError, NotFoundError
from guildhall.core.events.models import EventRow
from guildhall.core.organizations import services as places
from guildhall.core.versions import StaleVersionError
from guildhall.modules.tasks import selectors, services
from guildhall.modules.tasks.errors import NameTakenError
from guildhall.modules.tasks.models import Comment, CommentEdit, Tag, Task, TaskHistory
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


def comment_rows(task):
    return list(TaskHistory.objects.filter(task_id=task.pk, field="comment").order_by("pk").values_list("old", "new"))


def test_comment_is_added_edited_and_deleted_with_history(house):
    task = make_task(house, assignees=[house.user])
    comment = services.add_comment(actor=house.user, task=task, body="  Where is the oil?  ")
    services.edit_comment(actor=house.user, comment=comment, body="Where is the *oil*?")
    services.edit_comment(actor=house.user, comment=comment, body="Where is the *oil*?")
    assert [row.body for row in selectors.comments_of(task)] == ["Where is the *oil*?"]
    assert list(CommentEdit.objects.values_list("body", flat=True)) == ["Where is the oil?"]
    services.delete_comment(actor=house.admin, comment=comment)
    assert not selectors.comments_of(task).exists()
    assert not Comment.objects.visible_to(house.admin).exists()
    known = {"comment": comment.pk}
    assert comment_rows(task) == [(None, known), (known, known), (known, None)]
    types = EventRow.objects.filter(subject=f"task/{task.pk}", type__startswith="tasks.comment").order_by("pk")
    assert [row.type for row in types] == ["tasks.comment_added", "tasks.comment_edited", "tasks.comment_deleted"]
    assert Task.objects.get(pk=task.pk).version == 1
    for again in (
        lambda: services.delete_comment(actor=house.admin, comment=comment),
        lambda: services.edit_comment(actor=house.user, comment=comment, body="x"),
    ):
        with pytest.raises(NotFoundError):
            again()


def test_comment_belongs_to_its_author(house):
    task = make_task(house, assignees=[house.user, house.moderator], project=house.project)
    comment = services.add_comment(actor=house.user, task=task, body="Mine")
    with pytest.raises(NotAllowedError):
        services.edit_comment(actor=house.admin, comment=comment, body="Yours")
    theirs = services.add_comment(actor=house.moderator, task=task, body="Theirs")
    with pytest.raises(NotAllowedError):
        services.delete_comment(actor=house.user, comment=theirs)
    services.delete_comment(actor=house.moderator, comment=comment)


@pytest.mark.parametrize("body", ["", "   ", "x" * 10_001, "nul\0"])
def test_comment_without_words_is_refused(house, body):
    with pytest.raises(InvalidInputError):
        services.add_comment(actor=house.admin, task=make_task(house), body=body)


def test_comment_on_what_one_does_not_see_is_refused(house):
    task = make_task(house)
    with pytest.raises(NotFoundError):
        services.add_comment(actor=house.user, task=task, body="Hello")
    services.delete_task(actor=house.admin, task=task)
    with pytest.raises(NotFoundError):
        services.add_comment(actor=house.admin, task=task, body="Hello")


def test_tag_is_made_by_members_and_looked_after_by_moderators(house):
    tag = services.create_tag(actor=house.user, organization=house.organization, name=" Safety ")
    assert (tag.name, tag.color) == ("Safety", "gray")
    with pytest.raises(NameTakenError):
        services.create_tag(actor=house.user, organization=house.organization, name="SAFETY")
    for write in (
        lambda: services.create_tag(actor=house.stranger, organization=house.organization, name="x"),
        lambda: services.update_tag(actor=house.user, tag=tag, name="x"),
        lambda: services.delete_tag(actor=house.user, tag=tag),
    ):
        with pytest.raises(NotAllowedError):
            write()
    services.update_tag(actor=house.moderator, tag=tag, name="Danger", color="red", expected={1})
    with pytest.raises(StaleVersionError):
        services.delete_tag(actor=house.moderator, tag=tag, expected={1})
    with pytest.raises(InvalidInputError):
        services.update_tag(actor=house.moderator, tag=tag, color="mauve")
    assert list(selectors.tags_for(house.user, house.organization)) == [tag]
    assert not Tag.objects.visible_to(house.stranger).exists()


def test_deleted_tag_leaves_its_tasks_with_history(house):
    tag = services.create_tag(actor=house.user, organization=house.organization, name="Safety")
    task = make_task(house, tags=[tag])
    key = tag.pk
    services.delete_tag(actor=house.admin, tag=tag)
    assert Task.objects.get(pk=task.pk).tag_ids == []
    last = TaskHistory.objects.filter(task_id=task.pk).latest("pk")
    assert (last.field, last.old, last.new) == ("tags", [key], [])


@pytest.fixture
def template(house):
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="Care")
    return services.create_template(
        actor=house.moderator,
        organization=house.organization,
        name="Service of a machine",
        title="Service {{machine}}",
        description="Look after {{machine}} in {{ room }}.",
        priority="high",
        due_after_hours=48,
        estimated_hours=Decimal("2.5"),
        project=house.project,
        metadata={"kind": "service"},
        assignees=[house.user],
        tags=[tag],
        subtasks=[
            {"title": "Clean {{machine}}"},
            {"title": "Oil {{machine}}", "priority": "low", "estimated_hours": 0.1, "due_after_hours": 1.5},
        ],
    )


def test_template_makes_a_task_with_its_parts(house, template):
    assert template.variables == ["machine", "room"]
    values = {"machine": "the lathe", "room": "{{machine}}"}
    task = services.instantiate_template(actor=house.moderator, template=template, values=values)
    found = Task.objects.get(pk=task.pk)
    assert (found.title, found.description) == ("Service the lathe", "Look after the lathe in {{machine}}.")
    assert (found.priority, found.estimated_hours, found.project) == ("high", Decimal("2.50"), house.project)
    assert (found.metadata, found.assignee_ids) == ({"kind": "service"}, [house.user.pk])
    assert len(found.tag_ids) == 1
    assert round((found.due_date - found.created_at).total_seconds() / 3600) == 48
    parts = list(selectors.subtasks_of(house.admin, found))
    assert [(part.title, part.priority, part.estimated_hours) for part in parts] == [
        ("Clean the lathe", "high", Decimal("2.50")),
        ("Oil the lathe", "low", Decimal("0.10")),
    ]
    assert [part.assignee_ids for part in parts] == [[house.user.pk]] * 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"machine": "x"}, "values.room"),
        ({"machine": "x", "room": " "}, "values.room"),
        ({"machine": "x", "room": "y", "more": "z"}, "values.more"),
        ({"machine": "x" * 2001, "room": "y"}, "values.machine"),
        ({"machine": "x" * 200, "room": "y"}, "values"),
    ],
)
def test_template_says_which_values_it_can_not_use(house, template, values, field):
    with pytest.raises(InvalidInputError) as caught:
        services.instantiate_template(actor=house.admin, template=template, values=values)
    assert list(caught.value.fields) == [field]
    assert not Task.objects.exists()


def test_template_leaves_out_who_has_left(house, template):
    places.remove_member(actor=house.admin, organization=house.organization, user=house.user)
    task = services.instantiate_template(actor=house.admin, template=template, values={"machine": "x", "room": "y"})
    assert task.assignee_ids == []


def test_template_is_written_by_moderators_and_used_where_one_has_a_role(house, template):
    for write in (
        lambda: services.create_template(actor=house.user, organization=house.organization, name="x", title="x"),
        lambda: services.update_template(actor=house.user, template=template, name="x"),
        lambda: services.delete_template(actor=house.user, template=template),
        lambda: services.instantiate_template(actor=house.stranger, template=template, values={}),
    ):
        with pytest.raises(NotAllowedError):
            write()
    with pytest.raises(NameTakenError):
        services.create_template(
            actor=house.admin, organization=house.organization, name="SERVICE of a machine", title="x"
        )
    changed = services.update_template(
        actor=house.admin, template=template, expected={1}, name="Care", assignees=[], tags=[], subtasks=[]
    )
    assert (changed.version, list(changed.assignees.all()), list(changed.tags.all())) == (2, [], [])
    assert list(selectors.templates_for(house.user, house.organization)) == [template]
    services.delete_template(actor=house.admin, template=template, expected={2})
    assert not selectors.templates_for(house.user, house.organization).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subtasks", {}),
        ("subtasks", ["x"]),
        ("subtasks", [{"description": "no title"}]),
        ("subtasks", [{"title": "x", "colour": "red"}]),
        ("subtasks", [{"title": "x", "estimated_hours": -1}]),
        ("subtasks", [{"title": "x", "priority": []}]),
        ("subtasks", [{"title": "x"}] * 51),
        ("due_after_hours", 10**6),
        ("estimated_hours", Decimal(-1)),
        ("metadata", "x"),
    ],
)
def test_template_that_makes_no_sense_is_refused(house, template, field, value):
    with pytest.raises(InvalidInputError) as caught:
        services.update_template(actor=house.admin, template=template, **{field: value})
    assert list(caught.value.fields) == [field]


def test_template_of_foreign_things_is_refused(house, template):
    team = places.create_team(actor=house.stranger, organization=house.foreign_organization, name="Theirs")
    for field, name, value in (
        ("project", "project", house.foreign_project),
        ("team", "team", team),
        ("assigned_to", "assignees", [house.stranger]),
    ):
        with pytest.raises(InvalidInputError) as caught:
            services.update_template(actor=house.admin, template=template, **{name: value})
        assert list(caught.value.fields) == [field]
