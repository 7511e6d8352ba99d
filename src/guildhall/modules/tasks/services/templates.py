"""Writes of templates, and the tasks that are made from them."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.core.organizations.models import Organization
from guildhall.modules.tasks import events, policy, selectors
from guildhall.modules.tasks.models import Tag, Task, TaskTemplate
from guildhall.modules.tasks.models.fields import TITLE_LENGTH
from guildhall.modules.tasks.services import changing
from guildhall.modules.tasks.services.tags import require_may_curate, save_named
from guildhall.modules.tasks.services.tasks import create_rows

MOST_OF_A_VALUE: Final = 2000


def _set_people_and_tags(template: TaskTemplate, assignees: Iterable[User] | None, tags: Iterable[Tag] | None) -> None:
    if assignees is not None:
        people = list(assignees)
        changing.require_members(template.organization_id, {person.pk for person in people})
        template.assignees.set(people)
    if tags is not None:
        chosen = list(tags)
        changing.require_tags_of(template.organization_id, chosen)
        template.tags.set(chosen)


@transaction.atomic
def create_template(
    *,
    actor: User,
    organization: Organization,
    name: str,
    title: str,
    assignees: Iterable[User] = (),
    tags: Iterable[Tag] = (),
    **defaults: Any,
) -> TaskTemplate:
    """Create a template; `defaults` are its other fields.

    Raises:
        NotAllowedError: the actor is neither admin nor moderator.
        NameTakenError: there is one of this name.
        InvalidInputError: a value is not acceptable.
    """
    require_may_curate(actor, organization)
    template = save_named(TaskTemplate(organization=organization, name=name.strip(), title=title.strip(), **defaults))
    _set_people_and_tags(template, assignees, tags)
    events.tell(events.TemplateCreated(template_id=template.pk, name=template.name), actor=actor, about=template)
    return template


@transaction.atomic
def update_template(
    *,
    actor: User,
    template: TaskTemplate,
    expected: AbstractSet[int] | None = None,
    assignees: Iterable[User] | None = None,
    tags: Iterable[Tag] | None = None,
    **changes: Any,
) -> TaskTemplate:
    """Change fields, and replace people or tags where they are given.

    Raises:
        NotAllowedError: the actor is neither admin nor moderator.
        StaleVersionError: it is in none of the expected versions.
        InvalidInputError, NameTakenError: a value is not acceptable.
    """
    require_may_curate(actor, template.organization)
    template.lock_version(expected)
    for name, value in changes.items():
        setattr(template, name, value.strip() if name in {"name", "title"} else value)
    template.raise_version()
    save_named(template)
    _set_people_and_tags(template, assignees, tags)
    changed = {*changes, *(["assigned_to"] if assignees is not None else []), *(["tags"] if tags is not None else [])}
    told = events.TemplateChanged(template_id=template.pk, changed=sorted(changed))
    events.tell(told, actor=actor, about=template)
    return template


@transaction.atomic
def delete_template(*, actor: User, template: TaskTemplate, expected: AbstractSet[int] | None = None) -> None:
    """Delete the template; the tasks that were made from it stay.

    Raises:
        NotAllowedError: the actor is neither admin nor moderator.
    """
    require_may_curate(actor, template.organization)
    template.lock_version(expected)
    events.tell(events.TemplateDeleted(template_id=template.pk, name=template.name), actor=actor, about=template)
    template.delete()


@transaction.atomic
def instantiate_template(*, actor: User, template: TaskTemplate, values: Mapping[str, str]) -> Task:
    """Make a task from the template, and its sub-tasks; `values` are those of its variables.

    People who have left since it was written are left out.

    Raises:
        NotAllowedError: the actor does not belong to the organization, or has no role in the template's project.
        InvalidInputError: a variable has no value, or a text is too long with it.
    """
    standing = selectors.standing_of(actor, template.organization_id)
    if not policy.may_create(standing, template.project_id):
        raise NotAllowedError
    _require_values(template, values)
    people = {person.pk: person for person in template.assignees.order_by("email")}
    present = selectors.members_among(template.organization_id, people)
    assignees = [person for key, person in people.items() if key in present]
    tags = list(template.tags.all())
    (task,) = create_rows([_task_of(template, actor, values)], actor=actor, assignees=assignees, tags=tags)
    subtasks = [_task_of(template, actor, values, subtask, task) for subtask in template.subtasks]
    if subtasks:
        create_rows(subtasks, actor=actor, assignees=assignees, tags=tags)
    return task


def _require_values(template: TaskTemplate, values: Mapping[str, str]) -> None:
    problems = {
        f"values.{name}": [_("The template needs a value for this.")]
        for name in template.variables
        if not values.get(name, "").strip()
    }
    problems |= {
        f"values.{name}": [_("The template has no such variable.")] for name in values.keys() - {*template.variables}
    }
    problems |= {
        f"values.{name}": [_("This is too long.")] for name, value in values.items() if len(value) > MOST_OF_A_VALUE
    }
    if problems:
        raise InvalidInputError(fields=problems)


def _task_of(
    template: TaskTemplate,
    actor: User,
    values: Mapping[str, str],
    subtask: Mapping[str, Any] | None = None,
    parent: Task | None = None,
) -> Task:
    """The task that the template describes, or one of its sub-tasks, not yet stored."""
    own = subtask or {}
    title = " ".join(policy.filled(own.get("title", template.title), values).split())
    if len(title) > TITLE_LENGTH:
        problem = _("With these values, the title is longer than %(limit)s characters.") % {"limit": TITLE_LENGTH}
        raise InvalidInputError(fields={"values": [problem]})
    due_after = own.get("due_after_hours", template.due_after_hours)
    description = own.get("description", "" if subtask is not None else template.description)
    return Task(
        organization=template.organization,
        title=title,
        description=policy.filled(description, values),
        status=template.status,
        priority=own.get("priority", template.priority),
        due_date=timezone.now() + timedelta(hours=float(due_after)),
        estimated_hours=round(Decimal(str(own.get("estimated_hours", template.estimated_hours))), 2),
        created_by=actor,
        project=template.project,
        team=template.team,
        parent_task=parent,
        metadata=dict(template.metadata),
    )
