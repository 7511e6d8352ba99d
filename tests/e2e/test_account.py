"""One's own account in a real browser: the picture for the app, links of mails, and keys shown once."""

import os
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from django.db import connection
from playwright.sync_api import expect

from guildhall.core.accounts.models import User
from tests.core.mailbox import deliver_all, token_in
from tests.support.people import PASSWORD, make_person

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada(transactional_db: None) -> User:
    return make_person("ada")


def sign_in(page, user: User, password: str = PASSWORD) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def apart(call):
    """Call it in a thread, as Django refuses its database where an event loop runs, such as the browser's here."""

    def run():
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def keep(page, name: str) -> None:
    """A picture for whoever wants to look, where SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_second_factor_is_set_up_by_its_picture_and_asked_for(ada, open_page):
    page = open_page()
    sign_in(page, ada)
    page.goto("/profile/security/")
    keep(page, "security")
    page.get_by_role("link", name="Switch it on").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    picture = page.locator("svg.qr")
    assert picture.bounding_box()["width"] > 100
    totp = pyotp.TOTP(page.get_by_label("Key").input_value())
    keep(page, "enrol")
    page.get_by_role("textbox", name="Code").fill(totp.now())
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator("[data-recovery-codes] li")).to_have_count(10)
    codes = page.locator("[data-recovery-codes] li").all_inner_texts()
    keep(page, "codes")
    other = open_page()
    sign_in(other, ada)
    keep(other, "second")
    other.get_by_label("Code").fill(codes[0])
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/tasks/")
    page.goto("/profile/security/")
    expect(page.locator("[data-sign-in=browser]")).to_have_count(2)
    page.get_by_role("button", name="Sign out everywhere else").click()
    keep(page, "dialog")
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    page.get_by_text("Everywhere else you are signed out.").wait_for()
    other.reload()
    other.wait_for_url("**/sign-in/**")


def test_link_of_a_mail_brings_its_token_along_and_leaves_no_trace_of_it(ada, open_page):
    page = open_page()
    page.goto("/sign-in/")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail address").fill(ada.email)
    page.get_by_role("button", name="Mail me a link").click()
    page.get_by_text("on its way").wait_for()
    keep(page, "mail-sent")
    token = apart(lambda: token_in(deliver_all()[0]))
    page.goto(f"/reset-password/new/#token={token}")
    keep(page, "new-password")
    page.wait_for_url("**/reset-password/new/")
    page.get_by_label("New password").fill("another good password")
    page.get_by_role("button", name="Set the password").click()
    page.get_by_text("Your new password is set.").wait_for()
    sign_in(page, ada, "another good password")
    page.wait_for_url("**/tasks/")


def test_api_key_is_made_copied_and_revoked(ada, open_page):
    page = open_page()
    sign_in(page, ada)
    page.goto("/profile/api-keys/")
    page.get_by_label("Name").fill("Dashboard in the hall")
    page.get_by_label("Telemetry").check()
    page.get_by_role("button", name="Make the key").click()
    key = page.get_by_label("Key", exact=True).input_value()
    keep(page, "keys")
    headers = {"Authorization": f"Api-Key {key}"}
    assert page.request.get("/api/datapoints/", headers=headers).status == 200
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    page.get_by_text("The key no longer works.").wait_for()
    assert page.request.get("/api/datapoints/", headers=headers).status == 401
    page.goto("/organization/audit/")
    page.locator("[data-audit='api_key.revoked']").wait_for()
    keep(page, "audit")
    page.goto("/profile/data/")
    keep(page, "data")
    phone = open_page(viewport={"width": 390, "height": 844})
    sign_in(phone, ada)
    for name, path in (("phone-security", "/profile/security/"), ("phone-audit", "/organization/audit/")):
        phone.goto(path)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        keep(phone, name)
