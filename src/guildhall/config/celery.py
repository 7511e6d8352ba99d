"""Background jobs: `celery -A guildhall worker` and `celery -A guildhall beat`."""

import os
from contextlib import ExitStack
from typing import Any, Final

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, worker_ready, worker_shutdown

from guildhall.core import metrics
from guildhall.core.workers import watch_queue
from guildhall.settings import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")

MINUTE_S: Final = 60.0
HOUR_S: Final = 3600.0

app = Celery("guildhall")
app.conf.update(
    broker_url=settings.broker_url,
    broker_connection_retry_on_startup=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    beat_schedule={
        "send unsent mail": {"task": "guildhall.core.accounts.jobs.send_unsent_mail", "schedule": MINUTE_S},
        "clear ended sign-ins": {"task": "guildhall.core.accounts.jobs.clear_ended", "schedule": HOUR_S},
        "forget old audit entries": {"task": "guildhall.core.audit.jobs.forget_old_entries", "schedule": 6 * HOUR_S},
        "look at the broker": {"task": "guildhall.modules.telemetry.jobs.look_at_broker", "schedule": 5 * MINUTE_S},
        "send unsent mail about tasks": {
            "task": "guildhall.modules.tasks.jobs.send_unsent_mail",
            "schedule": MINUTE_S,
        },
        # Somewhere a morning begins every quarter of an hour.
        "daily summaries of tasks": {
            "task": "guildhall.modules.tasks.jobs.generate_daily_summary",
            "schedule": 15 * MINUTE_S,
        },
        "overdue tasks": {"task": "guildhall.modules.tasks.jobs.check_overdue_tasks", "schedule": HOUR_S},
        "search entries of tasks": {"task": "guildhall.modules.tasks.jobs.index_anew", "schedule": HOUR_S},
        "archived tasks": {
            "task": "guildhall.modules.tasks.jobs.cleanup_archived_tasks",
            "schedule": crontab(day_of_week="sunday", hour=3, minute=0),
        },
        "forget expired answers": {"task": "guildhall.core.http.forget_expired_answers", "schedule": HOUR_S},
    },
)
app.autodiscover_tasks(related_name="jobs")


_open: Final = ExitStack()


@worker_ready.connect
def serve_metrics_of_worker(**_: Any) -> None:
    """The worker tells the length of the queue too, as it is who empties it."""
    watch_queue(app)
    _open.enter_context(metrics.serving("worker"))


@beat_init.connect
def serve_metrics_of_beat(**_: Any) -> None:
    """Beat has no other sign of life."""
    _open.enter_context(metrics.serving("beat"))


@worker_shutdown.connect
def stop_serving(**_: Any) -> None:
    """Beat, which has no such signal, just ends."""
    _open.close()
