"""The calendar: the tasks of a month on the days on which they are due, as the reader's time zone has them."""

from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext_lazy as _

from guildhall.modules.tasks.models import Task
from guildhall.modules.tasks.models.fields import EARLIEST, LATEST
from guildhall.modules.tasks.selectors import first_of_spans
from guildhall.modules.tasks.web.asked import beginning_of, day_of
from guildhall.modules.tasks.web.filtered import FilteredPage
from guildhall.modules.tasks.web.lists import states_of
from guildhall.modules.tasks.web.rows import Row, rows_of

#: So many tasks of a day are shown in a month and in a week; the others are a link away.
PER_DAY_OF_MONTH: Final = 5
PER_DAY_OF_WEEK: Final = 25
#: So many tasks of all the days are counted.
MOST_COUNTED: Final = 1_000
DAYS_OF_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Day:
    """A day with the first of its tasks; `listed` is the query that lists all of them.

    `more`: how many others it has; where there are too many to be counted, only that there are any (`is_whole` False).
    """

    date: date
    is_today: bool
    is_other_month: bool
    rows: list[Row]
    more: int
    is_whole: bool
    listed: str


class ShowCalendar(FilteredPage):
    """`/tasks/calendar/?month=2030-05` or `?week=2030-05-06`, a day of it."""

    layout = "calendar"

    def get(self, request: HttpRequest) -> HttpResponse:
        week = self.week
        begin, dates = (week, _week_of(week)) if week else (self.month, _month_of(self.month))
        days = self.days(None if week else begin.month, dates)
        before, after = (dates[0] - timedelta(days=1), dates[-1] + timedelta(days=1)) if week else _beside(begin)
        span = self.of_week if week else self.of_month
        context = {
            "title": _("Calendar"),
            **self.frame(),
            "month": begin,
            "is_week": bool(week),
            "first": dates[0],
            "last": dates[-1],
            "weeks": [days[start : start + DAYS_OF_WEEK] for start in range(0, len(days), DAYS_OF_WEEK)],
            "weekdays": [(date_format(day, "l"), date_format(day, "D")) for day in dates[:DAYS_OF_WEEK]],
            "states": states_of(self.asked),
            "previous": span(before),
            "following": span(after),
            "present": span(timezone.localdate()),
            "spans": self.spans(begin, dates, is_week=bool(week)),
            "where": f"week={dates[0]}" if week else f"month={begin:%Y-%m}",
            "is_empty": not any(day.rows for day in days),
            "kept": [("week", str(dates[0])) if week else ("month", f"{begin:%Y-%m}")],
        }
        return render(request, "tasks/calendar.html", context)

    @property
    def month(self) -> date:
        """The first day of the month that is asked for; this month where none is, or none that a task can be due in."""
        asked = day_of(f"{self.request.GET.get('month', '')[:7]}-01")
        return asked or timezone.localdate().replace(day=1)

    @property
    def week(self) -> date | None:
        """A day of the week that is asked for; None where a month is."""
        return day_of(self.request.GET.get("week", "")[:10])

    def of_month(self, day: date) -> str:
        """The query that asks for the month of a day; empty beyond what a task can be due in."""
        if not EARLIEST.date() < day.replace(day=1) < LATEST.date():
            return ""
        return f"{self.asked.query()}&month={day:%Y-%m}"

    def of_week(self, day: date) -> str:
        """The query that asks for the week of a day; empty beyond what a task can be due in."""
        if not EARLIEST.date() < day < LATEST.date():
            return ""
        return f"{self.asked.query()}&week={day}"

    def spans(self, begin: date, dates: Sequence[date], *, is_week: bool) -> list[tuple[Any, str, bool]]:
        """Month and week: the words, the query that leads there from here, and whether it is shown."""
        today = timezone.localdate()
        # From a month to its first week, or to the present one if that is in it.
        near = today if (today.year, today.month) == (begin.year, begin.month) and not is_week else begin
        return [(_("Month"), self.of_month(dates[3] if is_week else begin), not is_week),
                (_("Week"), self.of_week(near), is_week)]  # fmt: skip

    def days(self, month: int | None, dates: Sequence[date]) -> list[Day]:
        """The days with their tasks, those of other months marked where it is one's; a few queries for all of them."""
        wanted, shown = self.wanted, PER_DAY_OF_MONTH if month else PER_DAY_OF_WEEK
        spans: dict[date, tuple[datetime, datetime]] = {}
        for day in dates:
            begin, end = beginning_of(day), beginning_of(day + timedelta(days=1))
            begin, end = max(wanted.due_after or begin, begin), min(wanted.due_before or end, end)
            if begin < end:
                spans[day] = begin, end
        tasks = self.newest(replace(wanted, due_after=None, due_before=None))
        found, is_whole = first_of_spans(tasks, spans, each=shown + 1, most=MOST_COUNTED)
        rows = self.rows(found, shown)
        today = timezone.localdate()
        return [
            Day(
                date=day,
                is_today=day == today,
                is_other_month=month is not None and day.month != month,
                rows=[rows[key] for key in found.get(day, ())[:shown] if key in rows],
                more=max(len(found.get(day, ())) - shown, 0),
                is_whole=is_whole,
                listed=self.asked.query({"due": (), "due_after": [str(day)], "due_before": [str(day)]}),
            )
            for day in dates
        ]

    def rows(self, found: Mapping[date, Sequence[int]], shown: int) -> dict[int, Row]:
        """What is shown of the first tasks of each day, by their keys."""
        keys = [key for keys in found.values() for key in keys[:shown]]
        tasks = Task.objects.defer("description", "metadata").in_bulk(keys) if keys else {}
        known = self.choices.people
        rows = rows_of(tasks.values(), now=timezone.now(), tags=self.choices.tags, known=known)
        return {row.task.pk: row for row in rows}


def _first_weekday() -> int:
    return int(get_format("FIRST_DAY_OF_WEEK") - 1) % DAYS_OF_WEEK


def _month_of(month: date) -> list[date]:
    """All days of the weeks in which the month is."""
    return list(Calendar(_first_weekday()).itermonthdates(month.year, month.month))


def _week_of(day: date) -> list[date]:
    """The days of the week in which this one is."""
    begin = day - timedelta(days=(day.weekday() - _first_weekday()) % DAYS_OF_WEEK)
    return [begin + timedelta(days=number) for number in range(DAYS_OF_WEEK)]


def _beside(month: date) -> tuple[date, date]:
    """A day of the month before, and one of the month after."""
    return month - timedelta(days=1), month + timedelta(days=31)
