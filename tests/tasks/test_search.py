"""Search, suggestions and counts: what is found, in which order, and what is marked."""

import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guildhall.core.organizations import services as places
from guildhall.modules.tasks import facets, search, selectors, services
from guildhall.modules.tasks.filters import TaskFilter
from guildhall.modules.tasks.models import SearchEntry, Task
from tests.tasks.makers import make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(house, api):
    places.choose_active_organization(actor=house.admin, organization=house.organization)
    api.force_login(house.admin)
    return api


def found(house, text, **options):
    rows = selectors.tasks_for(house.admin, house.organization)
    return search.find(rows, text=text, language=house.organization.language, size=options.pop("size", 50), **options)


def titles(page) -> list[str]:
    return [result.task.title for result in page.results]


def test_title_counts_more_than_tags_more_than_text_more_than_comments(house):
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="Grease")
    said = make_task(house, title="in a comment")
    services.add_comment(actor=house.admin, task=said, body="grease it")
    make_task(house, title="in the text", description="needs grease")
    make_task(house, title="in a tag", tags=[tag])
    make_task(house, title="grease in the title")
    make_task(house, title="nowhere")
    assert titles(found(house, "greasing")) == ["grease in the title", "in a tag", "in the text", "in a comment"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("lathe oil", [1]),
        ("lathe or mill", [2, 1]),
        ('"the lathe"', [1]),
        ("oil -lathe", [2]),
        ("lathes oiling", [1]),
    ],
)
def test_words_are_taken_as_search_engines_take_them(house, text, numbers):
    make_task(house, title="Oil the lathe")
    make_task(house, title="Oil the mill")
    assert [result.task.number for result in found(house, text).results] == numbers


def test_russian_words_are_found_in_every_form(house):
    places.update_organization(actor=house.admin, organization=house.organization, language="ru")
    make_task(house, title="Проверить станки", description="Новыми маслами")
    house.organization.refresh_from_db()
    assert titles(found(house, "станков")) == ["Проверить станки"]
    page = found(house, "масло")
    assert "<mark>маслами</mark>" in page.results[0].snippet_html
    assert SearchEntry.objects.get().config == "russian"


def test_snippets_mark_what_was_found_and_nothing_else_is_markup(house):
    task = make_task(
        house, title="<b>Oil</b> & grease", description="<script>alert(1)</script> \ue000fake\ue001 oil the lathe"
    )
    services.add_comment(actor=house.admin, task=task, body="the oil is <i>here</i>")
    (result,) = found(house, "oil").results
    assert result.title_html == "&lt;b&gt;<mark>Oil</mark>&lt;/b&gt; &amp; grease"
    assert "<script" not in result.snippet_html
    assert "<mark>oil</mark> the lathe" in result.snippet_html
    assert set(result.snippet_html.split("<")[1:]) >= {"mark>oil"}


def test_typing_error_finds_what_is_meant(house):
    make_task(house, title="Align the laser cutter")
    make_task(house, title="Sweep the floor")
    page = found(house, "lazer")
    assert (titles(page), page.is_meant) == (["Align the laser cutter"], True)
    assert found(house, "xylophone").results == []


def test_pages_hold_every_match_once_across_windows(house, monkeypatch):
    monkeypatch.setattr(search, "WINDOW", 4)
    for number in range(11):
        make_task(house, title=f"Oil {'oil ' * (number % 3)}{number}")
    seen, after = [], None
    for _page in range(20):
        page = found(house, "oil", size=3, after=after)
        seen += [result.task.number for result in page.results]
        after = page.following
        if after is None:
            break
    assert sorted(seen) == list(range(1, 12))
    assert {*seen[:4]} == {8, 9, 10, 11}


def test_search_keeps_to_what_one_sees(house):
    make_task(house, title="Oil for admins")
    make_task(house, title="Oil for all", assignees=[house.user])
    rows = selectors.tasks_for(house.user, house.organization)
    page = search.find(rows, text="oil", language="en", size=10)
    assert titles(page) == ["Oil for all"]
    assert [task.title for task in search.suggest(rows, "oi")] == ["Oil for all"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("lat", ["Oil the lathe"]),
        ("THE la", ["Paint the lab", "Oil the lathe"]),
        ("lathe o", ["Oil the lathe"]),
        ("#2", ["Paint the lab"]),
        ("2", ["Paint the lab"]),
        ("lathee", ["Oil the lathe", "Paint the lab"]),
        ("'&|!():*", []),
        ("zzz", []),
        ("e-mail", []),
    ],
)
def test_suggestions_complete_what_is_typed(house, typed, expected):
    make_task(house, title="Oil the lathe")
    make_task(house, title="Paint the lab")
    rows = selectors.tasks_for(house.admin, house.organization)
    assert [task.title for task in search.suggest(rows, typed)] == expected


def test_api_searches_with_filters_and_leads_on(house, admin):
    for number in range(3):
        make_task(house, title=f"Oil {number}", priority="high" if number else "low")
    answer = admin.get("/api/tasks/search/?q=oil&priority=high&page_size=1").json()
    assert (len(answer["results"]), answer["similar"]) == (1, False)
    assert answer["results"][0]["title_html"] == "<mark>Oil</mark> 2"
    second = admin.get(answer["next"]).json()
    assert ([row["title"] for row in second["results"]], second["next"]) == (["Oil 1"], None)
    assert admin.get("/api/tasks/search/?q=oli").json()["similar"] is True
    rows = admin.get("/api/tasks/suggest/?q=oi").json()["results"]
    assert [row["number"] for row in rows] == [3, 2, 1]
    for url in (
        "search/", "search/?q=%00", "search/?q=oil&cursor=x", "search/?q=oil&cursor=WzEsMiwieCJd",
        "search/?q=oil&page_size=0", "suggest/", "search/?q=" + "x" * 501,
    ):  # fmt: skip
        assert admin.get(f"/api/tasks/{url}").status_code == 400, url


