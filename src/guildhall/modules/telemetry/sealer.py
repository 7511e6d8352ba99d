"""The process `telemetry-sealer`: turns the journal's tail into chunks and rollups, and keeps to retention."""

import asyncio
import logging
import threading
import time
from typing import Final

import psycopg

from guildhall.core import metrics
from guildhall.core.processes import announce_ready
from guildhall.modules.telemetry.running import run_until_stopped
from guildhall.modules.telemetry.store import retention, sealing
from guildhall.settings import settings

logger = logging.getLogger(__name__)

#: Every seal writes the newest chunk of each active datapoint anew, so it is worth waiting for some samples.
INTERVAL_S: Final = 15.0
#: A larger tail is sealed at once.
EARLY_BYTES: Final = 16 * 1024 * 1024
LOOK_INTERVAL_S: Final = 0.25
RETENTION_INTERVAL_S: Final = 600.0
PAUSE_S: Final = 2.0


class Sealer:
    """Seals over one connection at a time, in a thread, as most of it is arithmetic."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._samples = 0

    def stop(self) -> None:
        """End after the transaction that runs."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped; begin anew where the database went away."""
        metrics.gauge("guildhall_telemetry_sealed", "Samples sealed by this process.", lambda: float(self._samples))
        while not self._stopping.is_set():
            try:
                with psycopg.connect(
                    settings.database_url.get_secret_value(),
                    autocommit=True,
                    application_name="guildhall telemetry-sealer",
                ) as connection:
                    announce_ready()
                    self._work(connection)
            except psycopg.Error as error:
                logger.warning("Sealing begins anew: %s", error)
                self._stopping.wait(PAUSE_S)

    def _work(self, connection: sealing.SyncConnection) -> None:
        sealed_at = float("-inf")
        kept_at = float("-inf")
        while not self._stopping.is_set():
            now = time.monotonic()
            if now - sealed_at >= INTERVAL_S or sealing.tail_bytes(connection) >= EARLY_BYTES:
                sealed_at = now
                self._samples += sealing.seal_all(connection)
            if now - kept_at >= RETENTION_INTERVAL_S:
                kept_at = now
                retention.apply(connection, now=time.time_ns() // 1000)
            self._stopping.wait(LOOK_INTERVAL_S)


async def run() -> None:
    """Work until cancelled."""
    sealer = Sealer()
    try:
        await asyncio.shield(asyncio.to_thread(sealer.run))
    finally:
        sealer.stop()


def main() -> None:
    """Entry of the process."""
    run_until_stopped(run)
