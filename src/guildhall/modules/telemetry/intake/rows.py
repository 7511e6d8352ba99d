"""Samples as JSON, NDJSON and CSV bring them, with the place of each mistake. Pure.

A row has `value`, and `ts` unless it is of now. Times and values are those of `payload`.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from guildhall.modules.telemetry import payload
from guildhall.modules.telemetry.payload import Measurement, RejectedError, RejectReason

TIME: Final = "ts"
VALUE: Final = "value"
FIELDS: Final = frozenset({TIME, VALUE})
#: So many mistakes are told at once; who sends rubbish learns no more from the rest.
MAX_TOLD: Final = 20


class Format(StrEnum):
    """How the rows are written."""

    JSON = "application/json"
    NDJSON = "application/x-ndjson"
    CSV = "text/csv"


class Fault(StrEnum):
    """What can be wrong with a row beside its value or time."""

    NOT_JSON = "not_json"
    NOT_TEXT = "not_text"
    NOT_A_ROW = "not_a_row"
    UNKNOWN_FIELD = "unknown_field"
    REPEATED_FIELD = "repeated_field"
    TOO_MANY_CELLS = "too_many_cells"
    NOT_CSV = "not_csv"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong where: the row by its number (in JSON from 0, else the line from 1) and the field, if it is one."""

    what: Fault | RejectReason
    row: int | None = None
    field: str = ""

    @property
    def place(self) -> str:
        """The field's name as the API writes it, such as `7.value`."""
        return ".".join(part for part in ("" if self.row is None else str(self.row), self.field) if part)


class BadRowsError(Exception):
    """Some rows can't be stored, so none is."""

    def __init__(self, mistakes: list[Mistake], *, line: int | None = None) -> None:
        super().__init__(mistakes[0].what.value)
        self.mistakes = mistakes
        self.line = line


def parse(body: bytes, written: Format, received_at: int) -> list[Measurement]:
    """The measurements in the body, in its order.

    Raises:
        BadRowsError: not all of it is right; it names the first mistakes.
    """
    if written is Format.JSON:
        return _parse_json(body, received_at)
    rows = _ndjson_rows(body) if written is Format.NDJSON else _csv_rows(body)
    return _measurements(rows, received_at, of_lines=True)


def _parse_json(body: bytes, received_at: int) -> list[Measurement]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRowsError([Mistake(Fault.NOT_JSON)], line=error.lineno) from error
    if isinstance(content, list):
        return _measurements(enumerate(content), received_at)
    return _measurements([(None, content)], received_at)


def _ndjson_rows(body: bytes) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(body.split(b"\n"), 1):
        if not line or line.isspace():
            continue
        try:
            yield number, orjson.loads(line)
        except orjson.JSONDecodeError:
            yield number, Mistake(Fault.NOT_JSON, number)


def _csv_rows(body: bytes) -> Iterator[tuple[int, Any]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise BadRowsError([Mistake(Fault.NOT_TEXT, line)], line=line) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: list[str] | None = None
    first = 1
    try:
        for cells in reader:
            number, first = first, reader.line_num + 1
            if not cells:
                continue
            if columns is None:
                columns = [cell.strip() for cell in cells]
                _require_header(columns, number)
            elif len(cells) > len(columns):
                yield number, Mistake(Fault.TOO_MANY_CELLS, number)
            else:
                # A cell that is empty or missing is as good as null.
                yield number, _Texts({name: cell for name, cell in zip(columns, cells, strict=False) if cell.strip()})
    except csv.Error as error:
        raise BadRowsError([Mistake(Fault.NOT_CSV, first)], line=first) from error


def _require_header(columns: list[str], line: int) -> None:
    mistakes = [Mistake(Fault.UNKNOWN_FIELD, line, name) for name in columns if name not in FIELDS]
    if VALUE not in columns:
        mistakes.append(Mistake(RejectReason.VALUE_MISSING, line, VALUE))
    mistakes += [Mistake(Fault.REPEATED_FIELD, line, name) for name in FIELDS if columns.count(name) > 1]
    if mistakes:
        raise BadRowsError(mistakes[:MAX_TOLD], line=line)


class _Texts(dict[str, str]):
    """A row whose values are written out as text."""


def _measurements(
    rows: Iterable[tuple[int | None, Any]], received_at: int, *, of_lines: bool = False
) -> list[Measurement]:
    found: list[Measurement] = []
    mistakes: list[Mistake] = []
    for number, row in rows:
        result = row if isinstance(row, Mistake) else _measurement(row, number, received_at)
        if not isinstance(result, Mistake):
            found.append(result)
            continue
        mistakes.append(result)
        if len(mistakes) == MAX_TOLD:
            break
    if mistakes:
        raise BadRowsError(mistakes, line=mistakes[0].row if of_lines else None)
    if not found:
        raise BadRowsError([Mistake(Fault.EMPTY)])
    return found


def _measurement(row: Any, number: int | None, received_at: int) -> Measurement | Mistake:
    if not isinstance(row, dict):
        return Mistake(Fault.NOT_A_ROW, number)
    unknown = next((name for name in row if name not in FIELDS), None)
    if unknown is not None:
        return Mistake(Fault.UNKNOWN_FIELD, number, str(unknown)[:64])
    given, value = row.get(TIME), row.get(VALUE)
    if value is None:
        return Mistake(RejectReason.VALUE_MISSING, number, VALUE)
    is_text = isinstance(row, _Texts)
    field = VALUE
    try:
        read = text_number(value) if is_text else payload.value_of(value)
        field = TIME
        if given is None:
            return received_at, read
        return (text_time(given, received_at) if is_text else payload.time_of(given, received_at)), read
    except RejectedError as error:
        return Mistake(error.reason, number, field)


def text_number(text: str) -> float:
    """A number that is written out.

    Raises:
        RejectedError: it is none, or not a finite one.
    """
    try:
        return payload.number_of(text.encode())
    except RejectedError as error:
        if error.reason is RejectReason.NOT_UNDERSTOOD:
            raise RejectedError(RejectReason.NOT_A_NUMBER) from error
        raise


def text_time(text: str, received_at: int) -> int:
    """A time that is written out, as ISO 8601 or a number, in microseconds since 1970.

    Raises:
        RejectedError: it is not understood, or lies before 1970 or too far in the future.
    """
    given = text.strip()
    try:
        as_number: float | str = int(given) if given.isascii() and given.isdecimal() else float(given)
    except ValueError:
        as_number = given
    return payload.time_of(as_number, received_at)
