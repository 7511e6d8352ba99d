"""`guildhall events`: what happened, what is held up, and how it goes on."""

import orjson
import pytest
from typer.testing import CliRunner

from guildhall.core import events
from guildhall.core.events import relay
from guildhall.core.events.models import HeldSubject, PendingEvent
from guildhall.stack.cli import app
from tests.events.conftest import append

pytestmark = pytest.mark.django_db


def call(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["events", *words])
    return result.exit_code, result.output


@pytest.fixture
def held(handled, caplog) -> str:
    def fail(event: events.Event) -> None:
        if event.data["number"] == 0:
            raise ZeroDivisionError("on purpose")

    events.subscribe("tests.counted", name="tests.fail")(fail)
    append(0)
    append(1)
    relay.drain()
    return "thing/1"


def test_tail_prints_the_newest_events_in_order():
    for number in range(5):
        append(number)
    code, output = call("tail", "-n", "3", "--json")
    assert code == 0
    assert [orjson.loads(line)["data"]["number"] for line in output.splitlines()] == [2, 3, 4]
    code, output = call("tail", "--type", "tests.counted")
    assert output.count("thing/1") == 5
    assert call("tail", "--type", "tests.other") == (0, "")


def test_held_names_subject_subscriber_and_error(held):
    code, output = call("held")
    assert code == 1
    assert held in output
    assert "tests.fail" in output


def test_held_says_when_nothing_is():
    assert call("held") == (0, "Nothing is held up.\n")


def test_skip_goes_on_with_the_next(held, handled):
    assert call("skip", held) == (0, "1 go on\n")
    relay.drain()
    assert [event.data["number"] for event in handled] == [0, 1]
    assert not PendingEvent.objects.exists()


def test_replay_without_names_tries_everything_again(held):
    assert call("replay") == (0, "1 go on\n")
    relay.drain()
    assert HeldSubject.objects.get().attempts == 2
