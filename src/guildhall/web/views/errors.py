"""Error pages. They show a sentence and a way back, never a cause that is nobody's business."""

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.http.context import current_request_id

FRAMES: Final = {True: "web/base.html", False: "web/outside.html"}
TITLES: Final = {
    HTTPStatus.BAD_REQUEST: _("This request makes no sense"),
    HTTPStatus.UNAUTHORIZED: _("Sign in first"),
    HTTPStatus.FORBIDDEN: _("You may not do this"),
    HTTPStatus.NOT_FOUND: _("There is nothing here"),
    HTTPStatus.CONFLICT: _("That does not fit"),
    HTTPStatus.TOO_MANY_REQUESTS: _("Too many requests"),
}
DETAILS: Final = {
    HTTPStatus.BAD_REQUEST: _("The site could not read what your browser sent. Go back and try again."),
    HTTPStatus.FORBIDDEN: _("Ask an admin of the organization if you think that you should."),
    HTTPStatus.TOO_MANY_REQUESTS: _("Wait a moment, then try again."),
    HTTPStatus.NOT_FOUND: _("The page was moved or deleted, or it belongs to an organization that you are not in."),
}


def error_page(request: HttpRequest, status: HTTPStatus, *, detail: str = "") -> HttpResponse:
    """A page that says what is wrong, inside the frame that the visitor knows."""
    title = TITLES.get(status, status.phrase)
    if not detail or detail == gettext(detail) == str(title):
        detail = str(DETAILS.get(status, ""))
    user = getattr(request, "user", None)
    context = {
        "frame": FRAMES[bool(user and user.is_authenticated)],
        "status": status.value,
        "title": title,
        "detail": gettext(detail) if detail else "",
    }
    return render(request, "web/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return error_page(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return error_page(request, HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return error_page(request, HTTPStatus.NOT_FOUND)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Shown when a form comes without the proof that it came from this site's page."""
    detail = gettext(
        "The form was open for too long, or cookies are blocked. Go back, load the page anew and try again."
    )
    return error_page(request, HTTPStatus.FORBIDDEN, detail=detail)


def too_many_requests(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The setting RATE_LIMITED_VIEW."""
    return error_page(request, HTTPStatus.TOO_MANY_REQUESTS)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; asks nothing of the database, the session or the build, since any of them may be broken."""
    context = {"language": get_language() or "en", "request_id": current_request_id.get()}
    body = render_to_string("web/server_error.html", context)
    return HttpResponse(body, status=HTTPStatus.INTERNAL_SERVER_ERROR)
