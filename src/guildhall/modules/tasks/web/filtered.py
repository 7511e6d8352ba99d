"""What list, board and calendar share: the tasks that an address asks for, and the bar of filters above them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from guildhall.modules.tasks import policy, search, selectors
from guildhall.modules.tasks.facets import Facets
from guildhall.modules.tasks.filters import NONE, TaskFilter
from guildhall.modules.tasks.models import LAYOUT_CHOICES, SavedView, Task
from guildhall.modules.tasks.web.asked import VIEW, Asked
from guildhall.modules.tasks.web.base import TasksPage
from guildhall.modules.tasks.web.choices import NAMES, Choices
from guildhall.modules.tasks.web.views import offered

#: The parameters with a list of values to tick, in the order in which the panel of filters shows them.
TICKED: Final = ("status", "priority", "assignee", "tag", "project", "team", "creator")


class FilteredPage(TasksPage):
    """A page that shows the tasks that its address asks for."""

    #: Which of LAYOUT_CHOICES it is.
    layout = ""
    is_cut = False

    @cached_property
    def asked(self) -> Asked:
        return Asked.of(self.request.GET)

    @cached_property
    def choices(self) -> Choices:
        return Choices(self.actor, self.organization)

    @cached_property
    def views(self) -> list[SavedView]:
        """The saved views that the reader may use."""
        return list(selectors.views_for(self.actor, self.organization))

    @property
    def seen(self) -> QuerySet[Task]:
        """All tasks of the organization that the reader sees."""
        return selectors.tasks_in(self.organization.pk, self.standing)

    def found(self, wanted: TaskFilter, *, in_order: bool = False) -> QuerySet[Task]:
        """Those of the tasks that the reader sees that the filter wants; see `TaskFilter.apply`."""
        rows = selectors.tasks_in(self.organization.pk, self.standing, assignees=wanted.assignees)
        return wanted.apply(rows, in_order=in_order)

    def newest(self, wanted: TaskFilter) -> QuerySet[Task]:
        """The same, but of those that hold words only the newest; whether there are more, `is_cut` says from then on.

        Words are of no help where tasks are ordered by dates, so the newest that hold them are looked up before.
        """
        rows = self.found(replace(wanted, search=""))
        if not wanted.search:
            return rows
        keys = search.newest_holding(rows, wanted.search, wanted.language, most=search.FEW + 1)
        self.is_cut = len(keys) > search.FEW
        return rows.filter(pk__in=keys[: search.FEW])

    @property
    def wanted(self) -> TaskFilter:
        return self.asked.filter(self.standing, language=self.organization.language, now=timezone.now())

    def frame(self, counts: Facets | None = None) -> dict[str, Any]:
        """What the bar of filters above the tasks shows, with the `counts` of the tasks below it."""
        asked = self.asked
        return {
            "organization": self.organization,
            "asked": asked,
            "page": reverse(f"tasks:{self.layout}"),
            "query": asked.query(),
            "chips": list(self.choices.chips(asked)),
            "ticked": list(self.ticked(counts)),
            "dues": [(value, label, asked.first("due") == value) for value, label in self.choices.of("due")],
            "due_after": asked.first("due_after"),
            "due_before": asked.first("due_before"),
            "unnarrowed": asked.query(dict.fromkeys(NAMES, ())),
            "total": counts.total if counts is not None else None,
            "is_whole": counts is None or counts.is_whole,
            "layout": self.layout,
            "is_cut": self.is_cut,
            "views": offered(self.views, self.layout, asked),
            "kept_query": asked.kept,
            "changed_view": self.changed_view,
            "layouts": [
                (f"{reverse(f'tasks:{name}')}?{asked.query()}", label, name == self.layout)
                for name, label in LAYOUT_CHOICES
            ],
        }

    @property
    def changed_view(self) -> SavedView | None:
        """The saved view that the reader set out from, if it is other than what he looks at and his to change."""
        key, what = self.asked.first(VIEW), (self.layout, self.asked.kept)
        view = next((view for view in self.views if str(view.pk) == key), None)
        if view is None or (view.layout, view.query) == what:
            return None
        may = policy.may_change_view(self.standing, owner_id=view.owner_id, is_shared=view.is_shared)
        return view if may else None

    def ticked(self, counts: Facets | None) -> Iterator[tuple[str, Any, list[tuple[str, str, Any]], Sequence[str]]]:
        """For each list of values: its name and words, the values with theirs and how many tasks, and those ticked."""
        for name in TICKED:
            numbers = _numbers(counts, name)
            uncounted = {"me", NONE} if name in {"assignee", "tag"} else {"me"}
            # Of people and tags, tasks that have none are not counted.
            values = [
                (value, label, None if numbers is None or value in uncounted else numbers.get(value, 0))
                for value, label in self.choices.of(name)
            ]
            yield name, NAMES[name], values, self.asked.values.get(name, ())


def _numbers(counts: Facets | None, name: str) -> dict[str, int] | None:
    """How many tasks there are of each value, if they were counted."""
    found = getattr(counts, name, None) if counts is not None else None
    return None if found is None else {NONE if key is None else str(key): count for key, count in found.items()}
