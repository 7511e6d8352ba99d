"""Turns the errors that services raise under pages into error pages. The API has its own form for them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from guildhall.core.errors import GuildhallError
from guildhall.web.views.errors import error_page

API_PREFIX = "/api/"


class PageErrorsMiddleware:
    """Shows a `GuildhallError` that no view caught as a page with its status and its sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Called by Django for what a view raised."""
        if not isinstance(exception, GuildhallError) or request.path_info.startswith(API_PREFIX):
            return None
        response = error_page(request, exception.status, detail=exception.detail)
        if exception.retry_after_s is not None:
            response["Retry-After"] = str(exception.retry_after_s)
        return response
