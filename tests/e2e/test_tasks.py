"""Somebody works with tasks: signs in, creates, finds, moves, comments and archives one, at a desk and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from guildhall.core.organizations.services import choose_active_organization
from tests.support.people import build_house
from tests.tasks.makers import make_task

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
TITLE = "Oil the guide rails"


@pytest.fixture
def house(transactional_db):
    house = build_house()
    choose_active_organization(actor=house.admin, organization=house.organization)
    return house


@pytest.fixture
def filled(house):
    for status in ("todo", "done"):
        make_task(house, status=status, title="Unabsehbarkeitserklärungsverfahren" * 5, assignees=[house.admin])


def sign_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill("admin@example.org")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/tasks/")


def column(page: Page, status: str):
    return page.locator(f"[data-column='{status}']")


def test_task_lives_from_creation_to_the_archive(house, open_page):
    page = open_page()
    sign_in(page)
    page.get_by_role("main").get_by_role("link", name="New task").first.click()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_role("button", name="Create the task").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)

    page.goto("/tasks/")
    page.get_by_role("searchbox").fill("rails")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-task] mark")).to_have_text("rails")

    page.get_by_role("link", name="Board", exact=True).click()
    expect(column(page, "todo").locator("[data-card]")).to_have_count(1)
    page.locator("[data-card]").drag_to(column(page, "in_progress"))
    expect(page.locator("[data-said]")).to_contain_text("is moved to In progress.")
    expect(column(page, "in_progress").locator("[data-count]")).to_have_text("1")
    page.get_by_role("button", name="Undo").click()
    expect(column(page, "todo").locator("[data-card]")).to_have_count(1)

    # By the keyboard alone.
    page.locator("[data-card] summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="In review").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_contain_text("is moved to In review.")
    expect(column(page, "in_review").locator("[data-card]")).to_have_count(1)

    page.locator("[data-card] > a").click()
    page.get_by_role("textbox", name="Comment").fill("The **second** shelf")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("strong", has_text="second")).to_be_visible()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("Archived on")).to_be_visible()
    page.goto("/tasks/?state=archived")
    expect(page.locator("tr[data-task]")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_tasks_fit_a_phone(filled, open_page, scheme: str):
    page = open_page(color_scheme=scheme, **PHONE)
    sign_in(page)
    for path in (
        "",
        "?search=nothing",
        "board/",
        "calendar/?month=2030-05",
        "views/",
        "templates/",
        "templates/new/",
        "tags/",
    ):
        page.goto(f"/tasks/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
