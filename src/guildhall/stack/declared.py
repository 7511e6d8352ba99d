"""Finds the long-running processes that modules and services declare, without loading Django."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

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
        if find_spec(parent) is None:
            continue
        for package in pkgutil.iter_modules(import_module(parent).__path__):
            name = f"{parent}.{package.name}.processes"
            if package.ispkg and find_spec(name) is not None:
                yield name
