"""Tasks to test with."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from guildhall.core.accounts.models import User
from guildhall.modules.tasks import services
from guildhall.modules.tasks.models import Task
from tests.support.people import House

DUE = datetime(2030, 5, 4, 12, tzinfo=UTC)


def make_task(house: House, *, actor: User | None = None, **fields: Any) -> Task:
    given = {"title": "Oil the lathe", "due_date": DUE, "estimated_hours": Decimal("1.5"), **fields}
    return services.create_task(
        actor=actor or house.admin, organization=given.pop("organization", house.organization), **given
    )
