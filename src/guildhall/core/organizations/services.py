"""Writes: create organizations and what is in them, give and take roles. Invites live in `invites`."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from guildhall.core.accounts.models import User
from guildhall.core.audit.services import record
from guildhall.core.errors import InvalidInputError, NotAllowedError
from guildhall.core.organizations import events, policy
from guildhall.core.organizations.errors import LastAdminError, NameTakenError, PersonalOrganizationError
from guildhall.core.organizations.models import Organization, Project, ProjectObject, RoleAssignment, Team
from guildhall.core.organizations.policy import Action, Place, Role
from guildhall.core.organizations.selectors import grants_of, require
from guildhall.core.validation import clean_or_raise
from guildhall.core.versions import Versioned

#: From which versions of a record the change may start; None for any. Another is a `StaleVersionError`.
Versions: TypeAlias = AbstractSet[int] | None


def _save(thing: models.Model) -> None:
    """Validate and save; a name that somebody took in the meantime is the caller's error, not ours."""
    clean_or_raise(thing)
    try:
        with transaction.atomic():
            thing.save()
    except IntegrityError as error:
        if "name_unique" in str(error):
            raise NameTakenError(fields={"name": [_("This name is taken.")]}) from error
        raise


def _change(thing: Versioned, changes: dict[str, Any], expected: Versions) -> None:
    thing.lock_version(expected)
    for name, value in changes.items():
        setattr(thing, name, value)
    thing.raise_version()
    _save(thing)


@transaction.atomic
def create_organization(*, actor: User, name: str, language: str = "en") -> Organization:
    """Create an organization with a first project and a first object in it; the actor becomes its admin."""
    organization = Organization(name=name, language=language)
    _save(organization)
    RoleAssignment.objects.create(user=actor, role=Role.ADMIN, organization=organization)
    project = Project.objects.create(organization=organization, name=_("General"))
    ProjectObject.objects.create(project=project, name=_("Common room"))
    events.tell(events.OrganizationCreated(name=organization.name), actor=actor, organization_id=organization.pk)
    record("organization.created", actor=actor, organization_id=organization.pk, subject=organization)
    return organization


@transaction.atomic
def update_organization(
    *, actor: User, organization: Organization, expected: Versions = None, **changes: Any
) -> Organization:
    """Change name or language."""
    require(actor, "organization", Action.EDIT, organization)
    _change(organization, changes, expected)
    told = events.OrganizationChanged(changed=sorted(changes))
    events.tell(told, actor=actor, organization_id=organization.pk)
    return organization


@transaction.atomic
def delete_organization(*, actor: User, organization: Organization, expected: Versions = None) -> None:
    """Delete the organization with everything in it.

    Raises:
        PersonalOrganizationError: it is somebody's personal organization.
    """
    require(actor, "organization", Action.DELETE, organization)
    organization.lock_version(expected)
    if organization.is_personal:
        raise PersonalOrganizationError
    events.tell(events.OrganizationDeleted(name=organization.name), actor=actor, organization_id=organization.pk)
    record("organization.deleted", actor=actor, organization_id=organization.pk, subject=organization)
    organization.delete()


@transaction.atomic
def create_project(*, actor: User, organization: Organization, name: str, description: str = "") -> Project:
    """Create a project in the organization."""
    require(actor, "project", Action.CREATE, organization)
    project = Project(organization=organization, name=name, description=description)
    _save(project)
    told = events.ProjectCreated(project_id=project.pk, name=project.name)
    events.tell(told, actor=actor, organization_id=organization.pk)
    return project


@transaction.atomic
def update_project(*, actor: User, project: Project, expected: Versions = None, **changes: Any) -> Project:
    """Change name or description."""
    require(actor, "project", Action.EDIT, project)
    _change(project, changes, expected)
    told = events.ProjectChanged(project_id=project.pk, changed=sorted(changes))
    events.tell(told, actor=actor, organization_id=project.organization_id)
    return project


@transaction.atomic
def delete_project(*, actor: User, project: Project, expected: Versions = None) -> None:
    """Delete the project with everything in it.

    Raises:
        PersonalOrganizationError: it is somebody's personal project.
    """
    require(actor, "project", Action.DELETE, project)
    project.lock_version(expected)
    if project.is_personal:
        raise PersonalOrganizationError
    told = events.ProjectDeleted(project_id=project.pk, name=project.name)
    events.tell(told, actor=actor, organization_id=project.organization_id)
    project.delete()


