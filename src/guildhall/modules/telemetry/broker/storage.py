"""How full the broker's storage is. Where it is full, the broker refuses what devices publish."""

import asyncio
import json
from dataclasses import dataclass
from typing import Final

from guildhall.modules.telemetry.broker.connection import BrokerUser, connect
from guildhall.modules.telemetry.broker.stream import REQUEST_TIMEOUT_S

CONNECT_S: Final = 10
NEARLY_FULL: Final = 0.8
#: Where `jobs` keeps what it saw last.
CACHE_KEY: Final = "telemetry:broker-storage"


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes of messages on disk, and the most that there may be."""

    used_bytes: int
    limit_bytes: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 where there is no limit."""
        return self.used_bytes / self.limit_bytes if self.limit_bytes > 0 else 0.0

    @property
    def is_nearly_full(self) -> bool:
        return self.share >= NEARLY_FULL


async def ask() -> Storage:
    """The storage of the server that answers first.

    Raises:
        TimeoutError, nats.errors.Error: none answers.
    """
    async with asyncio.timeout(CONNECT_S):
        system = await connect(BrokerUser.SYSTEM, name="storage")
    try:
        answer = await system.request("$SYS.REQ.SERVER.PING.JSZ", b"{}", timeout=REQUEST_TIMEOUT_S)
    finally:
        await system.close()
    found = json.loads(answer.data)["data"]
    return Storage(int(found["storage"]), int(found["config"]["max_storage"]))
