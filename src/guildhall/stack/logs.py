"""Where the lines of the processes go: to the terminal with a coloured name before them, and to a file that rotates."""

import datetime as dt
import os
import re
import sys
from asyncio import StreamReader
from pathlib import Path
from typing import TextIO

MAX_FILE_BYTES = 5 * 1024**2
KEPT_FILES = 3
CHUNK_BYTES = 64 * 1024
#: A longer line is cut into several, so that a runaway process cannot fill the memory.
MAX_LINE_BYTES = 64 * 1024
#: Our own processes date their lines themselves.
DATED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ")
COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


class LogFile:
    """A file of lines, each begun by its time; at its limit it becomes `.1`, that becomes `.2`, and so on."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> None:
        self.path = path
        self.max_bytes = max_bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)

    def write(self, line: bytes) -> None:
        if self._file.tell() > self.max_bytes:
            self._rotate()
        if not DATED.match(line):
            stamp = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = stamp.encode() + b" " + line
        self._file.write(line + b"\n")

    def close(self) -> None:
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        for number in range(KEPT_FILES, 0, -1):
            older = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            if older.exists():
                older.rename(self.path.with_name(f"{self.path.name}.{number}"))
        self._file = self.path.open("ab", buffering=0)


class Terminal:
    """Prints lines with the name of whoever said them, in colour where the terminal shows any."""

    def __init__(self, stream: TextIO | None = None, *, width: int = 12) -> None:
        self.stream: TextIO | None = stream or sys.stdout
        self.width = width
        self.colours = self.stream.isatty() and "NO_COLOR" not in os.environ
        self._seen: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        prefix = f"{name:<{self.width}} │ "
        if self.colours:
            colour = self._seen.setdefault(name, COLOURS[len(self._seen) % len(COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self._print(prefix + text)

    def plain(self, text: str) -> None:
        self._print(text)

    def _print(self, text: str) -> None:
        if self.stream is None:
            return
        try:
            print(text, file=self.stream, flush=True)
        except (BrokenPipeError, ValueError):
            # The terminal is gone; the files still tell everything.
            self.stream = None


async def pump(name: str, reader: StreamReader, terminal: Terminal, file: LogFile) -> None:
    """Carry lines from a process to the terminal and its file until the process closes its output."""
    rest = b""
    while chunk := await reader.read(CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            lines.append(rest)
            rest = b""
        for line in lines:
            _say(name, line, terminal, file)
    if rest:
        _say(name, rest, terminal, file)


def _say(name: str, line: bytes, terminal: Terminal, file: LogFile) -> None:
    line = line.rstrip(b"\r")
    file.write(line)
    terminal.line(name, line.decode(errors="replace"))
