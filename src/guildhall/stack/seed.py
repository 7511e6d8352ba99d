"""`guildhall seed`: puts in the demo data through the registry of the modules, and keeps the accounts for display."""

from importlib import import_module

from guildhall.stack.home import Home
from guildhall.stack.migrate import connect

CONNECT_TIMEOUT_S = 3


def seed(*, tasks: int = 0) -> None:
    """Run every module's seed, and add so many tasks. Without these, calling it twice changes nothing."""
    import django

    connect(CONNECT_TIMEOUT_S).close()
    django.setup()
    # By name, because the application is put together beside the stack, not below it.
    accounts = import_module("guildhall.config.seed").run(tasks=tasks)
    home = Home.default()
    if accounts and home.path.exists():
        home.demo_accounts.write_text("\n".join(str(line) for line in accounts) + "\n")
