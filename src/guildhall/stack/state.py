"""The file by which `guildhall status` learns what the runner does, and the memory that its processes hold."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil


@dataclass(frozen=True, kw_only=True)
class ProcessState:
    """One line of `guildhall status`. Times are seconds since the epoch."""

    name: str
    state: str
    pid: int | None
    started_at: float | None
    restarts: int
    summary: str = ""


@dataclass(frozen=True, kw_only=True)
class StackState:
    """What the runner last said of itself."""

    pid: int
    started_at: float
    ready: bool
    urls: Mapping[str, str] = field(default_factory=dict)
    processes: tuple[ProcessState, ...] = ()

    def write(self, path: Path) -> None:
        """Replace the file at once, so that a reader never sees half of it."""
        draft = path.with_name(path.name + ".new")
        draft.write_text(json.dumps(asdict(self), indent=1))
        draft.rename(path)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        try:
            content: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        processes = tuple(ProcessState(**process) for process in content.pop("processes"))
        return cls(**content, processes=processes)


def memory_of(pid: int, *, with_children: bool = True) -> int:
    """Bytes of memory that the process and its descendants hold, each shared page counted by its share (PSS).

    Where the system does not tell the PSS, the resident size stands in; 0 for a process that is gone.
    """
    try:
        process = psutil.Process(pid)
        family = [process, *(process.children(recursive=True) if with_children else [])]
    except psutil.Error:
        return 0
    return sum(_own_memory(member) for member in family)


def _own_memory(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    except psutil.Error:
        return 0
