"""Writes of tasks: create, change, assign, archive, restore and delete, one by one or many at once."""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError, NotAllowedError, NotFoundError
from guildhall.core.organizations.models import Organization, Project
from guildhall.modules.tasks import policy, selectors
from guildhall.modules.tasks.models import Tag, Task, TaskCounter
from guildhall.modules.tasks.policy import Priority, Standing, Status
from guildhall.modules.tasks.services import changing
from guildhall.modules.tasks.services.changing import CHANGEABLE, Change

#: From which versions of a task the change may start; None for any. Another is a `StaleVersionError`.
Versions: TypeAlias = AbstractSet[int] | None
#: So many tasks can be changed by one call.
MOST_AT_ONCE: Final = 500


def take_numbers(organization: Organization, count: int) -> int:
    """The first of `count` new numbers of the organization; whoever numbers at the same time waits for the commit."""
    counters = TaskCounter.objects.select_for_update(no_key=True).filter(pk=organization.pk)
    counter = counters.first()
    if counter is None:
        TaskCounter.objects.get_or_create(organization_id=organization.pk)
        counter = counters.get()
    first = counter.last_number + 1
    counter.last_number += count
    counter.save(update_fields=["last_number"])
    return first


@transaction.atomic
def create_task(
    *,
    actor: User,
    organization: Organization,
    title: str,
    due_date: datetime,
    estimated_hours: Decimal,
    description: str = "",
    status: str = Status.TODO,
    priority: str = Priority.MEDIUM,
    assignees: Iterable[User] = (),
    tags: Iterable[Tag] = (),
    **fields: Any,
) -> Task:
    """Create a task in the organization; `fields` are `actual_hours`, `parent_task`, `project`, `team`, `metadata`.

    Raises:
        NotAllowedError: the actor does not belong there, or has no role in the project.
        InvalidInputError: a value is not acceptable.
    """
    require_known(fields)
    standing = selectors.standing_of(actor, organization.pk)
    _require_may_create(standing, fields.get("project"))
    task = Task(
        organization=organization,
        title=title.strip(),
        description=description,
        status=status,
        priority=priority,
        due_date=due_date,
        estimated_hours=estimated_hours,
        created_by=actor,
        **fields,
    )
    return create_rows([task], actor=actor, assignees=assignees, tags=tags)[0]


def create_rows(
    tasks: Sequence[Task], *, actor: User, assignees: Iterable[User] = (), tags: Iterable[Tag] = ()
) -> Sequence[Task]:
    """Number and store new tasks of one organization with the same people and tags. A part of a service's transaction;
    the rights were asked.
    """
    organization, now = tasks[0].organization, timezone.now()
    people, labels = list(dict.fromkeys(assignees)), sorted(set(tags), key=lambda tag: tag.pk)
    changing.require_members(organization.pk, {person.pk for person in people})
    changing.require_tags_of(organization.pk, labels)
    for task in tasks:
        task.created_at = task.updated_at = now
        changing.clean(task)
    number = take_numbers(organization, len(tasks))
    for offset, task in enumerate(tasks):
        task.number = number + offset
        try:
            with transaction.atomic():
                task.save(force_insert=True)
        except IntegrityError as error:
            raise changing.as_own_error(error) from error
        task.assignee_ids = [person.pk for person in people]
        task.tag_ids = [tag.pk for tag in labels]
    changing.store_new(tasks, actor=actor, now=now)
    return tasks


def require_known(fields: Iterable[str]) -> None:
    """Refuse names of fields that nobody may change.

    Raises:
        InvalidInputError: on each of them.
    """
    unknown = set(fields) - CHANGEABLE
    if unknown:
        raise InvalidInputError(fields={name: [_("This can't be changed here.")] for name in sorted(unknown)})


def _require_may_create(standing: Standing, project: Project | None) -> None:
    if not policy.may_create(standing, project.pk if project is not None else None):
        raise NotAllowedError


def _locked(task: Task, actor: User, expected: Versions) -> tuple[Task, Standing]:
    """Lock the task and read it anew, if the actor sees it.

    Raises:
        NotFoundError: he does not, or it was deleted.
        StaleVersionError: it is in none of the expected versions.
    """
    task.lock_version(expected)
    standing = selectors.standing_of(actor, task.organization_id)
    if task.deleted_at is not None or not policy.may_see(standing, task.audience):
        raise NotFoundError
    return task, standing


def _lock_many(ids: Collection[int]) -> list[Task]:
    """The tasks, locked in the order of their keys, as everybody does who locks several."""
    rows = Task.objects.alive().filter(pk__in=ids).order_by("pk")
    return list(rows.select_related("organization").select_for_update(of=("self",), no_key=True))


def _require_may_move(standing: Standing, task: Task, fields: dict[str, Any]) -> None:
    project: Project | None = fields.get("project")
    if project is not None and project.pk != task.project_id:
        _require_may_create(standing, project)


