"""Organizations for clients of the compute API, through the identity facade."""

from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, Field

from guildhall.core import identity
from guildhall.core.http.fastapi import PROBLEMS, CurrentActor
from guildhall.core.identity import aio
from guildhall.services.compute.api.auth import Strict

router = APIRouter(prefix="/organizations", tags=["organizations"], responses=PROBLEMS)


class Organization(BaseModel):
    """An organization and the caller's widest role in it."""

    id: UUID
    name: str
    is_personal: bool
    role: identity.Role | None

    @classmethod
    def of(cls, membership: identity.Membership) -> "Organization":
        return cls(id=membership.id, name=membership.name, is_personal=membership.is_personal, role=membership.role)


class NewOrganization(Strict):
    name: str = Field(min_length=1, max_length=120)


class CreatedOrganization(Organization):
    invite_code: str = Field(description="Makes people users of the first object; shown this once.")


class Code(Strict):
    code: str = Field(min_length=1, max_length=200)


class InviteCode(BaseModel):
    invite_code: str


@router.get("")
async def list_organizations(actor: CurrentActor) -> list[Organization]:
    """The organizations to which the caller belongs."""
    return [Organization.of(membership) for membership in await aio.call(identity.organizations_of, actor)]


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_organization(body: NewOrganization, actor: CurrentActor) -> CreatedOrganization:
    """Create an organization, with a first invite code."""
    made = await aio.call(identity.create_organization, actor, name=body.name)
    return CreatedOrganization(**Organization.of(made.organization).model_dump(), invite_code=made.invite_code)


@router.post("/join")
async def join_organization(body: Code, actor: CurrentActor) -> Organization:
    """Use an invite code."""
    return Organization.of(await aio.call(identity.join_organization, actor, code=body.code))


@router.post("/{organization_id}/invite-code")
async def rotate_invite_code(organization_id: UUID, actor: CurrentActor) -> InviteCode:
    """Replace the invite code by a new one; the old one stops working."""
    return InviteCode(invite_code=await aio.call(identity.rotate_invite_code, actor, organization_id=organization_id))
