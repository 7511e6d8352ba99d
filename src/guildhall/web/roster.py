"""Who belongs to an organization, laid out for the page: each person's roles, and what the reader may do about them."""

from dataclasses import dataclass

from guildhall.core.accounts.models import User
from guildhall.core.organizations import policy
from guildhall.core.organizations.models import Organization, RoleAssignment
from guildhall.core.organizations.policy import Action, Grant, Role
from guildhall.core.organizations.selectors import grants_of, members_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role that somebody holds, and whether the reader may take it away."""

    assignment: RoleAssignment
    may_take: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One person of the organization."""

    user: User
    roles: tuple[HeldRole, ...]
    is_reader: bool
    may_remove: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The people of an organization as one of them sees it."""

    rows: tuple[Row, ...]
    may_grant: bool


def _may_grant_somewhere(reader: User, grants: tuple[Grant, ...], organization: Organization) -> bool:
    here = (grant for grant in grants if grant.organization_id == organization.pk)
    return reader.is_superuser or any(grant.role in policy.MODERATORS for grant in here)


def roster_of(*, reader: User, organization: Organization) -> Roster:
    """Everybody with a role in the organization, by name; four queries, however many people."""
    grants = grants_of(reader)
    manages = reader.is_superuser or policy.allows(grants, "member", Action.MANAGE, organization.place)

    def row(user: User) -> Row:
        is_reader, is_owner = user.pk == reader.pk, user.pk == organization.personal_owner_id
        held: list[RoleAssignment] = user.roles_here  # type: ignore[attr-defined]
        return Row(
            user=user,
            roles=tuple(
                HeldRole(
                    assignment=assignment,
                    may_take=not is_owner
                    and (reader.is_superuser or policy.may_grant(grants, Role(assignment.role), assignment.place)),
                )
                for assignment in held
            ),
            is_reader=is_reader,
            may_remove=manages and not is_reader and not is_owner,
        )

    return Roster(
        rows=tuple(row(user) for user in members_of(organization)),
        may_grant=_may_grant_somewhere(reader, grants, organization),
    )
