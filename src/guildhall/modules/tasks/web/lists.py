"""The list of tasks: narrowed, ordered and paged; and changes of many at once."""

import re
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.accounts.models import User
from guildhall.core.errors import InvalidInputError
from guildhall.core.http.keyset import page_of
from guildhall.modules.tasks import search, selectors, services
from guildhall.modules.tasks.facets import MOST_COUNTED_ONE_BY_ONE, Facets, facets_of
from guildhall.modules.tasks.filters import order_of
from guildhall.modules.tasks.models import LAYOUT_CHOICES, Tag, Task
from guildhall.modules.tasks.models.fields import PRIORITY_CHOICES, STATUS_CHOICES
from guildhall.modules.tasks.web.asked import STATES, Asked
from guildhall.modules.tasks.web.base import TasksPage, numbered
from guildhall.modules.tasks.web.choices import Choices
from guildhall.modules.tasks.web.filtered import FilteredPage
from guildhall.modules.tasks.web.rows import rows_of
from guildhall.modules.tasks.web.views import address_of

PAGE_SIZE: Final = 50
#: The columns by which one can order: the name of the order, its words, and whether the head of the table shows it.
COLUMNS: Final = (
    ("title", _("Title")), ("status", _("Status")), ("priority", _("Priority")), ("due_date", _("Due")),
    ("created_at", _("Created")), ("updated_at", _("Changed")), ("number", _("Number")),
)  # fmt: skip
_NUMBER: Final = re.compile(r"#(\d{1,9})")


class ShowList(FilteredPage):
    """`/tasks/`"""

    layout = "list"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = self.asked
        begun = next((view for view in self.views if view.is_default), None)  # type: ignore[attr-defined]  # Annotated.
        if not request.GET and begun is not None:
            return redirect(address_of(begun))
        by_number = _NUMBER.fullmatch(asked.first("search"))
        if by_number:
            task = self.seen.filter(number=int(by_number[1])).first()
            if task is not None:
                return redirect("tasks:task", pk=task.pk)
        try:
            shown = self.shown(request.GET.get("cursor", ""))
        except InvalidInputError:
            return redirect(f"{reverse('tasks:list')}?{asked.query()}")
        counts = self.counts() if shown.rows and not shown.is_meant else None
        context = {
            "title": _("Tasks"),
            **self.frame(counts),
            "rows": rows_of(
                shown.rows, now=timezone.now(), tags=self.choices.tags, known=self.choices.people, found=shown.found
            ),
            "is_meant": shown.is_meant,
            "is_ranked": not asked.ordering,
            "previous": asked.query({"cursor": [shown.previous]}) if shown.previous else "",
            "following": asked.query({"cursor": [shown.following]}) if shown.following else "",
            "states": states_of(asked),
            "columns": _columns(asked),
            "by_rank": asked.query({"ordering": ()}),
            "statuses": STATUS_CHOICES,
            "priorities": PRIORITY_CHOICES,
            "choices": self.choices,
            "is_new": not shown.rows and not asked.is_narrowed and not self.seen.exists(),
            "here": request.get_full_path(),
        }
        return render(request, "tasks/list.html", context)

    def counts(self) -> Facets:
        """How many tasks the list holds, of each kind."""
        wanted = self.wanted
        rows = self.found(replace(wanted, search=""))
        if wanted.search:
            rows = rows.filter(pk__in=[key for key, _rank in self.holding])
        return facets_of(rows, tally=wanted.tally(self.organization.pk, self.standing))

    @cached_property
    def holding(self) -> list[tuple[int, float]]:
        """The newest tasks that hold the words, with their ranks: one more than are counted, and enough to rank."""
        wanted = self.wanted
        rows, most = self.found(replace(wanted, search="")), max(MOST_COUNTED_ONE_BY_ONE + 1, search.WINDOW)
        return search.ranked_newest(rows, wanted.search, wanted.language, most=most)

    def shown(self, cursor: str) -> "Shown":
        """The page at the cursor: by rank where something is searched for and no order is asked for.

        Raises:
            InvalidInputError: this is not a cursor of such a list.
        """
        wanted, ordering = self.wanted, self.asked.ordering
        if not ordering:
            rows, after = self.found(replace(wanted, search="")), search.after_of(cursor)
            known = self.holding if after is None else None
            page = search.find(
                rows, text=wanted.search, language=wanted.language, size=PAGE_SIZE, after=after, known=known
            )
            return Shown(
                [found.task for found in page.results],
                following=search.cursor_of(page.following) if page.following else "",
                found={found.task.pk: (found.title_html, found.snippet_html) for found in page.results},
                is_meant=page.is_meant and bool(page.results),
            )
        rows = self.found(wanted, in_order=True).select_related("project").defer("description", "metadata")
        by_key = page_of(rows, order_of(ordering), cursor=cursor, size=PAGE_SIZE)
        return Shown(by_key.rows, by_key.previous, by_key.following)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of the list. `found` holds marked titles and snippets; `is_meant`: no task holds the words."""

    rows: list[Task]
    previous: str = ""
    following: str = ""
    found: dict[int, tuple[str, str]] = field(default_factory=dict)
    is_meant: bool = False


def states_of(asked: Asked) -> list[tuple[Any, str, bool]]:
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
        if kind == "moved":
            return self.move_back(keys)
        if kind == "view":
            return self.change_view_back(keys)
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

    def change_view_back(self, what: str) -> HttpResponse:
        """Let a saved view show again what it showed before it was overwritten."""
        key, layout, query = [*what.split(":", 2), "", ""][:3]
        views = selectors.views_for(self.actor, self.organization)
        view = views.filter(pk__in=numbered([key])).first()
        if view is None or layout not in dict(LAYOUT_CHOICES):
            raise Http404
        kept = Asked.of(QueryDict(query)).kept
        return self.done(
            lambda: services.update_view(actor=self.actor, view=view, layout=layout, query=kept),
            said=gettext("The view is as it was."),
            then=f"{reverse(f'tasks:{layout}')}?{kept}&view={view.pk}",
        )

    def move_back(self, what: str) -> HttpResponse:
        """Give the task the status that it had before a move, unless somebody changed it since."""
        key, status, version = [*what.split(":"), "", ""][:3]
        ids, versions = numbered([key]), numbered([version])
        if not ids or not versions:
            raise Http404
        task = self.task(ids[0])

        def change() -> None:
            services.update_task(actor=self.actor, task=task, expected=frozenset(versions), status=status)

        return self.done(
            change, said=gettext("The task is back where it was."), then=self.way_back(reverse("tasks:board"))
        )
