"""What the home page says about somebody's tasks."""

from collections.abc import Iterator
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.shell import AttentionItem, Urgency
from guildhall.modules.tasks import selectors

NAMED: Final = 3


def attention(user: User, organization: Organization) -> Iterator[AttentionItem]:
    """That tasks are overdue which the user is assigned to."""
    late = selectors.overdue_tasks_of(user, organization, timezone.now())
    count = late.count()
    if not count:
        return
    first = [str(task) for task in late.order_by("due_date", "pk")[:NAMED]]
    said = ngettext("%(count)s of your tasks is overdue", "%(count)s of your tasks are overdue", count)
    yield AttentionItem(
        title=said % {"count": count},
        detail=" · ".join([*first, *(["…"] if count > NAMED else [])]),
        url=f"{reverse('tasks:list')}?assignee=me&due=overdue",
        urgency=Urgency.WARNING,
        icon="clock-alert",
    )
