"""Events: what happened, told to whoever wants to know. A transactional outbox, its relay, the registry of subscribers.

A service appends in the transaction of its change; the relay delivers afterwards, each event once to each subscriber,
in the order of its subject. Modules know each other's events by name only.
"""

from guildhall.core.events.envelope import Event
from guildhall.core.events.outbox import append
from guildhall.core.events.registry import EventData, event_types, subscribe, subscriptions

__all__ = ["Event", "EventData", "append", "event_types", "subscribe", "subscriptions"]
