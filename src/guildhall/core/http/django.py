"""The adapter for Django itself: the request's id, log line and limits, and problem documents under `/api/`."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from guildhall.core import metrics
from guildhall.core.errors import GuildhallError
from guildhall.core.http import limits, wire
from guildhall.core.http.access import Watch
from guildhall.core.http.addresses import client_address
from guildhall.core.http.context import current_origin, current_request_id, handling
from guildhall.core.http.wire import REQUEST_ID_HEADER, request_id
from guildhall.core.identity.callers import caller_of_authorization
from guildhall.settings import settings

API_PREFIX = "/api/"


def problem_response(error: GuildhallError) -> HttpResponse:
    """An error that a middleware found, as a problem document."""
    document = wire.problem_of(error, current_request_id.get())
    body = orjson.dumps(document)
    return HttpResponse(body, status=error.status, content_type=wire.PROBLEM_TYPE, headers=error.headers)


class RequestIdMiddleware:
    """Gives each request an id (the caller's own, if it sent a harmless one), sends it back, and logs the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        watch = Watch()
        identifier = request_id(request.headers.get(REQUEST_ID_HEADER))
        remote, forwarded_for = request.META.get("REMOTE_ADDR") or "", request.headers.get("X-Forwarded-For", "")
        with handling(
            request_id=identifier,
            address=client_address(remote, forwarded_for, settings.trusted_proxies),
            user_agent=request.headers.get("User-Agent", ""),
        ):
            response = self.get_response(request)
            response[REQUEST_ID_HEADER] = identifier
            match = request.resolver_match
            watch.stop(
                method=request.method or "",
                path=request.path,
                route=match.route if match else None,
                status=response.status_code,
                actor=_known_user_id(request),
            )
        return response


def _known_user_id(request: HttpRequest) -> Any:
    """The id of the user, if somebody has asked for him already; the log is no reason to read the session."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return getattr(user, "pk", None)


class LimitMiddleware:
    """Refuses who asks too often. Stands behind Django's own middlewares that find out who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        verdict = limits.check(
            limits.limits_of(
                method=request.method or "",
                path=request.path_info,
                address=current_origin.get().address,
                user_id=_caller_id(request),
            )
        )
        if verdict.passes:
            response = self.get_response(request)
        else:
            response = _refusal(request, limits.TooManyRequestsError(verdict))
        for name, value in verdict.headers().items():
            response[name] = value
        return response


def _caller_id(request: HttpRequest) -> Any:
    header = request.headers.get("Authorization", "")
    found = caller_of_authorization(header) if header else None
    if found is None and django_settings.SESSION_COOKIE_NAME in request.COOKIES:
        return request.user.pk
    return found


def _refusal(request: HttpRequest, error: limits.TooManyRequestsError) -> HttpResponse:
    for standing in error.verdict.standings:
        if standing.wait_s:
            metrics.LIMITED.labels(standing.policy.name).inc()
    if request.path_info.startswith(API_PREFIX):
        return problem_response(error)
    page: HttpResponse = import_string(django_settings.RATE_LIMITED_VIEW)(request, error)
    for name, value in error.headers.items():
        page[name] = value
    return page


class ApiProblemMiddleware:
    """Turns the error pages that Django itself draws for an address under `/api/` into problem documents."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if not (
            is_page and response.status_code >= HTTPStatus.BAD_REQUEST and request.path_info.startswith(API_PREFIX)
        ):
            return response
        status = HTTPStatus(response.status_code)
        document = wire.problem(
            status=status,
            code=status.phrase.lower().replace(" ", "_"),
            title=status.description or status.phrase,
            request_id=current_request_id.get(),
        )
        return HttpResponse(orjson.dumps(document), status=status, content_type=wire.PROBLEM_TYPE)
