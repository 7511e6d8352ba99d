"""Writes of configuration documents: whole, by section, and back to an older version."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError, NotFoundError
from guildhall.core.organizations.models import Project, ProjectObject
from guildhall.core.organizations.policy import Action, Place
from guildhall.core.organizations.selectors import require
from guildhall.core.validation import clean_or_raise
from guildhall.modules.telemetry import events, pointer
from guildhall.modules.telemetry.errors import NameTakenError
from guildhall.modules.telemetry.models import Configuration, ConfigurationVersion
from guildhall.modules.telemetry.policy import Change

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 32
#: Older versions than these many are forgotten.
KEPT_VERSIONS: Final = 200


@dataclass(frozen=True, slots=True)
class _Step:
    """How a version came about."""

    action: Change
    path: str = ""
    restored_from: int | None = None


def document_of(row: Configuration | ConfigurationVersion) -> Any:
    """The document as JSON values."""
    return orjson.loads(row.content)


def encoded(document: Any) -> str:
    """The text under which a document is kept.

    Raises:
        InvalidInputError: it is too large or nested too deep.
    """
    if pointer.depth_of(document) > MAX_DEPTH:
        problem = _("It is nested deeper than %(limit)s levels.") % {"limit": MAX_DEPTH}
        raise InvalidInputError(fields={"document": [problem]})
    content = orjson.dumps(document)
    if len(content) > MAX_BYTES:
        problem = _("It has %(size)s KiB, but may have %(limit)s.") % {
            "size": -(-len(content) // 1024),
            "limit": MAX_BYTES // 1024,
        }
        raise InvalidInputError(fields={"document": [problem]})
    return content.decode()


@transaction.atomic
def create_configuration(
    *, actor: User, project: Project, thing: ProjectObject | None = None, name: str, document: Any
) -> Configuration:
    """Store a document for a project, or for one object of it.

    Raises:
        InvalidInputError: the object is in another project, or the document too large or too deep.
        NameTakenError: there is one of this name in the same place.
    """
    if thing is not None and thing.project_id != project.pk:
        raise InvalidInputError(fields={"object": [_("This object belongs to another project.")]})
    place = Place(project.organization_id, project.pk, thing.pk if thing is not None else None)
    require(actor, "configuration", Action.CREATE, place)
    configuration = Configuration(
        organization_id=project.organization_id, project=project, object=thing, name=name, content=encoded(document)
    )
    _save(configuration)
    configuration.refresh_from_db(fields=["created_at"])
    _keep(actor, configuration, _Step(Change.WHOLE))
    return configuration


@transaction.atomic
def replace_document(
    *,
    actor: User,
    configuration: Configuration,
    document: Any,
    name: str | None = None,
    expected: AbstractSet[int] | None = None,
) -> Configuration:
    """Make this the document; `name` None keeps the name.

    Raises:
        StaleVersionError: the configuration is in none of the expected versions.
    """

    def change(_document: Any) -> Any:
        if name is not None:
            configuration.name = name
        return document

    return _change(actor, configuration, expected, _Step(Change.WHOLE), change)


def replace_section(
    *, actor: User, configuration: Configuration, path: str, value: Any, expected: AbstractSet[int] | None = None
) -> Configuration:
    """Put a value into one section, which may be new, and touch nothing else.

    Raises:
        InvalidInputError: `path` is none, or leads through something that is not there.
        StaleVersionError: the configuration is in none of the expected versions.
    """
    keys = _keys(path)

    def change(document: Any) -> Any:
        try:
            return pointer.replaced(document, keys, value)
        except pointer.NoSectionError as error:
            there = pointer.path_of(keys[: error.depth])
            problem = _("Nothing can be put there: the document ends at “%(path)s”.") % {"path": there}
            raise InvalidInputError(fields={"path": [problem]}) from error

    return _change(actor, configuration, expected, _Step(Change.SECTION, path), change)


def remove_section(
    *, actor: User, configuration: Configuration, path: str, expected: AbstractSet[int] | None = None
) -> Configuration:
    """Take one section out.

    Raises:
        NotFoundError: there is none.
        StaleVersionError: the configuration is in none of the expected versions.
    """
    keys = _keys(path)

    def change(document: Any) -> Any:
        try:
            return pointer.removed(document, keys)
        except pointer.NoSectionError as error:
            raise NotFoundError from error

    return _change(actor, configuration, expected, _Step(Change.REMOVAL, path), change)


def restore_version(
    *, actor: User, configuration: Configuration, number: int, expected: AbstractSet[int] | None = None
) -> Configuration:
    """Make an older version's document the current one again, as a new version.

    Raises:
        NotFoundError: there is no such version, or it was forgotten.
        StaleVersionError: the configuration is in none of the expected versions.
    """
    older = configuration.versions.filter(number=number).first()
    if older is None:
        raise NotFoundError
    step = _Step(Change.RESTORE, restored_from=number)
    return _change(actor, configuration, expected, step, lambda _document: document_of(older))


@transaction.atomic
def delete_configuration(
    *, actor: User, configuration: Configuration, expected: AbstractSet[int] | None = None
) -> None:
    """Delete the configuration with all its versions."""
    require(actor, "configuration", Action.DELETE, configuration)
    configuration.lock_version(expected)
    deleted = events.ConfigurationDeleted(
        configuration_id=configuration.pk, project_id=configuration.project_id, object_id=configuration.object_id
    )
    events.tell(deleted, actor=actor, configuration=configuration)
    configuration.delete()


def section_of(configuration: Configuration, path: str) -> Any:
    """What stands in a section.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: `path` is none.
    """
    try:
        return pointer.section(document_of(configuration), _keys(path))
    except pointer.NoSectionError as error:
        raise NotFoundError from error


def _keys(path: str) -> tuple[str, ...]:
    try:
        return pointer.keys_of(path)
    except pointer.BadPathError as error:
        raise InvalidInputError(fields={"path": [_("“~” is written as ~0, and “/” in a key as ~1.")]}) from error


@transaction.atomic
def _change(
    actor: User,
    configuration: Configuration,
    expected: AbstractSet[int] | None,
    step: _Step,
    change: Callable[[Any], Any],
) -> Configuration:
    """Lock the configuration, change its document as it then is, and keep that as a version."""
    require(actor, "configuration", Action.EDIT, configuration)
    configuration.lock_version(expected)
    configuration.content = encoded(change(document_of(configuration)))
    configuration.raise_version()
    _save(configuration)
    _keep(actor, configuration, step)
    return configuration


def _save(configuration: Configuration) -> None:
    clean_or_raise(configuration, validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            configuration.save()
    except IntegrityError as error:
        if "name_unique" in str(error):
            raise NameTakenError(fields={"name": [_("This name is taken.")]}) from error
        raise


def _keep(actor: User, configuration: Configuration, step: _Step) -> None:
    ConfigurationVersion.objects.create(
        configuration=configuration,
        number=configuration.version,
        content=configuration.content,
        action=step.action.value,
        path=step.path,
        restored_from=step.restored_from,
        changed_by=actor,
    )
    configuration.versions.filter(number__lte=configuration.version - KEPT_VERSIONS).delete()
    object_id: UUID | None = configuration.object_id
    changed = events.ConfigurationChanged(
        configuration_id=configuration.pk,
        project_id=configuration.project_id,
        object_id=object_id,
        document_version=configuration.version,
        path=step.path,
    )
    events.tell(changed, actor=actor, configuration=configuration)
