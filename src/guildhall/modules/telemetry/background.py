"""The process `telemetry-sealer`: seals, and evaluates alarm rules beside it. Both rest most of the time, so they share
one Python.
"""

import asyncio
import threading

import django

from guildhall.modules.telemetry.running import run_until_stopped
from guildhall.modules.telemetry.sealer import Sealer


def main() -> None:
    """Entry of the process."""
    django.setup()
    run_until_stopped(run)


async def run() -> None:
    """Work until cancelled; where one of the two fails, all ends, to be started anew."""
    from guildhall.modules.telemetry.alarms import watching

    sealer = Sealer()
    stop = threading.Event()
    works = [
        asyncio.create_task(asyncio.to_thread(sealer.run)),
        asyncio.create_task(asyncio.to_thread(watching.run, stop)),
    ]
    try:
        ended, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        for work in ended:
            work.result()
    finally:
        sealer.stop()
        stop.set()
