"""What goes over the wire, for every framework alike: problem documents (RFC 9457), cursors, request ids. Pure."""

import base64
import binascii
import re
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson

from guildhall.core.errors import GuildhallError, InvalidInputError

PROBLEM_TYPE: Final = "application/problem+json"
REQUEST_ID_HEADER: Final = "X-Request-ID"
_ACCEPTABLE_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_STATUS_OF_UNEXPECTED: Final = HTTPStatus.INTERNAL_SERVER_ERROR


def request_id(given: str | None) -> str:
    """The caller's own request id if it is harmless, else a new one."""
    return given if given and _ACCEPTABLE_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def problem(
    *,
    status: int,
    code: str,
    title: str,
    detail: str = "",
    fields: Mapping[str, Sequence[str]] | None = None,
    request_id: str = "",
) -> dict[str, Any]:
    """A problem document: `status`, stable `code`, `title`, `detail`, and `errors` with an entry per field at fault."""
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": int(status), "code": code}
    if detail and detail != title:
        document["detail"] = detail
    if fields:
        document["errors"] = [
            {"field": name, "message": message} for name, messages in fields.items() for message in messages
        ]
    if request_id:
        document["request_id"] = request_id
    return document


def problem_of(error: GuildhallError, request_id: str = "") -> dict[str, Any]:
    """The problem document of an error of Guildhall's tree."""
    document = problem(
        status=error.status,
        code=error.reason,
        title=error.title,
        detail=error.detail,
        fields=error.fields,
        request_id=request_id,
    )
    return {**error.members, **document}


def unexpected_problem(request_id: str = "") -> dict[str, Any]:
    """What a caller sees of a defect: nothing but the id by which the log tells more."""
    return problem(
        status=_STATUS_OF_UNEXPECTED,
        code="internal_error",
        title="Something went wrong here",
        detail="The error was logged under the request id.",
        request_id=request_id,
    )


def encode_cursor(values: Sequence[Any]) -> str:
    """A cursor that names the last row of a page by the values that order it."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values), default=str)).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """The values in a cursor.

    Raises:
        InvalidInputError: this is no cursor of ours.
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    if not isinstance(values, list) or len(values) != length:
        raise _bad_cursor()
    return values


def _bad_cursor() -> InvalidInputError:
    return InvalidInputError(fields={"cursor": ["This is not a cursor of this list."]})
