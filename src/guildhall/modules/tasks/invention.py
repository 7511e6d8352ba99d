"""Believable tasks: what people of a shared place write, and how such a task lives from its creation on. Pure.

A life begins with the task's first state; each step changes a field at a later time, so its history makes the state
in which it is found at the end.
"""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson

from guildhall.modules.tasks.policy import CLOSED, Priority, Status

_VERBS: Final = (
    "Repair", "Clean", "Order", "Paint", "Check", "Calibrate", "Replace", "Plan", "Document", "Move", "Label",
    "Sharpen", "Oil", "Test", "Water", "Prune", "Sort", "Measure", "Install", "Sell", "Borrow", "Photograph", "Explain",
    "Update",
)  # fmt: skip
_THINGS: Final = (
    "the table saw", "the planer", "the dust extraction", "the laser cutter", "the chiller", "the exhaust fan",
    "the 3D printer by the window", "the filament dryer", "the seedlings", "the fish tank", "the pump", "the grow beds",
    "the weather mast", "the rain gauge", "the door of the workshop", "the fire extinguishers", "the first aid boxes",
    "the soldering stations", "the band saw", "the lathe", "the drill press", "the sewing machines", "the shelves",
    "the compressor", "the projector", "the coffee machine", "the tool wall", "the paint store", "the bicycle stand",
    "the network cabinet", "the lamps over the benches", "the window handles", "the safety glasses", "the wood rack",
)  # fmt: skip
_REASONS: Final = (
    "before the open evening", "for the spring course", "after the complaint of last week", "as the insurance wants it",
    "with the new volunteers", "so that nobody trips over it", "before winter", "for the inspection", "once more",
    "as agreed at the meeting", "for the school visit", "and write it into the book", "while the parts are here",
)  # fmt: skip
_SENTENCES: Final = (
    "Somebody noticed that it does not run as it should.", "The parts are in the second drawer.",
    "Ask at the front desk for the key.", "Please switch it off at the wall first.",
    "The manual lies beside it, page 14 explains the rest.", "It takes two people.", "Wear gloves and glasses.",
    "Last time we used the wrong grease.", "The bill goes to the project.", "Photos of before and after would be good.",
    "If it is louder than usual, stop and tell the wardens.", "There is a budget of 120 euros.",
)  # fmt: skip
_SAID: Final = (
    "I can do it on Thursday.", "The part arrives next week.", "Done half of it, the rest needs a second person.",
    "Who has the key?", "Looks good to me.", "It squeaks again, I had a look at the bearing.",
    "Please look at it before I close this.", "Ordered.", "Found the manual, it is in the office.",
)  # fmt: skip
#: Ways from the first status to the last one, with how often they are gone.
_WAYS: Final = (
    ((Status.BACKLOG,), 14),
    ((Status.TODO,), 16),
    ((Status.BACKLOG, Status.TODO), 6),
    ((Status.TODO, Status.IN_PROGRESS), 10),
    ((Status.TODO, Status.IN_PROGRESS, Status.IN_REVIEW), 5),
    ((Status.TODO, Status.IN_PROGRESS, Status.BLOCKED), 3),
    ((Status.TODO, Status.IN_PROGRESS, Status.DONE), 20),
    ((Status.BACKLOG, Status.TODO, Status.IN_PROGRESS, Status.IN_REVIEW, Status.DONE), 16),
    ((Status.TODO, Status.IN_PROGRESS, Status.BLOCKED, Status.IN_PROGRESS, Status.DONE), 5),
    ((Status.TODO, Status.CANCELLED), 5),
)
SPAN: Final = timedelta(days=180)
_RECENT_PARENTS: Final = 40


@dataclass(frozen=True, slots=True)
class World:
    """Where the tasks live, by keys."""

    organization_id: UUID
    people: tuple[UUID, ...]
    projects: tuple[UUID, ...]
    teams: tuple[UUID, ...]
    tags: tuple[int, ...]
    now: datetime


@dataclass(slots=True)
class Said:
    """A comment."""

    author: UUID
    body: str
    at: datetime
    key: int = 0


@dataclass(slots=True)
class Life:
    """A task with all that happened to it."""

    key: int
    number: int
    created_by: UUID
    created_at: datetime
    state: dict[str, Any]
    steps: list[tuple[datetime, UUID | None, str, Any]] = field(default_factory=list)
    assignments: list[tuple[Any, ...]] = field(default_factory=list)
    comments: list[Said] = field(default_factory=list)

    @property
    def tags(self) -> list[int]:
        tags: list[int] = self.final["tags"]
        return tags

    @property
    def final(self) -> dict[str, Any]:
        """The state in which it is found at the end."""
        return {**self.state, **{name: value for _at, _who, name, value in self.steps}}

    def row(self, world: World) -> tuple[Any, ...]:
        """The columns of its own row."""
        final = self.final
        archived_at = next((at for at, _who, name, value in reversed(self.steps) if name == "is_archived"), None)
        updated_at = self.steps[-1][0] if self.steps else self.created_at
        return (
            self.key, world.organization_id, self.number, final["title"], final["description"], final["status"],
            final["priority"], final["due_date"], final["estimated_hours"], final["actual_hours"], self.created_by,
            final["parent_task"], final["project"], final["team"], final["metadata"], self.created_at, updated_at,
            final["is_archived"], archived_at, final["is_overdue"], 1 + len(self.steps),
            final["assigned_to"], final["tags"],
        )  # fmt: skip

    def history(self, world: World) -> list[tuple[Any, ...]]:
        """Its rows of history, those of comments among them."""
        title = self.state["title"]
        common = (world.organization_id, self.key, self.number, title)
        rows: list[tuple[datetime, tuple[Any, ...]]] = [
            (self.created_at, (self.created_by, self.created_at, "created", None, _json(self.state)))
        ]
        state = dict(self.state)
        for at, who, name, value in self.steps:
            rows.append((at, (who, at, name, _json(state[name]), _json(value))))
            state[name] = value
        rows += [
            (said.at, (said.author, said.at, "comment", None, _json({"comment": said.key}))) for said in self.comments
        ]
        rows.sort(key=lambda row: row[0])
        return [(uuid.uuid4(), *common, *row) for _at, row in rows]


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


