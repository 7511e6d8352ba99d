"""Finds the long-running processes that modules and services declare, without loading Django."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from runpy import run_path

from guildhall.core.processes import Process
from guildhall.stack.errors import StackError

PARENTS = ("guildhall.modules", "guildhall.services", "guildhall.core")


def declared_processes() -> tuple[Process, ...]:
    """Every process of every `processes.py`, ordered by name. Raise StackError where two share a name."""
    found: dict[str, Process] = {}
    for file in _files():
        for process in _declarations(file):
            if process.name in found:
                raise StackError(
                    f"two processes are named {process.name}: {found[process.name].entry}, {process.entry}"
                )
            found[process.name] = process
    return tuple(found[name] for name in sorted(found))


def _files() -> Iterator[Path]:
    for parent in PARENTS:
        for folder in import_module(parent).__path__:
            yield from sorted(Path(folder).glob("*/processes.py"))


def _declarations(file: Path) -> tuple[Process, ...]:
    # Run by itself, since an import would also run the package around it, and that may load Django.
    declared: tuple[Process, ...] = run_path(str(file))["PROCESSES"]
    return declared
