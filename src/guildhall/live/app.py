"""The ASGI application of the live streams, mounted under `/live` by the site."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from guildhall.core.errors import GuildhallError
from guildhall.core.http import wire
from guildhall.core.http.asgi import LimitMiddleware, RequestMiddleware
from guildhall.core.http.context import current_request_id
from guildhall.live.export import export
from guildhall.live.hub import Hub
from guildhall.live.telemetry import telemetry
from guildhall.settings import settings


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open what the streams of this process share, and close it at the end."""
    app.state.hub = Hub(settings.redis_url.get_secret_value())
    task = asyncio.create_task(app.state.hub.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def problem(_: Request, error: Exception) -> Response:
    """An error before the stream began, as a problem document."""
    assert isinstance(error, GuildhallError)
    document = wire.problem_of(error, current_request_id.get())
    return Response(orjson.dumps(document), status_code=document["status"], media_type=wire.PROBLEM_TYPE)


app = Starlette(
    routes=[Route("/telemetry/", telemetry), Route("/telemetry/export/", export)],
    lifespan=lifespan,
    middleware=[Middleware(RequestMiddleware), Middleware(LimitMiddleware)],
    exception_handlers={GuildhallError: problem},
)
