"""The rules, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from guildhall.modules.tasks import policy
from guildhall.modules.tasks.policy import Standing

ME, TEAM, PROJECT, OTHER = (uuid4() for _ in range(4))
ADMIN = Standing(ME, is_member=True, is_admin=True)
MODERATOR = Standing(
    ME, is_member=True, moderated=frozenset({PROJECT}), projects=frozenset({PROJECT}), teams=frozenset({TEAM})
)
USER = Standing(ME, is_member=True, projects=frozenset({PROJECT}), teams=frozenset({TEAM}))
STRANGER = Standing(ME)


@pytest.mark.parametrize(
    ("standing", "audience", "seen"),
    [
        (ADMIN, [], True),
        (MODERATOR, [PROJECT], True),
        (MODERATOR, [ME], True),
        (MODERATOR, [OTHER], False),
        (USER, [PROJECT], False),
        (USER, [ME], True),
        (USER, [TEAM, OTHER], True),
        (USER, [], False),
        (STRANGER, [ME], False),
    ],
)
def test_task_is_seen_by_whom_it_concerns(standing, audience, seen):
    assert policy.may_see(standing, audience) is seen


@pytest.mark.parametrize(
    ("standing", "project", "allowed"),
    [
        (ADMIN, OTHER, True),
        (MODERATOR, None, True),
        (USER, PROJECT, True),
        (USER, OTHER, False),
        (STRANGER, None, False),
    ],
)
def test_task_is_created_where_one_has_a_role(standing, project, allowed):
    assert policy.may_create(standing, project) is allowed


@pytest.mark.parametrize(
    ("standing", "creator", "project", "allowed"),
    [
        (ADMIN, OTHER, None, True),
        (MODERATOR, OTHER, PROJECT, True),
        (MODERATOR, OTHER, None, False),
        (USER, ME, None, True),
        (USER, OTHER, PROJECT, False),
        (STRANGER, ME, None, False),
    ],
)
def test_task_is_deleted_by_its_creator_and_those_above(standing, creator, project, allowed):
    assert policy.may_delete(standing, created_by_id=creator, project_id=project) is allowed
    assert policy.may_delete_comment(standing, author_id=creator, project_id=project) is allowed


def test_comment_is_edited_by_its_author_alone():
    assert policy.may_edit_comment(USER, author_id=ME)
    assert not policy.may_edit_comment(ADMIN, author_id=OTHER)
    assert not policy.may_edit_comment(STRANGER, author_id=ME)


def test_tags_and_templates_are_looked_after_by_admins_and_moderators():
    assert [policy.may_curate(standing) for standing in (ADMIN, MODERATOR, USER, STRANGER)] == [
        True,
        True,
        False,
        False,
    ]


def test_open_task_is_due_after_its_date_only():
    now = datetime(2026, 5, 4, tzinfo=UTC)
    earlier, later = now - timedelta(seconds=1), now + timedelta(seconds=1)
    assert policy.is_due(status="todo", due_date=earlier, now=now)
    assert not policy.is_due(status="todo", due_date=later, now=now)
    assert not policy.is_due(status="done", due_date=earlier, now=now)


def test_variables_are_found_once_and_filled_as_they_are():
    text = "{{ machine }} and {{room}}, {{machine}}, {{ not this }}, {{{room}}}"
    assert policy.variables_in(text, "{{day}}") == ["machine", "room", "day"]
    assert policy.filled(text, {"machine": "{{room}}", "room": r"\1"}) == (
        r"{{room}} and \1, {{room}}, {{ not this }}, {\1}"
    )
