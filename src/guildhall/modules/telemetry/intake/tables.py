"""Large CSV files of many datapoints as samples, piece by piece. Pure.

The first row has names. One column is the time: `ts`, `time`, `timestamp` or `_time`. The others are, in this order of
trying: `value` alone, where the file is of one datapoint; `key` and `value`; or a column for each key, where an empty
cell is no sample.
"""

import csv
import math
from collections.abc import Callable, Iterable
from typing import Final

from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.intake.points import Points
from guildhall.modules.telemetry.intake.rows import VALUE, text_number, text_time
from guildhall.modules.telemetry.payload import RejectedError

TIMES: Final = ("ts", "time", "timestamp", "_time")
KEY: Final = "key"
KEY_MAX_LENGTH: Final = 200


class BadRowError(Exception):
    """A row can't be understood or stored; lines are counted from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line


class Reader:
    """Reads rows piece by piece. `line` is the number of the last one that was read; the first row is always read.

    `single` says that the file is of one datapoint; its key is empty here.

    Raises:
        BadRowError: the names in the first row can't be right.
    """

    def __init__(
        self, lines: Iterable[str], received_at: int, *, single: bool, delimiter: str = ",", first: int = 1
    ) -> None:
        self._received_at = received_at
        self._rows = csv.reader(iter(lines), delimiter=delimiter, strict=True)
        self._skipped_until = first
        self._slots: dict[str, int] = {}
        self.keys: list[str] = []
        self.line = 0
        self._names = [name.strip() for name in self._next_row() or []]
        self._time_at = self._place_of_time()
        self._read_row = self._way(single=single)

    def read(self, at_most: float = math.inf) -> Points:
        """The samples of the next rows, until there are so many; none at the end.

        Raises:
            BadRowError: a row is not right.
        """
        found = Points(self.keys)
        while len(found.slots) < at_most and (row := self._next_row()) is not None:
            if not row or self.line < self._skipped_until:
                continue
            if len(row) > len(self._names):
                raise BadRowError(self.line, "there are more cells than names in the first row")
            row += [""] * (len(self._names) - len(row))
            field = self._names[self._time_at]
            try:
                at = text_time(row[self._time_at], self._received_at)
                for key, text in self._read_row(row):
                    field = key or VALUE
                    value = text_number(text)
                    found.slots.append(self._slot(key))
                    found.times.append(at)
                    found.values.append(value)
            except RejectedError as error:
                raise BadRowError(self.line, f"{field}: {error.reason.value.replace('_', ' ')}") from error
        return found

    def _next_row(self) -> list[str] | None:
        try:
            row = next(self._rows, None)
        except csv.Error as error:
            raise BadRowError(self._rows.line_num, f"this is not CSV: {error}") from error
        self.line = self._rows.line_num
        return row

    def _place_of_time(self) -> int:
        for name in TIMES:
            if name in self._names:
                return self._names.index(name)
        raise BadRowError(1, f"the first row has to name the columns, one of them {' or '.join(TIMES)}")

    def _way(self, *, single: bool) -> Callable[[list[str]], Iterable[tuple[str, str]]]:
        others = [(place, name) for place, name in enumerate(self._names) if place != self._time_at]
        places = {name: place for place, name in others}
        if len(places) < len(others):
            raise BadRowError(1, "two columns have the same name")
        if single:
            if len(others) != 1:
                raise BadRowError(1, f"for one datapoint there has to be one column of values, not {len(others)}")
            value_at = others[0][0]
            self._slots[""] = 0
            self.keys.append("")
            return lambda row: [("", row[value_at])]
        if places.keys() == {KEY, VALUE}:
            key_at, value_at = places[KEY], places[VALUE]
            return lambda row: [(row[key_at].strip(), row[value_at])]
        if not others:
            raise BadRowError(1, "there is no column of values")
        for _, name in others:
            self._slot(name)
        return lambda row: [(name, row[place]) for place, name in others if row[place].strip()]

    def _slot(self, key: str) -> int:
        slot = self._slots.get(key)
        if slot is None:
            if policy.topic_problem(key) is not None or len(key) > KEY_MAX_LENGTH:
                raise BadRowError(self.line, f"{key[:64]!r} can't be the key of a datapoint")
            slot = self._slots[key] = len(self.keys)
            self.keys.append(key)
        return slot
