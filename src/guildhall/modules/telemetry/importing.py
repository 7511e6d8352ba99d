"""`guildhall import`: stores the samples of a file, with a bar that shows how far it is.

A file may be imported again, whole or from a line on: what is there already stays as it is.
"""

import gzip
import io
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from guildhall.modules.telemetry.intake import influx, tables
from guildhall.modules.telemetry.intake.influx import BadLineError
from guildhall.modules.telemetry.intake.points import Points
from guildhall.modules.telemetry.intake.tables import BadRowError

if TYPE_CHECKING:
    from guildhall.modules.telemetry.intake.storing import Outcome
    from guildhall.modules.telemetry.models import Datapoint, Datasource

AT_ONCE: Final = 50_000
MAX_NAMED: Final = 10
GZIP_MARK: Final = b"\x1f\x8b"
#: With which `influx_inspect export` begins.
_STATEMENT: Final = "CREATE DATABASE "


class ImportFailedError(SystemExit):
    """The file can't be imported, or not all of it; the text says why, and what to do."""


class Reader(Protocol):
    """What reads a format piece by piece."""

    line: int

    def read(self, at_most: float) -> Points: ...


def import_csv(path: Path, *, datasource: str, datapoint: int | None, delimiter: str, from_line: int) -> None:
    """Store the rows of a CSV file: of one datapoint, or of a datasource's datapoints by their keys.

    Raises:
        ImportFailedError: some of it could not be stored.
    """
    if (datapoint is None) == (not datasource):
        raise ImportFailedError("Say either --datapoint or --datasource.")

    def reader(lines: Iterable[str], now: int) -> Reader:
        single = datapoint is not None
        return tables.Reader(lines, now, single=single, delimiter=delimiter, first=from_line)

    _import(path, reader, datasource=datasource, datapoint=datapoint)


def import_influx(path: Path, *, datasource: str, precision: str, from_line: int) -> None:
    """Store the lines of a file in InfluxDB's line protocol as samples of a datasource's datapoints.

    Raises:
        ImportFailedError: some of it could not be stored.
    """
    if precision not in influx.ALIASES:
        raise ImportFailedError(f"There is no precision {precision}; choose one of {', '.join(influx.Precision)}.")

    def reader(lines: Iterable[str], now: int) -> Reader:
        wanted = ("" if line.startswith(_STATEMENT) else line.rstrip("\n") for line in lines)
        return influx.Reader(islice(wanted, from_line - 1, None), influx.ALIASES[precision], now, first=from_line)

    _import(path, reader, datasource=datasource)


