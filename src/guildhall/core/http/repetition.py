"""The adapter of idempotency keys for Django REST framework: every unsafe request to an API view may carry one."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from guildhall.core.accounts.scopes import area_of
from guildhall.core.errors import GuildhallError
from guildhall.core.http import answers
from guildhall.core.http.context import current_origin
from guildhall.core.http.django import API_PREFIX, problem_response
from guildhall.core.http.idempotency import KEY_HEADER, REPLAYED_HEADER, UNSAFE_METHODS, Answer, Attempt, parse_key
from guildhall.core.identity.callers import caller_of_authorization
from guildhall.core.identity.facade import Asked, proof_of_authorization
from guildhall.settings import settings

View = Callable[..., HttpResponse]


class IdempotencyMiddleware:
    """Carries a request with a key out once, and answers it again as often as it is repeated.

    The view runs inside the transaction that stores its answer, so both are kept or neither is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Called by Django with the view that the address leads to."""
        header = request.headers.get(KEY_HEADER)
        if header is None or request.method not in UNSAFE_METHODS or not request.path_info.startswith(API_PREFIX):
            return None
        try:
            actor = _actor(request, view)
        except GuildhallError:
            # The view says by itself what is wrong with the credentials.
            return None
        try:
            return _answer_once(request, parse_key(header), actor, lambda: view(request, *args, **kwargs))
        except GuildhallError as error:
            return problem_response(error)


def _actor(request: HttpRequest, view: View) -> str:
    """Who asks, as the view will find; a view for everybody tells people apart by their addresses alone."""
    view_class = getattr(view, "cls", None)
    if getattr(view_class, "authentication_classes", None):
        header = request.headers.get("Authorization", "")
        asked = Asked(method=str(request.method), area=area_of(getattr(view_class, "__module__", "")))
        proof = proof_of_authorization(header, asked) if header else None
        user = proof.user if proof else request.user
        if user.is_authenticated:
            return f"user:{user.pk}"
        device = caller_of_authorization(header) if header else None
        if device is not None:
            return f"device:{device}"
    return f"address:{current_origin.get().address}"


def _answer_once(request: HttpRequest, key: str, actor: str, run: Callable[[], HttpResponse]) -> HttpResponse:
    attempt = Attempt.of(
        secret=settings.secret_key.get_secret_value(),
        key=key,
        actor=actor,
        method=str(request.method),
        path=request.path,
        query=request.META.get("QUERY_STRING", "").encode(),
        body=request.body,
    )

    def answer() -> Answer:
        response = run()
        render = getattr(response, "render", None)
        if callable(render):
            response = render()
        return Answer.of(response.status_code, list(response.headers.items()), b"".join(response))

    found, replayed = answers.once(attempt, answer)
    response = HttpResponse(found.body, status=found.status)
    del response.headers["Content-Type"]
    for name, value in found.headers:
        response[name] = value
    if replayed:
        response[REPLAYED_HEADER] = "true"
    return response
