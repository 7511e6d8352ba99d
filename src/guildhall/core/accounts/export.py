"""Everything that is kept about a person, as plain values for JSON. Modules add their part with `register_exporter`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db.models import Model, QuerySet
from django.forms.models import model_to_dict
from django.utils import timezone

from guildhall.core.accounts import second_factor, sign_ins
from guildhall.core.accounts.models import User
from guildhall.core.accounts.passwords import confirm_password
from guildhall.core.audit.models import AuditEntry
from guildhall.core.audit.services import record_account
from guildhall.core.organizations.models import Invite, Organization

Exporter = Callable[[User], Any]

FORMAT: Final = 1
#: Of the audit log, the latest; an export is made in one piece.
MAX_ENTRIES: Final = 10_000
_exporters: dict[str, Exporter] = {}


def register_exporter(name: str, exporter: Exporter) -> None:
    """Add a part to every export: what a module keeps about the user. Safe to repeat.

    Raises:
        ValueError: the name is taken by another function.
    """
    known = _exporters.setdefault(name, exporter)
    if known.__qualname__ != exporter.__qualname__:
        raise ValueError(f"There is an exporter {name!r} already.")
    _exporters[name] = exporter


def export_own_data(*, actor: User, password: str) -> dict[str, Any]:
    """Everything about the actor, by part.

    Raises:
        InvalidInputError: this is not the password.
    """
    confirm_password(actor=actor, password=password)
    record_account("account.exported", actor, actor=actor)
    parts = {name: exporter(actor) for name, exporter in sorted({**_CORE, **_exporters}.items())}
    return {"format": FORMAT, "made_at": timezone.now(), **parts}


def _rows(rows: QuerySet[Any], *fields: str) -> list[dict[str, Any]]:
    return list(rows.values(*fields))


def _account(user: User) -> Mapping[str, Any]:
    fields = (
        "id", "email", "name", "language", "time_zone", "date_joined", "last_login", "email_verified_at", "is_active",
        "is_staff", "is_superuser", "active_organization_id",
    )  # fmt: skip
    return {
        **{name: getattr(user, name) for name in fields},
        "second_factor": second_factor.is_enabled(user),
        "recovery_codes_left": second_factor.recovery_codes_left(user),
    }


def _sign_ins(user: User) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "kind": one.kind.value,
            "created_at": one.created_at,
            "last_used_at": one.last_used_at,
            "address": one.address,
            "user_agent": one.user_agent,
        }
        for one in sign_ins.sign_ins_of(user, current=None)
    ]


def _personal_organization(user: User) -> Mapping[str, Any]:
    organization = Organization.objects.get(personal_owner=user)
    projects = organization.projects.order_by("created_at", "pk").prefetch_related("objects_in_project")
    return {
        "id": organization.pk,
        "name": organization.name,
        "projects": [
            {**_named(project), "objects": [_named(thing) for thing in project.objects_in_project.all()]}
            for project in projects
        ],
    }


def _named(thing: Model) -> dict[str, Any]:
    return {"id": thing.pk, **model_to_dict(thing, fields=["name", "description"])}


def _audit(user: User) -> list[dict[str, Any]]:
    entries = AuditEntry.objects.filter(actor_id=user.pk).order_by("-id")[:MAX_ENTRIES]
    return _rows(
        entries, "at", "action", "organization_id", "subject_type", "subject_id", "details", "address", "user_agent"
    )


_CORE: Final[Mapping[str, Exporter]] = {
    "account": _account,
    "sign_ins": _sign_ins,
    "api_keys": lambda user: _rows(
        user.api_keys.order_by("created_at"),
        "id", "name", "prefix", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at",
    ),
    "mails": lambda user: _rows(user.mails.order_by("created_at"), "purpose", "email", "created_at", "used_at"),
    "roles": lambda user: _rows(
        user.role_assignments.order_by("created_at"),
        "role", "organization_id", "organization__name", "project_id", "object_id", "created_at",
    ),
    "teams": lambda user: _rows(user.teams.order_by("created_at"), "id", "name", "organization_id"),
    "invites_made": lambda user: _rows(
        Invite.objects.filter(created_by=user).order_by("created_at"),
        "id", "role", "organization_id", "created_at", "expires_at", "uses", "revoked_at",
    ),
    "personal_organization": _personal_organization,
    "audit": _audit,
}  # fmt: skip
