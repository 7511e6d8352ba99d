"""Reads: what a user may do, and who belongs where."""

from collections.abc import Iterable
from typing import Protocol

from django.db.models import Prefetch, Q, QuerySet

from guildhall.core.accounts.models import User
from guildhall.core.errors import NotAllowedError
from guildhall.core.organizations import policy
from guildhall.core.organizations.models import Organization, Project, RoleAssignment
from guildhall.core.organizations.policy import Action, Grant, Place, Role


class Placed(Protocol):
    """Anything that knows where it is."""

    @property
    def place(self) -> Place: ...


def grants_of(user: User) -> tuple[Grant, ...]:
    """The roles that the user holds now; one query."""
    return tuple(assignment.grant for assignment in RoleAssignment.objects.filter(user_id=user.pk))


def may(user: User, resource: str, action: Action, where: Placed | Place) -> bool:
    """Whether the user may do this to such a resource at that place."""
    if user.is_superuser:
        return True
    place = where if isinstance(where, Place) else where.place
    return policy.allows(grants_of(user), resource, action, place)


def allowed(user: User, resource: str, action: Action, places: Iterable[Place]) -> list[bool]:
    """Whether the user may do this at each of the places; one query, for lists."""
    if user.is_superuser:
        return [True for _ in places]
    grants = grants_of(user)
    return [policy.allows(grants, resource, action, place) for place in places]


def require(user: User, resource: str, action: Action, where: Placed | Place) -> None:
    """Do nothing if the user may do this.

    Raises:
        NotAllowedError: he may not. Whether he may see the thing is asked before, by `visible_to`.
    """
    if not may(user, resource, action, where):
        raise NotAllowedError


def places_where(user: User, resource: str, action: Action) -> Q:
    """A condition on `Project` rows: those in which the user may do this to such a resource of the project itself."""
    if user.is_superuser:
        return Q()
    roles = policy.rows()[resource][action]
    condition = Q(pk__in=[])
    for grant in grants_of(user):
        if grant.role not in roles:
            continue
        if grant.role is Role.ADMIN:
            condition |= Q(organization_id=grant.organization_id)
        elif grant.role is Role.MODERATOR:
            condition |= Q(pk=grant.project_id)
    return condition


def active_organization(user: User) -> Organization:
    """The organization whose pages the user looks at: his choice as long as he belongs to it, else the personal one."""
    if user.active_organization_id:
        chosen = Organization.objects.visible_to(user).filter(pk=user.active_organization_id).first()
        if chosen is not None:
            return chosen
    return Organization.objects.get(personal_owner_id=user.pk)


def members_of(organization: Organization) -> QuerySet[User]:
    """The people with any role in the organization, each with `roles_here`: his assignments in it."""
    assignments = RoleAssignment.objects.filter(organization=organization).select_related("project", "object")
    return (
        User.objects.filter(pk__in=assignments.values("user_id"))
        .order_by("name", "pk")
        .prefetch_related(Prefetch("role_assignments", queryset=assignments, to_attr="roles_here"))
    )


def assignments_in_project(project: Project) -> QuerySet[RoleAssignment]:
    """Everybody's roles that reach into the project: the organization's admins, its moderators, its objects' users."""
    return (
        RoleAssignment.objects.filter(
            Q(project=project) | Q(organization=project.organization_id, role=Role.ADMIN.value)
        )
        .select_related("user", "object", "project")
        .order_by("created_at", "pk")
    )


def administered_by(user: User) -> Iterable[Organization]:
    """The organizations in which the user is admin."""
    held = user.role_assignments.filter(role=Role.ADMIN.value)
    return Organization.objects.filter(pk__in=held.values("organization_id")).order_by("name", "pk")
