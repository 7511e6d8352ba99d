"""`guildhall events`: look at the events as they come, and mend subjects that are held up."""

import time
from collections.abc import Iterator

import orjson
from rich.console import Console
from rich.table import Table

POLL_INTERVAL_S = 0.5
BATCH = 500


def tail(*, lines: int, follow: bool, event_type: str | None, as_json: bool) -> None:
    """Print the newest events, and go on as more come."""
    for event in _events(lines=lines, follow=follow, event_type=event_type):
        print(event, flush=True) if as_json else _print_line(event)


def _print_line(line: str) -> None:
    event = orjson.loads(line)
    print(
        f"{event['time'][:19]}  {event['type']:<44} {event['subject']:<52} {orjson.dumps(event['data']).decode()}",
        flush=True,
    )


def _events(*, lines: int, follow: bool, event_type: str | None) -> Iterator[str]:
    import django

    django.setup()
    from guildhall.core.events.models import EventRow
    from guildhall.core.events.relay import as_event

    rows = EventRow.objects.all() if event_type is None else EventRow.objects.filter(type=event_type)
    newest = list(rows.order_by("-id")[:lines])
    seen = EventRow.objects.order_by("-id").values_list("id", flat=True).first() or 0
    for row in reversed(newest):
        yield orjson.dumps(as_event(row).as_cloud_event()).decode()
    # Transactions commit in another order than they draw positions, so a late one is looked for among the last.
    told = {row.pk for row in rows.filter(id__gt=seen - BATCH)}
    while follow:
        time.sleep(POLL_INTERVAL_S)
        for row in rows.filter(id__gt=seen - BATCH).exclude(id__in=told).order_by("id"):
            told.add(row.pk)
            yield orjson.dumps(as_event(row).as_cloud_event()).decode()
        seen = max(told, default=seen)
        told = {position for position in told if position > seen - BATCH}


def held() -> int:
    """Print the subjects that are held up; returns how many."""
    import django

    django.setup()
    from guildhall.core.events.models import HeldSubject

    rows = list(HeldSubject.objects.select_related("event").order_by("failed_at"))
    if not rows:
        print("Nothing is held up.")
        return 0
    table = Table("subject", "event", "subscriber", "attempts", "tried again", "error")
    for row in rows:
        again = "dead letter" if row.retry_at is None else f"{row.retry_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(row.subject, row.event.type, row.subscriber, str(row.attempts), again, row.error)
    Console().print(table)
    return len(rows)


def replay(subjects: list[str]) -> int:
    """Try the failed events of these subjects again, or of all where none is named; returns how many go on."""
    return _mend("replay", subjects)


def skip(subjects: list[str]) -> int:
    """Give up the failed event of each of these subjects; returns how many go on."""
    return _mend("skip", subjects)


def _mend(how: str, subjects: list[str]) -> int:
    import django

    django.setup()
    from guildhall.core.events import relay
    from guildhall.core.events.models import HeldSubject

    chosen = subjects or list(HeldSubject.objects.values_list("pk", flat=True))
    return relay.replay(chosen) if how == "replay" else relay.skip(chosen)
