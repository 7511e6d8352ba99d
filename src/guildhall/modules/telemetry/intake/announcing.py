"""Tells live streams of samples that Django stored, as the consumer does of those from the broker.

Streams read PostgreSQL when they hear that something was missed: so where Redis could not be told, the next
announcement says from which position on.
"""

import threading
from typing import Final

import orjson
from redis import Redis

from guildhall.core.http import redis
from guildhall.modules.telemetry.policy import LIVE_CHANNEL_PREFIX, LIVE_MISSED_CHANNEL
from guildhall.modules.telemetry.store.journal import Written
from guildhall.modules.telemetry.store.merging import Batch

#: Of more samples than this, streams are only told that there is something to read.
MAX_ANNOUNCED: Final = 5000


class Announcer:
    """Publishes through Redis, and remembers what it could not. Threads share it."""

    def __init__(self, connection: Redis | None = None) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._missed_from: int | None = None

    def announce(self, batch: Batch, written: Written) -> None:
        """Tell of a batch that is committed. Never fails."""
        whole = len(batch) <= MAX_ANNOUNCED and not written.refused
        with self._lock:
            missed, self._missed_from = self._missed_from, None
        missed = missed if whole else min(missed or written.position, written.position)

        def publish() -> bool:
            pipeline = (self._connection or redis.client()).pipeline(transaction=False)
            if whole:
                for datapoint, samples in batch.each():
                    found = list(zip(samples.times.tolist(), samples.values.tolist(), strict=True))
                    content = {"position": written.position, "samples": found}
                    pipeline.publish(f"{LIVE_CHANNEL_PREFIX}{datapoint}", orjson.dumps(content))
            if missed is not None:
                pipeline.publish(LIVE_MISSED_CHANNEL, str(missed))
            pipeline.execute()
            return True

        if not redis.breaker.call(publish, default=False, lost="announcements of new samples"):
            lost = min(missed or written.position, written.position)
            with self._lock:
                self._missed_from = min(self._missed_from or lost, lost)


_announcer: Final = Announcer()


def tell_missed(position: int) -> None:
    """Tell live streams to read what was written from this position on. Never fails."""
    channel, told = LIVE_MISSED_CHANNEL, str(position)
    redis.breaker.call(lambda: redis.client().publish(channel, told), default=0, lost="announcements of new samples")


def announce(batch: Batch, written: Written) -> None:
    """Tell live streams of a batch that is committed. Never fails."""
    _announcer.announce(batch, written)
