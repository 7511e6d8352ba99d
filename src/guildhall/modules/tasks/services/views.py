"""Writes of saved views. They are preferences, of which neither history nor events tell."""

from typing import Any

from django.db import transaction

from guildhall.core.accounts.models import User
from guildhall.core.errors import NotAllowedError
from guildhall.core.organizations.models import Organization
from guildhall.modules.tasks import policy, selectors
from guildhall.modules.tasks.models import DefaultView, SavedView
from guildhall.modules.tasks.services.tags import save_named


def _require_may_change(actor: User, view: SavedView) -> None:
    standing = selectors.standing_of(actor, view.organization_id)
    if not policy.may_change_view(standing, owner_id=view.owner_id, is_shared=view.is_shared):
        raise NotAllowedError


@transaction.atomic
def save_view(
    *,
    actor: User,
    organization: Organization,
    name: str,
    layout: str,
    query: str,
    is_shared: bool = False,
    is_default: bool = False,
) -> SavedView:
    """Keep a view; `is_default` makes it the one with which the actor begins.

    Raises:
        NotAllowedError: the actor does not belong to the organization.
        NameTakenError: he has one of this name there.
        InvalidInputError: a value is not acceptable.
    """
    if not selectors.standing_of(actor, organization.pk).is_member:
        raise NotAllowedError
    view = save_named(
        SavedView(
            organization=organization, owner=actor, name=name.strip(), layout=layout, query=query, is_shared=is_shared
        )
    )
    if is_default:
        choose_default_view(actor=actor, organization=organization, view=view)
    return view


@transaction.atomic
def update_view(*, actor: User, view: SavedView, **changes: Any) -> SavedView:
    """Change `name`, `layout`, `query` or `is_shared`. Who began with a view that is shared no more begins without one.

    Raises:
        NotAllowedError: it is neither the actor's, nor a shared one that he looks after.
        NameTakenError: its owner has one of this name.
        InvalidInputError: a value is not acceptable.
    """
    _require_may_change(actor, view)
    for name, value in changes.items():
        setattr(view, name, value.strip() if name == "name" else value)
    save_named(view)
    if not view.is_shared:
        DefaultView.objects.filter(view=view).exclude(user_id=view.owner_id).delete()
    return view


@transaction.atomic
def delete_view(*, actor: User, view: SavedView) -> None:
    """Forget the view; whoever began with it begins with the plain list.

    Raises:
        NotAllowedError: it is neither the actor's, nor a shared one that he looks after.
    """
    _require_may_change(actor, view)
    view.delete()


def choose_default_view(*, actor: User, organization: Organization, view: SavedView | None) -> None:
    """Let the actor begin with this view, or with none. Safe to repeat."""
    own: dict[str, Any] = {"user": actor, "organization": organization}
    if view is None:
        DefaultView.objects.filter(**own).delete()
    else:
        DefaultView.objects.update_or_create(**own, defaults={"view": view})
