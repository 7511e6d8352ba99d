"""The demo's tasks: half a year of a tracker's life in 500 tasks, and as many more as somebody wants to try it with.

Everything is invented in memory with its history and put in by COPY; the triggers rest meanwhile. Who is assigned and
which tags there are comes with the tasks, and the words are indexed once for each batch, all as the triggers would have
it. No events are told: nothing of it happens now.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, cast

import psycopg
from django.db import connection, transaction
from psycopg.types.json import Jsonb
from rich.progress import Progress

from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.seed import DemoPlace
from guildhall.modules.tasks import upkeep
from guildhall.modules.tasks.invention import Invention, Life, World
from guildhall.modules.tasks.models import Tag, Task, TaskTemplate

Row: TypeAlias = tuple[Any, ...]

DEMO_TASKS: Final = 500
BATCH: Final = 5_000
TAGS: Final = (
    ("Safety", "red"), ("Maintenance", "orange"), ("Purchase", "yellow"), ("Garden", "green"), ("Course", "blue"),
    ("Electric", "purple"), ("Cleaning", "teal"), ("Idea", "pink"), ("Paperwork", "gray"),
)  # fmt: skip
# The indexes of words take in what is new by large heaps, which costs them less than many small ones.
_BULK: Final = """
SELECT set_config('guildhall.tasks_bulk', 'on', true), set_config('gin_pending_list_limit', '64MB', true)
"""
_NUMBERS: Final = """
INSERT INTO tasks_taskcounter (organization_id, last_number) VALUES (%s, %s)
ON CONFLICT (organization_id) DO UPDATE SET last_number = tasks_taskcounter.last_number + %s
RETURNING last_number - %s
"""
_TIDY: Final = """
VACUUM (ANALYZE) tasks_task, tasks_searchentry, tasks_tasktag, tasks_taskassignment, tasks_tasktally
"""
_KEYS: Final = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "tasks_task": (
        "id", "organization_id", "number", "title", "description", "status", "priority", "due_date", "estimated_hours",
        "actual_hours", "created_by_id", "parent_task_id", "project_id", "team_id", "metadata", "created_at",
        "updated_at", "is_archived", "archived_at", "is_overdue", "version",
        # The triggers would derive the same; rows that have it already need not be written twice.
        "assignee_ids", "tag_ids",
    ),
    "tasks_taskassignment": ("task_id", "user_id", "assigned_by_id", "assigned_at", "removed_by_id", "removed_at"),
    "tasks_tasktag": ("task_id", "tag_id", "organization_id"),
    "tasks_comment": ("id", "task_id", "author_id", "body", "created_at"),
    "tasks_taskhistory": (
        "change", "organization_id", "task_id", "number", "title", "actor_id", "at", "field", "old", "new",
    ),
}  # fmt: skip


def seed(place: DemoPlace, *, rng: random.Random, progress: Progress) -> None:
    """Give the demo its tasks. Does nothing where it has some."""
    if Task.objects.filter(organization=place.organization).exists():
        return
    bar = progress.add_task("Tasks and their history", total=DEMO_TASKS)
    with transaction.atomic():
        world = _world_of(place)
        _templates(place, world)
        plant(world, DEMO_TASKS, rng=rng, advance=lambda done: progress.advance(bar, done))


def seed_many(place: DemoPlace, count: int, *, rng: random.Random, progress: Progress) -> None:
    """Add so many tasks to the demo's organization, each time anew."""
    bar = progress.add_task("More tasks", total=count)
    with transaction.atomic():
        plant(_world_of(place), count, rng=rng, advance=lambda done: progress.advance(bar, done))
    upkeep.add_up_tallies()
    # The planner has to know what is there now, and that its indexes can be trusted alone.
    with connection.cursor() as cursor:
        cursor.execute(_TIDY)


def _world_of(place: DemoPlace) -> World:
    organization: Organization = place.organization
    tags = [
        Tag.objects.get_or_create(organization=organization, name=name, defaults={"color": color})[0]
        for name, color in TAGS
    ]
    return World(
        organization_id=organization.pk,
        people=tuple(person.pk for person in place.people),
        projects=tuple(project.pk for project in place.projects),
        teams=tuple(organization.teams.order_by("name").values_list("pk", flat=True)),
        tags=tuple(tag.pk for tag in tags),
        now=datetime.now(UTC).replace(minute=0, second=0, microsecond=0),
    )