def test_facets_count_the_filtered_list(house, admin):
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="Red")
    make_task(house, status="done", project=house.project, tags=[tag])
    make_task(house, status="todo", priority="high", assignees=[house.user], tags=[tag])
    make_task(house, status="todo", priority="high", assignees=[house.user, house.admin])
    Task.objects.filter(number=3).update(is_overdue=True)
    counts = admin.get("/api/tasks/facets/").json()
    assert (counts["total"], counts["overdue"]) == (3, 1)
    assert (counts["status"]["todo"], counts["status"]["done"], counts["status"]["blocked"]) == (2, 1, 0)
    assert counts["priority"] == {"low": 0, "medium": 1, "high": 2, "urgent": 0}
    assert counts["project"] == [{"id": None, "count": 2}, {"id": str(house.project.pk), "count": 1}]
    assert counts["team"] == [{"id": None, "count": 3}]
    assert counts["assignee"] == [{"id": str(house.user.pk), "count": 2}, {"id": str(house.admin.pk), "count": 1}]
    assert counts["tag"] == [{"id": tag.pk, "count": 2}]
    counts = admin.get("/api/tasks/facets/?status=todo&search=lathe&assignee=me").json()
    assert (counts["total"], counts["tag"]) == (1, [])


def test_facets_of_very_long_lists_leave_out_people_and_tags(house, monkeypatch):
    monkeypatch.setattr(facets, "MOST_COUNTED_ONE_BY_ONE", 1)
    for _ in range(2):
        make_task(house, assignees=[house.user])
    rows = selectors.tasks_for(house.admin, house.organization)
    tally = TaskFilter().tally(house.organization.pk, selectors.standing_of(house.admin, house.organization.pk))
    counts = facets.facets_of(rows, tally=tally)
    assert (counts.total, counts.assignee, counts.tag, counts.is_whole) == (2, None, None, True)
    counts = facets.facets_of(rows)
    assert (counts.total, counts.assignee, counts.tag, counts.is_whole) == (1, {house.user.pk: 1}, {}, False)


@pytest.mark.parametrize(
    ("query", "by_index"),
    [("", True), ("status=todo&priority=high&project=none&team=none&overdue=true", True), ("assignee=me", False),
     ("search=lathe", False), ("archived=true", False), ("due_after=2030-01-01T00:00:00Z", False)],
)  # fmt: skip
def test_facets_are_taken_from_the_tally_where_it_holds_all_that_is_asked(house, admin, monkeypatch, query, by_index):
    asked = []
    counted = facets.facets_of
    monkeypatch.setattr(
        facets, "facets_of", lambda rows, *, tally: asked.append(tally is not None) or counted(rows, tally=tally)
    )
    assert admin.get(f"/api/tasks/facets/?{query}").status_code == 200
    assert asked == [by_index]


@pytest.mark.parametrize("url", ["?page_size=2", "?page_size=20&status=todo&assignee=none", "search/?q=lathe",
                                 "search/?q=lahte", "suggest/?q=lat", "suggest/?q=lahte", "facets/"])  # fmt: skip
def test_every_list_is_made_with_at_most_eight_queries(house, admin, url):
    for _ in range(3):
        make_task(house)
    with CaptureQueriesContext(connection) as captured:
        assert admin.get(f"/api/tasks/{url}").status_code == 200
    assert len(captured) <= 8, [query["sql"] for query in captured]


def test_configuration_is_the_same_for_python_and_the_triggers(db):
    for language in ("en", "ru", "de"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT tasks_config_of(%s)", [language])
            assert cursor.fetchone() == (search.config_of(language),)
    assert isinstance(search.query_of("x", "en"), SearchQuery)


@pytest.mark.parametrize("few", [0, 500])
def test_list_holds_the_words_however_many_do(house, admin, monkeypatch, few):
    monkeypatch.setattr(search, "FEW", few)
    first = make_task(house, title="Oil the lathe")
    make_task(house, title="Sweep the floor")
    last = make_task(house, title="Lathe: new belt")
    assert [row["id"] for row in admin.get("/api/tasks/?search=lathe").json()["results"]] == [last.pk, first.pk]
    assert admin.get("/api/tasks/?search=unheard").json()["results"] == []


def test_member_asks_for_assigned_tasks_of_himself_and_others(house, api):
    own = make_task(house, assignees=[house.user])
    make_task(house, assignees=[house.admin])
    both = make_task(house, assignees=[house.user, house.admin])
    places.choose_active_organization(actor=house.user, organization=house.organization)
    api.force_login(house.user)

    def assigned(people: str) -> set[int]:
        return {row["id"] for row in api.get(f"/api/tasks/?assignee={people}").json()["results"]}

    assert assigned("me") == {own.pk, both.pk}
    assert assigned(f"me,{house.admin.pk}") == {own.pk, both.pk}
    assert assigned(str(house.admin.pk)) == {both.pk}
    assert assigned("none") == set()
