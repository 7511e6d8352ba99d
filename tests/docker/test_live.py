"""The containers as they run, from outside: built from the checkout, used, restarted, killed, backed up and restored.

`make test-docker` runs this; it needs a Docker engine and docker-compose.
"""

import re
import time
import urllib.parse
from pathlib import Path

import pytest

from guildhall.settings.environment import PROJECT_ROOT
from tests.docker.site import (
    ADDRESS,
    HTTP_PORT,
    MENDED_TIMEOUT_S,
    MQTTS_PORT,
    PASSWORD,
    Containers,
    Person,
    Sensor,
    Trickle,
    docker,
    name_of,
    names_of_datapoints,
    receivers_of,
)

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

#: What may be killed at any moment without a loss.
MORTAL = ("postgres", "redis", "broker", "worker", "telemetry-consumer", "event-relay", "mqtt-auth", "site")


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


@pytest.fixture(scope="module")
def authority(containers, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    file.write_text(Person().page("/telemetry/ca.pem")[1])
    return file


def test_person_signs_in_on_the_page(containers):
    person = Person()
    _, page = person.page("/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    names = re.findall(r'<input[^>]* name="([a-z_]+)"', page)
    address = "email" if "email" in names else "username"
    url, _ = person.page("/sign-in/", {"csrfmiddlewaretoken": token[1], address: ADDRESS, "password": PASSWORD})
    assert not urllib.parse.urlsplit(url).path.startswith("/sign-in/")
    assert "guildhall_session" in {cookie.name for cookie in person.jar}


def test_compute_answers_under_its_prefix(ada):
    assert ada.api("/api/v1/auth/me")["email"] == ADDRESS


def test_reset_mail_reaches_the_catcher(containers, ada):
    Person().api("/api/auth/password/reset/", {"email": ADDRESS})
    containers.wait_for_mail(lambda mail: ADDRESS in receivers_of(mail))


def test_person_who_is_given_a_task_gets_a_mail_in_both_parts(containers, ada):
    worker = next(row for row in ada.api("/api/users/")["results"] if row["email"] != ADDRESS)
    title = f"Oil the lathe {time.time_ns()}"
    made = ada.api(
        "/api/tasks/",
        {
            "title": title,
            "description": "With care",
            "status": "todo",
            "priority": "high",
            "due_date": "2030-05-04T12:00:00Z",
            "estimated_hours": "1.5",
            "assigned_to": [worker["id"]],
        },
    )
    mail = containers.wait_for_mail(lambda mail: title in mail["subject"])
    assert receivers_of(mail) == [worker["email"]]
    assert f"/tasks/{made['id']}/" in mail["text"]
    assert f"/tasks/{made['id']}/" in mail["html"]


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


def test_measurement_over_mqtts_is_read_back_and_outlives_a_restart(containers, ada, authority):
    sensor = Sensor(ada, "docker_restart", authority)
    assert sensor.publish("21.5")
    sensor.wait_for(ada, {21.5})
    containers.compose("restart")
    containers.wait()
    again = Person().sign_in()
    assert sensor.values(again) == [21.5]
    assert sensor.publish("22.5")
    sensor.wait_for(again, {21.5, 22.5})


def test_kills_under_traffic_lose_no_acknowledged_write(containers, ada, authority):
    sensor = Sensor(ada, "docker_kills", authority)
    with Trickle(sensor).flowing() as trickle:
        for service in MORTAL:
            time.sleep(3)
            before = len(trickle.values), len(trickle.names)
            containers.kill(service)
            time.sleep(2)
            containers.wait(MENDED_TIMEOUT_S)
            deadline = time.monotonic() + MENDED_TIMEOUT_S
            while min(len(trickle.values) - before[0], len(trickle.names) - before[1]) < 3:
                assert time.monotonic() < deadline, f"after {service} was killed, nothing is acknowledged any more"
                time.sleep(0.5)
    again = Person().sign_in()
    sensor.wait_for(again, trickle.values)
    values = sensor.values(again)
    assert len(values) == len(set(values))
    assert trickle.names <= names_of_datapoints(again, "trickle")


def test_backup_brings_back_what_was_destroyed(containers, ada, authority):
    sensor = Sensor(ada, "docker_backup", authority)
    assert sensor.publish("33.5")
    sensor.wait_for(ada, {33.5})
    written = containers.compose("run", "--rm", "-T", "backup")
    name = re.search(r"guildhall-[0-9-]+\.tar", written)[0]
    containers.compose("stop", "--timeout", "10")
    containers.compose("rm", "--force")
    docker("volume", "rm", containers.volume("database"))
    containers.compose("run", "--rm", "-T", "backup", "restore", name)
    containers.compose("up", "--detach")
    containers.wait()
    again = Person().sign_in()
    assert sensor.values(again) == [33.5]
    # The devices' credentials and the authority that they trust are the same as before.
    assert sensor.publish("34.5")
    sensor.wait_for(again, {33.5, 34.5})
