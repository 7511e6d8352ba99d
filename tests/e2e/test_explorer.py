"""The explorer on a whole stack, as its user walks it: choose two series, zoom, put values together, take them along."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from guildhall.stack.servers import temporary_home
from tests.e2e.test_account import keep
from tests.stack.stack import StackUnderTest

pytestmark = [pytest.mark.e2e, pytest.mark.stack, pytest.mark.timeout(300)]

PASSWORD = "a quiet corridor"
HOURS = 48
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS)


@pytest.fixture(scope="module")
def stack() -> Iterator[StackUnderTest]:
    with temporary_home() as folder:
        stack = StackUnderTest(folder / "home")
        stack.up()
        try:
            stack.wait_ready()
            yield stack
        finally:
            stack.end()


def register(page: Page) -> None:
    page.goto("/register/")
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/")


def measure(page: Page, base: str) -> dict[str, int]:
    """Two datapoints with a value each quarter of an hour, which counts them, and an alarm rule; their ids by name."""
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Origin": base}

    def send(path: str, body: object) -> dict:
        answer = page.request.post(path, data=body, headers=headers)
        assert answer.ok, answer.text()
        return answer.json()

    project = page.request.get("/api/projects/").json()["results"][0]["id"]
    ids = {}
    for name, unit, factor in (("Temperature", "°C", 1), ("Humidity", "%", -1)):
        ids[name] = send("/api/datapoints/", {"project": project, "key": name.lower(), "name": name, "unit": unit})[
            "id"
        ]
        rows = [
            {"ts": (START + timedelta(minutes=15 * number)).isoformat(), "value": factor * number}
            for number in range(HOURS * 4)
        ]
        send(f"/api/datapoints/{ids[name]}/timeseries/", rows)
    rule = {"datapoint": ids["Temperature"], "name": "Too hot", "kind": "above", "high": 150}
    send("/api/alarm-rules/", rule)
    return ids


def shown_hours(page: Page) -> float:
    """The length of the range in the address."""
    query = parse_qs(urlsplit(page.url).query)
    first, last = (datetime.fromisoformat(query[end][0]) for end in ("from", "to"))
    return (last - first) / timedelta(hours=1)


def test_two_series_are_chosen_zoomed_put_together_and_exported(stack, page, tmp_path):
    base = f"http://127.0.0.1:{stack.ports['site']}"
    register(page)
    ids = measure(page, base)
    page.goto("/telemetry/explore/")
    expect(page.get_by_role("heading", name="Nothing is chosen yet")).to_be_visible()

    page.get_by_role("button", name="Choose datapoints").click()
    picker = page.get_by_role("dialog")
    picker.get_by_role("checkbox", name="Temperature").check()
    picker.get_by_label("Search datapoints").fill("humid")
    picker.get_by_role("checkbox", name="Humidity").check()
    picker.get_by_role("button", name="Done").first.click()
    legend = page.get_by_role("list", name="Legend")
    expect(legend.get_by_role("listitem")).to_have_count(2)
    expect(legend.get_by_role("link", name="Too hot: above 150")).to_be_visible()
    chart = page.get_by_role("group", name="Temperature: between")
    expect(chart).to_be_visible()
    assert chart.locator("canvas").count() == 1
    keep(page, "explorer")

    page.get_by_role("button", name="All", exact=True).click()
    page.wait_for_url("**from=*")
    expect(page.get_by_role("group", name=f"Temperature: between 0\u202f°C and {HOURS * 4 - 1}")).to_be_visible()
    before = shown_hours(page)
    plot = page.locator(".u-over")
    plot.hover()
    page.mouse.wheel(0, -400)
    page.wait_for_function("before => !location.search.includes(before)", arg=urlsplit(page.url).query)
    assert shown_hours(page) < before * 0.7
    chart = page.get_by_role("group", name="Temperature: between")
    chart.focus()
    narrow = page.url
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(lambda url: url != narrow)

    page.get_by_label("Values", exact=True).select_option(label="Hours")
    page.get_by_label("Function").select_option(label="Greatest")
    page.get_by_label("Time zone").select_option(label="Asia/Kolkata")
    page.wait_for_url("**interval=hour&function=max&tz=Asia/Kolkata")
    page.get_by_role("button", name="All", exact=True).click()
    # Hours of India begin at half past.
    greatest = page.get_by_role("group", name="Temperature: between 1\u202f°C")
    expect(greatest).to_be_visible()
    keep(page, "explorer-hours")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    file = tmp_path / "export.csv"
    download.value.save_as(file)
    with file.open() as text:
        rows = list(csv.DictReader(text))
    found = {name: [float(row["max"]) for row in rows if int(row["datapoint"]) == id_] for name, id_ in ids.items()}
    assert found["Temperature"] == [4 * hour + 1 for hour in range(HOURS)] + [HOURS * 4 - 1]
    assert found["Humidity"] == [0.0, *(-(4 * hour + 2.0) for hour in range(HOURS))]

    page.reload()
    expect(legend.get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_label("Function")).to_have_value("max")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep(page, "explorer-phone")
