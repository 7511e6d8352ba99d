"""The containers under test, and people and devices who use them from outside: through nginx and MQTTS only."""

import http.cookiejar
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from guildhall.settings.environment import PROJECT_ROOT

HTTP_PORT, MQTTS_PORT = "18080", "18883"
SITE = f"http://localhost:{HTTP_PORT}"
ADDRESS, PASSWORD = "ada@guildhall.example", "guildhall-demo"
PROJECT = "guildhall-test"
#: Compose 1.29 is a program, version 2 a part of Docker's; where both are, `COMPOSE` chooses.
COMPOSE = os.environ.get("COMPOSE", "docker-compose" if shutil.which("docker-compose") else "docker compose").split()
UP_TIMEOUT_S = 900
#: So long a container that was killed may take until everything answers again.
MENDED_TIMEOUT_S = 120


class Containers:
    """One project of Compose, with ports and a name of its own."""

    def compose(self, *arguments: str, check: bool = True) -> str:
        environment = {**os.environ, "HTTP_PORT": HTTP_PORT, "MQTTS_PORT": MQTTS_PORT, "DEMO_DATA": "true"}
        done = subprocess.run(
            [*COMPOSE, "-p", PROJECT, *arguments],
            env=environment,
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def inspect(self) -> list[dict]:
        ids = self.compose("ps", "--all", "-q").split()
        return json.loads(docker("inspect", *ids))

    def wait(self, timeout_s: float = UP_TIMEOUT_S) -> None:
        """Until every container is healthy, or ended well where it runs once."""
        deadline = time.monotonic() + timeout_s
        while unwell := {name_of(row): row["State"] for row in self.inspect() if not is_well(row["State"])}:
            assert time.monotonic() < deadline, unwell
            time.sleep(1)

    def kill(self, service: str) -> None:
        """Kill the process of a service as the kernel would, which the engine mends, unlike a kill of the container."""
        for row in self.inspect():
            if name_of(row) == service:
                os.kill(row["State"]["Pid"], 9)

    def wait_for_mail(self, is_meant: Callable[[dict], bool], timeout_s: float = 90) -> dict:
        """The mail that was meant, once it has reached the catcher."""
        ask = "import urllib.request as r; print(r.urlopen('http://mail:1080/email').read().decode())"
        deadline = time.monotonic() + timeout_s
        while True:
            mails = json.loads(self.compose("exec", "-T", "worker", "python", "-c", ask))
            if found := next(filter(is_meant, mails), None):
                return found
            assert time.monotonic() < deadline, [mail["subject"] for mail in mails]
            time.sleep(1)

    def volume(self, name: str) -> str:
        return f"{PROJECT}_{name}"


def receivers_of(mail: dict) -> list[str]:
    return [receiver["address"] for receiver in mail["to"]]


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


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


class Sensor:
    """A datasource and a datapoint made by the API on an object of the demo, and the device that publishes to it."""

    def __init__(self, person: Person, name: str, authority: Path) -> None:
        known = person.api("/api/datapoints/")["results"][0]
        place = {"project": known["project"], "object": known["object"]}
        self.point = person.api("/api/datapoints/", {**place, "key": name, "name": name})
        made = person.api("/api/datasources/", {**place, "name": name})
        self.username, self.secret = made["datasource"]["username"], made["secret"]
        self.topic = f"{made['datasource']['topic_prefix']}/{name}"
        self.authority = authority

    def publish(self, message: str) -> bool:
        """Publish at QoS 1; whether the broker acknowledged it."""
        command = ["mosquitto_pub", "-h", "localhost", "-p", MQTTS_PORT, "--cafile", str(self.authority), "-q", "1"]
        command += ["-i", self.username, "-u", self.username, "-P", self.secret, "-t", self.topic, "-m", message]
        try:
            return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def values(self, person: Person) -> list[float]:
        """All that is stored, in the order of time."""
        found, cursor = [], ""
        while True:
            page = person.api(f"/api/datapoints/{self.point['id']}/timeseries/?limit=1000{cursor}")
            found += [float(sample["value"]) for sample in page["results"]]
            if not page.get("next"):
                return found
            cursor = f"&cursor={urllib.parse.parse_qs(urllib.parse.urlsplit(page['next']).query)['cursor'][0]}"

    def wait_for(self, person: Person, expected: set[float], timeout_s: float = 60) -> None:
        deadline = time.monotonic() + timeout_s
        while (missing := expected - set(self.values(person))) and time.monotonic() < deadline:
            time.sleep(0.5)
        assert not missing


class Trickle:
    """A message by MQTT and a change by the API each moment; remembers which were acknowledged."""

    def __init__(self, sensor: Sensor) -> None:
        self.sensor = sensor
        self.values: set[float] = set()
        self.names: set[str] = set()
        self._over = threading.Event()

    @contextmanager
    def flowing(self) -> Iterator["Trickle"]:
        threads = [threading.Thread(target=work) for work in (self._publish, self._write)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _publish(self) -> None:
        number = 0
        while not self._over.wait(0.1):
            number += 1
            # A time of its own, so that no two messages are one sample.
            if self.sensor.publish(json.dumps({"ts": 1_700_000_000_000 + number, "value": number})):
                self.values.add(float(number))

    def _write(self) -> None:
        person: Person | None = None
        number = 0
        place = {"project": self.sensor.point["project"], "object": self.sensor.point["object"]}
        while not self._over.wait(0.3):
            number += 1
            name = f"trickle-{number}"
            try:
                if person is None:
                    person = Person().sign_in()
                person.api("/api/datapoints/", {**place, "key": name, "name": name})
                self.names.add(name)
            except (OSError, ValueError):
                # Signs in anew after a break, as a token also runs out.
                person = None


def names_of_datapoints(person: Person, search: str) -> set[str]:
    """The names of the datapoints that are found."""
    found, path = set(), f"/api/datapoints/?search={search}&page_size=100"
    while path:
        page = person.api(path)
        found |= {row["name"] for row in page["results"]}
        path = page["next"].removeprefix(SITE) if page.get("next") else ""
    return found
