"""The adapter for Django REST framework: who is asking, errors and JSON. Paging lives in `paging`."""

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar, overload
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from guildhall.core.accounts.errors import SignInNeededError
from guildhall.core.accounts.models import User
from guildhall.core.accounts.scopes import area_of
from guildhall.core.errors import GuildhallError, InvalidInputError
from guildhall.core.http import wire
from guildhall.core.http.context import current_request_id
from guildhall.core.identity.facade import Asked, Proof, Via, proof_of_authorization

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=Model)


def validated(serializer_class: type[Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """The request's body as the serializer understands it.

    Raises:
        rest_framework.exceptions.ValidationError: with every field at fault.
    """
    serializer = serializer_class(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def actor_of(request: Request) -> User:
    """The signed-in user of a view that lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def proof_of(request: Request) -> Proof:
    """By what the user of such a view proved who he is."""
    assert isinstance(request.auth, Proof)
    return request.auth


@overload
def visible_or_field_error(rows: QuerySet[Row], key: UUID, field: str) -> Row: ...


@overload
def visible_or_field_error(rows: QuerySet[Row], key: None, field: str) -> None: ...


def visible_or_field_error(rows: QuerySet[Row], key: UUID | None, field: str) -> Row | None:
    """The row with this key, None without a key.

    Raises:
        InvalidInputError: there is none that the caller sees, so the field that named it is at fault.
    """
    if key is None:
        return None
    row = rows.filter(pk=key).first()
    if row is None:
        raise InvalidInputError(fields={field: [_("There is no such thing, or you can't see it.")]})
    return row


def uuid_parameter(request: Request, name: str) -> UUID | None:
    """A query parameter that names something by its id, None where it is not given.

    Raises:
        InvalidInputError: it is no UUID.
    """
    given = request.query_params.get(name)
    if not given:
        return None
    try:
        return UUID(given)
    except ValueError as error:
        raise InvalidInputError(fields={name: [_("This is not an id.")]}) from error


class IdentityAuthentication(BaseAuthentication):
    """An `Authorization` header first, else the session of Django's pages with its check against forged requests.

    `request.auth` is the `Proof`. A view with `for_persons = True` takes no API key; with `only_reads = True` a
    key that may read is enough, whatever the method.
    """

    def authenticate(self, request: Request) -> tuple[User, Proof] | None:
        header = get_authorization_header(request).decode("latin-1")
        if header:
            view = request.parser_context["view"]
            method = "GET" if getattr(view, "only_reads", False) else str(request.method)
            asked = Asked(method=method, area=area_of(type(view).__module__))
            proof = proof_of_authorization(header, asked)
            if proof is not None:
                if proof.via is Via.API_KEY and getattr(view, "for_persons", False):
                    raise SignInNeededError
                return proof.user, proof
        found = SessionAuthentication().authenticate(request)
        if found is None:
            return None
        user = found[0]
        assert isinstance(user, User)
        return user, Proof(user=user, via=Via.SESSION)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class OrjsonRenderer(JSONRenderer):
    """JSON by orjson, which is several times as quick on long lists."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


class OrjsonParser(JSONParser):
    """JSON by orjson: strict, so NaN, Infinity and lone surrogates are refused."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read()
        if not body:
            return {}
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise exceptions.ParseError(f"This is not JSON: {error}") from error


_TITLES: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "Some fields need another value",
    HTTPStatus.UNAUTHORIZED: "Sign in first",
    HTTPStatus.FORBIDDEN: "You may not do this",
    HTTPStatus.NOT_FOUND: "There is nothing here",
    HTTPStatus.METHOD_NOT_ALLOWED: "This can't be done here",
    HTTPStatus.NOT_ACCEPTABLE: "This can't be had in that format",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "This format is not understood",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
}


def _flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested error details as `field.subfield → messages`."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            path = "" if name == "non_field_errors" else str(name)
            found.update(_flatten(inner, ".".join(part for part in (prefix, path) if part)))
        return found
    if isinstance(detail, (list, tuple)):
        found = {}
        for index, inner in enumerate(detail):
            if isinstance(inner, (Mapping, list, tuple)):
                found.update(_flatten(inner, f"{prefix}.{index}" if prefix else str(index)))
            else:
                found.setdefault(prefix, []).append(str(inner))
        return found
    return {prefix: [str(detail)]}


def invalid_input_of(error: exceptions.ValidationError) -> InvalidInputError:
    """What a serializer found wrong, as an error of Guildhall's tree, for those who use one outside of a view."""
    return InvalidInputError(fields=_flatten(error.detail))


def _problem_response(document: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    response = Response(document, status=document["status"], headers=dict(headers or {}))
    response.content_type = wire.PROBLEM_TYPE
    return response


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error of an API view as a problem document; what is nobody's fault but ours is logged and stays vague."""
    from rest_framework.views import set_rollback  # REST framework's views load this module by its settings.

    set_rollback()
    identifier = current_request_id.get()
    if isinstance(error, GuildhallError):
        return _problem_response(wire.problem_of(error, identifier), error.headers)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        headers = {}
        if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            headers["WWW-Authenticate"] = "Bearer"
        wait = getattr(error, "wait", None)
        if wait:
            headers["Retry-After"] = str(math.ceil(wait))
        is_validation = isinstance(error, exceptions.ValidationError)
        codes = error.get_codes()
        document = wire.problem(
            status=error.status_code,
            code="invalid" if is_validation or not isinstance(codes, str) else codes,
            title=_TITLES.get(error.status_code, "The request can't be carried out"),
            detail="" if is_validation else str(error.detail),
            fields=_flatten(error.detail) if is_validation else None,
            request_id=identifier,
        )
        return _problem_response(document, headers)
    logger.error("An API view failed (request %s).", identifier, exc_info=error)
    return _problem_response(wire.unexpected_problem(identifier))
