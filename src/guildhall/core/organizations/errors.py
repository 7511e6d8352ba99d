"""What can be wrong with an organization, a role or an invite."""

from http import HTTPStatus

from guildhall.core.errors import ConflictError, InvalidInputError


class InviteNotValidError(InvalidInputError):
    """The code is unknown, revoked, expired or used up; which of them is not told."""

    code = "invite_not_valid"
    title = "This invite code is not valid; ask for a new one"


class LastAdminError(ConflictError):
    """An organization keeps at least one admin."""

    code = "last_admin"
    title = "An organization needs an admin; make somebody else admin first"


class PersonalOrganizationError(ConflictError):
    """The personal organization and its project belong to their owner as long as the account exists."""

    code = "personal_organization"
    status = HTTPStatus.CONFLICT
    title = "The personal organization can't be deleted or left"


class NameTakenError(ConflictError):
    """There is something of this name in the same place."""

    code = "name_taken"
    title = "This name is taken"