def _import(path: Path, make_reader: Any, *, datasource: str, datapoint: int | None = None) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")
    import django

    django.setup()
    target = _find_datapoint(datapoint) if datapoint is not None else _find_datasource(datasource)
    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TextColumn("{task.fields[samples]:,} samples"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with ExitStack() as closing, Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(path.name, total=None, samples=0)
        try:
            raw = closing.enter_context(cast("IO[bytes]", path.open("rb")))
        except OSError as error:
            raise ImportFailedError(f"{path} can't be read: {error.strerror}") from error
        progress.update(bar, total=os.fstat(raw.fileno()).st_size or None)
        work = _Work(progress, bar, target)
        last = 0
        try:
            text = closing.enter_context(_opened(raw))
            reader = make_reader(_followed(text, raw, progress, bar), time.time_ns() // 1000)
            while len(points := reader.read(AT_ONCE)):
                work.store(points)
                last = reader.line
        except (BadLineError, BadRowError) as error:
            raise ImportFailedError(f"{path}, {error}. {_so_far(last)}") from error
        except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
            raise ImportFailedError(f"{path} is damaged, or not UTF-8, behind line {last}: {error}") from error
        finally:
            work.tell()
    work.report()


def _so_far(line: int) -> str:
    if not line:
        return "Nothing was stored."
    return f"Everything up to line {line} is stored; when it is mended, --from-line {line + 1} goes on."


def _opened(raw: IO[bytes]) -> IO[str]:
    """The file as text, unpacked where it is packed."""
    packed = raw.read(len(GZIP_MARK)) == GZIP_MARK
    raw.seek(0)
    source = gzip.GzipFile(fileobj=raw) if packed else raw
    return io.TextIOWrapper(cast("IO[bytes]", source), encoding="utf-8-sig", newline="")


def _followed(text: IO[str], raw: IO[bytes], progress: Progress, bar: TaskID) -> Iterator[str]:
    """The lines of the text; the bar shows how much of the file they are."""
    for number, line in enumerate(text):
        if number % 1000 == 0:
            progress.update(bar, completed=raw.tell())
        yield line
    progress.update(bar, completed=raw.tell())


class _Work:
    """Stores piece after piece, and counts what became of it."""

    def __init__(self, progress: Progress, bar: TaskID, target: "Datapoint | Datasource") -> None:
        self._progress = progress
        self._bar = bar
        self._target = target
        self._first_position: int | None = None
        self._stored = self._too_old = 0
        self._unknown: dict[str, tuple[str, int]] = {}

    def store(self, points: Points) -> None:
        """Store these, when sealing has made room for them."""
        from guildhall.modules.telemetry.database import carry_out
        from guildhall.modules.telemetry.store import journal

        name = self._progress.tasks[0].description
        while pause := carry_out(journal.pause_s()):
            self._progress.update(self._bar, description=f"{name} waits for telemetry-sealer")
            time.sleep(pause)
        self._progress.update(self._bar, description=name)
        outcome = self._write(points)
        if self._first_position is None and outcome.position:
            self._first_position = outcome.position
        self._stored += outcome.stored
        self._too_old += outcome.too_old
        for key, (reason, count) in outcome.unknown.items():
            before = self._unknown.get(key, ("", 0))[1]
            self._unknown[key] = str(reason or "no right to publish").replace("_", " "), before + count
        self._progress.update(self._bar, samples=self._stored)

    def _write(self, points: Points) -> "Outcome":
        from guildhall.modules.telemetry.intake import storing
        from guildhall.modules.telemetry.models import Datapoint

        if isinstance(self._target, Datapoint):
            rows = list(zip(points.times, points.values, strict=True))
            return storing.store_in(self._target, rows, announced=False)
        return storing.store_points(self._target, points, announced=False)

    def tell(self) -> None:
        """Let live streams read what they were not told of."""
        from guildhall.modules.telemetry.intake import announcing

        if self._first_position is not None:
            announcing.tell_missed(self._first_position)

    def report(self) -> None:
        """Say what was stored.

        Raises:
            ImportFailedError: not everything was.
        """
        print(f"{self._stored:,} samples stored.")
        told = [f"{count:,} of {key}: {reason}" for key, (reason, count) in list(self._unknown.items())[:MAX_NAMED]]
        if len(self._unknown) > MAX_NAMED:
            told.append(f"and those of {len(self._unknown) - MAX_NAMED} other keys")
        if self._too_old:
            told.append(f"{self._too_old:,} that are older than what is kept")
        if told:
            raise ImportFailedError("Not stored:\n  " + "\n  ".join(told))


def _find_datapoint(id_: int) -> "Datapoint":
    from guildhall.modules.telemetry.models import Datapoint

    found: Datapoint | None = Datapoint.objects.filter(pk=min(id_, 2**63 - 1)).first()
    if found is None:
        raise ImportFailedError(f"There is no datapoint {id_}.")
    return found


def _find_datasource(username: str) -> "Datasource":
    from guildhall.modules.telemetry.models import Datasource

    found: Datasource | None = Datasource.objects.filter(username=username).first()
    if found is None:
        raise ImportFailedError(f"There is no datasource with the user name {username}.")
    return found
