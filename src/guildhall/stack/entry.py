"""Runs one function by its name `package.module:function`; what a process that a module declares is started by."""

import sys
from importlib import import_module

from guildhall.core import logs, metrics
from guildhall.stack.declared import declared_processes


def main(entry: str) -> None:
    """Import the module and call the function without arguments, with logs and metrics as every process has them."""
    module, _, function = entry.partition(":")
    run = getattr(import_module(module), function)
    name = next((process.name for process in declared_processes() if process.entry == entry), module)
    logs.configure()
    with metrics.serving(name):
        run()


if __name__ == "__main__":
    main(sys.argv[1])
