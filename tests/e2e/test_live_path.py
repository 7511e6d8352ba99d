"""The first live path on a whole stack, as its user walks it: a datasource made on the page, a value published over TLS by
a client that nobody here wrote, and the chart that moves.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from guildhall.stack.servers import temporary_home
from tests.stack.stack import StackUnderTest
from tests.support.broker import INSTALL_MOSQUITTO

pytestmark = [pytest.mark.e2e, pytest.mark.stack, pytest.mark.timeout(300)]

PASSWORD = "a quiet corridor"


class Device:
    """A datasource's credentials, used through Debian's mosquitto clients."""

    def __init__(self, stack: StackUnderTest, authority: Path, username: str, secret: str) -> None:
        self.username = username
        self._common = ["-h", "localhost", "-p", str(stack.ports["mqtts"]), "--cafile", str(authority), "-u", username]
        self._secret = ["-P", secret]

    def publish(self, topic: str, text: str, *, secret: str | None = None) -> "subprocess.CompletedProcess[str]":
        password = self._secret if secret is None else ["-P", secret]
        return subprocess.run(
            ["mosquitto_pub", *self._common, *password, "-q", "1", "-t", topic, "-m", text],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    @contextmanager
    def stay_connected(self, log: Path) -> "Iterator[HeldConnection]":
        # Line by line, so that the log can be read while the client runs.
        command = ["stdbuf", "-oL", "mosquitto_pub", "-d", *self._common, *self._secret, "-q", "1", "-l"]
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*command, "-t", f"guildhall/d/{self.username}/held"],
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
            try:
                yield HeldConnection(process, log)
            finally:
                process.kill()
                process.wait()
                with suppress(BrokenPipeError):
                    # A pipe that is left open becomes a warning, and so an error, of whichever test runs then.
                    process.stdin.close()


class HeldConnection:
    """A mosquitto_pub that stays, publishes each line it is given, and comes back when it is cut off."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def log(self) -> str:
        return self._log.read_text()

    def times_connected(self) -> int:
        return self.log().count("received CONNACK (0)")


@pytest.fixture(scope="module")
def stack() -> Iterator[StackUnderTest]:
    if shutil.which("mosquitto_pub") is None:
        pytest.skip(f"no mosquitto_pub here; as root: {INSTALL_MOSQUITTO}")
    with temporary_home() as folder:
        stack = StackUnderTest(folder / "home")
        stack.up()
        try:
            stack.wait_ready()
            yield stack
        finally:
            stack.end()


def make_datasource(page: Page, folder: Path, stack: StackUnderTest) -> Device:
    page.goto("/register/")
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/")
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
