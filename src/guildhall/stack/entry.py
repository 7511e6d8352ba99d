"""Runs one function by its name `package.module:function`; what a process that a module declares is started by."""

import sys
from importlib import import_module


def main(entry: str) -> None:
    """Import the module and call the function without arguments."""
    module, _, function = entry.partition(":")
    getattr(import_module(module), function)()


if __name__ == "__main__":
    main(sys.argv[1])
