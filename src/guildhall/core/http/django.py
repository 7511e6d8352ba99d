"""The adapter for Django itself: the request id of every request, and problem documents under `/api/`."""

from collections.abc import Callable
from http import HTTPStatus

import orjson
from django.http import HttpRequest, HttpResponse

from guildhall.core.http import wire
from guildhall.core.http.context import current_request_id
from guildhall.core.http.wire import REQUEST_ID_HEADER, request_id


class RequestIdMiddleware:
    """Gives each request an id (the caller's own, if it sent a harmless one) and sends it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identifier = request_id(request.headers.get(REQUEST_ID_HEADER))
        token = current_request_id.set(identifier)
        try:
            response = self.get_response(request)
        finally:
            current_request_id.reset(token)
        response[REQUEST_ID_HEADER] = identifier
        return response


class ApiProblemMiddleware:
    """Turns the error pages that Django itself draws for an address under `/api/` into problem documents."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if not (is_page and response.status_code >= HTTPStatus.BAD_REQUEST and request.path_info.startswith("/api/")):
            return response
        status = HTTPStatus(response.status_code)
        document = wire.problem(
            status=status,
            code=status.phrase.lower().replace(" ", "_"),
            title=status.description or status.phrase,
            request_id=current_request_id.get(),
        )
        return HttpResponse(orjson.dumps(document), status=status, content_type=wire.PROBLEM_TYPE)
