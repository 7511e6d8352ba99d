"""The containers as they run, from outside: built from the checkout, then asked through nginx only.

`make test-docker` runs this; it needs a Docker engine and docker-compose.
"""

import http.cookiejar
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from guildhall.settings.environment import PROJECT_ROOT

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

HTTP_PORT, MQTTS_PORT = "18080", "18883"
SITE = f"http://localhost:{HTTP_PORT}"
ADDRESS, PASSWORD = "ada@guildhall.example", "guildhall-demo"
PROJECT = "guildhall-test"
UP_TIMEOUT_S = 900


class Containers:
    """One project of docker-compose, with ports and a name of its own."""

    def compose(self, *arguments: str, check: bool = True) -> str:
        environment = {**os.environ, "HTTP_PORT": HTTP_PORT, "MQTTS_PORT": MQTTS_PORT, "DEMO_DATA": "true"}
        done = subprocess.run(
            ["docker-compose", "-p", PROJECT, *arguments],
            env=environment,
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def inspect(self) -> list[dict]:
        ids = self.compose("ps", "-q").split()
        return json.loads(
            subprocess.run(["docker", "inspect", *ids], capture_output=True, text=True, check=True).stdout
        )

    def wait(self) -> None:
        """Until every container is healthy, or ended well where it runs once."""
        deadline = time.monotonic() + UP_TIMEOUT_S
        while unwell := {name_of(row): row["State"] for row in self.inspect() if not is_well(row["State"])}:
            assert time.monotonic() < deadline, unwell
            time.sleep(1)


def name_of(row: dict) -> str:
    return row["Config"]["Labels"]["com.docker.compose.service"]


def is_well(state: dict) -> bool:
    if state["Status"] == "exited":
        return state["ExitCode"] == 0
    return state["Status"] == "running" and state.get("Health", {}).get("Status") == "healthy"


class Person:
    """Somebody with a browser's cookies, and with a token once signed in by API."""

    def __init__(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.token = ""

    def page(self, path: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """The address where one ends, and what is there."""
        data = urllib.parse.urlencode(form).encode() if form else None
        with self.opener.open(
            urllib.request.Request(SITE + path, data, {"Referer": SITE + path}), timeout=20
        ) as answer:
            return answer.url, answer.read().decode()

    def api(self, path: str, body: dict | None = None) -> dict:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(SITE + path, data, headers), timeout=20) as answer:
            content = answer.read()
        return json.loads(content) if content else {}

    def sign_in(self) -> "Person":
        self.token = self.api("/api/auth/login/", {"email": ADDRESS, "password": PASSWORD})["access"]
        return self


@pytest.fixture(scope="module")
def containers():
    environment = PROJECT_ROOT / ".env"
    made = not environment.exists()
    if made:
        environment.write_text((PROJECT_ROOT / ".env.sample").read_text())
    running = Containers()
    started = time.monotonic()
    try:
        running.compose("up", "--build", "--detach")
        running.wait()
        print(f"\nall healthy {time.monotonic() - started:.0f} s after docker-compose up --build")
        yield running
    finally:
        running.compose("down", "--volumes", "--timeout", "10", check=False)
        if made:
            environment.unlink()


@pytest.fixture
def ada(containers):
    return Person().sign_in()


def test_person_signs_in_on_the_page(containers):
    person = Person()
    _, page = person.page("/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    names = re.findall(r'<input[^>]* name="([a-z_]+)"', page)
    address = "email" if "email" in names else "username"
    url, _ = person.page("/sign-in/", {"csrfmiddlewaretoken": token[1], address: ADDRESS, "password": PASSWORD})
    assert urllib.parse.urlsplit(url).path == "/"
    assert "guildhall_session" in {cookie.name for cookie in person.jar}


def test_compute_answers_under_its_prefix(ada):
    assert ada.api("/api/v1/auth/me")["email"] == ADDRESS


def test_reset_mail_reaches_the_catcher(containers, ada):
    Person().api("/api/auth/password/reset/", {"email": ADDRESS})
    ask = "import urllib.request as r; print(r.urlopen('http://mail:1080/email').read().decode())"
    deadline = time.monotonic() + 90
    while True:
        mails = json.loads(containers.compose("exec", "-T", "worker", "python", "-c", ask))
        to = [receiver["address"] for mail in mails for receiver in mail["to"]]
        if ADDRESS in to or time.monotonic() > deadline:
            break
        time.sleep(1)
    assert ADDRESS in to


def test_containers_none_runs_as_root(containers):
    for row in containers.inspect():
        if row["State"]["Status"] == "running":
            assert containers.compose("exec", "-T", name_of(row), "id", "-u").strip() != "0", name_of(row)


def test_ports_only_the_site_and_mqtts_are_published(containers):
    published = {
        (name_of(row), port["HostPort"])
        for row in containers.inspect()
        for ports in row["NetworkSettings"]["Ports"].values()
        for port in ports or ()
    }
    assert published == {("nginx", HTTP_PORT), ("broker", MQTTS_PORT)}