def _templates(place: DemoPlace, world: World) -> None:
    TaskTemplate.objects.create(
        organization=place.organization,
        name="Service of a machine",
        title="Service {{machine}}",
        description="Look after {{machine}} in {{room}}: clean, oil, test, write it into the book.",
        priority="high",
        project_id=world.projects[0],
        due_after_hours=7 * 24,
        estimated_hours=3,
        subtasks=[
            {"title": "Clean {{machine}}", "estimated_hours": 1},
            {"title": "Oil {{machine}}", "estimated_hours": 0.5},
            {"title": "Test {{machine}} and write it down", "priority": "urgent", "estimated_hours": 1.5},
        ],
    )
    TaskTemplate.objects.create(
        organization=place.organization,
        name="Introduction of a new member",
        title="Show {{name}} around",
        description="Doors, machines, rules; then an invite code.",
        due_after_hours=3 * 24,
        estimated_hours=2,
    )


def plant(world: World, count: int, *, rng: random.Random, advance: Callable[[int], None]) -> None:
    """Put so many tasks into the organization, numbered in the order in which they were created. A part of the
    caller's transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BULK)
        # Millions of references are checked batch by batch; else the commit would do it all, behind a full bar.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_NUMBERS, [world.organization_id, count, count, count])
        (before,) = cursor.fetchone()
        cursor.execute(_KEYS, ["tasks_task", count])
        keys = [key for (key,) in cursor.fetchall()]
    invention = Invention(world, rng, count)
    # Of its own, as the other one is at work in another thread meanwhile.
    for_changes = random.Random(rng.getrandbits(64))  # noqa: S311

    def lives_from(start: int) -> list[Life]:
        chosen = keys[start : start + BATCH]
        return [invention.life(key, before + start + offset + 1) for offset, key in enumerate(chosen)]

    def rows_of(lives: list[Life]) -> dict[str, list[Row]]:
        return {table: [*_adapted(rows)] for table, rows in _rows_of(world, lives, for_changes)}

    def put_in(lives: list[Life], rows: Future[dict[str, list[Row]]]) -> None:
        for table, found in rows.result().items():
            _copy(table, found)
        with connection.cursor() as cursor:
            cursor.execute("SELECT tasks_index_new(%s::bigint[])", [[life.key for life in lives]])
        advance(len(lives))

    # While the database is busy with these, the rows of the next are written down and the ones behind are made up.
    with ThreadPoolExecutor(1) as ahead:
        made = ahead.submit(lives_from, 0)
        waiting: tuple[list[Life], Future[dict[str, list[Row]]]] | None = None
        for start in range(0, count, BATCH):
            lives = made.result()
            _number_comments(lives)
            rows = ahead.submit(rows_of, lives)
            made = ahead.submit(lives_from, start + BATCH)
            if waiting is not None:
                put_in(*waiting)
            waiting = lives, rows
        if waiting is not None:
            put_in(*waiting)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('guildhall.tasks_bulk', '', true)")


def _number_comments(lives: list[Life]) -> None:
    comments = [said for life in lives for said in life.comments]
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, ["tasks_comment", len(comments)])
        for said, (key,) in zip(comments, cursor.fetchall(), strict=True):
            said.key = key


def _rows_of(world: World, lives: list[Life], rng: random.Random) -> Iterator[tuple[str, Iterable[Row]]]:
    yield "tasks_task", (life.row(world) for life in lives)
    yield "tasks_taskassignment", (row for life in lives for row in life.assignments)
    yield "tasks_tasktag", ((life.key, tag, world.organization_id) for life in lives for tag in life.tags)
    yield (
        "tasks_comment",
        ((said.key, life.key, said.author, said.body, said.at) for life in lives for said in life.comments),
    )
    yield "tasks_taskhistory", (row for life in lives for row in life.history(world, rng))


def _adapted(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield tuple(Jsonb(value) if isinstance(value, dict) else value for value in row)


def _copy(table: str, rows: Iterable[Row]) -> None:
    columns = _COLUMNS[table]
    raw = cast("psycopg.Connection[Any]", connection.connection)
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
