"""The API of the tracker beyond who may use it: lists, filters, orders, conditions, bodies."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guildhall.core.organizations import services as places
from guildhall.modules.tasks import services
from guildhall.modules.tasks.models import Task
from tests.tasks.makers import DUE, make_task

pytestmark = pytest.mark.django_db

SIX = {
    "title": "Oil the lathe", "description": "With care", "status": "backlog", "priority": "high",
    "due_date": "2030-05-04T14:00:00+02:00", "estimated_hours": "1.5",
}  # fmt: skip


@pytest.fixture
def admin(house, api):
    places.choose_active_organization(actor=house.admin, organization=house.organization)
    api.force_login(house.admin)
    return api


def titles(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["results"]]


def problem_fields(answer) -> list[str]:
    assert answer.status_code == 400, answer.content
    return [problem["field"] for problem in answer.json()["errors"]]


def test_task_is_made_of_six_fields_in_the_active_organization(house, admin):
    answer = admin.post("/api/tasks/", SIX)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    found = answer.json()
    assert {name: found[name] for name in SIX} == {
        **SIX, "due_date": "2030-05-04T12:00:00Z", "estimated_hours": "1.50",
    }  # fmt: skip
    assert (found["organization"], found["number"]) == (str(house.organization.pk), 1)
    assert (found["created_by"], found["assigned_to"], found["actual_hours"]) == (str(house.admin.pk), [], None)
    assert admin.get(f"/api/tasks/{found['id']}/").json() == found
    assert admin.get("/api/tasks/").json() == {"results": [found], "next": None}


@pytest.mark.parametrize("missing", ["title", "due_date", "estimated_hours"])
def test_field_that_is_needed_is_asked_for(admin, missing):
    assert problem_fields(admin.post("/api/tasks/", {k: v for k, v in SIX.items() if k != missing})) == [missing]


def test_task_with_everything_comes_back_so(house, admin):
    team = places.create_team(actor=house.admin, organization=house.organization, name="Crew")
    tag = admin.post("/api/tags/", {"name": "Safety", "color": "red"}).json()
    parent = make_task(house)
    body = {
        **SIX, "actual_hours": "2.00", "assigned_to": [str(house.user.pk), str(house.moderator.pk)], "tags": [tag["id"]],
        "parent_task": parent.pk, "project": str(house.project.pk), "team": str(team.pk), "metadata": {"a": [1, None]},
    }  # fmt: skip
    made = admin.post("/api/tasks/", body).json()
    for name in ("actual_hours", "assigned_to", "tags", "parent_task", "project", "team", "metadata"):
        assert made[name] == body[name]
    assert admin.get(f"/api/tasks/{made['id']}/").json() == made
    cleared = {"actual_hours": None, "assigned_to": [], "tags": [], "parent_task": None, "project": None, "team": None}
    changed = admin.patch(f"/api/tasks/{made['id']}/", cleared).json()
    assert {name: changed[name] for name in cleared} == cleared
    replaced = admin.put(f"/api/tasks/{made['id']}/", {**SIX, "title": "Grease it"}).json()
    assert (replaced["title"], replaced["metadata"], replaced["version"]) == ("Grease it", {"a": [1, None]}, 3)


def test_ids_that_one_can_not_see_are_errors_of_their_fields(house, admin):
    foreign = make_task(house, actor=house.stranger, organization=house.foreign_organization)
    tag = services.create_tag(actor=house.stranger, organization=house.foreign_organization, name="Theirs")
    team = places.create_team(actor=house.stranger, organization=house.foreign_organization, name="Theirs")
    for field, value in (
        ("organization", house.foreign_organization.pk),
        ("project", house.foreign_project.pk),
        ("team", team.pk),
        ("parent_task", foreign.pk),
        ("assigned_to", [house.stranger.pk]),
        ("tags", [tag.pk]),
    ):
        assert problem_fields(admin.post("/api/tasks/", {**SIX, field: value})) == [field]
    assert problem_fields(admin.post("/api/tasks/", {**SIX, "colour": "red"})) == ["colour"]


def test_read_and_change_with_versions(house, admin):
    url = f"/api/tasks/{make_task(house).pk}/"
    assert admin.get(url, headers={"If-None-Match": '"1"'}).status_code == 304
    first = admin.patch(url, {"status": "done"}, headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    for answer in (
        admin.patch(url, {"status": "todo"}, headers={"If-Match": '"1"'}),
        admin.put(url, SIX, headers={"If-Match": '"1"'}),
        admin.delete(url, headers={"If-Match": '"1"'}),
        admin.post(f"{url}archive/", headers={"If-Match": '"1"'}),
        admin.post(f"{url}assign/", {}, headers={"If-Match": '"1"'}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
    assert admin.delete(url, headers={"If-Match": '"2"'}).status_code == 204
    assert admin.get(url).status_code == 404


def test_repeated_post_makes_one_task(admin):
    headers = {"Idempotency-Key": "once"}
    first, second = (admin.post("/api/tasks/", SIX, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert Task.objects.count() == 1


def test_cycle_is_a_conflict(house, admin):
    top = make_task(house)
    low = make_task(house, parent_task=top)
    answer = admin.patch(f"/api/tasks/{top.pk}/", {"parent_task": low.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "parent_cycle")


def test_assign_is_safe_to_repeat(house, admin):
    url = f"/api/tasks/{make_task(house).pk}/assign/"
    for _ in range(2):
        answer = admin.post(url, {"add": [str(house.user.pk)], "remove": [str(house.moderator.pk)]}).json()
        assert (answer["assigned_to"], answer["version"]) == ([str(house.user.pk)], 2)
    assert admin.post(url, {"remove": [str(house.user.pk)]}).json()["assigned_to"] == []
    assert problem_fields(admin.post(url, {"add": [str(house.stranger.pk)]})) == ["add"]


def test_archive_takes_out_of_the_list_and_restore_puts_back(house, admin):
    url = f"/api/tasks/{make_task(house).pk}/"
    assert admin.post(f"{url}archive/").json()["is_archived"] is True
    assert titles(admin.get("/api/tasks/")) == []
    assert titles(admin.get("/api/tasks/?archived=true")) == ["Oil the lathe"]
    assert admin.get(url).status_code == 200
    assert admin.post(f"{url}restore/").json()["archived_at"] is None
    assert titles(admin.get("/api/tasks/")) == ["Oil the lathe"]


def test_bulk_changes_all_or_none(house, admin):
    ids = [make_task(house, title=f"Task {number}").pk for number in range(3)]
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="Spring")
    change = {"status": "done", "add_tags": [tag.pk], "add_assigned_to": [str(house.user.pk)]}
    answer = admin.post("/api/tasks/bulk/", {"ids": ids, "change": change})
    assert answer.status_code == 200
    assert [(row["status"], row["tags"], row["version"]) for row in answer.json()["results"]] == [
        ("done", [tag.pk], 2)
    ] * 3
    answer = admin.post("/api/tasks/bulk/", {"ids": [*ids, 10**9], "change": {"status": "todo"}})
    assert problem_fields(answer) == ["ids"]
    assert set(Task.objects.values_list("status", flat=True)) == {"done"}


def test_comments_and_history_are_paged_and_named(house, admin):
    task = make_task(house)
    url = f"/api/tasks/{task.pk}/"
    made = admin.post(f"{url}comments/", {"body": "Hello"}).json()
    assert (made["author"], made["author_name"], made["body"]) == (str(house.admin.pk), "Admin", "Hello")
    changed = admin.patch(f"{url}comments/{made['id']}/", {"body": "Goodbye"}).json()
    assert (changed["body"], changed["edited_at"] is None) == ("Goodbye", False)
    assert [row["body"] for row in admin.get(f"{url}comments/").json()["results"]] == ["Goodbye"]
    assert admin.patch(f"{url}comments/10000000/", {"body": "x"}).status_code == 404
    assert admin.delete(f"{url}comments/{made['id']}/").status_code == 204
    assert admin.get(f"{url}comments/").json()["results"] == []
    admin.patch(url, {"status": "done"})
    rows = admin.get(f"{url}history/").json()["results"]
    assert [row["field"] for row in rows] == ["status", "comment", "comment", "comment", "created"]
    assert (rows[0]["old"], rows[0]["new"], rows[0]["actor_name"]) == ("todo", "done", "Admin")


@pytest.fixture
def many(house, admin):
    """Tasks that differ in everything that can be asked for, by a letter."""
    crew = places.create_team(actor=house.admin, organization=house.organization, name="Crew", members=[house.user])
    tags = [
        services.create_tag(actor=house.admin, organization=house.organization, name=name) for name in ("Red", "Blue")
    ]
    a = make_task(
        house, title="a", status="done", priority="low", project=house.project, tags=tags, metadata={"n": 1, "s": "x"}
    )
    make_task(house, title="B", priority="urgent", team=crew, tags=tags[:1], assignees=[house.admin, house.user])
    make_task(
        house, title="c", actor=house.user, parent_task=a, due_date=DUE + timedelta(days=1), assignees=[house.user]
    )
    make_task(house, title="D", due_date=DUE - timedelta(days=1), metadata={"n": "1"}, estimated_hours=Decimal(9))
    Task.objects.filter(title="D").update(is_overdue=True)
    make_task(house, actor=house.stranger, organization=house.foreign_organization, title="foreign")
    return {"crew": crew.pk, "red": tags[0].pk, "blue": tags[1].pk, "a": a.pk, "house": house}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "DcBa"),
        ("status=done", "a"),
        ("status=done,todo&priority=low,urgent", "Ba"),
        ("assignee=me", "B"),
        ("assignee=none", "Da"),
        ("assignee=me,none", "DBa"),
        ("assignee={house.user.pk}", "cB"),
        ("creator=me", "DBa"),
        ("creator={house.user.pk}", "c"),
        ("tag={red}", "Ba"),
        ("tag={blue},none", "Dca"),
        ("team={crew}", "B"),
        ("team=none", "Dca"),
        ("project={house.project.pk}", "a"),
        ("project=none", "DcB"),
        ("parent={a}", "c"),
        ("parent=none", "DBa"),
        ("due_after=2030-05-04T12:00:00Z", "cBa"),
        ("due_before=2030-05-04T12:00:00Z", "D"),
        ("due_after=2030-05-04T12:00:00Z&due_before=2030-05-05T00:00:00Z", "Ba"),
        ("created_after=2020-01-01T00:00:00Z", "DcBa"),
        ("updated_before=2020-01-01T00:00:00Z", ""),
        ("overdue=true", "D"),
        ("overdue=false", "cBa"),
        ("archived=true", ""),
        ("metadata=n%3D1", "Da"),
        ("metadata=s%3Dx&metadata=n%3D1", "a"),
        ("metadata=s%3Dy", ""),
        ("organization={house.organization.pk}", "DcBa"),
        ("ordering=created_at", "aBcD"),
        ("ordering=title", "aBcD"),
        ("ordering=-title", "DcBa"),
        ("ordering=priority", "acDB"),
        ("ordering=-priority", "BDca"),
        ("ordering=due_date", "DaBc"),
        ("ordering=-due_date", "cBaD"),
        ("ordering=status", "DcBa"),
        ("ordering=-status", "aBcD"),
        ("ordering=number", "aBcD"),
        ("ordering=-updated_at", "DcBa"),
        ("search=c", "c"),
    ],
)
def test_list_holds_what_is_asked_for_however_it_is_paged(many, admin, query, found):
    query = query.format(**many)
    assert "".join(titles(admin.get(f"/api/tasks/?{query}"))) == found
    url, seen = f"/api/tasks/?page_size=1&fields=title&{query}", []
    while url:
        page = admin.get(url).json()
        seen += [row.pop("title") for row in page["results"]]
        assert page["results"] in ([], [{}])
        url = page["next"]
    assert "".join(seen) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=nearly", "status"),
        ("priority=todo", "priority"),
        ("assignee=everybody", "assignee"),
        ("creator=none", "creator"),
        ("tag=red", "tag"),
        ("tag=99999999999999999999", "tag"),
        ("parent=-1", "parent"),
        ("project=1", "project"),
        ("due_after=soon", "due_after"),
        ("overdue=maybe", "overdue"),
        ("metadata=key", "metadata"),
        ("metadata=a%3D%00", "metadata"),
        ("search=%00", "search"),
        ("status=" + "todo," * 60, "status"),
        ("fields=secret", "fields"),
        ("ordering=description", "ordering"),
        ("organization=1", "organization"),
        ("page_size=201", "page_size"),
        ("cursor=WzFd", "cursor"),
        ("ordering=title&cursor=WzEsICJ4Il0", "cursor"),
    ],
)
def test_parameter_that_makes_no_sense_is_an_error_of_its_name(many, admin, query, field):
    assert problem_fields(admin.get(f"/api/tasks/?{query}")) == [field]


def test_list_of_another_organization_is_asked_for_by_its_id(many, admin, house):
    assert problem_fields(admin.get(f"/api/tasks/?organization={house.foreign_organization.pk}")) == ["organization"]
    assert titles(admin.get(f"/api/tasks/?organization={house.admin.personal_organization.pk}")) == []


@pytest.mark.parametrize("url", ["?", "?status=todo&assignee=me&ordering=title&", "?search=task&", "search/?q=task&"])
def test_list_costs_the_same_queries_however_long_the_page_is(house, admin, url):
    tag = services.create_tag(actor=house.admin, organization=house.organization, name="Red")
    for number in range(12):
        make_task(house, title=f"Task {number}", assignees=[house.user, house.admin], tags=[tag])
    counts = set()
    for size in (1, 12):
        with CaptureQueriesContext(connection) as captured:
            assert len(titles(admin.get(f"/api/tasks/{url}page_size={size}"))) == size
        counts.add(len(captured))
    assert len(counts) == 1
    assert counts.pop() <= 8


def test_template_is_written_read_and_used(house, admin):
    body = {
        "name": "Service", "title": "Service {{machine}}", "priority": "high", "due_after_hours": 48,
        "estimated_hours": "2.50", "assigned_to": [str(house.user.pk)], "metadata": {"kind": "service"},
        "subtasks": [{"title": "Clean {{machine}}", "estimated_hours": 0.5}],
    }  # fmt: skip
    made = admin.post("/api/task-templates/", body)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    row = made.json()
    assert row["variables"] == ["machine"]
    assert {name: row[name] for name in body} == body
    url = f"/api/task-templates/{row['id']}/"
    assert admin.get(url).json() == row
    assert admin.get("/api/task-templates/").json()["results"] == [row]
    task = admin.post(f"{url}instantiate/", {"values": {"machine": "the lathe"}})
    assert (task.status_code, task.json()["title"]) == (201, "Service the lathe")
    assert problem_fields(admin.post(f"{url}instantiate/", {})) == ["values.machine"]
    assert titles(admin.get(f"/api/tasks/?parent={task.json()['id']}")) == ["Clean the lathe"]
    assert admin.patch(url, {"title": "Plain"}, headers={"If-Match": '"1"'}).json()["variables"] == ["machine"]
    assert problem_fields(admin.patch(url, {"subtasks": [{"title": "\0"}]})) == ["subtasks.0.title"]
    assert admin.delete(url, headers={"If-Match": '"1"'}).status_code == 412
    assert admin.delete(url).status_code == 204


def test_tags_and_teams_of_the_active_organization(house, admin):
    tag = admin.post("/api/tags/", {"name": "Safety"}).json()
    assert admin.get("/api/tags/").json()["results"] == [tag]
    assert admin.patch(f"/api/tags/{tag['id']}/", {"color": "red"}).json()["color"] == "red"
    assert admin.post("/api/tags/", {"name": "safety"}).json()["code"] == "name_taken"
    assert admin.delete(f"/api/tags/{tag['id']}/").status_code == 204
    team = admin.post("/api/teams/", {"name": "Crew", "members": [str(house.user.pk)]}).json()
    assert team["organization"] == str(house.organization.pk)
    assert admin.get("/api/teams/").json()["results"] == [team]
    assert admin.get(f"/api/teams/{team['id']}/").json() == team
    assert admin.patch(f"/api/teams/{team['id']}/", {"name": "Gang"}).json()["name"] == "Gang"
    personal = house.admin.personal_organization.pk
    assert admin.get(f"/api/teams/?organization={personal}").json()["results"] == []
    assert admin.delete(f"/api/teams/{team['id']}/").status_code == 204


def test_times_are_written_in_utc(house, admin):
    task = make_task(house, due_date=datetime(2030, 1, 1, 0, 0, 0, 1, tzinfo=UTC))
    assert admin.get(f"/api/tasks/{task.pk}/").json()["due_date"] == "2030-01-01T00:00:00.000001Z"
