"""Finds the long-running processes that modules and services declare, without loading Django."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from guildhall.core.processes import Process
from guildhall.stack.errors import StackError

PARENTS = ("guildhall.modules", "guildhall.services", "guildhall.core")


def declared_processes() -> tuple[Process, ...]:
    """Every process of every `processes.py`, ordered by name. Raise StackError where two share a name."""
    found: dict[str, Process] = {}
    for module in _modules():
        declared: tuple[Process, ...] = import_module(module).PROCESSES
        for process in declared:
            if process.name in found:
                raise StackError(
                    f"two processes are named {process.name}: {found[process.name].entry}, {process.entry}"
                )
            found[process.name] = process
    return tuple(found[name] for name in sorted(found))


def _modules() -> Iterator[str]:
    for parent in PARENTS:
        # Looked up as files, since importing every package would load Django.
        for folder in import_module(parent).__path__:
            for file in sorted(Path(folder).glob("*/processes.py")):
                yield f"{parent}.{file.parent.name}.processes"
