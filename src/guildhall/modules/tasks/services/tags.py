"""Writes of tags."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.core.organizations.models import Organization
from guildhall.core.validation import clean_or_raise
from guildhall.modules.tasks import events, policy, selectors
from guildhall.modules.tasks.errors import NameTakenError
from guildhall.modules.tasks.models import SavedView, Tag, Task, TaskTemplate
from guildhall.modules.tasks.services import changing

Named = TypeVar("Named", Tag, TaskTemplate, SavedView)


def save_named(thing: Named) -> Named:
    """Validate and save; a name that somebody took in the meantime is the caller's error.

    Raises:
        NameTakenError, InvalidInputError
    """
    clean_or_raise(thing, validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            thing.save()
    except IntegrityError as error:
        if "name_unique" in str(error):
            raise NameTakenError(fields={"name": [_("This name is taken.")]}) from error
        raise
    return thing


def require_may_curate(actor: User, organization: Organization) -> None:
    """Do nothing if the actor looks after the organization's tags and templates.

    Raises:
        NotAllowedError: he is neither admin nor moderator there.
    """
    if not policy.may_curate(selectors.standing_of(actor, organization.pk)):
        raise NotAllowedError


@transaction.atomic
def create_tag(*, actor: User, organization: Organization, name: str, color: str = "gray") -> Tag:
    """Create a tag, which every member may do.

    Raises:
        NotAllowedError: the actor does not belong to the organization.
        NameTakenError: there is one of this name.
    """
    if not selectors.standing_of(actor, organization.pk).is_member:
        raise NotAllowedError
    tag = save_named(Tag(organization=organization, name=name.strip(), color=color))
    events.tell(events.TagCreated(tag_id=tag.pk, name=tag.name), actor=actor, about=tag)
    return tag


@transaction.atomic
def update_tag(*, actor: User, tag: Tag, expected: AbstractSet[int] | None = None, **changes: Any) -> Tag:
    """Change name or colour; the tasks that have it are found under its new name.

    Raises:
        NotAllowedError: the actor is neither admin nor moderator.
        NameTakenError: there is one of this name.
        StaleVersionError: it is in none of the expected versions.
    """
    require_may_curate(actor, tag.organization)
    tag.lock_version(expected)
    for name, value in changes.items():
        setattr(tag, name, value.strip())
    tag.raise_version()
    save_named(tag)
    events.tell(events.TagChanged(tag_id=tag.pk, changed=sorted(changes)), actor=actor, about=tag)
    return tag


@transaction.atomic
def delete_tag(*, actor: User, tag: Tag, expected: AbstractSet[int] | None = None) -> None:
    """Delete the tag and take it from every task, which each one's history tells.

    Raises:
        NotAllowedError: the actor is neither admin nor moderator.
        StaleVersionError: it is in none of the expected versions.
    """
    require_may_curate(actor, tag.organization)
    # Tasks first, as everybody locks who changes a task's tags.
    having = Task.objects.filter(tag_ids__contains=[tag.pk]).order_by("pk")
    tasks = list(having.select_for_update(of=("self",), no_key=True))
    tag.lock_version(expected)
    if tasks:
        changing.carry_out(changing.Change(remove_tags=[tag]), tasks, actor=actor, now=timezone.now())
    events.tell(events.TagDeleted(tag_id=tag.pk, name=tag.name), actor=actor, about=tag)
    tag.delete()


@transaction.atomic
def merge_tags(*, actor: User, tag: Tag, into: Tag) -> None:
    """Put the other tag in the place of this one, on tasks and in templates, and delete this one.

    Raises:
        NotAllowedError: the actor is neither admin nor moderator.
        InvalidInputError: they are one, or of different organizations.
    """
    require_may_curate(actor, tag.organization)
    if into.pk == tag.pk or into.organization_id != tag.organization_id:
        raise InvalidInputError(fields={"into": [_("Choose another tag of the organization.")]})
    having = Task.objects.filter(tag_ids__contains=[tag.pk]).order_by("pk")
    tasks = list(having.select_for_update(of=("self",), no_key=True))
    # In the order of their keys, so that of two who merge at once none waits for the other for ever.
    for one in sorted((tag, into), key=lambda one: one.pk):
        one.lock_version()
    if tasks:
        change = changing.Change(add_tags=[into], remove_tags=[tag])
        changing.carry_out(change, tasks, actor=actor, now=timezone.now())
    for template in TaskTemplate.objects.filter(tags=tag):
        template.tags.add(into)
    events.tell(events.TagDeleted(tag_id=tag.pk, name=tag.name), actor=actor, about=tag)
    tag.delete()


@transaction.atomic
def tags_named(*, actor: User, organization: Organization, names: Iterable[str]) -> list[Tag]:
    """The organization's tags of these names, whatever their case; those that it has not are created.

    Raises:
        NotAllowedError: the actor does not belong to the organization.
        InvalidInputError: a name is not acceptable.
    """
    wanted = list(names)
    lowered = {name.lower() for name in wanted}
    present = {}
    if lowered:
        rows = Tag.objects.filter(organization=organization).annotate(lowered=Lower("name"))
        present = {tag.name.lower(): tag for tag in rows.filter(lowered__in=lowered)}
    return [
        present.get(name.lower()) or create_tag(actor=actor, organization=organization, name=name) for name in wanted
    ]
