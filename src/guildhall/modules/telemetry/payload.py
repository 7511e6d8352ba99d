"""Understands what devices send: a bare number, `{"ts": …, "value": …}`, or a list of those. Pure.

A time is ISO 8601 (without a zone: UTC) or a number of seconds or milliseconds since 1970. Without one the sample takes
the time at which the broker received the message.
"""

import math
import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
#: Times and values of measurements, as long as each other; what came as a long list is in arrays.
Columns: TypeAlias = "tuple[list[int], list[float]] | tuple[NDArray[np.int64], NDArray[np.float64]]"
_NUMBERS: Final = frozenset({int, float})

#: How most programs spell a measurement in a list, and what stands between two, when the numbers are taken out.
_SPELLINGS: Final = ((b'{"ts":,"value":}', b","), (b'{"ts": , "value": }', b", "))
_IN_NUMBERS: Final = b"0123456789.-"
_SIGNS_TO_SPACES: Final = bytes.maketrans(b'{":}', b"    ")
_LETTERS: Final = b"tsvalue"
#: Bytes of a time and a value as doubles.
_PAIR: Final = 16
_OF_THREAD: Final = threading.local()


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
    times, values = columns(payload, received_at)
    return list(zip(map(int, times), map(float, values), strict=True))


def columns(payload: bytes, received_at: int) -> Columns:
    """What `parse` finds, as columns; lists of one kind are looked at as a whole.

    Raises:
        RejectedError: one of the measurements can't be stored, and so none is.
    """
    if not payload or payload.isspace():
        raise RejectedError(RejectReason.EMPTY)
    if len(payload) > MAX_BYTES:
        raise RejectedError(RejectReason.TOO_LARGE)
    if payload.startswith(b"[{"):
        (plain,) = columns_of_lists([payload], [received_at])
        if plain is not None:
            return plain
    try:
        content = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return [received_at], [number_of(payload)]
    if not isinstance(content, list):
        return _single(content, received_at)
    if not content:
        raise RejectedError(RejectReason.EMPTY)
    if len(content) > MAX_SAMPLES:
        raise RejectedError(RejectReason.TOO_LARGE)
    found = _alike(content, received_at)
    if found is None:
        times, values = zip(*[_measurement(one, received_at) for one in content], strict=True)
        return list(times), list(values)
    return found


def columns_of_lists(lists: Sequence[bytes], received_at: Sequence[int]) -> "list[Columns | None]":
    """The columns of each of these messages, of which many cost little more than one; None where it is no list that is
    spelt as most are, and of one that can't be stored: it has to be looked at by itself.
    """
    found: list[Columns | None] = [None] * len(lists)
    places: list[int] = []
    counts: list[int] = []
    numbers: list[bytes] = []
    for place, content in enumerate(lists):
        if content.startswith(b"[{") and len(content) <= MAX_BYTES and (plain := _numbers_of(content)) is not None:
            places.append(place)
            counts.append(len(plain) // _PAIR)
            numbers.append(plain)
    if not places:
        return found
    # Loaded here, for processes that know the models but store nothing would hold it in memory for nothing.
    import numpy as np

    given, values = np.ascontiguousarray(np.frombuffer(b"".join(numbers)).reshape(-1, 2).T)
    lengths = np.array(counts, np.int64)
    ends = lengths.cumsum()
    heads = ends - lengths
    first, last = np.minimum.reduceat(given, heads), np.maximum.reduceat(given, heads)
    scales = np.where(first < _FIRST_MILLISECONDS, SECOND, SECOND // 1000)
    bounds = (np.array([received_at[place] for place in places]) + FUTURE_TOLERANCE) / scales
    fits = (first >= 0) & ((first >= _FIRST_MILLISECONDS) | (last < _FIRST_MILLISECONDS)) & (last <= bounds)
    good = np.isfinite(values) & (np.floor(given) == given)
    if not good.all():
        fits &= np.logical_and.reduceat(good, heads)
    # In times that fit there are few enough digits for doubles to have them all.
    times = np.where(fits.repeat(counts), given, 0.0).astype(np.int64) * scales.repeat(counts)
    for place, fit, head, end in zip(places, fits.tolist(), heads.tolist(), ends.tolist(), strict=True):
        if fit:
            found[place] = times[head:end], values[head:end]
    return found


def _single(content: Any, received_at: int) -> Columns:
    if type(content) is dict:
        # What most devices send, without a call for each of its parts.
        at, value = content.get("ts"), content.get("value")
        if type(at) is int and type(value) is float and math.isfinite(value):
            at *= SECOND if at < _FIRST_MILLISECONDS else SECOND // 1000
            if 0 <= at <= received_at + FUTURE_TOLERANCE:
                return [at], [value]
    at, value = _measurement(content, received_at)
    return [at], [value]


def _alike(content: list[Any], received_at: int) -> "Columns | None":
    """What is in objects whose times are all whole numbers and values are numbers fit to be stored; else None."""
    try:
        times: list[int] = [one["ts"] for one in content]
        given = [one["value"] for one in content]
    except (TypeError, KeyError):
        return None
    if set(map(type, times)) != {int} or not _NUMBERS.issuperset(map(type, given)):
        return None
    return _in_range(times, given, received_at)


def _numbers_of(payload: bytes) -> bytes | None:
    """Times and values by turns, as doubles, of a list that is spelt as most are; None where it is spelt otherwise.

    Without its numbers such a list is the same text again and again. Where it is, everything but the numbers can be
    taken out, and what is left is parsed without making an object of each. Signs become spaces, so that a number where
    none belongs makes the rest unfit to be parsed, instead of being part of the one beside it.
    """
    frame = payload.translate(None, _IN_NUMBERS)
    for one, comma in _SPELLINGS:
        count = (len(frame) - 2 + len(comma)) // (len(one) + len(comma))
        if count <= MAX_SAMPLES and frame == b"[" + (one + comma) * (count - 1) + one + b"]":
            return _doubles(payload.translate(_SIGNS_TO_SPACES, _LETTERS), count)
    return None


def _doubles(text: bytes, count: int) -> bytes | None:
    """The numbers of a list of so many pairs; None where there are more or fewer, or one is none."""
    parser: Any = getattr(_OF_THREAD, "parser", None)
    if parser is None:
        # Loaded here for the same reason as numpy. One parser holds one document at a time, so each thread has its own.
        import simdjson

        parser = _OF_THREAD.parser = simdjson.Parser()
    try:
        found = bytes(parser.parse(text).as_buffer(of_type="d"))
    except (ValueError, TypeError, RuntimeError):
        return None
    return found if len(found) == count * _PAIR else None


def _in_range(given: list[Any], values: list[Any], received_at: int) -> "Columns | None":
    """Times and values as columns; None where a time is not whole or one of both is not fit to be stored."""
    first, last = min(given), max(given)
    if first >= 0 and last < _FIRST_MILLISECONDS:
        scale = SECOND
    elif first >= _FIRST_MILLISECONDS:
        scale = SECOND // 1000
    else:
        return None
    if last * scale > received_at + FUTURE_TOLERANCE:
        return None
    # Loaded here, for processes that know the models but store nothing would hold it in memory for nothing.
    import numpy as np

    times, found = np.array(given), np.array(values, np.float64)
    if times.dtype != np.int64 or not np.isfinite(found).all():
        return None
    return times * scale, found


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
