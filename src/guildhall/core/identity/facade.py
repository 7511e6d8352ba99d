"""The functions of the facade. Django is loaded as a library behind them and shows in no signature."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from guildhall.core.accounts import api_keys, tokens
from guildhall.core.accounts import services as account_services
from guildhall.core.accounts import sign_in as sign_in_services
from guildhall.core.accounts.models import User
from guildhall.core.accounts.session_store import SessionStore
from guildhall.core.errors import NotAllowedError, NotFoundError, NotSignedInError
from guildhall.core.organizations import invites, policy, selectors
from guildhall.core.organizations import services as organization_services
from guildhall.core.organizations.models import Invite, Organization, ProjectObject
from guildhall.core.organizations.policy import Action, Grant, Place, Role

SESSION_BACKEND: Final = "guildhall.core.accounts.backends.EmailBackend"
BEARER: Final = "bearer"
API_KEY: Final = "api-key"


class Via(StrEnum):
    """By what the actor proved who he is."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 — the name of a way, no secret.
    API_KEY = "api_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request wants, as far as an API key's scopes decide: the method, and the area (`scopes.area_of`)."""

    method: str
    area: str


#: The most that can be asked: only a key that may write everywhere passes.
ANYTHING: Final = Asked(method="POST", area="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Who somebody proved to be, and by what: a session, an API sign-in (`sign_in_id`), or an API key."""

    user: User = field(repr=False)
    via: Via
    sign_in_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What a browser sends beside a session cookie; needed to tell a forged request from a real one."""

    method: str
    host: str
    secure: bool = False
    csrf_cookie: str = ""
    csrf_header: str = ""
    origin: str = ""
    referer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who is asking, with the roles he holds now."""

    id: UUID
    email: str
    name: str
    language: str
    time_zone: str
    is_superuser: bool
    via: Via
    grants: tuple[Grant, ...] = field(repr=False)

    def may(self, resource: str, action: Action, place: Place) -> bool:
        """The same answer as in Django: whether the policy table lets the actor do this there."""
        return self.is_superuser or policy.allows(self.grants, resource, action, place)

    def sees_organization(self, organization_id: UUID) -> bool:
        """Whether the organization exists for this actor at all."""
        return self.is_superuser or any(grant.organization_id == organization_id for grant in self.grants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """An organization that the actor sees, and the widest role he holds in it (None for a superuser without one)."""

    id: UUID
    name: str
    is_personal: bool
    role: Role | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedOrganization:
    """A new organization with its first invite code, which is shown once."""

    organization: Membership
    invite_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session to be set as cookies, under the names that Django uses."""

    actor: Actor
    session_key: str
    csrf_token: str
    expires_in: timedelta


def _actor(user: User, via: Via) -> Actor:
    return Actor(
        id=user.pk,
        email=user.email,
        name=user.name,
        language=user.language,
        time_zone=user.time_zone,
        is_superuser=user.is_superuser,
        via=via,
        grants=selectors.grants_of(user),
    )


def proof_of_authorization(header: str, asked: Asked = ANYTHING) -> Proof | None:
    """What an `Authorization` header proves; None where it is of a kind that is not taken here.

    This is the one place where the scopes of API keys are enforced, for every framework.

    Raises:
        InvalidTokenError, InvalidApiKeyError: the header is of a known kind, but what it carries is not valid.
        ScopeMissingError: it carries a good API key whose scopes do not allow what is asked.
    """
    kind, _, value = header.partition(" ")
    if kind.lower() == BEARER:
        family = tokens.family_of_access_token(value.strip())
        return Proof(user=family.user, via=Via.TOKEN, sign_in_id=family.pk)
    if kind.lower() == API_KEY:
        api_key = api_keys.use_api_key(value.strip(), area=asked.area, method=asked.method)
        return Proof(user=api_key.user, via=Via.API_KEY)
    return None


def _user_of_session(session_key: str) -> User | None:
    session = SessionStore(session_key)
    user_id, expected = session.get(SESSION_KEY), session.get(HASH_SESSION_KEY, "")
    if not user_id or session.get(BACKEND_SESSION_KEY) != SESSION_BACKEND:
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not constant_time_compare(expected, user.get_session_auth_hash()):
        return None
    return user


class _BrowserRequest(HttpRequest):
    """What Django's check needs to know of a request that came to another framework."""

    def __init__(self, *, secure: bool) -> None:
        super().__init__()
        self._secure = secure

    def _get_scheme(self) -> str:
        return "https" if self._secure else "http"


def _require_own_page(browser: Browser) -> None:
    """Refuse an unsafe request that came from no page of ours; Django's own check, fed from any framework."""
    request = _BrowserRequest(secure=browser.secure)
    request.method = browser.method.upper()
    request.META["HTTP_HOST"] = browser.host
    request.COOKIES[django_settings.CSRF_COOKIE_NAME] = browser.csrf_cookie
    for name, value in (("CSRFTOKEN", browser.csrf_header), ("ORIGIN", browser.origin), ("REFERER", browser.referer)):
        if value:
            request.META["HTTP_X_CSRFTOKEN" if name == "CSRFTOKEN" else f"HTTP_{name}"] = value
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    check.process_request(request)
    if check.process_view(request, lambda _request: HttpResponse(), (), {}) is not None:
        raise NotAllowedError("This request did not come from a page of this site.", code="csrf_failed")


def identify(
    *, authorization: str = "", session_key: str = "", browser: Browser | None = None, asked: Asked = ANYTHING
) -> Actor | None:
    """Who is asking; None if nobody says so. An `Authorization` header counts before a session.

    Raises:
        InvalidTokenError, InvalidApiKeyError: a token or key was sent that is not valid.
        ScopeMissingError: the scopes of the API key do not allow what is asked.
        NotAllowedError: an unsafe request by cookie without the proof that it came from a page of ours.
    """
    if authorization:
        proof = proof_of_authorization(authorization, asked)
        if proof is not None:
            return _actor(proof.user, proof.via)
    if session_key:
        user = _user_of_session(session_key)
        if user is not None:
            if browser is None:
                raise NotAllowedError("A session needs to be sent by a browser.", code="csrf_failed")
            _require_own_page(browser)
            return _actor(user, Via.SESSION)
    return None


def register(*, email: str, password: str, name: str = "", invite_code: str = "") -> Actor:
    """Create an account, as `core.accounts.services.register_user` does."""
    user = account_services.register_user(email=email, password=password, name=name, invite_code=invite_code)
    return _actor(user, Via.TOKEN)


def sign_in(*, email: str, password: str) -> SignedIn:
    """Begin a session that Django's pages know too.

    Raises:
        WrongCredentialsError: address and password do not fit.
        SecondFactorRequiredError: they do; `finish_sign_in` takes the error's challenge and a code.
        LockedOutError: after too many failures.
    """
    return _begin_session(sign_in_services.sign_in(email=email, password=password))


def finish_sign_in(*, challenge: str, code: str) -> SignedIn:
    """Begin the session of somebody whose second factor was asked for.

    Raises:
        InvalidChallengeError, WrongCodeError, LockedOutError: as `core.accounts.sign_in.finish_sign_in`.
    """
    return _begin_session(sign_in_services.finish_sign_in(challenge=challenge, code=code))


def _begin_session(user: User) -> SignedIn:
    from django.contrib.auth import login
    from django.middleware.csrf import get_token

    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend=SESSION_BACKEND)
    csrf_token = get_token(request)
    request.session.save()
    return SignedIn(
        actor=_actor(user, Via.SESSION),
        session_key=request.session.session_key or "",
        csrf_token=str(request.META["CSRF_COOKIE"]) or csrf_token,
        expires_in=timedelta(seconds=request.session.get_expiry_age()),
    )


def issue_tokens(*, email: str, password: str) -> tokens.TokenPair:
    """Begin a family of API tokens.

    Raises:
        WrongCredentialsError, SecondFactorRequiredError, LockedOutError: as `sign_in`.
    """
    return tokens.issue_tokens(user=sign_in_services.sign_in(email=email, password=password))


def sign_out(*, session_key: str) -> None:
    """End the session. Safe to repeat."""
    if session_key:
        SessionStore(session_key).flush()


def _user(actor: Actor) -> User:
    user = User.objects.filter(pk=actor.id, is_active=True).first()
    if user is None:
        raise NotSignedInError
    return user


_WIDEST_FIRST = (Role.ADMIN, Role.MODERATOR, Role.USER)


def _membership(organization: Organization, grants: tuple[Grant, ...]) -> Membership:
    held = {grant.role for grant in grants if grant.organization_id == organization.pk}
    return Membership(
        id=organization.pk,
        name=organization.name,
        is_personal=organization.is_personal,
        role=next((role for role in _WIDEST_FIRST if role in held), None),
    )


def organizations_of(actor: Actor) -> list[Membership]:
    """The organizations that the actor sees, by name."""
    visible = Organization.objects.visible_to(_user(actor)).order_by("name", "pk")
    return [_membership(organization, actor.grants) for organization in visible]


@transaction.atomic
def create_organization(actor: Actor, *, name: str) -> CreatedOrganization:
    """Create an organization whose first invite code makes people users of its first object."""
    user = _user(actor)
    organization = organization_services.create_organization(actor=user, name=name)
    common_room = ProjectObject.objects.select_related("project").get(project__organization=organization)
    made = invites.create_invite(
        actor=user, organization=organization, role=Role.USER, project=common_room.project, thing=common_room
    )
    return CreatedOrganization(organization=_membership(organization, selectors.grants_of(user)), invite_code=made.code)


def join_organization(actor: Actor, *, code: str) -> Membership:
    """Use an invite code.

    Raises:
        InviteNotValidError: it does not work.
    """
    user = _user(actor)
    assignment = invites.join_organization(actor=user, code=code)
    return _membership(assignment.organization, selectors.grants_of(user))


def rotate_invite_code(actor: Actor, *, organization_id: UUID) -> str:
    """Replace the organization's oldest open invite code by a new one, and return that.

    Raises:
        NotFoundError: the actor does not see the organization, or it has no open invite.
        NotAllowedError: he is not its admin.
    """
    user = _user(actor)
    organization = Organization.objects.visible_to(user).filter(pk=organization_id).first()
    if organization is None:
        raise NotFoundError
    selectors.require(user, "invite", Action.MANAGE, organization)
    invite = _oldest_open_invite(organization, timezone.now())
    if invite is None:
        raise NotFoundError("This organization has no open invite.")
    return invites.rotate_invite(actor=user, invite=invite).code


def _oldest_open_invite(organization: Organization, now: datetime) -> Invite | None:
    candidates = Invite.objects.filter(organization=organization, revoked_at=None).order_by("created_at", "pk")
    return next((invite for invite in candidates if invite.is_open(now)), None)
