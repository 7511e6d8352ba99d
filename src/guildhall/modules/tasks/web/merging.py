"""An edit that started from an older version of the task: what others changed since, and what that leaves to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from guildhall.core.accounts.models import User
from guildhall.modules.tasks import history, selectors
from guildhall.modules.tasks.models import Task, TaskHistory
from guildhall.modules.tasks.web.forms import TaskForm
from guildhall.modules.tasks.web.sentences import Names, Told, shown, told

#: The form's field for each field of history that the form holds.
_IN_FORM: Final[Mapping[str, str]] = {
    "title": "title", "description": "description", "status": "status", "priority": "priority", "due_date": "due_date",
    "estimated_hours": "estimated_hours", "actual_hours": "actual_hours", "project": "project", "team": "team",
    "parent_task": "parent_task", "assigned_to": "assignees", "tags": "tags",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that both changed: what the task holds now, in words."""

    field: str
    label: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The form with both sides' changes, the fields in which they contradict each other, and what others did."""

    form: TaskForm
    differences: Sequence[Difference]
    others: Sequence[Told]


def merged(form: TaskForm, task: Task, reader: User) -> Merged:
    """The form again, on the task's present version: what its writer left alone is as others made it since, all else
    is as he typed it. `form` is valid, but for the version.
    """
    opened_at = parse_datetime(form.cleaned_data.get("opened_at") or "") if form.cleaned_data.get("opened_at") else None
    rows: list[TaskHistory] = []
    if opened_at is not None and opened_at.tzinfo is not None:
        rows = list(selectors.history_of(task).filter(at__gt=opened_at).order_by("pk"))
    first_of: dict[str, TaskHistory] = {}
    for row in rows:
        first_of.setdefault(row.field, row)
    fresh = TaskForm(actor=form.actor, organization=form.organization, task=task)
    names, now = Names(rows, reader), history.state_of(task)
    assert isinstance(form.data, QueryDict)
    data, differences = form.data.copy(), []
    for field, row in first_of.items():
        name = _IN_FORM.get(field)
        if name is None or name not in form.cleaned_data or now[field] == row.old:
            continue
        typed = _as_history(form.cleaned_data[name])
        if typed == row.old:
            data.setlist(name, _as_sent(fresh, name))
        elif typed != now[field]:
            label = str(form.fields[name].label)
            differences.append(Difference(name, label, shown(field, now[field], names)))
    data["version"], data["opened_at"] = str(task.version), task.updated_at.isoformat()
    again = TaskForm(data, actor=form.actor, organization=form.organization, task=task)
    return Merged(again, differences, told(rows, reader))


def _as_history(value: Any) -> Any:
    """A cleaned value as history keeps it."""
    if hasattr(value, "pk"):
        return history.as_json(value.pk)
    if hasattr(value, "model"):
        return sorted(history.as_json(thing.pk) for thing in value)
    return history.as_json(value)


def _as_sent(form: TaskForm, name: str) -> list[str]:
    """The field's initial value as a browser sends it."""
    bound = form[name]
    value = bound.field.widget.format_value(bound.value())
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
