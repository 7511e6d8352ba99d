"""Writes: datasources with their secrets and rights, and datapoints. What devices send is written by `ingest`."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.audit.services import record
from guildhall.core.errors import InvalidInputError
from guildhall.core.organizations.models import Project, ProjectObject
from guildhall.core.organizations.policy import Action, Place
from guildhall.core.organizations.selectors import require
from guildhall.core.validation import as_invalid_input
from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.errors import KeyTakenError, NameTakenError
from guildhall.modules.telemetry.models import Datapoint, Datasource, TopicRight
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.selectors import readable_usernames

SECRET_BYTES: Final = 24
USERNAME_LENGTH: Final = 10
MAX_RIGHTS: Final = 100
#: Settings whose new values the audit log holds; of the others it says that they changed.
AUDITED: Final = frozenset({"enabled", "expires_at", "may_create_datapoints"})
# Without letters and digits that look alike, as somebody may have to type it into a device.
_USERNAME_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A datasource and its secret, which nobody can be shown again."""

    datasource: Datasource
    secret: str


@dataclass(frozen=True, slots=True)
class RightGiven:
    """A right to be held: an action on the topics that a filter matches."""

    action: Right
    filter: str


def _save(thing: models.Model, **options: Any) -> None:
    """Validate and save. What is taken is told by the database, so that a race is answered like any other conflict."""
    try:
        thing.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise as_invalid_input(error) from error
    try:
        with transaction.atomic():
            thing.save(**options)
    except IntegrityError as error:
        if "name_unique" in str(error):
            raise NameTakenError(fields={"name": [_("This name is taken.")]}) from error
        if "key_unique" in str(error):
            raise KeyTakenError(fields={"key": [_("This key is taken.")]}) from error
        raise


def _new_secret() -> tuple[str, bytes]:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return secret, hashlib.sha256(secret.encode()).digest()


def _new_username() -> str:
    return "".join(secrets.choice(_USERNAME_ALPHABET) for _ in range(USERNAME_LENGTH))


def _require_object_in(project: Project, thing: ProjectObject | None) -> None:
    if thing is not None and thing.project_id != project.pk:
        raise InvalidInputError(fields={"object": [_("This object belongs to another project.")]})


def _place(project: Project, thing: ProjectObject | None) -> Place:
    return Place(project.organization_id, project.pk, thing.pk if thing is not None else None)


@transaction.atomic
def create_datasource(
    *, actor: User, project: Project, thing: ProjectObject | None = None, name: str, **settings: Any
) -> Credentials:
    """Create a datasource of the project, or of one object of it, that may publish under its own topics.

    `settings` are `enabled`, `expires_at` and `may_create_datapoints`.
    """
    _require_object_in(project, thing)
    require(actor, "datasource", Action.CREATE, _place(project, thing))
    secret, secret_hash = _new_secret()
    datasource = Datasource(
        organization_id=project.organization_id,
        project=project,
        object=thing,
        name=name,
        username=_new_username(),
        secret_hash=secret_hash,
        **settings,
    )
    _save(datasource)
    TopicRight.objects.create(
        datasource=datasource, action=Right.PUBLISH.value, filter=policy.default_filter(datasource.username)
    )
    # The trigger counted the rights up behind Django's back.
    datasource.refresh_from_db(fields=["rights_version", "rights_changed_at", "created_at"])
    _record("created", actor, datasource)
    return Credentials(datasource, secret)


def _record(what: str, actor: User, datasource: Datasource, **details: Any) -> None:
    record(
        f"datasource.{what}",
        actor=actor,
        organization_id=datasource.organization_id,
        subject=datasource,
        details={"username": datasource.username, **details},
    )


@transaction.atomic
def update_datasource(*, actor: User, datasource: Datasource, **changes: Any) -> Datasource:
    """Change name, `enabled`, `expires_at` or `may_create_datapoints`. Disabling cuts its connections.

    To enable it ends a pause, too.
    """
    require(actor, "datasource", Action.EDIT, datasource)
    ends_pause = changes.get("enabled") is True and datasource.paused_until is not None
    for name, value in changes.items():
        setattr(datasource, name, value)
    if ends_pause:
        datasource.paused_until = None
    # Only what was changed: the counts and versions move while a person edits.
    _save(datasource, update_fields=[*changes, *(["paused_until"] if ends_pause else [])])
    told = {name: value for name, value in changes.items() if name in AUDITED}
    _record("changed", actor, datasource, changed=sorted(changes), **told)
    return datasource


