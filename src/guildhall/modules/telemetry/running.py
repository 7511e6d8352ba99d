"""How the module's processes run: one event loop until SIGTERM or SIGINT, logs on standard error."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable

from guildhall.core import logs


def run_until_stopped(work: Callable[[], Awaitable[None]]) -> None:
    """Run until the work ends or a signal asks for the end. An error of the work ends the process with that error."""
    logs.configure()
    asyncio.run(_run(work))


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.ensure_future(work())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("Stopped.")
