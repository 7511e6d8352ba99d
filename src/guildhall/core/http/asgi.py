"""The adapter for ASGI applications such as FastAPI's: a request's id and log line, its limits, and idempotency keys.

Plain ASGI, as Starlette's own base for middlewares costs a task and several queues a request.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from guildhall.core import identity, metrics
from guildhall.core.errors import GuildhallError
from guildhall.core.http import answers, limits, wire
from guildhall.core.http.access import Watch
from guildhall.core.http.addresses import client_address
from guildhall.core.http.context import current_origin, current_request_id, handling
from guildhall.core.http.idempotency import (
    KEY_HEADER,
    REPLAYED_HEADER,
    UNSAFE_METHODS,
    Answer,
    Attempt,
    StillRunningError,
    parse_key,
)
from guildhall.core.identity import aio
from guildhall.core.identity.callers import caller_of
from guildhall.settings import settings

logger = logging.getLogger(__name__)

SESSION_COOKIE: Final = "guildhall_session"
#: Whoever looks after the site may always ask how it is.
_UNLIMITED: Final = frozenset({"/healthz", "/readyz"})

#: Who asks, None if nobody says so; what is wrong with his credentials is the endpoint's own to tell.
Identify = Callable[[Request], Awaitable[identity.Actor | None]]


async def send_problem(send: Send, document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
    """Answer with a problem document."""
    given = {"content-type": wire.PROBLEM_TYPE, **(headers or {})}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()]
    body = orjson.dumps(document)
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": document["status"], "headers": raw})
    await send({"type": "http.response.body", "body": body})


class RequestMiddleware:
    """Outermost: the request's id and origin, its line in the log and its metrics; and a defect stays vague."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watch, headers = Watch(), Headers(scope=scope)
        identifier = wire.request_id(headers.get(wire.REQUEST_ID_HEADER))
        scope.setdefault("state", {})["request_id"] = identifier
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[wire.REQUEST_ID_HEADER] = identifier
            await send(message)

        remote = scope["client"][0] if scope.get("client") else ""
        with handling(
            request_id=identifier,
            address=client_address(remote, headers.get("x-forwarded-for", ""), settings.trusted_proxies),
            user_agent=headers.get("user-agent", ""),
        ):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception:
                logger.exception("An API call failed (request %s).", identifier)
                if status:
                    raise
                await send_problem(send_with_id, wire.unexpected_problem(identifier))
            finally:
                watch.stop(
                    method=scope["method"],
                    path=scope["path"],
                    route=_template(scope),
                    status=status,
                    actor=scope["state"].get("caller_id"),
                )


def _template(scope: Scope) -> str | None:
    """The template of the route that was taken, with what stands before the application."""
    path = getattr(scope.get("route"), "path", None)
    return f"{scope.get('root_path', '')}{path}" if path is not None else None


class LimitMiddleware:
    """Refuses who asks too often."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")) in _UNLIMITED:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        caller_id, verdict = await aio.call(
            _check,
            method=request.method,
            path=scope["path"],
            address=current_origin.get().address,
            authorization=request.headers.get("authorization", ""),
            session_key=request.cookies.get(SESSION_COOKIE, ""),
        )
        scope.setdefault("state", {})["caller_id"] = caller_id
        told = verdict.headers()

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        if verdict.passes:
            await self.app(scope, receive, send_with_limits)
            return
        for standing in verdict.standings:
            if standing.wait_s:
                metrics.LIMITED.labels(standing.policy.name).inc()
        error = limits.TooManyRequestsError(verdict)
        await send_problem(send_with_limits, wire.problem_of(error, current_request_id.get()), error.headers)


def _check(*, method: str, path: str, address: str, authorization: str, session_key: str) -> tuple[Any, limits.Verdict]:
    caller_id = caller_of(authorization=authorization, session_key=session_key)
    return caller_id, limits.check(limits.limits_of(method=method, path=path, address=address, user_id=caller_id))


class IdempotencyMiddleware:
    """Carries a request with a key out once, and answers it again as often as it is repeated.

    The endpoint's effects are committed apart from the stored answer: what crashes in between may be carried out anew
    when the claim has run out. `identify` tells who asks, before the endpoint is known.
    """

    def __init__(self, app: ASGIApp, *, identify: Identify) -> None:
        self.app = app
        self.identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        header = Headers(scope=scope).get(KEY_HEADER) if scope["type"] == "http" else None
        if header is None or scope["method"] not in UNSAFE_METHODS:
            await self.app(scope, receive, send)
            return
        try:
            actor = await self._actor(scope)
        except GuildhallError:
            await self.app(scope, receive, send)
            return
        try:
            attempt, body = await _attempt(scope, receive, parse_key(header), actor)
            stored = await _claim(attempt)
        except GuildhallError as error:
            await send_problem(send, wire.problem_of(error, current_request_id.get()), error.headers)
            return
        if stored is not None:
            await _replay(send, stored)
            return
        recorder = _Recorder(body, receive, send)
        try:
            await self.app(scope, recorder.receive, recorder.send)
        finally:
            # Also where the client has gone in the meantime, for it will ask again.
            await asyncio.shield(aio.call(answers.settle, attempt, recorder.answer))

    async def _actor(self, scope: Scope) -> str:
        actor = await self.identify(Request(scope))
        if actor is not None:
            return f"user:{actor.id}"
        return f"address:{current_origin.get().address}"


async def _attempt(scope: Scope, receive: Receive, key: str, actor: str) -> tuple[Attempt, bytes]:
    body = await Request(scope, receive).body()
    attempt = Attempt.of(
        secret=settings.secret_key.get_secret_value(),
        key=key,
        actor=actor,
        method=scope["method"],
        path=scope["path"],
        query=scope.get("query_string", b""),
        body=body,
    )
    return attempt, body


async def _claim(attempt: Attempt) -> Answer | None:
    """As `answers.claim`, but waits a while for a twin."""
    deadline = asyncio.get_running_loop().time() + answers.PATIENCE_S
    for pause in answers.pauses():
        try:
            return await aio.call(answers.claim, attempt)
        except StillRunningError:
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(pause)
    raise StillRunningError


async def _replay(send: Send, answer: Answer) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers += [(REPLAYED_HEADER.lower().encode(), b"true"), (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


class _Recorder:
    """Plays the body that was read to the application again, and notes what it answers."""

    def __init__(self, body: bytes, receive: Receive, send: Send) -> None:
        self._body: bytes | None = body
        self._receive = receive
        self._send = send
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._parts: list[bytes] = []
        self._whole = False

    @property
    def answer(self) -> Answer | None:
        """None where the application did not answer to the end."""
        return Answer.of(self._status, self._headers, b"".join(self._parts)) if self._whole else None

    async def receive(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))
            self._whole = not message.get("more_body", False)
        await self._send(message)
