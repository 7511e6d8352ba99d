"""Writes: the end of an account, for a while or for ever. Sessions, tokens, keys and links end in the same transaction.

What modules keep open for a user they end when they hear of it (`accounts.user_deactivated`, `accounts.user_erased`).
"""

from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from guildhall.core.accounts import events, sign_ins
from guildhall.core.accounts.errors import LastSuperuserError
from guildhall.core.accounts.models import AccountMail, ApiKey, RecoveryCode, SecondFactor, User
from guildhall.core.accounts.passwords import confirm_password
from guildhall.core.audit.services import record_account
from guildhall.core.errors import NotAllowedError
from guildhall.core.organizations.errors import LastAdminError
from guildhall.core.organizations.models import Invite, Organization, Project, RoleAssignment, Team
from guildhall.core.organizations.policy import Role

ERASED_DOMAIN: Final = "erased.invalid"


@transaction.atomic
def deactivate_user(*, actor: User, user: User) -> None:
    """Let nobody act as this user: sessions, tokens and keys end at once. History and roles stay. Safe to repeat.

    Raises:
        NotAllowedError: the actor is no superuser.
        LastSuperuserError: nobody would look after the site.
    """
    if not actor.is_superuser:
        raise NotAllowedError
    _deactivate(actor, _lock(user))


def _lock(user: User) -> User:
    """The user read anew and locked; a superuser with all others, in one order, so that the last two can't both go."""
    wanted = Q(pk=user.pk) | Q(is_superuser=True) if user.is_superuser else Q(pk=user.pk)
    locked = list(User.objects.select_for_update().filter(wanted).order_by("pk"))
    return next(row for row in locked if row.pk == user.pk)


def deactivate_self(*, actor: User, password: str) -> None:
    """Close one's own account; a superuser can open it again.

    Raises:
        InvalidInputError: this is not the password.
        LastAdminError, LastSuperuserError: somebody else has to take over first.
    """
    confirm_password(actor=actor, password=password)
    with transaction.atomic():
        user = _lock(actor)
        _require_no_orphans(user)
        _deactivate(actor, user)


def _deactivate(actor: User, user: User) -> None:
    if not user.is_active:
        return
    _require_another_superuser(user)
    # Recorded before the end, while it is known whose pages the user looks at.
    record_account("account.deactivated", user, actor=actor)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _end_credentials(user)
    events.tell(events.UserDeactivated(user_id=user.pk), actor=actor, user=user)


def _end_credentials(user: User) -> None:
    now = timezone.now()
    sign_ins.end_all(user)
    ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    AccountMail.objects.filter(user=user, used_at=None).update(used_at=now)


def _require_another_superuser(user: User) -> None:
    if not user.is_superuser:
        return
    if not User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists():
        raise LastSuperuserError


def _require_no_orphans(user: User) -> None:
    """Refuse to go for somebody without whom an organization would have no admin."""
    administered = RoleAssignment.objects.filter(user=user, role=Role.ADMIN.value)
    organizations = Organization.objects.filter(personal_owner=None, pk__in=administered.values("organization_id"))
    # Locked as `revoke_role` does, so that the last two admins can't go at once.
    for organization in organizations.select_for_update().order_by("pk"):
        others = RoleAssignment.objects.filter(organization=organization, role=Role.ADMIN.value, user__is_active=True)
        if not others.exclude(user=user).exists():
            raise LastAdminError(
                translation.gettext("Make somebody else admin of %(name)s first, or delete it.")
                % {"name": organization.name}
            )


@transaction.atomic
def reactivate_user(*, actor: User, user: User) -> None:
    """Let the user sign in again; keys and sessions stay ended. Safe to repeat.

    Raises:
        NotAllowedError: the actor is no superuser, or the account was erased.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if not actor.is_superuser or user.erased_at is not None:
        raise NotAllowedError
    if user.is_active:
        return
    user.is_active = True
    user.save(update_fields=["is_active"])
    record_account("account.reactivated", user, actor=actor)
    events.tell(events.UserReactivated(user_id=user.pk), actor=actor, user=user)


def erase_self(*, actor: User, password: str) -> None:
    """Forget the actor: name, address, credentials, roles, and what his personal organization holds. For ever.

    The row stays under a pseudonym, so that what he did in organizations stays somebody's doing.

    Raises:
        InvalidInputError: this is not the password.
        LastAdminError, LastSuperuserError: somebody else has to take over first.
    """
    confirm_password(actor=actor, password=password)
    with transaction.atomic():
        user = _lock(actor)
        _require_no_orphans(user)
        _deactivate(actor, user)
        record_account("account.erased", user, actor=actor)
        _forget_belonging(user)
        _forget_person(user)
        events.tell(events.UserErased(user_id=user.pk), actor=actor, user=user)


def _forget_belonging(user: User) -> None:
    RoleAssignment.objects.filter(user=user).exclude(organization__personal_owner=user).delete()
    for team in Team.objects.filter(members=user):
        team.members.remove(user)
    personal = Organization.objects.get(personal_owner=user)
    RoleAssignment.objects.filter(organization=personal).exclude(user=user).delete()
    Invite.objects.filter(organization=personal).delete()
    Team.objects.filter(organization=personal).delete()
    # With all that modules keep in them. The database wants a personal project again by the end of the transaction.
    Project.objects.filter(organization=personal).delete()
    Project.objects.create(organization=personal, name="Personal", is_personal=True)
    personal.name = pseudonym(user)
    personal.raise_version()
    personal.save(update_fields=["name", "version"])


def _forget_person(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    AccountMail.objects.filter(user=user).delete()
    # Rows that ended say where somebody was, and a key's name may say anything.
    user.api_keys.all().delete()
    user.refresh_families.all().delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.name, user.email = pseudonym(user), f"erased-{user.pk.hex}@{ERASED_DOMAIN}"
    user.language, user.time_zone = "en", "UTC"
    user.is_staff = user.is_superuser = False
    user.active_organization = None
    user.last_login = user.email_verified_at = None
    user.erased_at = timezone.now()
    user.set_unusable_password()
    user.raise_version()
    user.save()


def pseudonym(user: User) -> str:
    """As whom an erased user goes on."""
    return f"Erased user {user.pk.hex[:8]}"
