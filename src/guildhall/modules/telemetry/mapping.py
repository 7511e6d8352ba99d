"""How a datasource's own messages become samples: rules that lead from a place in them to the key of a datapoint. Pure.

A rule has a `topic` filter, matched with what stands behind the datasource's prefix; a `pointer` into the message
(RFC 6901), whose last part may be `*` for every member that has a value; the `key` of the datapoint, in which `{topic}`
is the topic and `{name}` the last part of the pointer; and perhaps a `time`, a pointer to the time. A message to which
no rule's topic fits is read as any other. Beside numbers, true, on and open are 1, false, off and closed 0.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from guildhall.modules.telemetry import payload, pointer, policy
from guildhall.modules.telemetry.payload import RejectedError, RejectReason
from guildhall.modules.telemetry.pointer import BadPathError, NoSectionError

MAX_RULES: Final = 200
MAX_LENGTH: Final = 200
EVERY: Final = "*"
EVERYTHING: Final = "#"
FIELDS: Final = frozenset({"topic", "pointer", "key", "time"})
_WORDS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("true", "on", "open", "online"), 1.0),
    **dict.fromkeys(("false", "off", "closed", "offline"), 0.0),
}

#: Key, time in microseconds since 1970, and value.
Sample = tuple[str, int, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; without a time the samples take the time of the message."""

    pointer: str
    key: str
    topic: str = EVERYTHING
    time: str = ""

    def as_row(self) -> dict[str, str]:
        """As it is kept and goes over the wire."""
        return {"topic": self.topic, "pointer": self.pointer, "key": self.key, "time": self.time}

    def problem(self) -> tuple[str, str] | None:
        """The field that is not right, and why; None where all of them are."""
        return next(self._problems(), None)

    def _problems(self) -> Iterator[tuple[str, str]]:
        for name in sorted(FIELDS):
            if len(getattr(self, name)) > MAX_LENGTH:
                yield name, f"it is longer than {MAX_LENGTH} characters"
        if (wrong := policy.filter_problem(self.topic)) is not None:
            yield "topic", wrong
        for name in ("pointer", "time"):
            if not _is_pointer(getattr(self, name)):
                yield name, "a pointer is empty, or keys each with a slash before it"
        filled = self.key.replace("{topic}", "t").replace("{name}", "n")
        if "{" in filled or "}" in filled:
            yield "key", "in braces there can be {topic} and {name}"
        if (wrong := policy.topic_problem(filled)) is not None:
            yield "key", wrong
        if self.pointer.endswith(f"/{EVERY}") and "{name}" not in self.key:
            yield "key", "with a pointer to every member it has to hold {name}"


def rules_of(rows: Sequence[Mapping[str, str]]) -> tuple[Rule, ...]:
    """The rules in rows that were found right before."""
    return tuple(Rule(**row) for row in rows)


def applies(rules: Sequence[Rule], topic: str) -> bool:
    """Whether a message of this topic is to be read by these rules."""
    return any(policy.matches(rule.topic, topic) for rule in rules)


def read(rules: Sequence[Rule], topic: str, message: bytes, received_at: int) -> list[Sample]:
    """The samples in a message that the broker received at this time (microseconds since 1970).

    What a pointer does not find, or finds to be null, is passed over.

    Raises:
        RejectedError: a value or time is none, or nothing at all was found.
    """
    if not message or message.isspace():
        raise RejectedError(RejectReason.EMPTY)
    if len(message) > payload.MAX_BYTES:
        raise RejectedError(RejectReason.TOO_LARGE)
    content = _content(message)
    found: list[Sample] = []
    for rule in rules:
        if not policy.matches(rule.topic, topic):
            continue
        at = received_at
        if rule.time and (given := _found(content, rule.time)) is not None:
            at = payload.time_of(given, received_at)
        for name, value in _values(content, rule.pointer):
            key = rule.key.replace("{topic}", topic).replace("{name}", name)
            if len(key) > MAX_LENGTH or policy.topic_problem(key) is not None:
                raise RejectedError(RejectReason.BAD_KEY)
            found.append((key, at, value))
    if not found:
        raise RejectedError(RejectReason.VALUE_MISSING)
    if len(found) > payload.MAX_SAMPLES:
        raise RejectedError(RejectReason.TOO_LARGE)
    return found


def _content(message: bytes) -> Any:
    try:
        return orjson.loads(message)
    except orjson.JSONDecodeError:
        try:
            return message.decode()
        except UnicodeDecodeError as error:
            raise RejectedError(RejectReason.NOT_UNDERSTOOD) from error


def _values(content: Any, at: str) -> Iterator[tuple[str, float]]:
    """What the pointer leads to, each with its name."""
    parent, _, name = at.rpartition("/")
    if name != EVERY:
        found = _found(content, at)
        if found is not None:
            yield name.replace("~1", "/").replace("~0", "~"), _value(found)
        return
    members = _found(content, parent)
    if isinstance(members, dict):
        for name, member in members.items():
            # Among the members there may be texts and further objects, which nobody meant.
            if isinstance(member, int | float) or (isinstance(member, str) and member.lower() in _WORDS):
                yield name, _value(member)


def _found(content: Any, at: str) -> Any:
    if not at:
        return content
    try:
        return pointer.section(content, pointer.keys_of(at[1:]))
    except NoSectionError:
        return None


def _value(given: Any) -> float:
    if isinstance(given, bool):
        return float(given)
    if not isinstance(given, str):
        return payload.value_of(given)
    word = _WORDS.get(given.strip().lower())
    if word is not None:
        return word
    try:
        return payload.number_of(given.encode())
    except RejectedError as error:
        is_odd = error.reason is RejectReason.NOT_UNDERSTOOD
        raise RejectedError(RejectReason.NOT_A_NUMBER if is_odd else error.reason) from error


def _is_pointer(text: str) -> bool:
    if not text:
        return True
    try:
        pointer.keys_of(text[1:])
    except BadPathError:
        return False
    return text.startswith("/")
