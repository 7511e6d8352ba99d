"""What a message would become, for people who write the rules of a mapping; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from guildhall.core.errors import InvalidInputError
from guildhall.modules.telemetry import mapping, payload, policy
from guildhall.modules.telemetry.models import KEY_MAX_LENGTH, validate_mapping
from guildhall.modules.telemetry.payload import RejectedError, RejectReason
from guildhall.modules.telemetry.store.layout import microseconds, moment


@dataclass(frozen=True, slots=True)
class TriedSample:
    """What a message would become at one datapoint."""

    key: str
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What a message would become, or the reason why nothing of it would be stored."""

    samples: list[TriedSample]
    reason: RejectReason | None = None


def tried(topic: str, message: str, rows: Sequence[Any]) -> Tried:
    """What a message of this topic, behind the prefix, would become by the rules of a mapping.

    Raises:
        InvalidInputError: the rules are not right.
    """
    try:
        validate_mapping(rows)
    except ValidationError as error:
        raise InvalidInputError(fields={"mapping": error.messages}) from error
    now, rules = microseconds(timezone.now()), mapping.rules_of(rows)
    if len(topic) > KEY_MAX_LENGTH or policy.topic_problem(topic) is not None:
        return Tried([], RejectReason.BAD_KEY)
    try:
        if rules and mapping.applies(rules, topic):
            found = mapping.read(rules, topic, message.encode(), now)
        else:
            found = [(topic, at, value) for at, value in payload.parse(message.encode(), now)]
    except RejectedError as error:
        return Tried([], error.reason)
    return Tried([TriedSample(key, moment(at), value) for key, at, value in found])
