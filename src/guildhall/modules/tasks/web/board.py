"""The board: a column of cards for each status, and the move of a card from one to another."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guildhall.core.errors import InvalidInputError
from guildhall.core.http import keyset, wire
from guildhall.core.versions import StaleVersionError
from guildhall.modules.tasks import services
from guildhall.modules.tasks.facets import MOST_COUNTED_IN_STATUS, counts_by_status
from guildhall.modules.tasks.models import Task, TaskTally
from guildhall.modules.tasks.models.fields import STATUS_CHOICES
from guildhall.modules.tasks.policy import CLOSED, Status
from guildhall.modules.tasks.web.base import TasksPage, explained, numbered, undoable
from guildhall.modules.tasks.web.filtered import FilteredPage
from guildhall.modules.tasks.web.rows import Row, rows_of

#: So many cards of a column are shown at first, and more at a time.
CARDS: Final = 25
#: What is to be done comes in the order of its dates, what is closed the other way round.
_OPEN_ORDER: Final = ("due_date", "id")
_CLOSED_ORDER: Final = ("-due_date", "-id")
_LABELS: Final = dict(STATUS_CHOICES)
_RANKS: Final = {status.value: rank for rank, status in enumerate(Status)}


def _order_of(status: str) -> tuple[str, ...]:
    return _CLOSED_ORDER if status in CLOSED else _OPEN_ORDER


def _by_due(task: Task) -> tuple[Any, int]:
    return task.due_date, task.pk


@dataclass(frozen=True, slots=True)
class Column:
    """A status with its cards; `following` is the query that asks for more of them, `listed` the list's for all."""

    status: str
    label: Any
    rows: list[Row]
    following: str
    listed: str
    count: int = 0
    is_whole: bool = True


class BoardPage(FilteredPage):
    """What a board holds: what a list does, but for open and closed, which are its columns."""

    layout = "board"

    @cached_property
    def tasks(self) -> QuerySet[Task]:
        return self.newest(replace(self.wanted, status=self.asked.values.get("status", ())))

    def columns(self, tasks: dict[str, list[Task]], counts: Mapping[str, int] | None = None) -> list[Column]:
        """The columns with these tasks, of each of which one more may be given than it shows."""
        shown = [task for own in tasks.values() for task in own[:CARDS]]
        is_all = self.tally is not None or bool(self.wanted.search)
        most = sys.maxsize if is_all else MOST_COUNTED_IN_STATUS
        rows = {
            row.task.pk: row
            for row in rows_of(shown, now=timezone.now(), tags=self.choices.tags, known=self.choices.people)
        }
        archive = ["archived"] if self.asked.state == "archived" else ()
        return [
            Column(
                status=status,
                label=_LABELS[status],
                rows=[rows[task.pk] for task in own[:CARDS]],
                following=self.following(status, own[CARDS - 1]) if len(own) > CARDS else "",
                listed=self.asked.query({"status": [status], "state": archive}),
                count=min((counts or {}).get(status, 0), most),
                is_whole=(counts or {}).get(status, 0) <= most,
            )
            for status, own in tasks.items()
        ]

    @cached_property
    def tally(self) -> QuerySet[TaskTally] | None:
        """Of what the board shows, where there is one."""
        wanted = replace(self.wanted, status=self.asked.values.get("status", ()))
        return wanted.tally(self.organization.pk, self.standing)

    def following(self, status: str, last: Task) -> str:
        cursor = keyset.cursor_at(last, _order_of(status))
        return f"{self.asked.query({'cursor': [cursor]})}&column={status}"


class ShowBoard(BoardPage):
    """`/tasks/board/`"""

    def get(self, request: HttpRequest) -> HttpResponse:
        statuses = [value for value in _RANKS if value in self.asked.values.get("status", _RANKS)]
        if self.wanted.search:
            tasks, counts = self.all_of(statuses)
        else:
            counts = counts_by_status(self.tasks, tally=self.tally)
            tasks = self.first_of(statuses, counts)
        context = {
            "title": _("Board"),
            **self.frame(),
            "columns": self.columns(tasks, counts),
            "statuses": STATUS_CHOICES,
            "here": request.get_full_path(),
            "is_new": not counts and not self.asked.is_narrowed and not self.seen.exists(),
            "is_empty": not counts,
        }
        return render(request, "tasks/board.html", context)

    def all_of(self, statuses: list[str]) -> tuple[dict[str, list[Task]], dict[str, int]]:
        """What was searched for, of which there are not many: the tasks of each column, and how many; one query."""
        tasks: dict[str, list[Task]] = {status: [] for status in statuses}
        for task in self.tasks.defer("description", "metadata"):
            tasks[task.status].append(task)
        for status, own in tasks.items():
            own.sort(key=_by_due, reverse=status in CLOSED)
        return tasks, {status: len(own) for status, own in tasks.items() if own}

    def first_of(self, statuses: list[str], counts: Mapping[str, int]) -> dict[str, list[Task]]:
        """The first tasks of each column, one more than it shows; two queries for all of them."""
        parts = [
            self.tasks.filter(status_rank=_RANKS[status])
            .order_by(*_order_of(status))
            .values_list("pk", flat=True)[: CARDS + 1]
            for status in statuses
            if counts.get(status)
        ]
        tasks: dict[str, list[Task]] = {status: [] for status in statuses}
        if not parts:
            return tasks
        keys = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        for task in Task.objects.defer("description", "metadata").in_bulk(list(keys)).values():
            tasks[task.status].append(task)
        for status, own in tasks.items():
            own.sort(key=_by_due, reverse=status in CLOSED)
        return tasks


class MoreCards(BoardPage):
    """`/tasks/board/cards/?column=STATUS&cursor=…`: the next cards of a column, as a part of a page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        status = request.GET.get("column", "")
        if status not in _RANKS:
            raise Http404
        rows = self.tasks.filter(status_rank=_RANKS[status]).defer("description", "metadata")
        order = _order_of(status)
        try:
            values = wire.decode_cursor(request.GET.get("cursor", ""), len(order))
            found = list(keyset.behind(rows, order, values).order_by(*order)[: CARDS + 1])
        except InvalidInputError as error:
            raise Http404 from error
        (column,) = self.columns({status: found})
        context = {"column": column, "statuses": STATUS_CHOICES, "here": reverse("tasks:board")}
        return render(request, "tasks/components/cards.html", context)


class Move(TasksPage):
    """`/tasks/ID/move/`: another status, from the version that its reader saw. Answers scripts in JSON."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = self.task(pk)
        before, status = task.status, request.POST.get("status", "")
        expected = frozenset(numbered(request.POST.getlist("version"))) or None
        try:
            moved = services.update_task(actor=self.actor, task=task, expected=expected, status=status)
        except StaleVersionError as error:
            return self.answer(error.status, gettext("Somebody changed this task in the meantime. Look at it first."))
        except InvalidInputError as error:
            return self.answer(error.status, explained(error))
        words = {"task": moved, "status": _LABELS[moved.status]}
        said = gettext("%(task)s is moved to %(status)s.") % words
        return self.answer(HTTPStatus.OK, said, undo=f"moved:{pk}:{before}:{moved.version}", version=moved.version)

    def answer(self, status: HTTPStatus, said: str, *, undo: str = "", **details: Any) -> HttpResponse:
        if self.request.accepts("text/html"):
            if status == HTTPStatus.OK:
                messages.success(self.request, undoable(said, undo))
            else:
                messages.error(self.request, said)
            return redirect(self.way_back(reverse("tasks:board")))
        return JsonResponse({"said": said, "undo": undo, **details}, status=status)
