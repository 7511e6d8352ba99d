"""What happens to accounts. The subject of all of these is `user/<id>`, so they come in order."""

from uuid import UUID

from django.db import connection

from guildhall.core import events
from guildhall.core.accounts.models import User


class UserRegistered(events.EventData, type="accounts.user_registered"):
    user_id: UUID


class UserDeactivated(events.EventData, type="accounts.user_deactivated"):
    """Nobody can act as this user any more; what modules keep open for him ends."""

    user_id: UUID


class UserReactivated(events.EventData, type="accounts.user_reactivated"):
    user_id: UUID


class UserErased(events.EventData, type="accounts.user_erased"):
    """The person asked to be forgotten; the row stays under a pseudonym, so that history holds together."""

    user_id: UUID


def tell(data: events.EventData, *, actor: User, user: User) -> None:
    """Append an event about this user to the caller's transaction."""
    events.append(connection, data, subject=f"user/{user.pk}", organization_id=None, actor_id=actor.pk)
