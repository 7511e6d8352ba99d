"""A headless browser in front of the real site. A message on its console fails the test."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.e2e.chromium import COMMAND, FLAGS, find_chromium
from tests.stack.stack import StackUnderTest

#: What the front end is built with.
NODE = Path(sys.prefix) / "node" / "node"
DESKTOP = {"width": 1440, "height": 900}
TIMEOUT_MS = 15_000


@pytest.fixture(scope="session")
def chromium() -> str:
    path = find_chromium()
    if path is None:
        pytest.skip(f"no Chromium here; as root: {COMMAND}")
    if NODE.exists():
        # The one that playwright brings along needs a library that a small Debian has not.
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(NODE))
    return path


@pytest.fixture
def browser(live_server, chromium: str) -> Iterator[Browser]:
    # Asked for after the server, so that it is gone, with its event loop, before the database is cleaned.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own, as different people at different machines do."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def open_page(**options) -> Page:
        context = browser.new_context(base_url=live_server.url, **({"viewport": DESKTOP} | options))
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    assert complaints == []


@pytest.fixture
def page(stack: StackUnderTest, chromium: str) -> Iterator[Page]:
    """A page of a whole stack, which the test's module brings as its fixture `stack`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        context = browser.new_context(base_url=f"http://127.0.0.1:{stack.ports['site']}", viewport=DESKTOP)
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        yield page
        browser.close()
        assert complaints == []
