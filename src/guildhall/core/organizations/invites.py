"""Writes: make, rotate, revoke and use invite codes."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.audit.services import record
from guildhall.core.errors import InvalidInputError
from guildhall.core.organizations import events
from guildhall.core.organizations.errors import InviteNotValidError
from guildhall.core.organizations.models import Invite, Organization, Project, ProjectObject, RoleAssignment
from guildhall.core.organizations.policy import Action, Role
from guildhall.core.organizations.selectors import require
from guildhall.core.organizations.services import hold_role, resolve_scope

CODE_BYTES = 18  # 144 bits, 24 characters.
HINT_LENGTH = 4


@dataclass(frozen=True, slots=True)
class NewCode:
    """An invite with its code in clear, which exists only here."""

    invite: Invite
    code: str


def _hash(code: str) -> bytes:
    """Plain SHA-256 is enough for a random code of 144 bits; there is nothing to guess."""
    return hashlib.sha256(code.strip().encode()).digest()


def _set_new_code(invite: Invite) -> str:
    code = secrets.token_urlsafe(CODE_BYTES)
    invite.code_hash = _hash(code)
    invite.code_hint = code[:HINT_LENGTH]
    return code


@transaction.atomic
def create_invite(
    *,
    actor: User,
    organization: Organization,
    role: Role,
    project: Project | None = None,
    thing: ProjectObject | None = None,
    expires_at: datetime | None = None,
    max_uses: int | None = None,
) -> NewCode:
    """Make a code that gives a role; `max_uses` None means any number of times, `expires_at` None for ever."""
    require(actor, "invite", Action.MANAGE, organization)
    place = resolve_scope(role=role, organization=organization, project=project, thing=thing)
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInputError(fields={"expires_at": [_("Choose a time in the future.")]})
    if max_uses is not None and max_uses < 1:
        raise InvalidInputError(fields={"max_uses": [_("Choose at least 1.")]})
    invite = Invite(
        role=role.value,
        organization=organization,
        project_id=place.project_id,
        object_id=place.object_id,
        created_by=actor,
        expires_at=expires_at,
        max_uses=max_uses,
    )
    code = _set_new_code(invite)
    invite.save()
    _record("invite.created", actor, invite)
    told = events.InviteCreated(invite_id=invite.pk, role=invite.role)
    events.tell(told, actor=actor, organization_id=organization.pk)
    return NewCode(invite, code)


def _record(action: str, actor: User, invite: Invite) -> None:
    details = {"role": invite.role, "project": invite.project_id, "object": invite.object_id}
    record(action, actor=actor, organization_id=invite.organization_id, subject=invite, details=details)


@transaction.atomic
def rotate_invite(*, actor: User, invite: Invite) -> NewCode:
    """Replace the code by a new one; the old one stops working, the count of uses begins again."""
    require(actor, "invite", Action.MANAGE, invite.organization)
    invite = Invite.objects.select_for_update().get(pk=invite.pk)
    code = _set_new_code(invite)
    invite.uses = 0
    invite.revoked_at = None
    invite.save()
    _record("invite.rotated", actor, invite)
    events.tell(events.InviteRotated(invite_id=invite.pk), actor=actor, organization_id=invite.organization_id)
    return NewCode(invite, code)


@transaction.atomic
def revoke_invite(*, actor: User, invite: Invite) -> None:
    """Make the code useless. Safe to repeat."""
    require(actor, "invite", Action.MANAGE, invite.organization)
    if Invite.objects.filter(pk=invite.pk, revoked_at=None).update(revoked_at=timezone.now()):
        _record("invite.revoked", actor, invite)
        events.tell(events.InviteRevoked(invite_id=invite.pk), actor=actor, organization_id=invite.organization_id)


@transaction.atomic
def join_organization(*, actor: User, code: str) -> RoleAssignment:
    """Use a code: the actor gets its role. Whoever holds that role already uses nothing up.

    Raises:
        InviteNotValidError: there is no such code, or it is revoked, expired or used up.
    """
    invite = Invite.objects.select_for_update().filter(code_hash=_hash(code)).first()
    if invite is None or not invite.is_open(timezone.now()):
        raise InviteNotValidError(fields={"code": [_("This invite code is not valid; ask for a new one.")]})
    assignment, is_new = hold_role(actor=actor, user=actor, role=Role(invite.role), place=invite.place)
    if is_new:
        _record("invite.used", actor, invite)
        invite.uses += 1
        invite.save(update_fields=["uses"])
    return assignment
