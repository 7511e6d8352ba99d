"""The error tree. An error knows its stable code, HTTP status and the fields at fault; `core.http` writes it out."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar


class GuildhallError(Exception):
    """Something a caller did that can't be done. `code` is stable and documented; `detail` is for people."""

    code: ClassVar[str] = "error"
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    title: ClassVar[str] = "The request can't be carried out"
    #: Further members of the problem document (RFC 9457, section 3.2), such as what the next request needs.
    members: Mapping[str, Any] = MappingProxyType({})
    #: After how many seconds the same request may succeed.
    retry_after_s: int | None = None

    def __init__(
        self, detail: str = "", *, fields: Mapping[str, Sequence[str]] | None = None, code: str | None = None
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = str(detail) or self.title
        self.fields = {name: [str(message) for message in messages] for name, messages in (fields or {}).items()}
        self.reason = code or self.code

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says beside the document."""
        headers = {}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        return headers


class InvalidInputError(GuildhallError):
    """One or more fields hold what they may not hold."""

    code = "invalid"
    status = HTTPStatus.BAD_REQUEST
    title = "Some fields need another value"


class NotSignedInError(GuildhallError):
    """Nobody is signed in, or the credentials are not right."""

    code = "not_authenticated"
    status = HTTPStatus.UNAUTHORIZED
    title = "Sign in first"


class NotAllowedError(GuildhallError):
    """The actor sees the thing but may not do this to it."""

    code = "permission_denied"
    status = HTTPStatus.FORBIDDEN
    title = "You may not do this"


class NotFoundError(GuildhallError):
    """There is no such thing, or the actor can't see it; the answer is the same."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is nothing here"


class ConflictError(GuildhallError):
    """The request is right in itself but not in this state of things."""

    code = "conflict"
    status = HTTPStatus.CONFLICT
    title = "That does not fit the present state"