@transaction.atomic
def create_object(*, actor: User, project: Project, name: str, description: str = "") -> ProjectObject:
    """Create a room, machine or site in the project."""
    require(actor, "object", Action.CREATE, project)
    thing = ProjectObject(project=project, name=name, description=description)
    _save(thing)
    told = events.ObjectCreated(project_id=project.pk, object_id=thing.pk, name=thing.name)
    events.tell(told, actor=actor, organization_id=project.organization_id)
    return thing


@transaction.atomic
def update_object(*, actor: User, thing: ProjectObject, expected: Versions = None, **changes: Any) -> ProjectObject:
    """Change name or description."""
    require(actor, "object", Action.EDIT, thing)
    _change(thing, changes, expected)
    told = events.ObjectChanged(project_id=thing.project_id, object_id=thing.pk, changed=sorted(changes))
    events.tell(told, actor=actor, organization_id=thing.project.organization_id)
    return thing


@transaction.atomic
def delete_object(*, actor: User, thing: ProjectObject, expected: Versions = None) -> None:
    """Delete the object with everything in it."""
    require(actor, "object", Action.DELETE, thing)
    thing.lock_version(expected)
    told = events.ObjectDeleted(project_id=thing.project_id, object_id=thing.pk, name=thing.name)
    events.tell(told, actor=actor, organization_id=thing.project.organization_id)
    thing.delete()


def resolve_scope(
    *, role: Role, organization: Organization, project: Project | None, thing: ProjectObject | None
) -> Place:
    """The place in which this role is to be held; scopes wider or narrower than the role's are refused.

    Raises:
        InvalidInputError: the scope does not fit the role, or project and object are not of this organization.
    """
    if project is not None and project.organization_id != organization.pk:
        raise InvalidInputError(fields={"project": [_("This project belongs to another organization.")]})
    if role is Role.ADMIN:
        return Place(organization.pk)
    if role is Role.MODERATOR:
        if project is None:
            raise InvalidInputError(fields={"project": [_("A moderator needs a project.")]})
        return Place(organization.pk, project.pk)
    if thing is None:
        raise InvalidInputError(fields={"object": [_("A user needs an object.")]})
    if (project is not None and thing.project_id != project.pk) or thing.project.organization_id != organization.pk:
        raise InvalidInputError(fields={"object": [_("This object belongs to another project.")]})
    return Place(organization.pk, thing.project_id, thing.pk)


def require_grantable(*, actor: User, role: Role, place: Place) -> None:
    """Do nothing if the actor may give or take this role there.

    Raises:
        NotAllowedError: he may not.
    """
    if not actor.is_superuser and not policy.may_grant(grants_of(actor), role, place):
        raise NotAllowedError


@transaction.atomic
def grant_role(*, actor: User, user: User, role: Role, place: Place) -> RoleAssignment:
    """Give the user this role in this scope. Safe to repeat: the same role is held once."""
    require_grantable(actor=actor, role=role, place=place)
    return hold_role(actor=actor, user=user, role=role, place=place)[0]


def hold_role(*, actor: User, user: User, role: Role, place: Place) -> tuple[RoleAssignment, bool]:
    """Store the assignment, whoever decided it; returns it and whether it is new. Safe against a concurrent twin."""
    # The stubs forget that the key of a nullable relation may be None.
    assignment, is_new = RoleAssignment.objects.get_or_create(  # type: ignore[misc]
        user=user,
        role=role.value,
        organization_id=place.organization_id,
        project_id=place.project_id,
        object_id=place.object_id,
    )
    if is_new:
        _record_role("role.granted", actor, assignment)
    return assignment, is_new


def _record_role(action: str, actor: User, assignment: RoleAssignment) -> None:
    details = {
        "user": assignment.user_id,
        "role": assignment.role,
        "project": assignment.project_id,
        "object": assignment.object_id,
    }
    record(action, actor=actor, organization_id=assignment.organization_id, subject=assignment, details=details)
    happened = events.RoleGranted if action == "role.granted" else events.RoleRevoked
    told = happened(
        user_id=assignment.user_id,
        role=assignment.role,
        project_id=assignment.project_id,
        object_id=assignment.object_id,
    )
    events.tell(told, actor=actor, organization_id=assignment.organization_id)


