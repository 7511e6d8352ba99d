"""InfluxDB's line protocol as samples, and which datapoint a measurement, its tags and a field are. Pure.

`weather,room=3 temperature=21.5,humidity=48` belongs to the keys `weather/room=3/temperature` and
`weather/room=3/humidity`: the measurement, the tags by name, the field, as levels of a topic. A field of the name
`value` is left out. Characters that no topic can hold are written as in an address (`%20`); a key that is too long is
cut, and ends with a hash of the whole. Texts are no samples; true is 1 and false 0.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from guildhall.modules.telemetry import payload, policy
from guildhall.modules.telemetry.intake.points import Points
from guildhall.modules.telemetry.payload import RejectedError, RejectReason

KEY_MAX_LENGTH: Final = 200
HASH_LENGTH: Final = 16
PLAIN_FIELD: Final = "value"
#: Besides what a topic can't hold: what divides levels, names from values, and what introduces a character's number.
_ODD: Final = re.compile(r"[\s*>+#/%\x00-\x1f\x7f]")
_ODD_IN_NAME: Final = re.compile(r"[\s*>+#/%=\x00-\x1f\x7f]")
_ODD_IN_MEASUREMENT: Final = re.compile(r"[\s*>+#%=\x00-\x1f\x7f]")

# What a backslash stands before is no separator. A quote begins a text only where a field's value begins.
_FIELD: Final = r'(?:[^\\,= ]|\\.)+=(?:"(?:[^"\\]|\\.)*"|[^", ][^, ]*)'
_LINE: Final = re.compile(rf" *((?:[^\\ ]|\\.)+) +({_FIELD}(?:,{_FIELD})*)(?: +([^ ]+))? *", re.DOTALL)
_FIELDS: Final = re.compile(rf"({_FIELD})(?:,|$)", re.DOTALL)
_PIECES: Final = re.compile(r"(?:[^\\,]|\\.)+", re.DOTALL)
_NAME: Final = re.compile(r"(?:[^\\=]|\\.)+", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\([,= ])")
_QUOTE: Final = re.compile(r'(?<!\\)(?:\\\\)*"')

_BOOLEANS: Final = {
    **dict.fromkeys(("t", "T", "true", "True", "TRUE"), 1.0),
    **dict.fromkeys(("f", "F", "false", "False", "FALSE"), 0.0),
}
_INTEGERS: Final = {"i": (-(2**63), 2**63 - 1), "u": (0, 2**64 - 1)}

#: Measurement with tags, fields and time, as they stand in the line.
_Parts: TypeAlias = tuple[str, list[str], str]


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


class Reader:
    """Reads lines piece by piece. `line` is the number of the last one that was read, counted from `first`."""

    def __init__(self, lines: Iterable[str], precision: Precision, received_at: int, *, first: int = 1) -> None:
        self._received_at = received_at
        self._precision = precision
        self._lines = _whole_lines(lines, first)
        # By the texts as they stand in lines, for most lines look like others.
        self._series: dict[str, dict[str, int]] = {}
        self._slots: dict[str, int] = {}
        self.keys: list[str] = []
        self.line = first - 1

    def read(self, at_most: float = math.inf) -> Points:
        """The samples of the next lines, until there are so many; none at the end.

        Raises:
            BadLineError: a line is not right.
        """
        found = Points(self.keys)
        slots_of, times, values = found.slots, found.times, found.values
        for number, (head, fields, time) in self._lines:
            self.line = number
            slots = self._series.get(head)
            if slots is None:
                slots = self._series[head] = {}
            at = self._time(time, number) if time else self._received_at
            for field in fields:
                name, _, text = field.partition("=")
                if name.endswith("\\"):
                    name, text = _divided(field)
                if not text or not name:
                    raise BadLineError(number, f"the field {name[:64]!r} has no name or no value")
                if text[0] == '"':
                    found.texts += 1
                    continue
                value = _number(text)
                if value is None:
                    raise BadLineError(number, f"the value of the field {name[:64]!r} is no finite number")
                slot = slots.get(name)
                if slot is None:
                    slot = slots[name] = self._slot(head, name, number)
                slots_of.append(slot)
                times.append(at)
                values.append(value)
            if len(slots_of) >= at_most:
                break
        return found

    def _time(self, text: str, line: int) -> int:
        try:
            given = int(text)
        except ValueError as error:
            raise BadLineError(line, "the time is no whole number", RejectReason.BAD_TIME) from error
        unit = _MICROSECONDS_OF.get(self._precision)
        at = given // 1000 if unit is None else given * unit
        try:
            return payload.in_range(at, self._received_at)
        except RejectedError as error:
            why = "the time is before 1970 or in the future; is the precision right?"
            raise BadLineError(line, why, error.reason) from error

    def _slot(self, head: str, name: str, line: int) -> int:
        measurement, *pieces = _PIECES.findall(head)
        tags: dict[str, str] = {}
        for piece in pieces:
            tag, value = _divided(piece)
            if not tag or not value:
                raise BadLineError(line, f"the tag {tag[:64]!r} has no name or no value")
            tags[_plain(tag)] = _plain(value)
        key = key_of(_plain(measurement), tags, _plain(name))
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
    return Reader(text.split("\n"), precision, received_at).read()


def _whole_lines(lines: Iterable[str], first: int) -> Iterator[tuple[int, _Parts]]:
    """Every line's parts with the line's number. A text in quotes may go on over several lines."""
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
        whole = whole.rstrip("\r")
        parts = _parts(whole)
        if parts is not None:
            yield began, parts
        elif whole.strip() and not whole.lstrip().startswith("#"):
            if began == number and _odd_quotes(line):
                held = [line]
            else:
                raise BadLineError(began, "this is not MEASUREMENT[,TAG=VALUE] FIELD=VALUE[,FIELD=VALUE] [TIME]")
    if held:
        raise BadLineError(began, "a quote is not closed")


def _parts(line: str) -> _Parts | None:
    """The parts of a line; None where it is not one."""
    if '"' in line or "\\" in line:
        found = _LINE.fullmatch(line)
        if found is None or found.group(1)[0] in "#,":
            return None
        head, fields, time = found.groups(default="")
        return head, _FIELDS.findall(fields), time
    parts = [part for part in line.split(" ") if part]
    if len(parts) not in {2, 3} or parts[0][0] in "#,":
        return None
    return parts[0], parts[1].split(","), parts[2] if len(parts) == 3 else ""  # noqa: PLR2004 — with a time.


def _divided(text: str) -> tuple[str, str]:
    """What stands before and behind the first equals sign that is none of the name's own."""
    found = _NAME.match(text)
    end = found.end() if found else 0
    return text[:end], text[end + 1 :]


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _number(text: str) -> float | None:
    """A field's value, None where it is no finite number."""
    known = _BOOLEANS.get(text)
    if known is not None:
        return known
    if "_" in text or not text.isascii():
        return None
    bounds = _INTEGERS.get(text[-1])
    try:
        if bounds is not None:
            whole = int(text[:-1])
            return float(whole) if bounds[0] <= whole <= bounds[1] else None
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _odd_quotes(line: str) -> bool:
    return len(_QUOTE.findall(line)) % 2 == 1


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
