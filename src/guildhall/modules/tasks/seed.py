"""The demo's tasks: half a year of a tracker's life in 500 tasks, and as many more as somebody wants to try it with.

Everything is invented in memory with its history and put in by COPY; the triggers rest meanwhile. Who is assigned and
which tags there are comes with the tasks, and the words are indexed once for each batch, all as the triggers would have
it. No events are told: nothing of it happens now.
"""

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final, cast

import psycopg
from django.db import connection, transaction
from psycopg.types.json import Jsonb
from rich.progress import Progress

from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.seed import DemoPlace
from guildhall.modules.tasks import upkeep
from guildhall.modules.tasks.invention import Invention, Life, World
from guildhall.modules.tasks.models import Tag, Task, TaskTemplate

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
        cursor.execute(
            "VACUUM (ANALYZE) tasks_task, tasks_searchentry, tasks_tasktag, tasks_taskassignment, tasks_tasktally"
        )


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

    # The next are made up while the database is busy with these.
    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(lives_from, 0)
        for start in range(0, count, BATCH):
            lives = following.result()
            following = ahead.submit(lives_from, start + BATCH)
            _copy_all(world, lives, for_changes)
            with connection.cursor() as cursor:
                cursor.execute("SELECT tasks_index_new(%s::bigint[])", [[life.key for life in lives]])
            advance(len(lives))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('guildhall.tasks_bulk', '', true)")


def _copy_all(world: World, lives: list[Life], rng: random.Random) -> None:
    comments = [(life, comment) for life in lives for comment in life.comments]
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, ["tasks_comment", len(comments)])
        for (_life, comment), (key,) in zip(comments, cursor.fetchall(), strict=True):
            comment.key = key
    _copy("tasks_task", (life.row(world) for life in lives))
    _copy("tasks_taskassignment", (row for life in lives for row in life.assignments))
    _copy("tasks_tasktag", ((life.key, tag, world.organization_id) for life in lives for tag in life.tags))
    _copy(
        "tasks_comment",
        ((said.key, life.key, said.author, said.body, said.at) for life, said in comments),
    )
    _copy("tasks_taskhistory", (row for life in lives for row in life.history(world, rng)))


def _copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    columns = _COLUMNS[table]
    raw = cast("psycopg.Connection[Any]", connection.connection)
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([Jsonb(value) if isinstance(value, dict) else value for value in row])
