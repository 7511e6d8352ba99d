"""History is the whole truth: whatever is done to tasks, their states can be made of it again."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guildhall.core.errors import GuildhallError
from guildhall.core.organizations import services as places
from guildhall.core.organizations.models import Team
from guildhall.modules.tasks import history, services, upkeep
from guildhall.modules.tasks.models import Tag, Task, TaskHistory
from guildhall.modules.tasks.policy import Priority, Status
from tests.support.people import House
from tests.tasks.makers import DUE, make_task

Pick = Callable[[Any], Any]


def _tasks() -> list[Task]:
    return list(Task.objects.order_by("pk"))


def create(house: House, pick: Pick) -> None:
    parent = pick([None, *Task.objects.alive().order_by("pk")])
    make_task(
        house, title=pick(["Oil", "Sweep"]), parent_task=parent, assignees=pick([[], [house.user]]),
        tags=list(Tag.objects.order_by("pk")[: pick([0, 1, 2])]), project=pick([None, house.project]),
    )  # fmt: skip


FIELDS: dict[str, Callable[[House], list[Any]]] = {
    "title": lambda _house: ["Oil", "  Grease ", ""],
    "description": lambda _house: ["", "Words", "Слова"],
    "status": lambda _house: [*Status],
    "priority": lambda _house: [*Priority],
    "due_date": lambda _house: [DUE, timezone.now() - timedelta(hours=1), DUE + timedelta(microseconds=7)],
    "estimated_hours": lambda _house: [Decimal(1), Decimal("1.50"), Decimal(-1)],
    "actual_hours": lambda _house: [None, Decimal("0.25")],
    "parent_task": lambda _house: [None, *Task.objects.alive().order_by("pk")],
    "project": lambda house: [None, house.project, house.other_project, house.foreign_project],
    "team": lambda _house: [None, *Team.objects.order_by("name")],
    "metadata": lambda _house: [{}, {"a": [1, None, "x"]}],
    "assignees": lambda house: [[], [house.user], [house.moderator, house.user], [house.stranger]],
    "tags": lambda _house: [[], [*Tag.objects.order_by("pk")[:2]]],
}


def update(house: House, pick: Pick) -> None:
    names = {pick([*FIELDS]), pick([*FIELDS])}
    changes = {name: pick(FIELDS[name](house)) for name in sorted(names)}
    services.update_task(actor=pick([house.admin, house.user]), task=pick(_tasks()), **changes)


def assign(house: House, pick: Pick) -> None:
    people = [house.user, house.moderator]
    services.assign_task(actor=house.admin, task=pick(_tasks()), add=[pick(people)], remove=[pick(people)])


def change_many(house: House, pick: Pick) -> None:
    chosen = {pick(_tasks()).pk, pick(_tasks()).pk}
    services.change_tasks(
        actor=house.admin, organization=house.organization, ids=chosen, is_archived=pick([None, True, False]),
        add_assignees=pick([[], [house.user]]), remove_tags=list(Tag.objects.all()[: pick([0, 1])]),
        **pick([{}, {"status": "done"}, {"parent_task": pick(_tasks())}]),
    )  # fmt: skip


def comment(house: House, pick: Pick) -> None:
    said = services.add_comment(actor=house.admin, task=pick(_tasks()), body="Hm")
    services.edit_comment(actor=house.admin, comment=said, body="Ah")
    services.delete_comment(actor=house.admin, comment=said)


def instantiate(house: House, _pick: Pick) -> None:
    template = services.create_template(
        actor=house.admin, organization=house.organization, name=f"T{TaskHistory.objects.count()}", title="Do {{it}}",
        estimated_hours=Decimal(2), subtasks=[{"title": "First {{it}}"}], assignees=[house.user],
    )  # fmt: skip
    services.instantiate_template(actor=house.admin, template=template, values={"it": "that"})


STEPS: dict[str, Callable[[House, Pick], Any]] = {
    "create": create,
    "update": update,
    "update again": update,
    "assign": assign,
    "change many": change_many,
    "comment": comment,
    "instantiate": instantiate,
    "archive": lambda house, pick: services.archive_task(actor=house.admin, task=pick(_tasks())),
    "restore": lambda house, pick: services.restore_task(actor=house.admin, task=pick(_tasks())),
    "delete": lambda house, pick: services.delete_task(actor=house.admin, task=pick(_tasks())),
    "delete tag": lambda house, pick: services.delete_tag(actor=house.admin, tag=pick([*Tag.objects.order_by("pk")])),
    "delete team": lambda house, pick: places.delete_team(actor=house.admin, team=pick([*Team.objects.all()])),
    "look for overdue": lambda _house, _pick: upkeep.mark_overdue(timezone.now()),
    "end assignments": lambda house, _pick: upkeep.end_assignments(house.user.pk),
}


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from([*STEPS]), min_size=1, max_size=12), data=st.data())
def test_any_sequence_of_calls_replayed_from_history_makes_the_tasks(house, names, data):
    with transaction.atomic():
        for name in ("Red", "Blue"):
            services.create_tag(actor=house.admin, organization=house.organization, name=name)
        places.create_team(actor=house.admin, organization=house.organization, name="Crew")
        make_task(house, assignees=[house.user])
        make_task(house, team=Team.objects.get(), tags=[*Tag.objects.all()])
        for name in names:
            try:
                STEPS[name](house, lambda values: data.draw(st.sampled_from(values)) if values else None)
            except (GuildhallError, AttributeError):
                # Refused, or about a tag or team that is gone already; it must have left no trace.
                continue
        for task in _tasks():
            rows = TaskHistory.objects.filter(task_id=task.pk).order_by("pk")
            assert history.replay(rows) == history.state_of(task), [*rows.values_list("field", "old", "new")]
        transaction.set_rollback(True)