@transaction.atomic
def rotate_secret(*, actor: User, datasource: Datasource) -> Credentials:
    """Give the datasource a new secret; the old one and every connection made with it end."""
    require(actor, "datasource", Action.MANAGE, datasource)
    secret, datasource.secret_hash = _new_secret()
    datasource.save(update_fields=["secret_hash"])
    _record("secret_rotated", actor, datasource)
    return Credentials(datasource, secret)


@transaction.atomic
def delete_datasource(*, actor: User, datasource: Datasource) -> None:
    """Delete the datasource and cut its connections. Its samples stay."""
    require(actor, "datasource", Action.DELETE, datasource)
    _record("deleted", actor, datasource)
    datasource.delete()


@transaction.atomic
def set_topic_rights(*, actor: User, datasource: Datasource, rights: Iterable[RightGiven]) -> None:
    """Let the datasource hold these rights and no others; its open connections are cut if that changes anything.

    It may publish only under its own user name, so that the source of each sample is certain, and read only topics of
    datasources of the same organization that the actor may edit.

    Raises:
        InvalidInputError: a filter is malformed or reaches further; `rights.N.filter` names it.
    """
    require(actor, "datasource", Action.MANAGE, datasource)
    wanted = list(dict.fromkeys(rights))
    if len(wanted) > MAX_RIGHTS:
        raise InvalidInputError(fields={"rights": [_("These are too many rights.")]})
    owners = {owner for right in wanted if right.action is Right.READ and (owner := policy.owner_of(right.filter))}
    readable = readable_usernames(actor, datasource.organization_id, owners)
    problems: dict[str, list[str]] = {}
    for index, right in enumerate(wanted):
        problem = _right_problem(right, datasource.username, readable)
        if problem is not None:
            problems[f"rights.{index}.filter"] = [problem]
    if problems:
        raise InvalidInputError(fields=problems)
    Datasource.objects.select_for_update().get(pk=datasource.pk)
    held = {RightGiven(Right(row.action), row.filter): row for row in datasource.topic_rights.all()}
    for right, row in held.items():
        if right not in wanted:
            row.delete()
    for right in wanted:
        if right not in held:
            TopicRight.objects.create(datasource=datasource, action=right.action.value, filter=right.filter)
    if set(held) != set(wanted):
        now = [{"action": right.action.value, "filter": right.filter} for right in wanted]
        _record("rights_changed", actor, datasource, rights=now)
    datasource.refresh_from_db(fields=["rights_version", "rights_changed_at"])


def _right_problem(right: RightGiven, username: str, readable: set[str]) -> str | None:
    problem = policy.filter_problem(right.filter)
    if problem is not None:
        return _("This is not a topic filter: %(problem)s.") % {"problem": problem}
    owner = policy.owner_of(right.filter)
    if right.action is Right.PUBLISH and owner != username:
        return _("It can publish only below %(prefix)s.") % {"prefix": policy.topic_prefix(username)}
    if right.action is Right.READ and owner not in readable and owner != username:
        return _("It can read only topics of datasources of this organization, such as %(filter)s.") % {
            "filter": policy.default_filter(username)
        }
    return None


@transaction.atomic
def create_datapoint(
    *, actor: User, project: Project, thing: ProjectObject | None = None, key: str, name: str = "", **details: Any
) -> Datapoint:
    """Create a series of the project, or of one object of it; its name is its key where none is given."""
    _require_object_in(project, thing)
    require(actor, "datapoint", Action.CREATE, _place(project, thing))
    datapoint = Datapoint(
        organization_id=project.organization_id, project=project, object=thing, key=key, name=name or key, **details
    )
    _save(datapoint)
    datapoint.refresh_from_db(fields=["created_at"])
    return datapoint


@transaction.atomic
def update_datapoint(*, actor: User, datapoint: Datapoint, **changes: Any) -> Datapoint:
    """Change key, name, unit or description. With another key, topics with the old one lead to a new datapoint."""
    require(actor, "datapoint", Action.EDIT, datapoint)
    for name, value in changes.items():
        setattr(datapoint, name, value)
    _save(datapoint)
    return datapoint


@transaction.atomic
def delete_datapoint(*, actor: User, datapoint: Datapoint) -> None:
    """Delete the datapoint with all its samples."""
    require(actor, "datapoint", Action.DELETE, datapoint)
    datapoint.delete()
