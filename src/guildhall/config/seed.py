"""Puts the demo data together: people and places first, then what every module adds. The same data every time."""

import random
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from guildhall.config.urls import MODULES_PACKAGE
from guildhall.core.organizations.seed import PEOPLE, DemoAccount, demo_accounts, seed_people_and_places

SEED = 1452


def run(*, tasks: int = 0) -> list[DemoAccount]:
    """Fill an empty database with the demo; the second time changes nothing. Returns whom to sign in as.

    `tasks` more are added each time, for whoever wants to try it with very many.
    """
    with Progress(
        TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    ) as progress:
        task = progress.add_task("People and places", total=len(PEOPLE))
        place = seed_people_and_places(random.Random(SEED), lambda: progress.advance(task))  # noqa: S311 — demo data.
        progress.update(task, completed=len(PEOPLE))
        for config in apps.get_app_configs():
            if config.name.startswith(MODULES_PACKAGE) and find_spec(f"{config.name}.seed"):
                rng = random.Random(f"{SEED} {config.label}")  # noqa: S311
                import_module(f"{config.name}.seed").seed(place, rng=rng, progress=progress)
        if tasks:
            rng = random.Random(f"{SEED} tasks {tasks}")  # noqa: S311
            import_module(f"{MODULES_PACKAGE}tasks.seed").seed_many(place, tasks, rng=rng, progress=progress)
    return demo_accounts(place)
