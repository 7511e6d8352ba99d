"""What can be asked of series, as one value that the API, the exports and pages share; and the answer as tables."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from itertools import chain
from typing import Final

from django.utils.translation import gettext as _

from guildhall.core.errors import GuildhallError, InvalidInputError
from guildhall.modules.telemetry import rendering, series
from guildhall.modules.telemetry.rendering import Format
from guildhall.modules.telemetry.store.calendar import MAX_BUCKETS, Interval, TooManyBucketsError
from guildhall.modules.telemetry.store.filling import Fill, Function, Table
from guildhall.modules.telemetry.store.layout import WEEK

#: The API carries so many rows in one answer; `/live/telemetry/export/` knows no such limit.
MAX_ROWS: Final = 1_000_000
EXPORT_ADDRESS: Final = "/live/telemetry/export/"
#: The buckets of so many datapoints and weeks are found at once, and of at least some datapoints.
WEEKS_AT_ONCE: Final = 25 * 53
LEAST_AT_ONCE: Final = 25


class TooManyRowsError(GuildhallError):
    """The answer would be too long for the API; the export takes the same parameters and has no such limit."""

    code = "too_many_rows"
    title = "These are too many rows for one answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Samples of [start, end) of these datapoints, few points that draw them, or buckets; times in microseconds."""

    datapoints: tuple[int, ...]
    start: int | None = None
    end: int | None = None
    descending: bool = False
    limit: int | None = None
    max_points: int | None = None
    interval: Interval | None = None
    zone: tzinfo = UTC
    functions: tuple[Function, ...] = (Function.AVG,)
    fill: Fill = Fill.NONE

    @property
    def names(self) -> list[str]:
        """The columns beside the time."""
        return [series.VALUE] if self.interval is None else [function.value for function in self.functions]

    def tables(self) -> Iterator[tuple[int, Table]]:
        """Each datapoint with the parts of its answer, in the order of time. Buckets are all found at once.

        Raises:
            InvalidInputError, TooManyRowsError: the buckets would be too many.
        """
        if self.interval is not None:
            return iter(self._buckets(self.interval).items())
        return chain.from_iterable(self._samples_of(datapoint) for datapoint in self.datapoints)

    def _samples_of(self, datapoint: int) -> Iterator[tuple[int, Table]]:
        if self.max_points is not None:
            yield datapoint, series.thinned(datapoint, self.start, self.end, points=self.max_points)
            return
        for page in series.pages(datapoint, self.start, self.end, descending=self.descending, limit=self.limit):
            yield datapoint, page

    def _buckets(self, interval: Interval) -> dict[int, Table]:
        found: dict[int, Table] = {}
        rows = 0
        at_once = self._at_once()
        for first in range(0, len(self.datapoints), at_once):
            try:
                tables = series.aggregated(
                    self.datapoints[first : first + at_once],
                    interval=interval,
                    zone=self.zone,
                    functions=self.functions,
                    fill=self.fill,
                    start=self.start,
                    end=self.end,
                )
            except TooManyBucketsError as error:
                sentence = _("This makes more than %(most)s buckets.") % {"most": MAX_BUCKETS}
                raise InvalidInputError(fields={"interval": [sentence]}) from error
            rows += sum(len(table) for table in tables.values())
            if rows > MAX_ROWS:
                raise _too_many_rows()
            found |= tables
        return found

    def _at_once(self) -> int:
        if self.start is None or self.end is None:
            return LEAST_AT_ONCE
        return max(WEEKS_AT_ONCE // max((self.end - self.start) // WEEK, 1), LEAST_AT_ONCE)

    def require_short(self) -> None:
        """Do nothing if the answer has no more rows than the API carries.

        Raises:
            TooManyRowsError: it has more.
        """
        if self.interval is not None or self.max_points is not None:
            return
        least = series.amount_of(self.datapoints, self.start, self.end)
        if self.limit is not None:
            least = min(least, self.limit * len(self.datapoints))
        if least > MAX_ROWS:
            raise _too_many_rows()

    def alone(self, datapoint: int) -> "Query":
        """The same of one datapoint."""
        return replace(self, datapoints=(datapoint,))

    def lines(self, how: Format, *, several: bool) -> Iterator[bytes]:
        """The answer as CSV or NDJSON, piece by piece.

        Raises:
            InvalidInputError, TooManyRowsError: the buckets would be too many.
        """
        if how is Format.CSV:
            return rendering.csv_lines(self.tables(), self.names, several=several)
        return rendering.ndjson_lines(self.tables(), several=several)

    def exported(self, how: Format) -> Iterator[bytes]:
        """The answer of any length, one datapoint after the other.

        Raises:
            InvalidInputError: the buckets of a datapoint would be too many.
        """
        tables = chain.from_iterable(self.alone(datapoint).tables() for datapoint in self.datapoints)
        if how is Format.CSV:
            return rendering.csv_lines(tables, self.names, several=True)
        return rendering.ndjson_lines(tables, several=True)


def _too_many_rows() -> TooManyRowsError:
    return TooManyRowsError(_("Ask for a shorter range, or for the same at %(address)s.") % {"address": EXPORT_ADDRESS})
