"""The whole site as one ASGI application: Django in threads, compute and the live streams natively.

Django runs as WSGI through a2wsgi, as its own ASGI handler costs five times the CPU per request.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")

from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from guildhall.config.wsgi import application as django_application
from guildhall.core import metrics
from guildhall.core.http.fastapi import HEALTH_ROUTES
from guildhall.live.app import app as live
from guildhall.services.compute.app import app as compute

DJANGO_THREADS = 32


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Start and stop the mounted applications, as Starlette's Mount does not."""
    async with AsyncExitStack() as stack:
        stack.enter_context(metrics.serving("site"))
        for mounted in (compute, live):
            await stack.enter_async_context(mounted.router.lifespan_context(mounted))
        yield


application = Starlette(
    routes=[
        *(Route(path, endpoint) for path, endpoint in HEALTH_ROUTES),
        Mount("/api/v1", app=compute),
        Mount("/live", app=live),
        Mount("/", app=cast("ASGIApp", WSGIMiddleware(cast("Any", django_application), workers=DJANGO_THREADS))),
    ],
    lifespan=lifespan,
)
