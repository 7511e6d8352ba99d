"""Slows the consumer down while sealing is behind, so that the journal's tail stays short."""

import asyncio
import time
from typing import Final

from guildhall.modules.telemetry.store import journal
from guildhall.modules.telemetry.store.connection import Connection
from guildhall.modules.telemetry.store.plan import run_async

#: While nothing is behind, it is enough to look now and then.
LOOK_INTERVAL_S: Final = 0.5


class Pace:
    """Knows from the tail of the journal how quickly batches may follow each other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._looked_at = float("-inf")

    async def keep(self) -> None:
        """Wait as long as has to be waited before the next batch, mostly not at all."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_INTERVAL_S:
            return
        pause_s = await run_async(journal.pause_s(), self._connection)
        if pause_s:
            await asyncio.sleep(pause_s)
        else:
            self._looked_at = now
