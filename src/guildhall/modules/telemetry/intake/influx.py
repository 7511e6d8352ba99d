"""InfluxDB's line protocol as samples, and which datapoint a measurement, its tags and a field are. Pure.

`weather,room=3 temperature=21.5,humidity=48` belongs to the keys `weather/room=3/temperature` and
`weather/room=3/humidity`: the measurement, the tags by name, the field, as levels of a topic. A field of the name
`value` is left out. Characters that no topic can hold are written as in an address (`%20`); a key that is too long is
cut, and ends with a hash of the whole. Texts are no samples; true is 1 and false 0.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from line_protocol_parser import LineFormatError, parse_line

from guildhall.modules.telemetry import payload, policy
from guildhall.modules.telemetry.payload import RejectedError, RejectReason

KEY_MAX_LENGTH: Final = 200
HASH_LENGTH: Final = 16
PLAIN_FIELD: Final = "value"
#: Besides what a topic can't hold: what divides levels, names from values, and what introduces a character's number.
_ODD: Final = re.compile(r"[\s*>+#/%\x00-\x1f\x7f]")
_ODD_IN_NAME: Final = re.compile(r"[\s*>+#/%=\x00-\x1f\x7f]")
_ODD_IN_MEASUREMENT: Final = re.compile(r"[\s*>+#%=\x00-\x1f\x7f]")
_QUOTE: Final = re.compile(r'(?<!\\)(?:\\\\)*"')


class Precision(StrEnum):
    """The unit of the times, by the names of both versions of InfluxDB."""

    NANOSECONDS = "ns"
    MICROSECONDS = "us"
    MILLISECONDS = "ms"
    SECONDS = "s"
    MINUTES = "m"
    HOURS = "h"


#: The names of InfluxDB 1 and of some clients for what is above.
ALIASES: Final[Mapping[str, Precision]] = {
    "": Precision.NANOSECONDS,
    "n": Precision.NANOSECONDS,
    "u": Precision.MICROSECONDS,
    "µ": Precision.MICROSECONDS,
    **{precision.value: precision for precision in Precision},
}
_MICROSECONDS_OF: Final[Mapping[Precision, int]] = {
    Precision.MICROSECONDS: 1,
    Precision.MILLISECONDS: 1000,
    Precision.SECONDS: payload.SECOND,
    Precision.MINUTES: 60 * payload.SECOND,
    Precision.HOURS: 3600 * payload.SECOND,
}


class BadLineError(Exception):
    """A line can't be understood or stored; lines are counted from 1."""

    def __init__(self, line: int, why: str, reason: RejectReason = RejectReason.NOT_UNDERSTOOD) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why
        self.reason = reason


@dataclass(slots=True)
class Points:
    """Samples as columns: sample n belongs to the key `keys[slots[n]]`. `texts` counts fields that were text."""

    keys: list[str] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    texts: int = 0

    def __len__(self) -> int:
        return len(self.slots)


class Reader:
    """Reads lines, and remembers which keys it met, so that one reader may read a file piece by piece."""

    def __init__(self, precision: Precision, received_at: int) -> None:
        self._received_at = received_at
        self._precision = precision
        self._series: dict[Any, dict[str, int]] = {}
        self._slots: dict[str, int] = {}
        self.keys: list[str] = []

    def read(self, lines: Iterable[str], *, first: int = 1) -> Points:
        """The samples in these lines, of which the first has this number.

        Raises:
            BadLineError: one of them is not right.
        """
        found = Points(self.keys)
        for number, point in _points(lines, first):
            tags, fields, at = point["tags"], point["fields"], point["time"]
            series = point["measurement"], *tags.items()
            slots = self._series.get(series)
            if slots is None:
                slots = self._series[series] = {}
            time = self._received_at if at is None else self._time(at, number)
            for name, value in fields.items():
                if isinstance(value, str):
                    found.texts += 1
                    continue
                slot = slots.get(name)
                if slot is None:
                    slot = slots[name] = self._slot(point["measurement"], tags, name, number)
                found.slots.append(slot)
                found.times.append(time)
                found.values.append(value)
        return found

    def _time(self, given: int, line: int) -> int:
        unit = _MICROSECONDS_OF.get(self._precision)
        at = given // 1000 if unit is None else given * unit
        try:
            return payload.in_range(at, self._received_at)
        except RejectedError as error:
            why = "the time is before 1970 or in the future; is the precision right?"
            raise BadLineError(line, why, error.reason) from error

    def _slot(self, measurement: str, tags: Mapping[str, str], name: str, line: int) -> int:
        key = key_of(measurement, tags, name)
        if policy.topic_problem(key) is not None:
            raise BadLineError(
                line, "measurement, tags and field can't be the key of a datapoint", RejectReason.BAD_KEY
            )
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = len(self.keys)
            self.keys.append(key)
        return slot


def parse(text: str, precision: Precision, received_at: int) -> Points:
    """The samples in a text of many lines.

    Raises:
        BadLineError: a line is not right.
    """
    return Reader(precision, received_at).read(text.split("\n"))


def _points(lines: Iterable[str], first: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every line's point with the line's number. A text in quotes may go on over several lines."""
    held: list[str] = []
    began = first
    for number, line in enumerate(lines, first):
        if held:
            held.append(line)
            if not _odd_quotes(line):
                continue
            whole, held = "\n".join(held), []
        else:
            began, whole = number, line
        if not whole or whole.isspace():
            continue
        try:
            point = parse_line(whole.rstrip("\r"))
        except LineFormatError as error:
            if whole is line and _odd_quotes(line):
                held = [line]
                continue
            raise BadLineError(began, _words(error)) from error
        if point is not None:
            yield began, point
    if held:
        raise BadLineError(began, "a quote is not closed")


def _odd_quotes(line: str) -> bool:
    return len(_QUOTE.findall(line)) % 2 == 1


def _words(error: LineFormatError) -> str:
    told = str(error).rstrip(".")
    return told[:1].lower() + told[1:]


def key_of(measurement: str, tags: Mapping[str, str], name: str) -> str:
    """The key of the datapoint that a measurement with these tags and a field feed."""
    first = _ODD_IN_MEASUREMENT.sub(_encoded, measurement)
    if "" in first.split("/"):
        first = first.replace("/", "%2F")
    levels = [first]
    levels += [f"{_ODD_IN_NAME.sub(_encoded, tag)}={_ODD.sub(_encoded, tags[tag])}" for tag in sorted(tags)]
    if name != PLAIN_FIELD:
        levels.append(_ODD_IN_NAME.sub(_encoded, name))
    key = "/".join(levels)
    if key.startswith("$"):
        key = f"%24{key[1:]}"
    if len(key) <= KEY_MAX_LENGTH:
        return key
    digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:HASH_LENGTH]
    return f"{key[: KEY_MAX_LENGTH - HASH_LENGTH - 1].rstrip('/')}~{digest}"


def _encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode(errors="surrogatepass"))
