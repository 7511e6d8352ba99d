"""Looks at Django's pool of database connections."""

import time

from django.db import connection

PATIENCE_S = 10.0


def lent_connections() -> int:
    """How many connections nobody gave back, once the pool has opened what it is still opening; closes the caller's own."""
    connection.close()
    deadline = time.monotonic() + PATIENCE_S
    while True:
        stats = connection.pool.get_stats()
        # The size counts connections that a background thread is opening; those are lent to nobody.
        lent = stats["pool_size"] - stats["pool_available"]
        if not lent or time.monotonic() > deadline:
            return lent
        time.sleep(0.05)