class Invention:
    """Makes up tasks, the oldest first; the same for the same `rng`, apart from times, which end now."""

    def __init__(self, world: World, rng: random.Random, count: int) -> None:
        self._world = world
        self._rng = rng
        self._step = SPAN / max(count, 1)
        self._made = 0
        self._parents: list[tuple[int, datetime]] = []

    def life(self, key: int, number: int) -> Life:
        """The next task."""
        world, rng = self._world, self._rng
        created_at = world.now - SPAN + self._step * self._made + timedelta(seconds=rng.randrange(1800))
        created_at = min(created_at, world.now - timedelta(minutes=1))
        self._made += 1
        creator = rng.choice(world.people)
        way = rng.choices([way for way, _weight in _WAYS], [weight for _way, weight in _WAYS])[0]
        project = rng.choice(world.projects) if rng.random() < 0.8 else None  # noqa: PLR2004 — a share.
        parent = rng.choice(self._parents)[0] if self._parents and rng.random() < 0.15 else None  # noqa: PLR2004
        due = (created_at + timedelta(days=rng.randint(2, 45))).replace(hour=rng.randint(8, 18), minute=0, second=0)
        words = rng.sample(_SENTENCES, rng.randint(0, 4))
        state = {
            "title": f"{rng.choice(_VERBS)} {rng.choice(_THINGS)} {rng.choice(_REASONS)}",
            "description": " ".join(words),
            "status": way[0].value,
            "priority": rng.choices([value.value for value in Priority], [3, 5, 3, 1])[0],
            "due_date": _written(due),
            "estimated_hours": str(Decimal(rng.randint(1, 32)) / 4 + Decimal("0.00")),
            "actual_hours": None,
            "parent_task": parent,
            "project": str(project) if project else None,
            "team": str(rng.choice(world.teams)) if world.teams and rng.random() < 0.3 else None,  # noqa: PLR2004
            "metadata": {"source": rng.choice(("round", "mail", "meeting"))} if rng.random() < 0.4 else {},  # noqa: PLR2004
            "assigned_to": [],
            "tags": sorted(rng.sample(world.tags, min(len(world.tags), rng.choice((0, 1, 1, 1, 2, 3))))),
            "is_archived": False,
            "is_overdue": False,
            "deleted_at": None,
        }
        life = Life(key, number, creator, created_at, state)
        self._live(life, way, due)
        if parent is None:
            self._parents = [*self._parents[-_RECENT_PARENTS:], (key, created_at)]
        return life

    def _live(self, life: Life, way: tuple[Status, ...], due: datetime) -> None:
        world, rng = self._world, self._rng
        # All of it fits between creation and now; the later parts of a young task's life have not happened yet.
        at = life.created_at
        pace = timedelta(hours=rng.randint(4, 90))
        worker = rng.choice(world.people)

        def later() -> datetime:
            nonlocal at
            at += pace * (0.3 + rng.random())
            return at

        planned: list[tuple[str, Any, UUID]] = []
        if way[-1] != Status.BACKLOG and rng.random() < 0.85:  # noqa: PLR2004
            planned.append(("assigned_to", [str(worker)], life.created_by))
        if rng.random() < 0.1:  # noqa: PLR2004
            planned.append(("priority", Priority.HIGH.value, life.created_by))
        planned += [("status", status.value, worker) for status in way[1:]]
        if way[-1] is Status.DONE:
            hours = Decimal(life.state["estimated_hours"]) * Decimal(rng.randint(60, 180)) / 100
            planned.append(("actual_hours", str(hours.quantize(Decimal("0.01"))), worker))
        state = dict(life.state)
        for name, value, who in planned:
            if later() >= world.now:
                break
            if state[name] == value:
                continue
            life.steps.append((at, who, name, value))
            state[name] = value
            if name == "assigned_to":
                life.assignments.append((life.key, worker, who, at, None, None))
            elif rng.random() < 0.25:  # noqa: PLR2004
                said_at = at + timedelta(minutes=rng.randint(1, 90))
                if said_at < world.now:
                    life.comments.append(Said(rng.choice((worker, life.created_by)), rng.choice(_SAID), said_at))
        self._age(life, state, due, at)

    def _age(self, life: Life, state: dict[str, Any], due: datetime, at: datetime) -> None:
        """What the jobs would have done: noted that it missed its date; and old things that were archived."""
        world = self._world
        noted = max(due, at) + timedelta(hours=1)
        is_closed = Status(state["status"]) in CLOSED
        if not is_closed and noted < world.now:
            life.steps.append((noted, None, "is_overdue", True))
        archived_at = at + timedelta(days=20)
        if is_closed and archived_at < world.now and self._rng.random() < 0.2:  # noqa: PLR2004
            life.steps.append((archived_at, life.created_by, "is_archived", True))
