"""The calendar: the tasks of a month on the days on which they are due, as the reader's time zone has them."""

from calendar import Calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber, TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext_lazy as _

from guildhall.modules.tasks.models.fields import EARLIEST, LATEST
from guildhall.modules.tasks.web.asked import beginning_of, day_of
from guildhall.modules.tasks.web.filtered import FilteredPage
from guildhall.modules.tasks.web.lists import states_of
from guildhall.modules.tasks.web.rows import Row, rows_of

#: So many tasks of a day are shown; the others are a link away.
PER_DAY: Final = 5
DAYS_OF_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Day:
    """A day with the first of its tasks; `listed` is the query that lists all of them."""

    date: date
    is_today: bool
    is_other_month: bool
    rows: list[Row]
    more: int
    listed: str


class ShowCalendar(FilteredPage):
    """`/tasks/calendar/?month=2030-05`"""

    layout = "calendar"

    def get(self, request: HttpRequest) -> HttpResponse:
        month = self.month
        first_weekday = (get_format("FIRST_DAY_OF_WEEK") - 1) % DAYS_OF_WEEK
        dates = list(Calendar(first_weekday).itermonthdates(month.year, month.month))
        days = self.days(month, dates)
        context = {
            "title": _("Calendar"),
            **self.frame(),
            "month": month,
            "weeks": [days[start : start + DAYS_OF_WEEK] for start in range(0, len(days), DAYS_OF_WEEK)],
            "weekdays": [(date_format(day, "l"), date_format(day, "D")) for day in dates[:DAYS_OF_WEEK]],
            "states": states_of(self.asked),
            "previous": self.of_month(month - timedelta(days=1)),
            "following": self.of_month(month + timedelta(days=31)),
            "this_month": self.of_month(timezone.localdate()),
            "is_empty": not any(day.rows for day in days),
            "kept": [("month", f"{month:%Y-%m}")],
        }
        return render(request, "tasks/calendar.html", context)

    @property
    def month(self) -> date:
        """The first day of the month that is asked for; this month where none is, or none that a task can be due in."""
        asked = day_of(f"{self.request.GET.get('month', '')[:7]}-01")
        return asked or timezone.localdate().replace(day=1)

    def of_month(self, day: date) -> str:
        """The query that asks for the month of a day; empty beyond what a task can be due in."""
        if not EARLIEST.date() < day.replace(day=1) < LATEST.date():
            return ""
        return f"{self.asked.query()}&month={day:%Y-%m}"

    def days(self, month: date, dates: list[date]) -> list[Day]:
        """The days with their tasks; one query for the tasks of all of them."""
        begin, end = beginning_of(dates[0]), beginning_of(dates[-1] + timedelta(days=1))
        wanted = self.wanted
        span = replace(
            wanted,
            due_after=max(wanted.due_after or begin, begin),
            due_before=min(wanted.due_before or end, end),
        )
        on_one_day: dict[str, Any] = {"partition_by": F("day")}
        found = list(
            self.found(span)
            .annotate(day=TruncDate("due_date", tzinfo=timezone.get_current_timezone()))
            .annotate(position=Window(RowNumber(), order_by=("due_date", "pk"), **on_one_day))
            .annotate(number_of_day=Window(Count("*"), **on_one_day))
            .filter(position__lte=PER_DAY)
            .defer("description", "metadata")
            .order_by("due_date", "pk")
        )
        numbers = {task.day: task.number_of_day for task in found}
        rows: dict[date, list[Row]] = {}
        for row in rows_of(found, now=timezone.now(), tags=self.choices.tags, known=self.choices.people):
            rows.setdefault(timezone.localtime(row.task.due_date).date(), []).append(row)
        today = timezone.localdate()
        return [
            Day(
                date=day,
                is_today=day == today,
                is_other_month=day.month != month.month,
                rows=rows.get(day, []),
                more=numbers.get(day, 0) - len(rows.get(day, [])),
                listed=self.asked.query({"due": (), "due_after": [str(day)], "due_before": [str(day)]}),
            )
            for day in dates
        ]
