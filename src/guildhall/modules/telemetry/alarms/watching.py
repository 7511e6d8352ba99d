"""Evaluates alarm rules as measurements come and as time passes. Several processes may do so."""

import logging
import threading
from typing import Final

from guildhall.core import metrics

POLL_INTERVAL_S: Final = 0.2
PAUSE_AFTER_ERROR_S: Final = 1.0

logger = logging.getLogger(__name__)


def run(stop: threading.Event) -> None:
    """Evaluate until `stop` is set; a database that is away is waited for."""
    from django.db import DatabaseError, connection

    from guildhall.modules.telemetry.alarms.services import AT_ONCE, evaluate_due

    evaluated = 0
    metrics.gauge(
        "guildhall_telemetry_alarm_evaluations",
        "Datapoints whose alarm rules this process evaluated.",
        lambda: float(evaluated),
    )
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
