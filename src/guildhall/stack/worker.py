"""The worker of a stack on one machine: background jobs in threads, and the clock that sends scheduled ones.

Elsewhere `celery -A guildhall worker` and `celery -A guildhall beat` do the same in two processes; together here they
save the 80 MB that the second would take to load the same code.

`python -m guildhall.stack.worker SCHEDULE_FILE`
"""

import logging
import os
import signal
import sys
import threading
from typing import Any

from celery import bootsteps
from celery.beat import Service

from guildhall.celery import app

THREADS = 4

logger = logging.getLogger(__name__)


class Clock(bootsteps.StartStopStep):
    """Celery's beat in a thread that starts and stops with the worker."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.service = Service(app, schedule_filename=sys.argv[1], max_interval=1)
        self.stopping = False

    def start(self, parent: Any) -> None:
        threading.Thread(target=self.tick, name="clock", daemon=True).start()

    def stop(self, parent: Any) -> None:
        self.stopping = True
        self.service.stop()

    def tick(self) -> None:
        """Send jobs at their times; a clock that breaks takes the worker along, so that both start anew."""
        try:
            self.service.start()
        except Exception:
            # Whatever it is, the worker must not go on without its clock.
            logger.exception("The clock broke; the worker ends with it.")
        if not self.stopping:
            os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Work until SIGTERM."""
    app.steps["worker"].add(Clock)
    # A single worker has nobody to gossip with.
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    app.worker_main(
        ["--quiet", "worker", "--pool", "threads", "--concurrency", str(THREADS), "--loglevel", "INFO", *alone]
    )


if __name__ == "__main__":
    main()
