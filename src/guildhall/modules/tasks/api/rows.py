"""How a task looks over the wire: built from its columns by hand, as a list of them is what is asked for most."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from guildhall.modules.tasks.models import Task


def _time(value: datetime | None) -> str | None:
    """Columns come in UTC."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def _hours(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _same(value: Any) -> Any:
    return value


#: Name over the wire → column, and how its value is written.
COLUMNS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "id": ("id", _same),
    "organization": ("organization_id", _same),
    "number": ("number", _same),
    "title": ("title", _same),
    "description": ("description", _same),
    "status": ("status", _same),
    "priority": ("priority", _same),
    "due_date": ("due_date", _time),
    "estimated_hours": ("estimated_hours", _hours),
    "actual_hours": ("actual_hours", _hours),
    "created_by": ("created_by_id", _same),
    "assigned_to": ("assignee_ids", _same),
    "tags": ("tag_ids", _same),
    "parent_task": ("parent_task_id", _same),
    "project": ("project_id", _same),
    "team": ("team_id", _same),
    "metadata": ("metadata", _same),
    "created_at": ("created_at", _time),
    "updated_at": ("updated_at", _time),
    "is_archived": ("is_archived", _same),
    "archived_at": ("archived_at", _time),
    "is_overdue": ("is_overdue", _same),
    "version": ("version", _same),
}


def row_of(task: Task) -> dict[str, Any]:
    """All of one task."""
    return {name: write(getattr(task, column)) for name, (column, write) in COLUMNS.items()}


def columns_of(names: Iterable[str], *others: str) -> list[str]:
    """The columns that these names need, and the others."""
    return list(dict.fromkeys([*(COLUMNS[name][0] for name in names), *others]))


def thin_row(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What is asked for of a row that was read as a dictionary of columns."""
    return {name: COLUMNS[name][1](values[COLUMNS[name][0]]) for name in names}
