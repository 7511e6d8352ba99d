"""The facade for everything outside Django's views: who is asking, what he may see, register, sign in, join, rotate.

Plain dataclasses in, plain dataclasses out; every function is synchronous and uses Django's connection of its thread.
An asynchronous framework calls them through `identity.aio`, which gives the connection back afterwards.
"""

from guildhall.core.identity.facade import (
    Actor,
    Asked,
    Browser,
    CreatedOrganization,
    Membership,
    SignedIn,
    Via,
    create_organization,
    finish_sign_in,
    identify,
    issue_tokens,
    join_organization,
    organizations_of,
    register,
    rotate_invite_code,
    sign_in,
    sign_out,
)
from guildhall.core.organizations.policy import Action, Place, Role

__all__ = [
    "Action",
    "Actor",
    "Asked",
    "Browser",
    "CreatedOrganization",
    "Membership",
    "Place",
    "Role",
    "SignedIn",
    "Via",
    "create_organization",
    "finish_sign_in",
    "identify",
    "issue_tokens",
    "join_organization",
    "organizations_of",
    "register",
    "rotate_invite_code",
    "sign_in",
    "sign_out",
]
