"""The runner itself is killed while a device publishes to the whole stack; the next one goes on where it was."""

from collections.abc import Iterator
from types import SimpleNamespace

import httpx2
import psycopg
import pytest
from dotenv import dotenv_values
from psycopg.rows import TupleRow

from tests.faults.flow import Flow, assert_everything_is_stored_once
from tests.stack.stack import StackUnderTest, lives, running

RATE = 1000
PASSWORD = "correct horse battery"


class WholeSite:
    """The stack as `guildhall up` runs it, with a datasource made through its API; looks to a flow like its own site."""

    def __init__(self, stack: StackUnderTest) -> None:
        self.stack = stack
        self.nats = SimpleNamespace(mqtt_port=stack.ports["mqtt"])
        with httpx2.Client(base_url=f"http://127.0.0.1:{stack.ports['site']}/api", timeout=30) as api:
            account = {"email": "ada@example.org", "password": PASSWORD}
            api.headers["Authorization"] = f"Bearer {api.post('/auth/register/', json=account).json()['access']}"
            project = api.get("/projects/").json()["results"][0]["id"]
            body = {"name": "Flow", "project": project, "may_create_datapoints": True}
            made = api.post("/datasources/", json=body).json()
        self.username, self.secret = made["datasource"]["username"], made["secret"]

    def connect(self) -> "psycopg.Connection[TupleRow]":
        return psycopg.connect(dotenv_values(self.stack.home / "stack.env")["DATABASE_URL"])

    def kill_runner(self) -> None:
        """End the runner as the kernel does when memory is short; its children die with it."""
        assert self.stack.runner is not None
        family = self.stack.family()
        self.stack.runner.kill()
        self.stack.runner.wait()
        self.stack.up()
        self.stack.wait_ready()
        assert not [process for process in family if lives(process)]


@pytest.fixture
def site() -> Iterator[WholeSite]:
    with running() as stack:
        yield WholeSite(stack)


@pytest.mark.stack
def test_kill_of_the_runner_leaves_no_orphan_loses_and_doubles_nothing(site):
    with Flow(site, RATE) as flow:
        flow.wait_until_it_flows()
        site.kill_runner()
        flow.wait_until_it_flows()
        flow.finish(120)
        assert_everything_is_stored_once(site, flow)
    assert site.stack.run("stop").stdout == "stopped\n"
    assert site.stack.wait_end(1) == 0
