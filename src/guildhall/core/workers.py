"""What every job brings along where it is done: the id of the request that asked for it, lines in the log, metrics."""

import logging
import time
from contextvars import Token
from typing import Any, Final

from celery import Celery, Task
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

from guildhall.core import logs, metrics
from guildhall.core.http.context import current_request_id

logger = logging.getLogger("guildhall.jobs")

#: Travels with the message, beside Celery's own headers.
_HEADER: Final = "guildhall_request_id"


@setup_logging.connect
def configure_logs(**_: Any) -> None:
    """Celery asks whoever listens to set up logging, and leaves it alone then."""
    logs.configure()


@before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Let the job know the request in whose course it was enqueued."""
    if headers is not None and current_request_id.get():
        headers[_HEADER] = current_request_id.get()


@task_prerun.connect
def begin(task: Task[Any, Any], task_id: str, **_: Any) -> None:
    """A job that no request asked for, such as one of the clock's, is known by its own id."""
    token = current_request_id.set(getattr(task.request, _HEADER, None) or task_id)
    task.request.update(guildhall_begun=(time.perf_counter(), token))


@task_postrun.connect
def end(task: Task[Any, Any], state: str | None = None, **_: Any) -> None:
    """Tell how it went."""
    begun: tuple[float, Token[str]] = task.request.guildhall_begun  # type: ignore[attr-defined]  # By `begin`.
    seconds = time.perf_counter() - begun[0]
    metrics.JOBS.labels(task.name, state or "UNKNOWN").inc()
    metrics.JOB_SECONDS.labels(task.name).observe(seconds)
    logger.info("%s", task.name, extra={"state": state, "duration_ms": round(seconds * 1000, 1)})
    current_request_id.reset(begun[1])


def watch_queue(app: Celery) -> None:
    """Add the number of jobs that wait in the default queue to this process's metrics, whatever the broker is."""
    queue: str = app.conf.task_default_queue

    def waiting() -> float:
        with app.connection_or_acquire() as connection:
            try:
                return float(connection.default_channel.queue_declare(queue, passive=True).message_count)
            except connection.channel_errors:
                # Redis forgets a queue when its last job is taken.
                return 0.0

    metrics.gauge("guildhall_queue_length", "Jobs that wait for a worker.", waiting)
