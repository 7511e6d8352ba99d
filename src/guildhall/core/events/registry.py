"""Which events there are, with their schemas, and who subscribes to them. Filled while Django loads the apps."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from guildhall.core.events.envelope import Event

Handler = Callable[[Event], None]

_TYPE_NAME = re.compile(r"[a-z]+\.[a-z_]+")
_types: dict[str, type["EventData"]] = {}
_subscriptions: dict[str, "Subscription"] = {}


class EventData(BaseModel):
    """The data of one type of event; `class TaskArchived(EventData, type="tasks.task_archived")` declares one.

    Types are `module.what_happened`, in the past tense. A change that old readers don't understand raises `version`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ClassVar[str]
    version: ClassVar[int]

    def __init_subclass__(cls, *, type: str, version: int = 1, **kwargs: Any) -> None:  # noqa: A002 — CloudEvents' word.
        super().__init_subclass__(**kwargs)
        if not _TYPE_NAME.fullmatch(type):
            raise ValueError(f"{type!r} is no name of an event; it reads like tasks.task_archived.")
        if type in _types and _types[type].__qualname__ != cls.__qualname__:
            raise ValueError(f"The event {type!r} is declared twice.")
        cls.type, cls.version = type, version
        _types[type] = cls


@dataclass(frozen=True, slots=True)
class Subscription:
    """That `handler` wants every event of this type. `name` is stable: it remembers what was handled already."""

    name: str
    event_type: str
    handler: Handler


def event_types() -> dict[str, type[EventData]]:
    """Every declared type of event, by name."""
    return dict(sorted(_types.items()))


def subscribe(event_type: str, *, name: str) -> Callable[[Handler], Handler]:
    """Call the function with every event of this type, in the relay's transaction: what it writes to the database is
    written exactly once. It must be quick and touch nothing but the database; further work goes into a job.

    Raises:
        ValueError: the name is taken.
    """

    def register(handler: Handler) -> Handler:
        known = _subscriptions.get(name)
        if known is not None and known.handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"There is a subscription {name!r} already.")
        _subscriptions[name] = Subscription(name, event_type, handler)
        return handler

    return register


def unsubscribe(name: str) -> None:
    """Forget a subscription; for tests and modules that are switched off."""
    _subscriptions.pop(name, None)


def subscriptions(event_type: str | None = None) -> tuple[Subscription, ...]:
    """Who wants events of this type (of any type without one), by name."""
    return tuple(
        subscription
        for _, subscription in sorted(_subscriptions.items())
        if event_type in (None, subscription.event_type)
    )
