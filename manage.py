#!/usr/bin/env python
"""Django's command line, as Django people expect it; `test` runs pytest."""

import os
import sys


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")
    if sys.argv[1:2] == ["test"]:
        import pytest

        raise SystemExit(pytest.main(sys.argv[2:]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
