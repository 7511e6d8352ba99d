"""The list of tasks: narrowed, ordered and paged; and changes of many at once."""

import re
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError
from guildhall.modules.tasks import selectors, services
from guildhall.modules.tasks.filters import order_of
from guildhall.modules.tasks.models import Tag
from guildhall.modules.tasks.models.fields import PRIORITY_CHOICES, STATUS_CHOICES
from guildhall.modules.tasks.paging import page_of
from guildhall.modules.tasks.web.asked import STATES, Asked
from guildhall.modules.tasks.web.base import TasksPage, numbered
from guildhall.modules.tasks.web.choices import NAMES, Choices
from guildhall.modules.tasks.web.rows import rows_of

PAGE_SIZE: Final = 50
#: The parameters with a list of values to tick, in the order in which the panel of filters shows them.
TICKED: Final = ("status", "priority", "assignee", "tag", "project", "team", "creator")
#: The columns by which one can order: the name of the order, its words, and whether the head of the table shows it.
COLUMNS: Final = (
    ("title", _("Title")), ("status", _("Status")), ("priority", _("Priority")), ("due_date", _("Due")),
    ("created_at", _("Created")), ("updated_at", _("Changed")), ("number", _("Number")),
)  # fmt: skip
_NUMBER: Final = re.compile(r"#(\d{1,9})")


class FilteredPage(TasksPage):
    """A page that shows the tasks that its address asks for."""

    @cached_property
    def asked(self) -> Asked:
        return Asked.of(self.request.GET)

    @cached_property
    def choices(self) -> Choices:
        return Choices(self.actor, self.organization)

    def narrowed(self, asked: Asked) -> Any:
        """The tasks that are asked for, in no order; without the texts that no list shows."""
        rows = selectors.tasks_in(self.organization.pk, self.standing)
        wanted = asked.filter(self.standing, language=self.organization.language, now=timezone.now())
        return wanted.apply(rows).select_related("project").defer("description", "metadata")

    def frame(self) -> dict[str, Any]:
        """What the bar of filters above the tasks shows."""
        asked = self.asked
        return {
            "organization": self.organization,
            "asked": asked,
            "query": asked.query(),
            "chips": list(self.choices.chips(asked)),
            "ticked": [(name, NAMES[name], self.choices.of(name), asked.values.get(name, ())) for name in TICKED],
            "dues": [(value, label, asked.first("due") == value) for value, label in self.choices.of("due")],
            "due_after": asked.first("due_after"),
            "due_before": asked.first("due_before"),
            "unnarrowed": asked.query(dict.fromkeys(NAMES, ())),
        }


