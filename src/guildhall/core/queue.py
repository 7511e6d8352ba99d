"""The queue of background jobs, by their names: whoever wants one done need not import what does it."""

import logging
from functools import lru_cache, partial

from celery import Celery
from django.db import transaction
from kombu.exceptions import OperationalError

import guildhall.core.workers  # noqa: F401 — its signals send the request's id along.
from guildhall.settings import settings

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 2


@lru_cache(maxsize=1)
def _sender() -> Celery:
    """Sends to the queue that the workers read; knows no job itself."""
    sender = Celery("guildhall-sender", broker=settings.broker_url, set_as_current=False)
    sender.conf.update(
        task_serializer="json",
        task_ignore_result=True,
        broker_connection_timeout=CONNECT_TIMEOUT_S,
        broker_transport_options={"socket_connect_timeout": CONNECT_TIMEOUT_S, "socket_timeout": CONNECT_TIMEOUT_S},
    )
    return sender


def enqueue_on_commit(name: str, *arguments: str) -> None:
    """Have the job of this name done once the transaction is committed; nothing if it is rolled back.

    Without the broker the job is lost and a warning is logged: what has to happen stands in the database too, where a
    job that runs at its time finds it.
    """
    transaction.on_commit(partial(_send, name, arguments), robust=True)


def _send(name: str, arguments: tuple[str, ...]) -> None:
    try:
        _sender().send_task(name, args=arguments, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("The job %s could not be queued, it waits for its time: %s", name, error)
