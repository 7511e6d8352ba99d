"""Text of tasks as it is shown: Markdown made harmless, and history in sentences."""

import pytest
from django.utils import timezone, translation

from guildhall.core.organizations.services import create_team
from guildhall.modules.tasks import selectors, services
from guildhall.modules.tasks.history import FIELDS
from guildhall.modules.tasks.markdown import rendered
from guildhall.modules.tasks.web.sentences import _CAME_AND_WENT, _SAID, told
from tests.support.people import House
from tests.tasks.makers import DUE, make_task


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://example.org/pixel.png)",
        '[x](https://example.org "y\\" onmouseover=alert(1)")',
        "<a href='javascript:alert(1)'>x</a>",
        "javascript&colon;alert(1)",
        "<https://example.org/&quot; onclick=alert(1)>",
        "<style>body{display:none}</style>",
        "```html\n<iframe src=x>\n```",
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    ],
)
def test_markdown_never_becomes_anything_that_acts(text: str):
    html = rendered(text)
    allowed = {"a", "blockquote", "code", "em", "p", "pre", "strong"}
    tags = {part.split(">")[0].split()[0].strip("/") for part in html.split("<")[1:]}
    assert tags <= allowed
    assert "javascript:" not in "".join(part.split(">")[0] for part in html.split("<")[1:])
    assert not any(
        " on" in part.split(">")[0].replace('title="', "") for part in html.split("<")[1:] if "title=" not in part
    )


def test_markdown_shows_what_people_use():
    html = rendered(
        "**b** ~~d~~\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nsee https://example.org/x\nnext line"
    )
    for part in ("<strong>b</strong>", "<s>d</s>", "<li>one</li>", "<td>1</td>", "<br>"):
        assert part in html
    assert '<a href="https://example.org/x" rel="nofollow noopener noreferrer">https://example.org/x</a>' in html


def test_every_field_of_history_has_its_sentence():
    assert {*_SAID, *_CAME_AND_WENT} == {*FIELDS, "created", "comment"}


@pytest.mark.django_db
def test_history_reads_as_sentences(house: House):
    admin, wood = house.admin, services.create_tag(actor=house.admin, organization=house.organization, name="Wood")
    team = create_team(actor=admin, organization=house.organization, name="Keepers", members=[])
    whole, task = make_task(house, title="Whole"), make_task(house)
    for change in (
        {"title": "Other", "status": "blocked", "priority": "high"},
        {"description": "Long", "due_date": DUE.replace(day=5), "estimated_hours": 2, "actual_hours": "0.5"},
        {"description": "Longer", "actual_hours": 1, "metadata": {"a": 1}},
        {"description": "", "actual_hours": None, "parent_task": whole, "project": house.project, "team": team},
        {"project": house.other_project, "assignees": [admin, house.user], "tags": [wood]},
        {"project": None, "team": None, "parent_task": None, "assignees": [house.moderator], "tags": []},
    ):
        services.update_task(actor=admin, task=task, **change)
    comment = services.add_comment(actor=admin, task=task, body="x")
    services.edit_comment(actor=admin, comment=comment, body="y")
    services.delete_comment(actor=admin, comment=comment)
    services.archive_task(actor=admin, task=task)
    services.restore_task(actor=admin, task=task)
    found = [said for one in told(list(selectors.history_of(task)), admin) for said in one.sentences]
    assert sorted(found) == sorted([
        "created the task",
        "renamed it from “Oil the lathe” to “Other”",
        "changed the status from To do to Blocked",
        "changed the priority from Medium to High",
        "wrote a description",
        "moved the date from 05/04/2030 noon to 05/05/2030 noon",
        "changed the estimate from 1.5 to 2 hours",
        "noted 0.5 hours of work",
        "rewrote the description",
        "corrected the hours of work from 0.5 to 1",
        "changed the metadata",
        "took the description away",
        "took the hours of work away",
        "put it below #1 Whole",
        "moved it to the project General",
        "gave it to the team Keepers",
        "moved it from the project General to Workshop",
        "assigned it to Admin and User",
        "added the tag Wood",
        "took it out of the project Workshop",
        "took it from the team Keepers",
        "took it out of #1 Whole",
        "assigned it to Moderator and took it from Admin and User",
        "took the tag Wood away",
        "wrote a comment",
        "edited a comment",
        "deleted a comment",
        "archived it",
        "took it out of the archive",
    ])  # fmt: skip


@pytest.mark.django_db
def test_history_speaks_the_readers_language_and_hides_what_he_does_not_see(house: House):
    hidden = make_task(house, title="Secret")
    task = make_task(house, assignees=[house.user], parent_task=hidden, due_date=timezone.now())
    services.update_task(actor=house.admin, task=task, parent_task=None, status="done")
    rows = list(selectors.history_of(task))
    with translation.override("ru"):
        found = [said for one in told(rows, house.user) for said in one.sentences]
    assert found == [
        "статус изменён с «К выполнению» на «Готово»",
        "задача больше не часть «то, чего больше нет»",
        "задача создана",
    ]
