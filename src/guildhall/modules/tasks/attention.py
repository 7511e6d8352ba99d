"""What the home page says about somebody's tasks."""

from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.shell import AttentionItem, Urgency
from guildhall.modules.tasks import selectors
from guildhall.modules.tasks.models import Task

NAMED: Final = 3


def attention(user: User, organization: Organization) -> Iterator[AttentionItem]:
    """Which of the user's tasks are overdue, and which others are assigned to him; none where there are none."""
    now, address = timezone.now(), f"{reverse('tasks:list')}?assignee=me"
    mine = selectors.open_tasks_of(user, organization)
    late, others = mine.filter(due_date__lt=now), mine.filter(due_date__gte=now)
    count = late.count()
    if count:
        said = ngettext("%(count)s of your tasks is overdue", "%(count)s of your tasks are overdue", count)
        yield AttentionItem(
            title=said % {"count": count},
            detail=_named(late, count),
            url=f"{address}&due=overdue",
            urgency=Urgency.WARNING,
            icon="clock-alert",
        )
    count = others.count()
    if count:
        said = ngettext("%(count)s task is assigned to you", "%(count)s tasks are assigned to you", count)
        yield AttentionItem(
            title=said % {"count": count}, detail=_named(others, count), url=address, icon="list-checks"
        )


def _named(rows: QuerySet[Task], count: int) -> str:
    """The names of the first that are due."""
    first = [str(task) for task in rows.order_by("due_date", "pk")[:NAMED]]
    return " · ".join([*first, *(["…"] if count > NAMED else [])])
