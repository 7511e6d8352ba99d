"""Turns the journal's tail into chunks and rollups, and keeps to retention; half of `telemetry-sealer`."""

import asyncio
import logging
import os
import threading
import time
from typing import Final

import psycopg

from guildhall.core import metrics
from guildhall.core.processes import announce_ready
from guildhall.modules.telemetry.running import run_until_stopped
from guildhall.modules.telemetry.store import journal, retention, sealing
from guildhall.modules.telemetry.store.connection import connect_sync
from guildhall.modules.telemetry.store.journal import Tail
from guildhall.modules.telemetry.store.layout import SECOND
from guildhall.modules.telemetry.store.plan import run as run_plan

logger = logging.getLogger(__name__)

#: Every seal writes the newest chunk of each active datapoint anew, so it is worth waiting for some samples.
INTERVAL_S: Final = 15.0
#: A larger tail is sealed at once.
EARLY_BYTES: Final = 16 * 1024 * 1024
#: So much must have come during a seal to be worth the next one at once.
AT_ONCE_BYTES: Final = 4 * 1024 * 1024
LOOK_INTERVAL_S: Final = 0.25
RETENTION_INTERVAL_S: Final = 600.0
PAUSE_S: Final = 2.0
#: Where the processors are all busy, what devices send is taken first; the bound of the tail sees to it that this ends.
NICENESS: Final = 5
#: By so much a clock may be set forward at once.
JUMP_S: Final = 3600.0


class Days:
    """Tells retention the time. A clock that jumped ahead would make it forget what nobody wants forgotten, so the time
    then goes on by a clock that does not jump, until both agree again or the process is started anew.
    """

    def __init__(self, *, wall: float, steady: float) -> None:
        self._wall = wall
        self._steady = steady

    def now(self, *, wall: float, steady: float) -> float:
        """The time to believe, in seconds since 1970, from what the clock on the wall and the steady one say."""
        expected = self._wall + steady - self._steady
        if wall > expected + JUMP_S:
            logger.warning("The clock jumped ahead by %.0f s; nothing is forgotten for that.", wall - expected)
            return expected
        self._wall, self._steady = wall, steady
        return wall


class Sealer:
    """Seals over one connection at a time, in a thread, as most of it is arithmetic."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._samples = 0
        self._tail = Tail(0, 0)
        self._days = Days(wall=time.time(), steady=_steady())

    def stop(self) -> None:
        """End after the transaction that runs."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped; begin anew where the database went away."""
        os.nice(NICENESS)  # Which Linux does to this thread alone.
        metrics.gauge("guildhall_telemetry_sealed", "Samples sealed by this process.", lambda: float(self._samples))
        metrics.gauge("guildhall_telemetry_tail_seconds", "Age of what waits to be sealed.", lambda: self._tail.age_s)
        metrics.gauge(
            "guildhall_telemetry_tail_bytes", "Size of what waits to be sealed.", lambda: float(self._tail.size_bytes)
        )
        while not self._stopping.is_set():
            try:
                with connect_sync(name="telemetry-sealer") as connection:
                    announce_ready()
                    self._work(connection)
            except psycopg.Error as error:
                logger.warning("Sealing begins anew: %s", error)
                self._stopping.wait(PAUSE_S)

    def _work(self, connection: sealing.SyncConnection) -> None:
        sealed_at = float("-inf")
        kept_at = float("-inf")
        while not self._stopping.is_set():
            self._look(connection)
            # The clock on the wall may jump.
            now = time.monotonic()
            if now - sealed_at >= INTERVAL_S or self._tail.size_bytes >= EARLY_BYTES:
                sealed_at = now
                self._seal(connection)
            if now - kept_at >= RETENTION_INTERVAL_S:
                kept_at = now
                today = self._days.now(wall=time.time(), steady=_steady())
                retention.apply(connection, now=int(today) * SECOND)
            self._stopping.wait(LOOK_INTERVAL_S)

    def _look(self, connection: sealing.SyncConnection) -> None:
        with connection.cursor(binary=True) as cursor:
            self._tail = run_plan(journal.tail(), cursor)

    def _seal(self, connection: sealing.SyncConnection) -> None:
        while not self._stopping.is_set() and (sealed := sealing.seal(connection)).rows:
            self._samples += sealed.samples
            self._look(connection)
            if self._tail.size_bytes < AT_ONCE_BYTES:
                break
        sealing.forget(connection)


def _steady() -> float:
    """A clock that goes on while the machine sleeps, and never jumps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


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
