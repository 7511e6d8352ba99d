"""Evaluates a part of PromQL over the datapoints that somebody sees; the rest is refused by name.

The parser is that of the crate `promql-parser`. The meaning of each function is that of Prometheus' documentation;
`rate`, `increase` and `delta` extrapolate as `extrapolatedRate` in its `promql/functions.go` does. A datapoint is a
series called by its key, with every other sign replaced by `_`. Times are in microseconds.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias

import numpy as np
import promql_parser as parser
from django.db import DataError, OperationalError, connection, transaction

from guildhall.core.errors import GuildhallError
from guildhall.modules.telemetry import series
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.store.pieces import Floats, Ints

#: A value holds so long, until the next one comes; sensors are slower than what Prometheus was made for.
LOOKBACK: Final = 15 * 60 * 1_000_000
MAX_SAMPLES: Final = 5_000_000
MAX_WINDOWED: Final = 50_000_000
MAX_LENGTH: Final = 4000
MAX_DEPTH: Final = 32
NAME: Final = "__name__"
_REGEX_TIMEOUT_MS: Final = 1000
_MATCHING: Final = "SELECT v FROM unnest(%s::text[]) v WHERE v ~ %s"

Labels: TypeAlias = dict[str, str]


class BadQueryError(GuildhallError):
    """The query can't be understood, or needs what is not there."""

    code = "bad_query"
    title = "This query can't be answered"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.members = {"errorType": "bad_data", "error": detail}


@dataclass(frozen=True, slots=True)
class Line:
    """A series at the times of the grid; NaN where there is nothing."""

    labels: Labels
    values: Floats


Vector: TypeAlias = list[Line]
Result: TypeAlias = "Vector | Floats"


def metric_name(key: str) -> str:
    """The name under which a datapoint with this key is asked for."""
    name = re.sub(r"[^a-zA-Z0-9_:]", "_", key)
    return f"_{name}" if name[:1].isdigit() else name


def labels_of(datapoint: Datapoint) -> Labels:
    """The labels of a datapoint; empty ones, which Prometheus takes for missing, are left out."""
    found = {
        NAME: metric_name(datapoint.key),
        "datapoint": str(datapoint.pk),
        "key": datapoint.key,
        "name": datapoint.name,
        "object": datapoint.object.name if datapoint.object else "",
        "organization": datapoint.organization.name,
        "project": datapoint.project.name,
        "tags": f",{','.join(datapoint.tags)}," if datapoint.tags else "",
        "unit": datapoint.unit,
    }
    return {name: value for name, value in found.items() if value}


def parse(query: str) -> Any:
    """The query as a tree.

    Raises:
        BadQueryError: it is no PromQL, or too deep.
    """
    if len(query) > MAX_LENGTH:
        raise BadQueryError(f"The query has more than {MAX_LENGTH} characters.")
    # The parser calls itself for each of these.
    if sum(query.count(sign) for sign in "([{+-*/%^<>=!") > MAX_DEPTH * 4:
        raise BadQueryError("The query has too many parts.")
    try:
        return parser.parse(query)
    except ValueError as error:
        raise BadQueryError(str(error)) from error


def selected(visible: Mapping[int, Labels], selector: Any) -> list[int]:
    """The datapoints that a selector names, among those with these labels.

    Raises:
        BadQueryError: a regular expression is none, or takes too long.
    """
    if selector.matchers.or_matchers:
        raise BadQueryError("Matchers with “or” are not known here.")
    found = list(visible)
    if selector.name is not None:
        found = [id_ for id_ in found if visible[id_][NAME] == selector.name]
    for matcher in selector.matchers.matchers:
        values = {visible[id_].get(matcher.name, "") for id_ in found}
        op = str(matcher.op).rpartition(".")[2]
        good = {matcher.value} if op in {"Equal", "NotEqual"} else _matching(values, matcher.value)
        wanted = op in {"Equal", "Re"}
        found = [id_ for id_ in found if (visible[id_].get(matcher.name, "") in good) is wanted]
    return found


