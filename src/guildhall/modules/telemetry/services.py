"""Writes: datasources with their secrets and rights, and datapoints. What devices send is written by `ingest`."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from psycopg.errors import ExclusionViolation

from guildhall.core.accounts.models import User
from guildhall.core.audit.services import record
from guildhall.core.errors import ConflictError, InvalidInputError
from guildhall.core.organizations.models import Project, ProjectObject
from guildhall.core.organizations.policy import Action, Place
from guildhall.core.organizations.selectors import may, places_where, require
from guildhall.core.validation import as_invalid_input
from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.errors import KeyTakenError, NameTakenError
from guildhall.modules.telemetry.models import Datapoint, Datasource, TopicRight
from guildhall.modules.telemetry.policy import Right
from guildhall.modules.telemetry.selectors import readable_usernames

Named = TypeVar("Named", Project, ProjectObject)

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


@dataclass(frozen=True, slots=True)
class DatapointGiven:
    """What is to be created in a project or an object, or to be changed of a datapoint that there is."""

    details: dict[str, Any]
    datapoint: Datapoint | None = None
    project: Project | None = None
    thing: ProjectObject | None = None


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
    """Change name, `enabled`, `expires_at`, `may_create_datapoints` or `mapping`. Disabling cuts its connections.

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
    datasources of the same organization that the actor may edit. Foreign topics, for devices whose topics are fixed,
    are granted by an admin of the organization, where nobody else holds them.

    Raises:
        InvalidInputError: a filter is malformed or reaches further; `rights.N.filter` names it.
    """
    require(actor, "datasource", Action.MANAGE, datasource)
    wanted = list(dict.fromkeys(rights))
    if len(wanted) > MAX_RIGHTS:
        raise InvalidInputError(fields={"rights": [_("These are too many rights.")]})
    owners = {owner for right in wanted if right.action is Right.READ and (owner := policy.owner_of(right.filter))}
    readable = readable_usernames(actor, datasource.organization_id, owners)
    grants_foreign = may(actor, "foreign_topic", Action.CREATE, Place(datasource.organization_id))
    Datasource.objects.select_for_update().get(pk=datasource.pk)
    held = {RightGiven(Right(row.action), row.filter): row for row in datasource.topic_rights.all()}
    problems: dict[str, list[str]] = {}
    for index, right in enumerate(wanted):
        problem = _right_problem(right, datasource.username, readable, may_be_foreign=grants_foreign or right in held)
        if problem is not None:
            problems[f"rights.{index}.filter"] = [problem]
    if problems:
        raise InvalidInputError(fields=problems)
    for right, row in held.items():
        if right not in wanted:
            row.delete()
    for index, right in enumerate(wanted):
        if right not in held:
            _grant(datasource, right, field=f"rights.{index}.filter")
    if set(held) != set(wanted):
        now = [{"action": right.action.value, "filter": right.filter} for right in wanted]
        _record("rights_changed", actor, datasource, rights=now)
    datasource.refresh_from_db(fields=["rights_version", "rights_changed_at"])


def _grant(datasource: Datasource, right: RightGiven, *, field: str) -> None:
    try:
        with transaction.atomic():
            TopicRight.objects.create(datasource=datasource, action=right.action.value, filter=right.filter)
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            raise InvalidInputError(fields={field: [_("Another datasource holds some of these topics.")]}) from error
        raise


def _right_problem(right: RightGiven, username: str, readable: set[str], *, may_be_foreign: bool) -> str | None:
    problem = policy.filter_problem(right.filter)
    if problem is not None:
        return _("This is not a topic filter: %(problem)s.") % {"problem": problem}
    if policy.is_foreign(right.filter) and may_be_foreign:
        problem = policy.foreign_problem(right.filter)
        return _("These topics can't be granted: %(problem)s.") % {"problem": problem} if problem else None
    owner = policy.owner_of(right.filter)
    if right.action is Right.PUBLISH and owner != username:
        return _(
            "It can publish only below %(prefix)s, unless an admin of the organization grants it other topics."
        ) % {"prefix": policy.topic_prefix(username)}
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
    """Change key, name, unit, description or tags. With another key, topics with the old one lead to a new one."""
    require(actor, "datapoint", Action.EDIT, datapoint)
    for name, value in changes.items():
        setattr(datapoint, name, value)
    _save(datapoint)
    return datapoint


@transaction.atomic
def describe_datapoint(
    *,
    actor: User,
    datapoint: Datapoint,
    project_name: str | None = None,
    object_name: str | None = None,
    **details: Any,
) -> Datapoint:
    """Change what is known about a datapoint, and where it belongs, by the names of its project and object.

    Another project without an object is the project as a whole, and so is an empty name of the object. `details` are
    `name`, `created_at`, `unit`, `description` and `tags`.

    Raises:
        InvalidInputError: among what the actor may use in this organization nothing has this name, or several things.
    """
    require(actor, "datapoint", Action.EDIT, datapoint)
    project, thing = datapoint.project, datapoint.object
    if project_name is not None and project_name != project.name:
        project, thing = _named(actor, _projects_beside(actor, datapoint), project_name, "project_name"), None
    if object_name is not None:
        here = ProjectObject.objects.visible_to(actor).filter(project=project)
        thing = _named(actor, here, object_name, "object_name") if object_name else None
    return _placed(actor, datapoint, project, thing, details)


def _placed(
    actor: User, datapoint: Datapoint, project: Project, thing: ProjectObject | None, details: dict[str, Any]
) -> Datapoint:
    _require_object_in(project, thing)
    if _place(project, thing) != datapoint.place:
        if project.organization_id != datapoint.organization_id:
            raise InvalidInputError(fields={"project": [_("This project belongs to another organization.")]})
        require(actor, "datapoint", Action.CREATE, _place(project, thing))
        datapoint.project, datapoint.object = project, thing
    for name, value in details.items():
        setattr(datapoint, name, value)
    _save(datapoint)
    return datapoint


def _projects_beside(actor: User, datapoint: Datapoint) -> models.QuerySet[Project]:
    rows = Project.objects.visible_to(actor).filter(organization_id=datapoint.organization_id)
    return rows.filter(places_where(actor, "datapoint", Action.CREATE))


def _named(actor: User, rows: models.QuerySet[Named], name: str, field: str) -> Named:
    found = list(rows.filter(name=name)[:2])
    if len(found) != 1:
        sentence = _("Several things have this name.") if found else _("There is no such thing, or you can't see it.")
        raise InvalidInputError(fields={field: [sentence]})
    return found[0]


@transaction.atomic
def change_datapoint(
    *, actor: User, datapoint: Datapoint, project: Project, thing: ProjectObject | None, **details: Any
) -> Datapoint:
    """Change what is known about a datapoint, and to which place of its organization it belongs, samples and all."""
    require(actor, "datapoint", Action.EDIT, datapoint)
    return _placed(actor, datapoint, project, thing, details)


@transaction.atomic
def put_datapoints(*, actor: User, given: Sequence[DatapointGiven]) -> list[Datapoint]:
    """Create or change many datapoints: all of them, or none.

    Raises:
        InvalidInputError, ConflictError: `datapoints.N.field` names the first that is at fault.
        NotAllowedError: there is one that the actor may not create or change.
    """
    found = []
    for number, one in enumerate(given):
        try:
            if one.datapoint is None:
                assert one.project is not None
                made = create_datapoint(actor=actor, project=one.project, thing=one.thing, **one.details)
            else:
                made = update_datapoint(actor=actor, datapoint=one.datapoint, **one.details)
        except (InvalidInputError, ConflictError) as error:
            error.fields = {f"datapoints.{number}.{name}": messages for name, messages in error.fields.items()}
            raise
        found.append(made)
    return found


@transaction.atomic
def delete_datapoint(*, actor: User, datapoint: Datapoint) -> None:
    """Delete the datapoint with all its samples."""
    require(actor, "datapoint", Action.DELETE, datapoint)
    datapoint.delete()
