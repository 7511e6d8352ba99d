"""Two people meet: register, create an organization, invite, join, look at the members."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PASSWORD = "a quiet corridor"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}


def register(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail address").fill(f"{name.split(maxsplit=1)[0].lower()}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/")


def test_invited_person_joins_and_is_seen_among_the_members(open_page):
    ada = open_page()
    ada.goto("/")
    ada.get_by_role("link", name="Create an account").click()
    register(ada, "Ada Lovelace")

    ada.get_by_role("main").get_by_role("link", name="Create an organization").click()
    ada.get_by_label("Name").fill("Night workshop")
    ada.get_by_role("button", name="Create the organization").click()
    expect(ada.get_by_role("heading", name="Night workshop")).to_be_visible()
    expect(ada.get_by_role("status")).to_contain_text("Night workshop is open.")

    ada.get_by_role("main").get_by_role("link", name="Invite people").click()
    ada.get_by_label("Role").select_option("moderator")
    expect(ada.get_by_label("Object")).to_be_hidden()
    ada.get_by_label("Project").select_option("General")
    ada.get_by_label("How many people can use it").fill("1")
    ada.get_by_role("button", name="Make the code").click()
    link = ada.get_by_label("Link to send").input_value()
    assert re.search(r"/join/#code=[\w-]{24}$", link)
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.get_by_role("button", name="Copy").first.click()
    expect(ada.get_by_role("button", name="Copied")).to_be_visible()

    grace = open_page(**PHONE)
    grace.goto(link)
    grace.wait_for_url(lambda url: "code" not in url)
    grace.get_by_role("link", name="Create an account").click()
    expect(grace.get_by_label("Invite code")).to_have_value(link.partition("=")[2])
    register(grace, "Grace Hopper")
    expect(grace.get_by_role("heading", name="Night workshop")).to_be_visible()
    grace.get_by_role("button", name="Menu").click()
    grace.get_by_role("link", name="Members", exact=True).click()
    expect(grace.locator("[data-member]")).to_have_count(2)
    assert grace.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    ada.get_by_role("link", name="Members", exact=True).click()
    row = ada.locator("[data-member='grace@example.org']")
    expect(row).to_contain_text("Moderator · General")
    row.get_by_role("button", name="Remove").click()
    ada.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(ada.locator("[data-member]")).to_have_count(1)

    grace.reload()
    expect(grace.get_by_role("heading", level=1)).to_have_text("Members")
    expect(grace.locator("[data-member]")).to_have_count(1)
    expect(grace.locator("[data-member='grace@example.org']")).to_be_visible()


def test_theme_is_kept_and_shown_without_a_script(open_page):
    page = open_page(color_scheme="light")
    page.goto("/sign-in/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


@pytest.mark.parametrize("viewer", ["docs", "redoc"])
def test_documentation_is_drawn_under_the_strict_policy(open_page, viewer: str):
    page = open_page()
    page.goto(f"/{viewer}")
    if viewer == "docs":
        page.locator("#operations-tag-organizations").click(timeout=30_000)
    expect(page.get_by_text("/api/organizations/").first).to_be_visible(timeout=30_000)
