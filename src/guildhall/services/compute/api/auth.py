"""Sign-in for clients of the compute API: Django's own session cookies, set through the identity facade."""

from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, ConfigDict, EmailStr, Field, SecretStr

from guildhall.core import identity
from guildhall.core.http.asgi import SESSION_COOKIE
from guildhall.core.http.fastapi import CSRF_COOKIE, PROBLEMS, CurrentActor
from guildhall.core.identity import aio
from guildhall.settings import settings

router = APIRouter(prefix="/auth", tags=["auth"], responses=PROBLEMS)

ONE_YEAR_S = 31_449_600


class Strict(BaseModel):
    """A body whose unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


class Credentials(Strict):
    email: str = Field(max_length=254)
    password: SecretStr = Field(max_length=1024)


class Registration(Strict):
    email: EmailStr
    password: SecretStr = Field(max_length=1024)
    name: str = Field("", max_length=120)
    invite_code: str = Field("", max_length=200)


class Person(BaseModel):
    """Who somebody is."""

    id: UUID
    email: str
    name: str
    language: str
    time_zone: str

    @classmethod
    def of(cls, actor: identity.Actor) -> "Person":
        return cls(id=actor.id, email=actor.email, name=actor.name, language=actor.language, time_zone=actor.time_zone)


@router.post("/register", status_code=status.HTTP_201_CREATED)
async def register(body: Registration) -> Person:
    """Create an account, joining an organization if an invite code is given."""
    actor = await aio.call(
        identity.register,
        email=body.email,
        password=body.password.get_secret_value(),
        name=body.name,
        invite_code=body.invite_code,
    )
    return Person.of(actor)


class SecondFactor(Strict):
    challenge: str = Field(max_length=1000)
    code: SecretStr = Field(max_length=64)


@router.post("/login")
async def login(body: Credentials, response: Response) -> Person:
    """Begin a session; the cookies are those of the site's pages.

    Where a second factor is on, the answer is 401 `second_factor_required` with the `challenge` for the next step.
    """
    signed_in = await aio.call(identity.sign_in, email=body.email, password=body.password.get_secret_value())
    return _signed_in(signed_in, response)


@router.post("/login/second-factor")
async def finish_login(body: SecondFactor, response: Response) -> Person:
    """Begin a session by the challenge of `login` and a code of the app, or a recovery code."""
    signed_in = await aio.call(identity.finish_sign_in, challenge=body.challenge, code=body.code.get_secret_value())
    return _signed_in(signed_in, response)


def _signed_in(signed_in: identity.SignedIn, response: Response) -> Person:
    response.set_cookie(
        SESSION_COOKIE,
        signed_in.session_key,
        max_age=int(signed_in.expires_in.total_seconds()),
        httponly=True,
        secure=settings.https,
        samesite="lax",
    )
    response.set_cookie(CSRF_COOKIE, signed_in.csrf_token, max_age=ONE_YEAR_S, secure=settings.https, samesite="lax")
    return Person.of(signed_in.actor)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def logout(request: Request, response: Response, actor: CurrentActor) -> None:
    """End the session."""
    await aio.call(identity.sign_out, session_key=request.cookies.get(SESSION_COOKIE, ""))
    response.delete_cookie(SESSION_COOKIE)


@router.get("/me")
async def me(actor: CurrentActor) -> Person:
    """Who is signed in."""
    return Person.of(actor)
