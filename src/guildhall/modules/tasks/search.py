"""Full-text search of tasks: ranked with snippets, tolerant of typing errors, and completion of what is being typed."""

import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, Left

from guildhall.core.errors import InvalidInputError
from guildhall.core.http import wire
from guildhall.modules.tasks.models import Comment, SearchEntry, Task

#: PostgreSQL's configuration for an organization's language; the triggers that write the documents know the same.
CONFIGS: Final = {"en": "english", "ru": "russian"}
#: So many matches are looked up ahead of a list.
FEW: Final = 500
#: What more tasks than these hold is frequent.
FREQUENT: Final = 10_000
#: Among so many of the newest of them there mostly are enough that somebody sees.
NEAR: Final = 2_000
#: So many matches are ranked at a time: first the newest, then those before them, however many there are.
WINDOW: Final = 500
#: How much of what is typed a title must hold to count as meant, in trigrams.
TOLERANCE: Final = 0.3
MOST_MEANT: Final = 20
MOST_SUGGESTED: Final = 10
_TEXT_FOR_SNIPPETS: Final = 20_000
_HIGHEST_KEY: Final = 2**63 - 1
# Of the private use area, so that neither a text's own markup nor its escaping is mistaken for a mark.
_START, _STOP = "\ue000", "\ue001"
_WORD: Final = re.compile(r"\w+")


def config_of(language: str) -> str:
    """The configuration for this language; words are taken as they are in languages that we know nothing of."""
    return CONFIGS.get(language, "simple")


def query_of(text: str, language: str) -> SearchQuery:
    """What people write to search engines, as a query: words, "phrases", or, -not."""
    return SearchQuery(text, config=config_of(language), search_type="websearch")


def holding(text: str, language: str, *, look_ahead: bool) -> Q:
    """The condition on tasks that they hold the words.

    To look ahead for few matches costs a query. The planner does not know how rare a word is, and would look for it in
    one task after the other where a list has an order.
    """
    query = query_of(text, language)
    if look_ahead:
        found = SearchEntry.objects.filter(document=query).values_list("task_id", flat=True)
        keys = list(found[: FEW + 1])
        if len(keys) <= FEW:
            return Q(pk__in=keys)
    return Q(search_entry__document=query)


def newest_holding(rows: QuerySet[Task], text: str, language: str, *, most: int) -> list[int]:
    """The keys of the newest of the tasks that hold the words, so many of them; two queries, seldom three."""
    return [key for (key,) in _newest(rows, query_of(text, language), most, "pk")]


def ranked_newest(rows: QuerySet[Task], text: str, language: str, *, most: int) -> list[tuple[int, float]]:
    """The same with how well each fits."""
    query = query_of(text, language)
    return _newest(rows.annotate(rank=SearchRank(F("search_entry__document"), query)), query, most, "pk", "rank")


def _newest(rows: QuerySet[Task], query: SearchQuery, most: int, *columns: str) -> list[Any]:
    """Only what is frequent is looked for in one task after the other, from the newest on; of anything else, the index
    of words names all tasks.
    """
    held = list(SearchEntry.objects.filter(document=query).values_list("task_id", flat=True)[: FREQUENT + 1])
    if len(held) > FREQUENT:
        frequent = rows.filter(search_entry__document=query).order_by("-organization_id", "-pk")
        return list(frequent.values_list(*columns)[:most])
    held.sort(reverse=True)
    near = list(rows.filter(pk__in=held[:NEAR]).order_by("-pk").values_list(*columns)[:most])
    if len(near) == most or len(held) <= NEAR:
        return near
    return list(rows.filter(pk__in=held).order_by("-pk").values_list(*columns)[:most])


@dataclass(frozen=True, slots=True)
class Found:
    """A task that was found. Title and snippet are HTML, in which nothing but the marks is markup."""

    task: Task
    rank: float
    title_html: str
    snippet_html: str


@dataclass(frozen=True, slots=True)
class After:
    """Where a page of results begins: behind this rank and key, among matches whose keys are at most `newest`."""

    newest: int
    rank: float | None = None
    key: int = 0


def cursor_of(after: After) -> str:
    """The place as a cursor in an address."""
    return wire.encode_cursor([after.newest, after.rank, after.key])


