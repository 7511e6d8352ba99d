"""Which cached answers end with which change. Told by the models' signals, so that no way of writing is forgotten."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from guildhall.core.accounts.models import User
from guildhall.core.http.cache import invalidate
from guildhall.core.organizations.models import RoleAssignment

#: What a list of members shows of a person; a sign-in writes others.
_SHOWN: Final = frozenset({"email", "name", "language", "time_zone"})


def members_tag(organization_id: UUID) -> str:
    """The tag of answers that tell who belongs to the organization, and in which role."""
    return f"members:{organization_id}"


@receiver([post_save, post_delete], sender=RoleAssignment, dispatch_uid="roles end cached members")
def end_members(instance: RoleAssignment, **_: Any) -> None:
    """Somebody came, went, or holds another role."""
    _after_commit(members_tag(instance.organization_id))


@receiver(post_save, sender=User, dispatch_uid="people end cached members")
def end_members_of(instance: User, update_fields: frozenset[str] | None = None, **_: Any) -> None:
    """Somebody's name or address may look different wherever he belongs."""
    if update_fields is not None and _SHOWN.isdisjoint(update_fields):
        return
    organizations = RoleAssignment.objects.filter(user=instance).values_list("organization_id", flat=True).distinct()
    _after_commit(*(members_tag(organization_id) for organization_id in organizations))


def _after_commit(*tags: str) -> None:
    if tags:
        transaction.on_commit(partial(invalidate, *tags), robust=True)
