"""Tables of series as JSON, CSV and NDJSON, piece by piece, so that no answer has to fit into memory. Pure."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, Final

import numpy as np
import orjson

from guildhall.modules.telemetry.store.filling import Column, Table
from guildhall.modules.telemetry.store.layout import SECOND
from guildhall.modules.telemetry.store.pieces import Ints

TIME: Final = "ts"
#: So many rows are made into text at once.
ROWS: Final = 5000


class Format(StrEnum):
    """How series can be had."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


MEDIA_TYPES: Final = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8",
    Format.NDJSON: "application/x-ndjson",
}


def iso_texts(times: Ints) -> list[str]:
    """Microseconds since 1970 as every API of the site writes times."""
    moments = times.astype("datetime64[us]")
    if not (times % SECOND).any():
        return [f"{text}Z" for text in np.datetime_as_string(moments, unit="s").tolist()]
    return [f"{text.removesuffix('.000000')}Z" for text in np.datetime_as_string(moments, unit="us").tolist()]


def _values(column: Column) -> list[Any]:
    found: list[Any] = column.tolist()
    if column.dtype.kind == "f" and np.isnan(column).any():
        return [None if value != value else value for value in found]  # noqa: PLR0124 — NaN alone is not itself.
    return found


def _parts(table: Table) -> Iterator[Table]:
    for first in range(0, len(table), ROWS):
        yield table.take(slice(first, first + ROWS))


def _rows(table: Table) -> Iterator[tuple[Any, ...]]:
    return zip(iso_texts(table.times), *(_values(column) for column in table.columns.values()), strict=True)


def _objects(table: Table, known: dict[str, int]) -> Iterator[bytes]:
    """Each row as an object. Whole columns become text at once, as no cell has a comma in it."""
    names = [TIME, *table.columns]
    columns = [iso_texts(table.times), *(_values(column) for column in table.columns.values())]
    cells = [orjson.dumps(column)[1:-1].split(b",") for column in columns]
    pairs = [*(f'"{name}":{value}' for name, value in known.items()), *(f'"{name}":%b' for name in names)]
    row = f"{{{','.join(pairs)}}}".encode()
    return map(row.__mod__, zip(*cells, strict=True))


def json_rows(tables: Iterable[Table]) -> Iterator[bytes]:
    """The rows as objects with commas between, without the brackets around."""
    comma = b""
    for table in tables:
        for part in _parts(table):
            yield comma + b",".join(_objects(part, {}))
            comma = b","


def csv_lines(tables: Iterable[tuple[int, Table]], names: Iterable[str], *, several: bool) -> Iterator[bytes]:
    """A line of names, and a line for each row; with the datapoint first where there may be several.

    All cells are numbers and times, so nothing has to be quoted, and nothing is taken for a formula. Floats are as
    short as they can be without losing a bit.
    """
    yield (",".join([*(["datapoint"] if several else []), TIME, *names]) + "\r\n").encode()
    for datapoint, table in tables:
        begin = f"{datapoint}," if several else ""
        for part in _parts(table):
            lines = (
                f"{begin}{','.join(['' if cell is None else str(cell) for cell in row])}\r\n" for row in _rows(part)
            )
            yield "".join(lines).encode()


def ndjson_lines(tables: Iterable[tuple[int, Table]], *, several: bool) -> Iterator[bytes]:
    """An object on a line for each row; with the datapoint in it where there may be several."""
    for datapoint, table in tables:
        for part in _parts(table):
            yield b"\n".join([*_objects(part, {"datapoint": datapoint} if several else {}), b""])
