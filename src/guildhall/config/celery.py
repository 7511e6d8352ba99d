"""Background jobs: `celery -A guildhall worker` and `celery -A guildhall beat`."""

import os

from celery import Celery

from guildhall.settings import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")

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
    beat_schedule={},
)
app.autodiscover_tasks(related_name="jobs")