def _matching(values: set[str], pattern: str) -> set[str]:
    """Those that the whole of the pattern matches; by PostgreSQL, whose expressions can be stopped."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(_REGEX_TIMEOUT_MS)])
            cursor.execute(_MATCHING, [sorted(values), f"^(?:{pattern})$"])
            found = {value for (value,) in cursor.fetchall()}
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except (DataError, OperationalError) as error:
        raise BadQueryError(f"The regular expression {pattern!r} can't be used.") from error
    return found


class Evaluation:
    """A query at each of the times of a grid."""

    def __init__(self, visible: Mapping[int, Labels], times: Ints) -> None:
        self.visible = visible
        self.times = times
        self._samples = 0

    def of(self, node: Any) -> Result:
        """The value of a part of the query: lines, or one number for each time.

        Raises:
            BadQueryError: it needs what is not there.
        """
        for kind, evaluate in self._parts.items():
            if isinstance(node, kind):
                return evaluate(node)
        raise BadQueryError(f"{type(node).__name__} is not known here.")

    @property
    def _parts(self) -> dict[type[Any], Callable[[Any], Result]]:
        return {
            parser.NumberLiteral: lambda node: np.full(len(self.times), node.val),
            parser.ParenExpr: lambda node: self.of(node.expr),
            parser.UnaryExpr: lambda node: _mapped(self.of(node.expr), np.negative),
            parser.VectorSelector: self._instant,
            parser.Call: self._call,
            parser.AggregateExpr: self._aggregated,
            parser.BinaryExpr: self._binary,
        }

    def raw(self, node: Any) -> list[tuple[Labels, Ints, Floats]]:
        """The samples of a range selector before the last time of the grid."""
        times = self.times[-1:] - _shift(node.vector_selector)
        length = _microseconds(node.range)
        found = []
        for id_ in selected(self.visible, node.vector_selector):
            at, values = self._read(id_, int(times[0]) - length, int(times[0]))
            if len(at):
                found.append((self.visible[id_], at, values))
        return found

    def _read(self, datapoint: int, after: int, until: int) -> tuple[Ints, Floats]:
        self._samples += series.amount_of([datapoint], after + 1, until + 1)
        if self._samples > MAX_SAMPLES:
            raise BadQueryError(f"The query needs more than {MAX_SAMPLES} samples; ask for a shorter range.")
        table = series.table_of(series.pages(datapoint, after + 1, until + 1))
        return table.times, table.columns[series.VALUE]

    def _instant(self, node: Any) -> Vector:
        grid = self.times - _shift(node)
        lines = []
        for id_ in selected(self.visible, node):
            at, values = self._read(id_, int(grid[0]) - LOOKBACK, int(grid[-1]))
            if not len(at):
                continue
            places = np.searchsorted(at, grid, "right") - 1
            fresh = (places >= 0) & (at[places] > grid - LOOKBACK)
            lines.append(Line(self.visible[id_], np.where(fresh, values[places], np.nan)))
        return lines

    def _call(self, node: Any) -> Result:
        name = node.func.name
        if name in _OF_VALUES:
            return _mapped(self.of(node.args[0]), _OF_VALUES[name])
        if name not in _OF_WINDOWS or not isinstance(node.args[0], parser.MatrixSelector):
            raise BadQueryError(f"{name} is not known here.")
        selector, length = node.args[0].vector_selector, _microseconds(node.args[0].range)
        grid = self.times - _shift(selector)
        lines = []
        for id_ in selected(self.visible, selector):
            at, values = self._read(id_, int(grid[0]) - length, int(grid[-1]))
            window = Window.of(at, values, grid, length)
            if window.counts.any():
                labels = self.visible[id_]
                kept = labels if name == "last_over_time" else _without_name(labels)
                lines.append(Line(kept, _OF_WINDOWS[name](window)))
        return lines

    def _aggregated(self, node: Any) -> Vector:
        name = str(node.op)
        found = self.of(node.expr)
        combine = _OF_GROUPS.get(re.split(r"\W", name.rpartition(".")[2].lower())[0])
        if combine is None or node.param is not None or isinstance(found, np.ndarray):
            raise BadQueryError(f"{name} is not known here.")
        groups: dict[tuple[tuple[str, str], ...], list[Floats]] = defaultdict(list)
        for line in found:
            groups[tuple(sorted(_group(line.labels, node.modifier).items()))].append(line.values)
        with np.errstate(invalid="ignore", over="ignore"):
            return [Line(dict(labels), combine(np.stack(values))) for labels, values in groups.items()]

    def _binary(self, node: Any) -> Result:
        symbol = str(node.op)
        compute = _OF_PAIRS.get(symbol)
        if compute is None:
            raise BadQueryError(f"The operator {symbol} is not known here.")
        left, right = self.of(node.lhs), self.of(node.rhs)
        with np.errstate(all="ignore"):
            if isinstance(left, np.ndarray):
                return _mapped(right, lambda values: compute(left, values))
            if isinstance(right, np.ndarray):
                return _mapped(left, lambda values: compute(values, right))
            if node.modifier is not None and getattr(node.modifier, "matching", None) is not None:
                raise BadQueryError("“on” and “ignoring” are not known here.")
            others = {tuple(sorted(_without_name(line.labels).items())): line.values for line in right}
            return [
                Line(_without_name(line.labels), compute(line.values, others[key]))
                for line in left
                if (key := tuple(sorted(_without_name(line.labels).items()))) in others
            ]


@dataclass(frozen=True, slots=True)
class Window:
    """For each time of the grid those of the samples that lie in (time - length, time]: [lows, highs)."""

    at: Ints
    values: Floats
    grid: Ints
    length: int
    lows: Ints
    highs: Ints

    @classmethod
    def of(cls, at: Ints, values: Floats, grid: Ints, length: int) -> "Window":
        """The windows.

        Raises:
            BadQueryError: they overlap so much that it would take too long.
        """
        lows, highs = np.searchsorted(at, grid - length, "right"), np.searchsorted(at, grid, "right")
        if int((highs - lows).sum()) > MAX_WINDOWED:
            raise BadQueryError("The windows hold too many samples together; take a longer step or a shorter range.")
        return cls(at, values, grid, length, lows, highs)

    @property
    def counts(self) -> Ints:
        return self.highs - self.lows

    def reduced(self, how: Any) -> Floats:
        """What a function of numpy makes of each window; NaN of an empty one."""
        found = np.full(len(self.grid), np.nan)
        full = np.flatnonzero(self.counts)
        if len(full):
            bounds = np.stack([self.lows[full], self.highs[full]], axis=1).ravel()
            with np.errstate(over="ignore", invalid="ignore"):
                found[full] = how.reduceat(np.append(self.values, 0.0), bounds)[::2]
        return found

    def sums(self) -> Floats:
        return self.reduced(np.add)

    def averages(self) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.sums() / self.counts

    def lasts(self) -> Floats:
        return np.where(self.counts > 0, self.values[np.maximum(self.highs - 1, 0)], np.nan)

    def extrapolated(self, *, is_counter: bool, per_second: bool) -> Floats:
        """How much the values grew in each window that has two at least, as far as its ends lie beyond its samples."""
        found = np.full(len(self.grid), np.nan)
        some = np.flatnonzero(self.counts > 1)
        if not len(some):
            return found
        first, last = self.lows[some], self.highs[some] - 1
        growth = self.values[last] - self.values[first]
        if is_counter:
            # Where a counter begins anew, what it had before is added.
            drops = np.where(np.diff(self.values, prepend=self.values[0]) < 0, np.roll(self.values, 1), 0.0)
            growth += np.cumsum(drops)[last] - np.cumsum(drops)[first]
        covered = (self.at[last] - self.at[first]).astype(float)
        to_start = (self.at[first] - (self.grid[some] - self.length)).astype(float)
        to_end = (self.grid[some] - self.at[last]).astype(float)
        between = covered / (last - first)
        to_start = np.where(to_start >= between * 1.1, between / 2, to_start)
        to_end = np.where(to_end >= between * 1.1, between / 2, to_end)
        if is_counter:
            with np.errstate(divide="ignore", invalid="ignore"):
                to_zero = np.where(
                    (growth > 0) & (self.values[first] >= 0), covered * self.values[first] / growth, np.inf
                )
            to_start = np.minimum(to_start, to_zero)
        factor = (covered + to_start + to_end) / covered
        found[some] = growth * factor / (self.length / 1e6 if per_second else 1.0)
        return found


_OF_WINDOWS: Final[dict[str, Callable[[Window], Floats]]] = {
    "avg_over_time": Window.averages,
    "min_over_time": lambda window: window.reduced(np.minimum),
    "max_over_time": lambda window: window.reduced(np.maximum),
    "sum_over_time": Window.sums,
    "count_over_time": lambda window: np.where(window.counts > 0, window.counts.astype(float), np.nan),
    "last_over_time": Window.lasts,
    "rate": lambda window: window.extrapolated(is_counter=True, per_second=True),
    "increase": lambda window: window.extrapolated(is_counter=True, per_second=False),
    "delta": lambda window: window.extrapolated(is_counter=False, per_second=False),
}
_OF_VALUES: Final[dict[str, Callable[[Floats], Floats]]] = {"abs": np.abs, "ceil": np.ceil, "floor": np.floor}


def _present(values: Floats, found: Floats) -> Floats:
    return np.where(np.isnan(values).all(axis=0), np.nan, found)


def _count(values: Floats) -> Floats:
    found: Floats = (~np.isnan(values)).sum(axis=0).astype(float)
    return found


_OF_GROUPS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "sum": lambda values: _present(values, np.nansum(values, axis=0)),
    "avg": lambda values: _present(values, np.nansum(values, axis=0) / np.maximum(_count(values), 1)),
    "min": lambda values: np.fmin.reduce(values, axis=0),
    "max": lambda values: np.fmax.reduce(values, axis=0),
    "count": lambda values: _present(values, _count(values)),
}
_OF_PAIRS: Final[dict[str, Callable[[Floats, Floats], Floats]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
}


def _mapped(found: Result, how: Callable[[Floats], Floats]) -> Result:
    if isinstance(found, np.ndarray):
        return how(found)
    return [Line(_without_name(line.labels), how(line.values)) for line in found]


def _without_name(labels: Labels) -> Labels:
    return {name: value for name, value in labels.items() if name != NAME}


def _group(labels: Labels, modifier: Any) -> Labels:
    if modifier is None:
        return {}
    named = set(modifier.labels)
    by = str(modifier.type).rpartition(".")[2] == "By"
    return {name: value for name, value in labels.items() if (name in named) is by and (by or name != NAME)}


def _microseconds(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def _shift(selector: Any) -> int:
    if selector.at is not None:
        raise BadQueryError("The modifier @ is not known here.")
    return _microseconds(selector.offset) if selector.offset is not None else 0


def all_labels(datapoints: Sequence[Datapoint]) -> dict[int, Labels]:
    """The labels of datapoints by their ids."""
    return {one.pk: labels_of(one) for one in datapoints}
