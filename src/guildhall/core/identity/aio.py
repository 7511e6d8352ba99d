"""Calls the facade from asynchronous frameworks: in threads of its own, no more than there are connections in the pool,
each giving its connection back when the call ends (without that, half of the calls wait for ever under load).
"""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
from anyio.lowlevel import RunVar
from django.db import connections

from guildhall.settings import settings

P = ParamSpec("P")
R = TypeVar("R")

_limiter: RunVar[anyio.CapacityLimiter] = RunVar("guildhall-identity-limiter")


def _limit() -> anyio.CapacityLimiter:
    """The limiter of the running event loop."""
    try:
        return _limiter.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(max(1, settings.database_pool_size // 2))
        _limiter.set(limiter)
        return limiter


def _call_and_give_back(function: Callable[[], R]) -> R:
    try:
        return function()
    finally:
        connections.close_all()


async def call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function of the facade in a thread and give its database connection back afterwards."""
    return await anyio.to_thread.run_sync(
        _call_and_give_back, partial(function, *args, **kwargs), limiter=_limit(), abandon_on_cancel=False
    )
