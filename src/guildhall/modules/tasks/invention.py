"""Believable tasks: what people of a shared place write, and how such a task lives from its creation on. Pure.

A life begins with the task's first state; each step changes a field at a later time, so its history makes the state
in which it is found at the end.
"""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from operator import itemgetter
from typing import Any, Final, TypeVar
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
_WAYS_ALONE: Final = tuple(way for way, _weight in _WAYS)
_WEIGHTS_OF_WAYS: Final = tuple(accumulate(weight for _way, weight in _WAYS))
_PRIORITIES: Final = tuple(value.value for value in Priority)
_WEIGHTS_OF_PRIORITIES: Final = tuple(accumulate((3, 5, 3, 1)))
_SOURCES: Final = ("round", "mail", "meeting")
_NUMBERS_OF_TAGS: Final = (0, 1, 1, 1, 2, 3)
SPAN: Final = timedelta(days=180)
_RECENT_PARENTS: Final = 40
_SECONDS_OF_HOUR: Final = 3600
# What makes a number of 128 bits a random UUID.
_BITS_OF_UUID: Final = ~(0xF000 << 64 | 0xC000 << 48)
_MARKS_OF_UUID: Final = 4 << 76 | 0x8000 << 48


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
        """Those that it got at its creation; none was changed since."""
        tags: list[int] = self.state["tags"]
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

    def history(self, world: World, rng: random.Random) -> list[tuple[Any, ...]]:
        """Its rows of history, those of comments among them."""
        common = (world.organization_id, self.key, self.number, self.state["title"])
        rows: list[tuple[Any, ...]] = [
            (_uuid(rng), *common, self.created_by, self.created_at, "created", None, _json(self.state))
        ]
        state = dict(self.state)
        for at, who, name, value in self.steps:
            rows.append((_uuid(rng), *common, who, at, name, _json(state[name]), _json(value)))
            state[name] = value
        if self.comments:
            rows += [
                (_uuid(rng), *common, said.author, said.at, "comment", None, _json({"comment": said.key}))
                for said in self.comments
            ]
            rows.sort(key=_AT)
        return rows


T = TypeVar("T")
_AT: Final = itemgetter(6)


def _uuid(rng: random.Random) -> str:
    return f"{rng.getrandbits(128) & _BITS_OF_UUID | _MARKS_OF_UUID:032x}"


def _one_of(rng: random.Random, values: Sequence[T]) -> T:
    """One of the values; several times as fast as `choice`, whose fairness to the last bit matters to nobody here."""
    return values[int(rng.random() * len(values))]


def _few_of(rng: random.Random, values: Sequence[T], count: int) -> list[T]:
    """So many different ones of the values; quick where these are few."""
    if count >= len(values):
        return list(values)
    found: list[T] = []
    while len(found) < count:
        value = _one_of(rng, values)
        if value not in found:
            found.append(value)
    return found


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _hours(cents: int) -> str:
    """Hundredths of an hour as the number that a column of them writes."""
    return f"{cents // 100}.{cents % 100:02}"


class Invention:
    """Makes up tasks, the oldest first; the same for the same `rng`, apart from times, which end now."""

    def __init__(self, world: World, rng: random.Random, count: int) -> None:
        self._world = world
        self._rng = rng
        self._step = SPAN / max(count, 1)
        self._made = 0
        self._parents: deque[int] = deque(maxlen=_RECENT_PARENTS)
        self._projects = tuple(map(str, world.projects))
        self._teams = tuple(map(str, world.teams))

    def life(self, key: int, number: int) -> Life:
        """The next task."""
        world, rng = self._world, self._rng
        chance = rng.random
        created_at = world.now - SPAN + self._step * self._made + timedelta(seconds=int(chance() * 1800))
        created_at = min(created_at, world.now - timedelta(minutes=1))
        self._made += 1
        creator = _one_of(rng, world.people)
        way = rng.choices(_WAYS_ALONE, cum_weights=_WEIGHTS_OF_WAYS)[0]
        parent = _one_of(rng, self._parents) if self._parents and chance() < 0.15 else None  # noqa: PLR2004 — a share.
        due = (created_at + timedelta(days=2 + int(chance() * 44))).replace(
            hour=8 + int(chance() * 11), minute=0, second=0
        )
        hours = 1 + int(chance() * 32)
        state = {
            "title": f"{_one_of(rng, _VERBS)} {_one_of(rng, _THINGS)} {_one_of(rng, _REASONS)}",
            "description": " ".join(_few_of(rng, _SENTENCES, int(chance() * 5))),
            "status": way[0].value,
            "priority": rng.choices(_PRIORITIES, cum_weights=_WEIGHTS_OF_PRIORITIES)[0],
            "due_date": _written(due),
            "estimated_hours": _hours(25 * hours),
            "actual_hours": None,
            "parent_task": parent,
            "project": _one_of(rng, self._projects) if chance() < 0.8 else None,  # noqa: PLR2004
            "team": _one_of(rng, self._teams) if self._teams and chance() < 0.3 else None,  # noqa: PLR2004
            "metadata": {"source": _one_of(rng, _SOURCES)} if chance() < 0.4 else {},  # noqa: PLR2004
            "assigned_to": [],
            "tags": sorted(_few_of(rng, world.tags, _one_of(rng, _NUMBERS_OF_TAGS))),
            "is_archived": False,
            "is_overdue": False,
            "deleted_at": None,
        }
        life = Life(key, number, creator, created_at, state)
        self._live(life, way, due, hours)
        if parent is None:
            self._parents.append(key)
        return life

    def _live(self, life: Life, way: tuple[Status, ...], due: datetime, estimated_quarters: int) -> None:
        world, rng = self._world, self._rng
        # All of it fits between creation and now; the later parts of a young task's life have not happened yet.
        chance, at = rng.random, life.created_at
        pace_s = _SECONDS_OF_HOUR * (4 + int(chance() * 87))
        worker = _one_of(rng, world.people)
        planned: list[tuple[str, Any, UUID]] = []
        if way[-1] != Status.BACKLOG and chance() < 0.85:  # noqa: PLR2004
            planned.append(("assigned_to", [str(worker)], life.created_by))
        if chance() < 0.1:  # noqa: PLR2004
            planned.append(("priority", Priority.HIGH.value, life.created_by))
        planned += [("status", status.value, worker) for status in way[1:]]
        if way[-1] is Status.DONE:
            planned.append(("actual_hours", _hours(estimated_quarters * (60 + int(chance() * 121)) // 4), worker))
        state = dict(life.state)
        for name, value, who in planned:
            at += timedelta(seconds=pace_s * (0.3 + chance()))
            if at >= world.now:
                break
            if state[name] == value:
                continue
            life.steps.append((at, who, name, value))
            state[name] = value
            if name == "assigned_to":
                life.assignments.append((life.key, worker, who, at, None, None))
            elif chance() < 0.25:  # noqa: PLR2004
                said_at = at + timedelta(minutes=1 + int(chance() * 90))
                if said_at < world.now:
                    author = _one_of(rng, (worker, life.created_by))
                    life.comments.append(Said(author, _one_of(rng, _SAID), said_at))
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
