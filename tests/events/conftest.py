"""A type of event of the tests' own, and a table for effects."""

from collections.abc import Iterator

import pytest
from django.db import connection

from guildhall.core import events
from guildhall.core.events import registry


class Counted(events.EventData, type="tests.counted"):
    number: int


@pytest.fixture
def handled() -> Iterator[list[events.Event]]:
    """What a subscriber of `tests.counted` was given, in order; only what was committed should be looked at."""
    seen: list[events.Event] = []
    events.subscribe("tests.counted", name="tests.collect")(seen.append)
    yield seen
    for subscription in registry.subscriptions("tests.counted"):
        registry.unsubscribe(subscription.name)


def append(number: int, subject: str = "thing/1") -> int:
    return events.append(connection, Counted(number=number), subject=subject, organization_id=None, actor_id=None)
