"""The adapter for FastAPI: who is asking, errors as problem documents, the request id."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from guildhall.core import identity
from guildhall.core.errors import GuildhallError, NotSignedInError
from guildhall.core.http import wire
from guildhall.core.http.schema import PROBLEM_SCHEMA
from guildhall.core.identity import aio

logger = logging.getLogger(__name__)

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    "default": {"description": "An error", "content": {wire.PROBLEM_TYPE: {"schema": PROBLEM_SCHEMA}}}
}
SESSION_COOKIE = "guildhall_session"
CSRF_COOKIE = "csrftoken"


async def current_actor(request: Request) -> identity.Actor:
    """The signed-in actor.

    Raises:
        NotSignedInError: nobody is signed in.
    """
    actor = await aio.call(
        identity.identify,
        authorization=request.headers.get("authorization", ""),
        session_key=request.cookies.get(SESSION_COOKIE, ""),
        browser=identity.Browser(
            method=request.method,
            host=request.headers.get("host", ""),
            secure=request.url.scheme == "https",
            csrf_cookie=request.cookies.get(CSRF_COOKIE, ""),
            csrf_header=request.headers.get("x-csrftoken", ""),
            origin=request.headers.get("origin", ""),
            referer=request.headers.get("referer", ""),
        ),
    )
    if actor is None:
        raise NotSignedInError
    return actor


CurrentActor = Annotated[identity.Actor, Depends(current_actor)]


def _answer(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(
        orjson.dumps(document), status_code=document["status"], media_type=wire.PROBLEM_TYPE, headers=headers
    )


def _identifier(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


async def _guildhall_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, GuildhallError)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else None
    return _answer(wire.problem_of(error, _identifier(request)), headers)


async def _validation_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields: dict[str, list[str]] = {}
    for finding in error.errors():
        place = [str(part) for part in finding["loc"]]
        fields.setdefault(".".join(place[1:]) if len(place) > 1 else "", []).append(finding["msg"])
    return _answer(
        wire.problem(
            status=HTTPStatus.BAD_REQUEST,
            code="invalid",
            title="Some fields need another value",
            fields=fields,
            request_id=_identifier(request),
        )
    )


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    document = wire.problem(
        status=error.status_code, code=code, title=str(error.detail), request_id=_identifier(request)
    )
    return _answer(document, dict(error.headers) if error.headers else None)


def install(app: FastAPI) -> None:
    """Teach an application Guildhall's manners."""

    @app.middleware("http")
    async def give_request_id(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        request.state.request_id = wire.request_id(request.headers.get(wire.REQUEST_ID_HEADER))
        try:
            response = await call_next(request)
        except Exception:
            logger.exception("An API call failed (request %s).", request.state.request_id)
            response = _answer(wire.unexpected_problem(request.state.request_id))
        response.headers[wire.REQUEST_ID_HEADER] = request.state.request_id
        return response

    app.add_exception_handler(GuildhallError, _guildhall_problem)
    app.add_exception_handler(RequestValidationError, _validation_problem)
    app.add_exception_handler(HTTPException, _http_problem)
