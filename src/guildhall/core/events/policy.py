"""When a failed delivery is tried again. Pure."""

from datetime import datetime, timedelta

FIRST_RETRY = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=10)
MAXIMUM_ATTEMPTS = 12
DELIVERIES_KEPT = timedelta(days=30)


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many failed attempts: 1, 2, 4 … seconds later; None: no more, it is a dead letter."""
    if attempts >= MAXIMUM_ATTEMPTS:
        return None
    doublings: int = 2 ** (attempts - 1)
    return now + min(FIRST_RETRY * doublings, LONGEST_WAIT)