def after_of(cursor: str) -> After | None:
    """Where the cursor says that the page begins; None for the first.

    Raises:
        InvalidInputError: this is no cursor of ours.
    """
    if not cursor:
        return None
    newest, rank, key = wire.decode_cursor(cursor, 3)
    is_key = all(isinstance(number, int) and 0 <= number <= _HIGHEST_KEY for number in (newest, key))
    is_rank = rank is None or (isinstance(rank, int | float) and math.isfinite(rank))
    if not is_key or not is_rank:
        raise InvalidInputError(fields={"cursor": ["This is not a cursor of this list."]})
    return After(newest, rank, key)


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of results. `is_meant`: no task holds the words, these hold similar ones."""

    results: list[Found]
    following: After | None = None
    is_meant: bool = False


def find(
    rows: QuerySet[Task],
    *,
    text: str,
    language: str,
    size: int,
    after: After | None = None,
    known: Sequence[tuple[int, float]] | None = None,
) -> FoundPage:
    """Those of the tasks that hold the words, the best first among each WINDOW of the newest; eight queries at most.

    `known`: what `ranked_newest` told of them, at least WINDOW of them if there are; it is of use for the first page.
    """
    query = query_of(text, language)
    if after is None and known is not None:
        ranked = list(known[:WINDOW])
    else:
        matches = rows if after is None else rows.filter(pk__lte=after.newest)
        ranked = ranked_newest(matches, text, language, most=WINDOW)
    if not ranked and after is None:
        alike = [(task.pk, likeness) for task, likeness in meant(rows.only("pk"), text=text)]
        return FoundPage(_described(alike, query, language), is_meant=True)
    oldest = ranked[-1][0] if len(ranked) == WINDOW else None
    newest = ranked[0][0] if ranked else 0
    ranked.sort(key=lambda match: (-match[1], -match[0]))
    if after is not None and after.rank is not None:
        ranked = [match for match in ranked if (-match[1], -match[0]) > (-after.rank, -after.key)]
    page = ranked[:size]
    following = None
    if len(ranked) > size:
        following = After(newest, page[-1][1], page[-1][0])
    elif oldest is not None:
        following = After(oldest - 1)
    return FoundPage(_described(page, query, language), following)


def meant(rows: QuerySet[Task], *, text: str) -> list[tuple[Task, float]]:
    """Tasks whose titles hold words like these, with how like they are, the most alike first."""
    similarity = TrigramWordSimilarity(text, "search_entry__title")
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # For this transaction only; the operator that the index knows compares with it.
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(TOLERANCE)])
        alike = rows.filter(search_entry__title__trigram_word_similar=text).annotate(likeness=similarity)
        return [(task, task.likeness) for task in alike.order_by("-likeness", "-pk")[:MOST_MEANT]]


def _described(page: Sequence[tuple[int, float]], query: SearchQuery, language: str) -> list[Found]:
    """The tasks of a page with their titles and snippets marked; one query."""
    options: dict[str, Any] = {"config": config_of(language), "start_sel": _START, "stop_sel": _STOP}
    said = (
        Comment.objects.filter(task=OuterRef("pk"), deleted_at__isnull=True)
        .order_by()
        .values("task")
        .annotate(words=StringAgg("body", Value(" "), order_by=("-created_at", "-pk"), output_field=TextField()))
        .values("words")
    )
    text = Left(
        Concat(
            F("description"),
            Value(" "),
            Coalesce(Subquery(said), Value(""), output_field=TextField()),
            output_field=TextField(),
        ),
        _TEXT_FOR_SNIPPETS,
    )
    rows = (
        Task.objects.select_related("project")
        .annotate(
            marked_title=SearchHeadline(Cast("title", TextField()), query, highlight_all=True, **options),
            snippet=SearchHeadline(text, query, max_words=30, min_words=12, max_fragments=2, **options),
        )
        .in_bulk([key for key, _rank in page])
    )
    return [
        Found(
            task=rows[key],
            rank=rank,
            title_html=_as_html(rows[key].marked_title),  # type: ignore[attr-defined]  # Annotated above.
            snippet_html=_as_html(rows[key].snippet),  # type: ignore[attr-defined]
        )
        for key, rank in page
        if key in rows
    ]


def _as_html(marked: str) -> str:
    """The text with its marks as the only markup; marks that the text brought along end where they begin."""
    found = html.escape(marked).split(_START)
    parts = [found[0].replace(_STOP, "")]
    for piece in found[1:]:
        inside, _stop, outside = piece.partition(_STOP)
        parts.append(f"<mark>{inside}</mark>{outside.replace(_STOP, '')}")
    return "".join(parts)


def suggest(rows: QuerySet[Task], typed: str) -> list[Task]:
    """Tasks whose titles hold these words, the last of which may just be beginning; the newest first.

    A number finds the task that has it. Where nothing begins so, titles with similar words are found. Of the tasks
    only key, number, title and status are read.
    """
    found: list[Task] = []
    rows = rows.only("pk", "number", "title", "status")
    number = typed.strip().removeprefix("#")
    if number.isascii() and number.isdigit():
        found = list(rows.filter(number=int(number[:12])))
    words = _WORD.findall(typed)
    if not words:
        return found
    prefix = " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"])
    query = SearchQuery(prefix, config="simple", search_type="raw")
    begun = rows.filter(search_entry__title_words=query).order_by("-organization_id", "-pk")[:MOST_SUGGESTED]
    found += [task for task in begun if task not in found]
    if not found:
        found = [task for task, _likeness in meant(rows, text=typed)]
    return found[:MOST_SUGGESTED]
