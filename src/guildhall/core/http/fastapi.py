"""The adapter for FastAPI: who is asking, errors as problem documents, the request id."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from guildhall.core import identity
from guildhall.core.accounts.scopes import area_of
from guildhall.core.errors import GuildhallError, NotSignedInError
from guildhall.core.http import asgi, health, versions, wire
from guildhall.core.http.schema import PROBLEM_SCHEMA, add_idempotency_keys
from guildhall.core.identity import aio
from guildhall.settings import settings

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    "default": {"description": "An error", "content": {wire.PROBLEM_TYPE: {"schema": PROBLEM_SCHEMA}}}
}
SESSION_COOKIE = asgi.SESSION_COOKIE
CSRF_COOKIE = "csrftoken"


async def identify(request: Request, area: str) -> identity.Actor | None:
    """Who asks something of this area; None if nobody says so.

    Raises:
        GuildhallError: what was sent to prove it is not good, as `identity.identify` says.
    """
    return await aio.call(
        identity.identify,
        authorization=request.headers.get("authorization", ""),
        session_key=request.cookies.get(SESSION_COOKIE, ""),
        browser=identity.Browser(
            method=request.method,
            host=request.headers.get("host", ""),
            secure=_came_by_https(request),
            csrf_cookie=request.cookies.get(CSRF_COOKIE, ""),
            csrf_header=request.headers.get("x-csrftoken", ""),
            origin=request.headers.get("origin", ""),
            referer=request.headers.get("referer", ""),
        ),
        asked=identity.Asked(method=request.method, area=area),
    )


def _came_by_https(request: Request) -> bool:
    """Whether the browser spoke https, to us or to the proxy before us; the same rule as Django's."""
    told = request.headers.get("x-forwarded-proto", "").split(",")[0].strip() if settings.https else ""
    return "https" in {request.url.scheme, told}


async def current_actor(request: Request) -> identity.Actor:
    """The signed-in actor.

    Raises:
        NotSignedInError: nobody is signed in.
    """
    actor = await identify(request, area_of(request.scope["endpoint"].__module__))
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
    return _answer(wire.problem_of(error, _identifier(request)), error.headers)


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


async def _expected_versions(if_match: Annotated[str | None, Header()] = None) -> frozenset[int] | None:
    return versions.expected_versions(if_match)


#: The versions that a change may start from by `If-Match`, None for any; goes to the service as `expected`.
ExpectedVersions = Annotated[frozenset[int] | None, Depends(_expected_versions)]


def tell_version(request: Request, response: Response, version: int) -> None:
    """Send the record's `ETag`, or 304 instead of the record where the reader has this version already.

    Raises:
        _NotModifiedError: he has.
    """
    response.headers["ETag"] = versions.etag(version)
    is_read = request.method in {"GET", "HEAD"}
    if is_read and versions.is_known(version, request.headers.get("if-none-match")):
        raise _NotModifiedError(versions.etag(version))


class _NotModifiedError(Exception):
    """Ends a read whose answer the reader has."""


async def _not_modified(_: Request, error: Exception) -> Response:
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": str(error)})


async def _healthz(_: Request) -> Response:
    status, document = health.liveness()
    return Response(orjson.dumps(document), status_code=status, media_type="application/json")


async def _readyz(_: Request) -> Response:
    status, document = await health.readiness()
    media_type = "application/json" if status == HTTPStatus.OK else wire.PROBLEM_TYPE
    return Response(orjson.dumps(document), status_code=status, media_type=media_type)


#: For whoever looks after the site; they stand in no schema.
HEALTH_ROUTES: Final = (("/healthz", _healthz), ("/readyz", _readyz))


def install(app: FastAPI, *, area: str) -> None:
    """Teach an application Guildhall's manners. `area` is the one to which all of its endpoints belong."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        # FastAPI keeps the schema once it was made.
        return app.openapi_schema or add_idempotency_keys(plain())

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the schema.
    for path, endpoint in HEALTH_ROUTES:
        app.add_api_route(path, endpoint, include_in_schema=False)
    # The last one added is the outermost.
    app.add_middleware(asgi.IdempotencyMiddleware, identify=partial(identify, area=area))
    app.add_middleware(asgi.LimitMiddleware)
    app.add_middleware(asgi.RequestMiddleware)
    app.add_exception_handler(GuildhallError, _guildhall_problem)
    app.add_exception_handler(RequestValidationError, _validation_problem)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(_NotModifiedError, _not_modified)
