"""A relay in a process of its own, with a subscriber that writes what it was given to a table and fails at random."""

import random
import sys

import django

django.setup()

from django.db import connection  # noqa: E402 — Django must be set up first.

from guildhall.core import events  # noqa: E402
from guildhall.core.events import policy  # noqa: E402
from guildhall.core.events.main import main  # noqa: E402

FAILURES = 0.01


class Counted(events.EventData, type="tests.counted"):
    number: int


@events.subscribe("tests.counted", name="tests.effect")
def note(event: events.Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tests_effect (subject, number, event_id) VALUES (%s, %s, %s)",
            [event.subject, event.data["number"], event.id],
        )
    # Fails after its effect, so that a rollback that forgets something is seen.
    if random.random() < FAILURES:
        raise RuntimeError("at random")


if __name__ == "__main__":
    policy.FIRST_RETRY = policy.FIRST_RETRY / 20
    import logging

    logging.disable(logging.ERROR)
    sys.exit(main())
