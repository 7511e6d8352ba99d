"""Events written and delivered a second, beside the same writes without events.

Each round renames objects through the ORM, as a service does: one plainly, the next with an event appended in the same
transaction, and so on in turns, as a shared machine changes its speed within seconds and both are to meet the same.
Then a relay delivers the events to one subscriber that writes a row.
"""

import statistics
import time

from benchmarks.servers import postgresql

WRITES = 1500
ROUNDS = 5


def main() -> None:
    """Run and print."""
    with postgresql():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _run()


def _run() -> None:
    from django.db import connection, transaction

    from guildhall.core import events
    from guildhall.core.events import relay
    from guildhall.core.organizations.models import Organization, Project

    class Renamed(events.EventData, type="benchmark.renamed"):
        name: str

    organization = Organization.objects.create(name="Benchmark")
    projects = [Project.objects.create(organization=organization, name=f"Project {n}") for n in range(50)]

    @events.subscribe("benchmark.renamed", name="benchmark.note")
    def note(event: events.Event) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO benchmark_note (event_id) VALUES (%s)", [event.id])

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE benchmark_note (event_id uuid)")

    def write(number: int, *, with_event: bool) -> float:
        project = projects[number % len(projects)]
        started = time.perf_counter()
        with transaction.atomic():
            project.name = f"{with_event} {number}"
            project.save(update_fields=["name"])
            if with_event:
                events.append(
                    connection,
                    Renamed(name=project.name),
                    subject=f"project/{project.pk}",
                    organization_id=organization.pk,
                    actor_id=None,
                )
        return time.perf_counter() - started

    plain, told, delivered = [], [], []
    for round_number in range(ROUNDS + 1):
        spent = {False: 0.0, True: 0.0}
        for number in range(WRITES):
            for with_event in spent:
                spent[with_event] += write(number, with_event=with_event)
        started = time.perf_counter()
        relay.drain()
        rate = WRITES / (time.perf_counter() - started)
        if round_number:  # The first one warms up.
            plain.append(WRITES / spent[False])
            told.append(WRITES / spent[True])
            delivered.append(rate)
    ratios = [with_events / without for with_events, without in zip(told, plain, strict=True)]
    print(f"{ROUNDS} rounds of {WRITES} writes on {len(projects)} subjects, with fsync; medians")
    print(f"writes without events    {statistics.median(plain):8.0f} /s")
    print(f"writes with an event     {statistics.median(told):8.0f} /s   ratio {statistics.median(ratios):.2f}")
    print(f"events delivered         {statistics.median(delivered):8.0f} /s   one relay, one subscriber")


if __name__ == "__main__":
    main()