class ShowList(FilteredPage):
    """`/tasks/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = self.asked
        by_number = _NUMBER.fullmatch(asked.first("search"))
        if by_number:
            rows = selectors.tasks_in(self.organization.pk, self.standing)
            task = rows.filter(number=int(by_number[1])).first()
            if task is not None:
                return redirect("tasks:task", pk=task.pk)
        order = order_of(asked.ordering)
        try:
            page = page_of(self.narrowed(asked), order, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
        except InvalidInputError:
            return redirect(f"{reverse('tasks:list')}?{asked.query()}")
        context = {
            "title": _("Tasks"),
            **self.frame(),
            "rows": rows_of(page.rows, now=timezone.now()),
            "previous": asked.query({"cursor": [page.previous]}) if page.previous else "",
            "following": asked.query({"cursor": [page.following]}) if page.following else "",
            "states": _states(asked),
            "columns": _columns(asked),
            "statuses": STATUS_CHOICES,
            "priorities": PRIORITY_CHOICES,
            "choices": self.choices,
            "is_new": not page.rows and not asked.is_narrowed and not self.has_any,
            "here": request.get_full_path(),
        }
        return render(request, "tasks/list.html", context)

    @property
    def has_any(self) -> bool:
        return selectors.tasks_in(self.organization.pk, self.standing).exists()


def _states(asked: Asked) -> list[tuple[Any, str, bool]]:
    """For each state: its words, the query that asks for it, and whether it is what is shown."""
    shown = asked.state if "status" not in asked.values or asked.state == "archived" else ""
    return [(label, asked.query({"state": [value], "status": ()}), value == shown) for value, label in STATES.items()]


def _columns(asked: Asked) -> dict[str, dict[str, Any]]:
    """For each order: its words, the query that orders by it (the other way round, if it does already), and how."""
    found = {}
    for name, label in COLUMNS:
        is_current = asked.ordering.removeprefix("-") == name
        is_descending = asked.ordering.startswith("-")
        following = name if not is_current or is_descending else f"-{name}"
        found[name] = {
            "label": label,
            "query": asked.query({"ordering": [following]}),
            "sorted": ("descending" if is_descending else "ascending") if is_current else "",
        }
    return found


class ChangeMany(TasksPage):
    """`/tasks/bulk/`: one change to the tasks that were ticked, to all or to none."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        ids = numbered(request.POST.getlist("task"))
        back = self.way_back(reverse("tasks:list"))
        count = len(set(ids))
        if request.POST.get("do") in {"archive", "restore"}:
            is_archived = request.POST["do"] == "archive"
            said = (
                ngettext("%(count)s task is archived.", "%(count)s tasks are archived.", count)
                if is_archived
                else ngettext("%(count)s task is back in the list.", "%(count)s tasks are back in the list.", count)
            )
            undo = f"archived:{','.join(map(str, ids))}" if is_archived else ""
            return self.done(
                lambda: self.change(ids, is_archived=is_archived), said=said % {"count": count}, then=back, undo=undo
            )
        said = ngettext("%(count)s task is changed.", "%(count)s tasks are changed.", count) % {"count": count}
        return self.done(lambda: self.change(ids, **self.wanted()), said=said, then=back)

    def change(self, ids: list[int], **wanted: Any) -> None:
        if not ids:
            raise InvalidInputError(gettext("Tick the tasks first that are to be changed."))
        if not wanted:
            raise InvalidInputError(gettext("Choose first what is to become of them."))
        services.change_tasks(actor=self.actor, organization=self.organization, ids=ids, **wanted)

    def wanted(self) -> dict[str, Any]:
        """The change that was chosen.

        Raises:
            InvalidInputError: it names somebody or a tag that there is not.
        """
        given = self.request.POST
        found: dict[str, Any] = {name: given[name] for name in ("status", "priority") if given.get(name)}
        people = Choices(self.actor, self.organization)
        for name, argument in (("assign", "add_assignees"), ("relieve", "remove_assignees")):
            if given.get(name):
                found[argument] = _chosen(people.people, given[name])
        for name, argument in (("tag", "add_tags"), ("untag", "remove_tags")):
            if given.get(name):
                found[argument] = _chosen(people.tags, given[name])
        return found


def _chosen(things: list[User] | list[Tag], key: str) -> list[Any]:
    found = [thing for thing in things if str(thing.pk) == key]
    if not found:
        raise InvalidInputError(gettext("There is no such thing, or you can't see it."))
    return found


class Undo(TasksPage):
    """`/tasks/undo/`: takes back what the button's message told of."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        kind, _colon, keys = request.POST.get("what", "").partition(":")
        ids = numbered(keys.split(","))
        back = self.way_back(reverse("tasks:list"))
        if kind == "deleted" and len(ids) == 1:
            then = reverse("tasks:task", kwargs={"pk": ids[0]})
            said = gettext("The task is back.")
            return self.done(lambda: services.undelete_task(actor=self.actor, task_id=ids[0]), said=said, then=then)
        said = ngettext("The task is back in the list.", "The tasks are back in the list.", len(ids))
        return self.done(
            lambda: services.change_tasks(actor=self.actor, organization=self.organization, ids=ids, is_archived=False),
            said=said,
            then=back,
        )
