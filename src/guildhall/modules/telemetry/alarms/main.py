"""The process `telemetry-alarms`: evaluates alarm rules as measurements come and as time passes. Several may run."""

import logging
import signal
import threading
from types import FrameType
from typing import Final

import django

from guildhall.core import metrics
from guildhall.core.processes import announce_ready

POLL_INTERVAL_S: Final = 0.2
PAUSE_AFTER_ERROR_S: Final = 1.0

logger = logging.getLogger(__name__)


def main() -> None:
    """Evaluate until told to stop; a database that is away is waited for."""
    django.setup()
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    run(stop)


def run(stop: threading.Event) -> None:
    """Evaluate until `stop` is set."""
    from django.db import DatabaseError, connection

    from guildhall.modules.telemetry.alarms.services import AT_ONCE, evaluate_due

    evaluated = 0
    metrics.gauge(
        "guildhall_telemetry_alarm_evaluations",
        "Datapoints whose alarm rules this process evaluated.",
        lambda: float(evaluated),
    )
    announce_ready()
    while not stop.is_set():
        pause = POLL_INTERVAL_S
        try:
            found = evaluate_due()
            evaluated += found
            if found >= AT_ONCE:
                continue
        except DatabaseError as error:
            logger.warning("The alarm rules wait for the database: %s", error)
            connection.close()
            pause = PAUSE_AFTER_ERROR_S
        stop.wait(pause)
    connection.close()
