"""Background jobs of telemetry."""

import asyncio
from typing import Final

from celery import shared_task
from django.core.cache import cache

from guildhall.modules.telemetry.broker import storage

#: What was seen is believed so long.
SEEN_S: Final = 900


@shared_task(name="guildhall.modules.telemetry.jobs.look_at_broker")
def look_at_broker() -> None:
    """Remember how full the broker's storage is, for the home page. Safe to repeat."""
    found = asyncio.run(storage.ask())
    cache.set(storage.CACHE_KEY, (found.used_bytes, found.limit_bytes), SEEN_S)
