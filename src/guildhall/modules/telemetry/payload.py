"""Understands what devices send: a bare number, `{"ts": …, "value": …}`, or a list of those. Pure.

A time is ISO 8601 (without a zone: UTC) or a number of seconds or milliseconds since 1970. Without one the sample takes
the time at which the broker received the message.
"""

import math
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import orjson

MICROSECOND: Final = 1
SECOND: Final = 1_000_000 * MICROSECOND
DAY: Final = 86_400 * SECOND

#: Clocks of devices may be fast by so much.
FUTURE_TOLERANCE: Final = DAY
MAX_BYTES: Final = 512 * 1024
MAX_SAMPLES: Final = 10_000
#: Numbers below are seconds (until the year 5138), from there on milliseconds (since 1973).
_FIRST_MILLISECONDS: Final = 1e11
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: Numbers that people and printf write and JSON does not know: `+5`, `.5`, `5.`, `007`.
_LOOSE_NUMBER: Final = re.compile(rb"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_NOT_FINITE: Final = re.compile(rb"\s*[+-]?(nan|inf|infinity)\s*", re.IGNORECASE | re.ASCII)

#: A time in microseconds since 1970, and the value at that time.
Measurement = tuple[int, float]
#: Times and values of measurements, as long as each other.
Columns = tuple[list[int], list[float]]
_NUMBERS: Final = frozenset({int, float})


class RejectReason(StrEnum):
    """Why a message could not be stored. The values are stable: they stand in the database and in the API."""

    NOT_A_TOPIC_OF_A_DATASOURCE = "not_a_topic_of_a_datasource"
    UNKNOWN_DATASOURCE = "unknown_datasource"
    UNKNOWN_DATAPOINT = "unknown_datapoint"
    TOO_MANY_DATAPOINTS = "too_many_datapoints"
    BAD_KEY = "bad_key"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_UNDERSTOOD = "not_understood"
    VALUE_MISSING = "value_missing"
    NOT_A_NUMBER = "not_a_number"
    NOT_FINITE = "not_finite"
    BAD_TIME = "bad_time"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    OLDER_THAN_KEPT = "older_than_kept"
    NOT_STORABLE = "not_storable"


class RejectedError(Exception):
    """The message can't be stored, and never will be."""

    def __init__(self, reason: RejectReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def parse(payload: bytes, received_at: int) -> list[Measurement]:
    """The measurements in a message that the broker received at this time (microseconds since 1970).

    Raises:
        RejectedError: one of them can't be stored, and so none is.
    """
    return list(zip(*columns(payload, received_at), strict=True))


def columns(payload: bytes, received_at: int) -> Columns:
    """What `parse` finds, as columns; long lists of one kind are looked at as a whole.

    Raises:
        RejectedError: one of the measurements can't be stored, and so none is.
    """
    if not payload or payload.isspace():
        raise RejectedError(RejectReason.EMPTY)
    if len(payload) > MAX_BYTES:
        raise RejectedError(RejectReason.TOO_LARGE)
    try:
        content = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return [received_at], [number_of(payload)]
    if not isinstance(content, list):
        at, value = _measurement(content, received_at)
        return [at], [value]
    if not content:
        raise RejectedError(RejectReason.EMPTY)
    if len(content) > MAX_SAMPLES:
        raise RejectedError(RejectReason.TOO_LARGE)
    found = _alike(content, received_at)
    if found is None:
        times, values = zip(*[_measurement(one, received_at) for one in content], strict=True)
        return list(times), list(values)
    return found


def _alike(content: list[Any], received_at: int) -> Columns | None:
    """What is in objects whose times are all whole numbers and values are numbers fit to be stored; else None."""
    try:
        times: list[int] = [one["ts"] for one in content]
        given = [one["value"] for one in content]
    except (TypeError, KeyError):
        return None
    if set(map(type, times)) != {int} or not _NUMBERS.issuperset(map(type, given)):
        return None
    first, last = min(times), max(times)
    if first >= 0 and last < _FIRST_MILLISECONDS:
        scale = SECOND
    elif first >= _FIRST_MILLISECONDS:
        scale = SECOND // 1000
    else:
        return None
    values = list(map(float, given))
    if last * scale > received_at + FUTURE_TOLERANCE or not math.isfinite(sum(values)):
        return None
    return [at * scale for at in times], values


def number_of(payload: bytes) -> float:
    """A number as people and `printf` write it.

    Raises:
        RejectedError: it is none, or not a finite one.
    """
    if _LOOSE_NUMBER.fullmatch(payload):
        return _finite(float(payload))
    raise RejectedError(RejectReason.NOT_FINITE if _NOT_FINITE.fullmatch(payload) else RejectReason.NOT_UNDERSTOOD)


def _measurement(content: Any, received_at: int) -> Measurement:
    if not isinstance(content, dict):
        return received_at, value_of(content)
    if content.get("value") is None:
        raise RejectedError(RejectReason.VALUE_MISSING)
    given = content.get("ts")
    at = received_at if given is None else time_of(given, received_at)
    return at, value_of(content["value"])


def value_of(given: Any) -> float:
    """A value of JSON as a number.

    Raises:
        RejectedError: it is none, or not a finite one.
    """
    # True is a number to Python, but not to whoever sent it.
    if not isinstance(given, int | float) or isinstance(given, bool):
        raise RejectedError(RejectReason.NOT_A_NUMBER)
    return _finite(float(given))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise RejectedError(RejectReason.NOT_FINITE)
    return value


def time_of(given: Any, received_at: int) -> int:
    """A time of JSON in microseconds since 1970.

    Raises:
        RejectedError: it is not understood, or lies before 1970 or too far in the future.
    """
    if isinstance(given, str):
        at = _iso_time(given)
    elif isinstance(given, int | float) and not isinstance(given, bool):
        at = _epoch_time(given)
    else:
        raise RejectedError(RejectReason.BAD_TIME)
    return in_range(at, received_at)


def in_range(at: int, received_at: int) -> int:
    """The time itself.

    Raises:
        RejectedError: it lies before 1970 or too far in the future.
    """
    if not 0 <= at <= received_at + FUTURE_TOLERANCE:
        raise RejectedError(RejectReason.TIME_OUT_OF_RANGE)
    return at


def _epoch_time(given: float) -> int:
    if not math.isfinite(given):
        raise RejectedError(RejectReason.BAD_TIME)
    scale = SECOND if abs(given) < _FIRST_MILLISECONDS else SECOND // 1000
    return given * scale if isinstance(given, int) else round(given * scale)


def _iso_time(given: str) -> int:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise RejectedError(RejectReason.BAD_TIME) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH
    return since.days * DAY + since.seconds * SECOND + since.microseconds
