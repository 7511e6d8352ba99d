"""The ASGI application of the live streams, mounted under `/live` by the site."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Open what the streams of this process share, and close it at the end."""
    yield


app = Starlette(routes=[], lifespan=lifespan)
