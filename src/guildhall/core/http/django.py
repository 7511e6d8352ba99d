"""The adapter for Django itself: the request id of every request."""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from guildhall.core.http.wire import REQUEST_ID_HEADER, request_id

current_request_id: ContextVar[str] = ContextVar("guildhall_request_id", default="")


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