@transaction.atomic
def update_task(
    *,
    actor: User,
    task: Task,
    expected: Versions = None,
    assignees: Collection[User] | None = None,
    tags: Collection[Tag] | None = None,
    **fields: Any,
) -> Task:
    """Change fields of the task, and replace its people or tags where they are given. What is as it was leaves no
    trace: neither a new version nor history.

    Raises:
        NotFoundError: the actor does not see it, or it was deleted.
        NotAllowedError: he has no role in the project to which it is moved.
        StaleVersionError: it is in none of the expected versions.
        InvalidInputError: a value is not acceptable.
        ParentCycleError: it would be above itself.
    """
    require_known(fields)
    task, standing = _locked(task, actor, expected)
    _require_may_move(standing, task, fields)
    if "title" in fields:
        fields["title"] = fields["title"].strip()
    change = Change(fields=fields, assignees=assignees, tags=tags)
    changing.carry_out(change, [task], actor=actor, now=timezone.now())
    return task


@transaction.atomic
def assign_task(
    *, actor: User, task: Task, add: Collection[User] = (), remove: Collection[User] = (), expected: Versions = None
) -> Task:
    """Give the task to people and relieve others of it. Safe to repeat.

    Raises:
        NotFoundError: the actor does not see it.
        InvalidInputError: somebody is no member of the organization.
    """
    task, _standing = _locked(task, actor, expected)
    added = [person for person in add if person.pk not in set(task.assignee_ids)]
    change = Change(add_assignees=added, remove_assignees=remove)
    changing.carry_out(change, [task], actor=actor, now=timezone.now())
    return task


@transaction.atomic
def archive_task(*, actor: User, task: Task, expected: Versions = None) -> Task:
    """Take the task out of the lists. Safe to repeat."""
    task, _standing = _locked(task, actor, expected)
    changing.carry_out(Change(fields={"is_archived": True}), [task], actor=actor, now=timezone.now())
    return task


@transaction.atomic
def restore_task(*, actor: User, task: Task, expected: Versions = None) -> Task:
    """Put an archived task back into the lists. Safe to repeat."""
    task, _standing = _locked(task, actor, expected)
    changing.carry_out(Change(fields={"is_archived": False}), [task], actor=actor, now=timezone.now())
    return task


@transaction.atomic
def delete_task(*, actor: User, task: Task, expected: Versions = None) -> None:
    """Take the task away from everybody; its row and history stay. Its parts stay too and stand on their own.

    Raises:
        NotFoundError: the actor does not see it.
        NotAllowedError: he is neither admin, nor moderator of its project, nor did he create it.
    """
    # With its parts, in the order of the keys, as everybody does who locks several.
    family = Task.objects.filter(Q(pk=task.pk) | Q(parent_task=task.pk)).order_by("pk")
    list(family.select_for_update(of=("self",), no_key=True).values_list("pk"))
    task, standing = _locked(task, actor, expected)
    if not policy.may_delete(standing, created_by_id=task.created_by_id, project_id=task.project_id):
        raise NotAllowedError
    now = timezone.now()
    parts = list(Task.objects.alive().filter(parent_task=task).order_by("pk"))
    if parts:
        changing.carry_out(Change(fields={"parent_task": None}), parts, actor=actor, now=now)
    changing.carry_out(Change(fields={"deleted_at": now}), [task], actor=actor, now=now)


@transaction.atomic
def change_tasks(
    *,
    actor: User,
    organization: Organization,
    ids: Collection[int],
    is_archived: bool | None = None,
    add_assignees: Collection[User] = (),
    remove_assignees: Collection[User] = (),
    add_tags: Collection[Tag] = (),
    remove_tags: Collection[Tag] = (),
    **fields: Any,
) -> list[Task]:
    """Make one change to many tasks of the organization: to all or to none. Returns them all, also those that were so
    already.

    Raises:
        InvalidInputError: there are too many, one is not seen by the actor, or a value is not acceptable.
        NotAllowedError: he has no role in the project to which they are moved.
    """
    require_known(fields)
    if len(set(ids)) > MOST_AT_ONCE:
        raise InvalidInputError(fields={"ids": [_("Choose at most %(limit)s tasks.") % {"limit": MOST_AT_ONCE}]})
    standing = selectors.standing_of(actor, organization.pk)
    tasks = [
        task
        for task in _lock_many(set(ids))
        if task.organization_id == organization.pk and policy.may_see(standing, task.audience)
    ]
    if len(tasks) < len(set(ids)):
        raise InvalidInputError(fields={"ids": [_("There is no such thing, or you can't see it.")]})
    for task in tasks:
        _require_may_move(standing, task, fields)
    now = timezone.now()
    if is_archived is not None:
        fields["is_archived"] = is_archived
    change = Change(
        fields=fields,
        add_assignees=add_assignees,
        remove_assignees=remove_assignees,
        add_tags=add_tags,
        remove_tags=remove_tags,
    )
    changing.carry_out(change, tasks, actor=actor, now=now)
    return tasks
