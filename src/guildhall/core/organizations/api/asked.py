"""In which organization a caller asks something, where the address does not say it."""

from uuid import UUID

from rest_framework.request import Request

from guildhall.core.http.drf import actor_of, uuid_parameter, visible_or_field_error
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.selectors import active_organization


def named_organization(request: Request, key: UUID | None = None) -> Organization:
    """The organization with this id, or that of the parameter `organization`; without both the caller's active one.

    Raises:
        InvalidInputError: on `organization`, if the caller does not belong to it.
    """
    actor = actor_of(request)
    asked = key or uuid_parameter(request, "organization")
    if asked is None:
        return active_organization(actor)
    return visible_or_field_error(Organization.objects.visible_to(actor), asked, "organization")
