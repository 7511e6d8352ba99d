"""Telemetry on a whole stack, as its users walk it: a datasource made on the page, a value published over TLS and the chart
that moves; and the explorer, where two series are chosen, zoomed, put together and taken along.
"""

import csv
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.devices import Device
from tests.e2e.test_account import keep
from tests.stack.stack import StackUnderTest, running
from tests.support.broker import INSTALL_MOSQUITTO

pytestmark = [pytest.mark.e2e, pytest.mark.stack, pytest.mark.timeout(300)]

PASSWORD = "a quiet corridor"
HOURS = 48
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS)


@pytest.fixture(scope="module")
def stack() -> Iterator[StackUnderTest]:
    if shutil.which("mosquitto_pub") is None:
        pytest.skip(f"no mosquitto_pub here; as root: {INSTALL_MOSQUITTO}")
    with running() as stack:
        yield stack


def register(page: Page, name: str) -> None:
    page.goto("/register/")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail address").fill(f"{name.split(maxsplit=1)[0].lower()}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/")


def make_datasource(page: Page, folder: Path, stack: StackUnderTest) -> Device:
    register(page, "Ada Lovelace")
    page.get_by_role("main").get_by_role("link", name="Create an organization").click()
    page.get_by_label("Name").fill("Night workshop")
    page.get_by_role("button", name="Create the organization").click()
    page.goto("/telemetry/datasources/new/")
    page.get_by_label("Name").fill("Weather station")
    page.get_by_label("Belongs to").select_option(label="General / Common room")
    page.get_by_label("May create datapoints").check()
    page.get_by_role("button", name="Create").click()
    username = page.get_by_role("textbox", name="User name").input_value()
    secret = page.get_by_role("textbox", name="Secret").input_value()
    with page.expect_download() as download:
        page.get_by_role("link", name="ca.pem").click()
    authority = folder / "ca.pem"
    download.value.save_as(authority)
    page.get_by_role("link", name="Go to the datasource").click()
    page.wait_for_url("**/telemetry/datasources/*/")
    return Device(stack, authority, username, secret)


def test_value_from_a_device_moves_the_chart_and_rights_hold_at_once(stack, page, tmp_path):
    device = make_datasource(page, tmp_path, stack)
    datasource_page = page.url
    topic = f"guildhall/d/{device.username}/temperature"

    assert device.publish(topic, "20.5").returncode == 0
    expect(page.locator("[data-stored]")).to_have_text("1", timeout=5000)
    page.goto("/telemetry/")
    value = page.locator("[data-latest-value]").first
    expect(value).to_contain_text("20.5")
    expect(page.locator("[data-connection=live]").first).to_be_visible()

    published_at = time.monotonic()
    assert device.publish(topic, "23.25").returncode == 0
    expect(value).to_contain_text("23.25", timeout=3000)
    assert time.monotonic() - published_at < 3

    refused = device.publish(topic, "99", secret="wrong")
    assert refused.returncode != 0
    assert "not authorised" in refused.stderr.lower()

    # MQTT 3.1.1 acknowledges a forbidden message like any other.
    assert device.publish("guildhall/d/somebody-else/temperature", "1").returncode == 0
    page.goto(datasource_page)
    expect(page.locator("[data-refused]")).to_contain_text("guildhall/d/somebody-else/temperature", timeout=2000)

    with device.stay_connected(tmp_path / "client.log") as connection:
        connection.say("1")
        expect(page.locator("[data-stored]")).to_have_text("3", timeout=5000)
        page.get_by_label("May publish to").fill(f"guildhall/d/{device.username}/other")
        page.get_by_role("button", name="Save rights").click()
        page.wait_for_load_state()
        saved_at = time.monotonic()
        while connection.times_connected() < 2:
            assert time.monotonic() - saved_at < 5, f"the open connection was not cut: {connection.log()}"
            time.sleep(0.1)
        # The client came back by itself, but what it publishes now is refused.
        connection.say("2")
        held = page.locator("[data-refused]", has_text=f"guildhall/d/{device.username}/held")
        expect(held).to_be_visible(timeout=5000)
    expect(page.locator("[data-stored]")).to_have_text("3")


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
    register(page, "Grace Hopper")
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
    page.set_viewport_size({"width": 1280, "height": 800})
    for end in ("From", "To"):
        # In a narrower field the calendar's sign covers the time.
        assert page.get_by_label(end, exact=True).evaluate("field => field.offsetWidth") >= 190
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