def _lock(organization_id: UUID) -> Organization:
    return Organization.objects.select_for_update().get(pk=organization_id)


def _require_an_admin_left(organization: Organization, without: Iterable[RoleAssignment]) -> None:
    gone = [assignment.pk for assignment in without]
    admins = RoleAssignment.objects.filter(organization=organization, role=Role.ADMIN.value)
    if admins.filter(pk__in=gone).exists() and not admins.exclude(pk__in=gone).exists():
        raise LastAdminError


def _require_not_personal(organization: Organization, user_id: UUID) -> None:
    if organization.personal_owner_id == user_id:
        raise PersonalOrganizationError


@transaction.atomic
def revoke_role(*, actor: User, assignment: RoleAssignment) -> None:
    """Take one role away. Everybody may give up his own.

    Raises:
        LastAdminError: nobody would be admin.
        PersonalOrganizationError: it is the owner's role in his personal organization.
    """
    if assignment.user_id != actor.pk:
        require_grantable(actor=actor, role=Role(assignment.role), place=assignment.place)
    organization = _lock(assignment.organization_id)
    if assignment.role == Role.ADMIN:
        _require_not_personal(organization, assignment.user_id)
        _require_an_admin_left(organization, [assignment])
    _record_role("role.revoked", actor, assignment)
    assignment.delete()


@transaction.atomic
def remove_member(*, actor: User, organization: Organization, user: User) -> None:
    """Take all roles in the organization from the user, and his place in its teams. Everybody may leave by himself.

    Raises:
        LastAdminError: nobody would be admin.
        PersonalOrganizationError: it is his personal organization.
    """
    if user.pk != actor.pk:
        require(actor, "member", Action.MANAGE, organization)
    organization = _lock(organization.pk)
    _require_not_personal(organization, user.pk)
    held = list(RoleAssignment.objects.filter(organization=organization, user=user))
    _require_an_admin_left(organization, held)
    for assignment in held:
        _record_role("role.revoked", actor, assignment)
    RoleAssignment.objects.filter(pk__in=[assignment.pk for assignment in held]).delete()
    for team in Team.objects.filter(organization=organization, members=user):
        team.lock_version()
        team.members.remove(user)
        team.raise_version()
        team.save(update_fields=["version"])


def _require_members(organization: Organization, members: Iterable[User]) -> None:
    wanted = {member.pk for member in members}
    found = set(
        RoleAssignment.objects.filter(organization=organization, user__in=wanted).values_list("user_id", flat=True)
    )
    if wanted - found:
        raise InvalidInputError(fields={"members": [_("Only members of the organization can be in its teams.")]})


@transaction.atomic
def create_team(*, actor: User, organization: Organization, name: str, members: Iterable[User] = ()) -> Team:
    """Create a team of members of the organization."""
    require(actor, "team", Action.MANAGE, organization)
    chosen = list(members)
    _require_members(organization, chosen)
    team = Team(organization=organization, name=name)
    _save(team)
    team.members.set(chosen)
    events.tell(events.TeamCreated(team_id=team.pk, name=team.name), actor=actor, organization_id=organization.pk)
    return team


@transaction.atomic
def update_team(
    *, actor: User, team: Team, members: Iterable[User] | None = None, expected: Versions = None, **changes: Any
) -> Team:
    """Change the name, or replace the members where they are given."""
    require(actor, "team", Action.MANAGE, team)
    _change(team, changes, expected)
    if members is not None:
        chosen = list(members)
        _require_members(team.organization, chosen)
        team.members.set(chosen)
    changed = {*changes, "members"} if members is not None else {*changes}
    told = events.TeamChanged(team_id=team.pk, changed=sorted(changed))
    events.tell(told, actor=actor, organization_id=team.organization_id)
    return team


@transaction.atomic
def delete_team(*, actor: User, team: Team, expected: Versions = None) -> None:
    """Delete the team; its members stay members of the organization."""
    require(actor, "team", Action.MANAGE, team)
    team.lock_version(expected)
    told = events.TeamDeleted(team_id=team.pk, name=team.name)
    events.tell(told, actor=actor, organization_id=team.organization_id)
    team.delete()


@transaction.atomic
def choose_active_organization(*, actor: User, organization: Organization) -> None:
    """Remember which organization's pages the actor looks at."""
    User.objects.filter(pk=actor.pk).update(active_organization=organization)
    actor.active_organization = organization
