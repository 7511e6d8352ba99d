"""The outbox: what is appended is told once, in order, and a failing event holds up its subject alone."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from guildhall.core import events
from guildhall.core.events import policy, registry, relay
from guildhall.core.events.models import Delivery, EventRow, HeldSubject, PendingEvent
from guildhall.core.http.context import current_request_id
from tests.events.conftest import Counted, append

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.django_db
class TestAppend:
    def test_event_carries_its_envelope(self, handled):
        actor, organization = uuid.uuid4(), uuid.uuid4()
        token = current_request_id.set("request-1234")
        events.append(connection, Counted(number=7), subject="thing/1", organization_id=organization, actor_id=actor)
        current_request_id.reset(token)
        relay.drain()
        (event,) = handled
        assert (event.type, event.version, event.subject, event.data) == ("tests.counted", 1, "thing/1", {"number": 7})
        assert (event.actor_id, event.organization_id, event.request_id) == (actor, organization, "request-1234")
        cloud_event = event.as_cloud_event()
        assert cloud_event["source"] == "/guildhall/tests"
        assert cloud_event["type"] == "tests.counted.v1"
        assert cloud_event["id"] == str(event.id)

    @pytest.mark.parametrize("statement", ["UPDATE events_event SET subject = ''", "DELETE FROM events_event"])
    def test_event_can_not_be_changed(self, statement):
        append(1)
        with pytest.raises(IntegrityError, match="only appended"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_data_that_does_not_fit_the_schema_is_refused(self):
        with pytest.raises(ValueError, match="number"):
            Counted(number="many")
        with pytest.raises(ValueError, match="other"):
            Counted(number=1, other=2)


@pytest.mark.django_db(transaction=True)
class TestTransaction:
    def test_append_outside_a_transaction_is_refused(self):
        with pytest.raises(RuntimeError, match="transaction"):
            append(1)

    def test_rolled_back_change_tells_nothing(self, handled):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            append(1)
            raise ZeroDivisionError
        assert relay.drain() == 0
        assert not EventRow.objects.exists()


@pytest.mark.django_db
class TestDelivery:
    def test_events_of_a_subject_come_in_order_and_once(self, handled):
        for number in range(5):
            append(number)
        assert relay.drain() == 5
        assert relay.drain() == 0
        assert [event.data["number"] for event in handled] == [0, 1, 2, 3, 4]
        assert not PendingEvent.objects.exists()

    def test_event_without_subscribers_is_done_with(self):
        append(1)
        assert relay.drain() == 1
        assert not PendingEvent.objects.exists()

    def test_every_subscriber_gets_the_event(self, handled):
        others: list[events.Event] = []
        events.subscribe("tests.counted", name="tests.other")(others.append)
        append(1)
        relay.drain()
        registry.unsubscribe("tests.other")
        assert len(handled) == len(others) == 1

    def test_event_that_was_handled_before_is_not_handled_again(self, handled):
        append(1)
        relay.drain()
        row = EventRow.objects.get()
        PendingEvent.objects.create(event=row, subject=row.subject)
        assert relay.drain() == 1
        assert len(handled) == 1

    def test_failing_event_holds_up_its_subject_alone(self, handled, caplog):
        def fail(event: events.Event) -> None:
            if event.subject == "thing/bad":
                raise ZeroDivisionError("on purpose")

        events.subscribe("tests.counted", name="tests.fail")(fail)
        for number in range(3):
            append(number, "thing/bad")
            append(number, "thing/good")
        relay.drain()
        assert [event.subject for event in handled if event.subject == "thing/good"] == ["thing/good"] * 3
        held = HeldSubject.objects.get()
        assert (held.subject, held.subscriber, held.attempts) == ("thing/bad", "tests.fail", 1)
        assert held.event.data == {"number": 0}
        assert "on purpose" in held.error
        assert PendingEvent.objects.count() == 3
        append(3, "thing/bad")
        relay.drain()
        assert PendingEvent.objects.filter(held=True).count() == 4
        registry.unsubscribe("tests.fail")
        assert relay.drain() == 0
        HeldSubject.objects.update(retry_at=timezone.now())
        relay.drain()
        bad = [event.data["number"] for event in handled if event.subject == "thing/bad"]
        assert bad == [0, 1, 2, 3]
        assert not HeldSubject.objects.exists()
        assert not PendingEvent.objects.exists()

    def test_subject_that_becomes_due_just_now_is_not_overtaken_by_its_later_events(self, handled, caplog, monkeypatch):
        def fail(event: events.Event) -> None:
            raise ZeroDivisionError("on purpose")

        events.subscribe("tests.counted", name="tests.fail")(fail)
        append(0)
        append(1)
        relay.drain()
        registry.unsubscribe("tests.fail")
        HeldSubject.objects.update(retry_at=timezone.now())
        append(2)
        handled.clear()
        Delivery.objects.all().delete()
        with monkeypatch.context() as context:
            # When this was asked, it was not due yet.
            context.setattr(relay, "_claim_due_subjects", list)
            relay.deliver_once()
        relay.drain()
        assert [event.data["number"] for event in handled] == [0, 1, 2]

    def test_effect_of_a_failing_subscriber_is_rolled_back_and_others_keep_theirs(self, handled, caplog):
        def half(event: events.Event) -> None:
            append(99, "thing/effect")
            raise ZeroDivisionError

        events.subscribe("tests.counted", name="tests.z-half")(half)
        append(1, "thing/1")
        relay.deliver_once()
        registry.unsubscribe("tests.z-half")
        assert not EventRow.objects.filter(subject="thing/effect").exists()
        assert Delivery.objects.filter(subscriber="tests.collect").count() == 1
        relay.replay(["thing/1"])
        relay.drain()
        assert len(handled) == 1

    def test_dead_letter_rests_until_it_is_replayed_or_skipped(self, handled, caplog):
        def fail(event: events.Event) -> None:
            if event.data["number"] == 0:
                raise ZeroDivisionError

        events.subscribe("tests.counted", name="tests.fail")(fail)
        append(0)
        append(1)
        relay.drain()
        for _ in range(policy.MAXIMUM_ATTEMPTS - 1):
            HeldSubject.objects.update(retry_at=timezone.now())
            relay.drain()
        held = HeldSubject.objects.get()
        assert held.is_dead
        assert held.attempts == policy.MAXIMUM_ATTEMPTS
        assert relay.drain() == 0
        assert relay.replay(["thing/1"]) == 1
        relay.drain()
        assert HeldSubject.objects.get().is_dead
        assert relay.skip(["thing/1"]) == 1
        relay.drain()
        registry.unsubscribe("tests.fail")
        assert [event.data["number"] for event in handled][-1] == 1
        assert not HeldSubject.objects.exists()
        assert not PendingEvent.objects.exists()

    def test_old_deliveries_are_forgotten(self, handled):
        append(1)
        relay.drain()
        assert relay.forget_deliveries(timezone.now()) == 0
        assert relay.forget_deliveries(timezone.now() + policy.DELIVERIES_KEPT + timedelta(minutes=1)) == 1


def test_retries_wait_twice_as_long_each_time_and_end():
    waits = [policy.retry_at(attempts, NOW) for attempts in range(1, policy.MAXIMUM_ATTEMPTS + 1)]
    assert waits[0] == NOW + timedelta(seconds=1)
    assert waits[3] == NOW + timedelta(seconds=8)
    assert waits[10] == NOW + policy.LONGEST_WAIT
    assert waits[-1] is None


@pytest.mark.parametrize("name", ["Counted", "tests", "tests.Counted", "tests.counted.twice"])
def test_type_with_an_odd_name_is_refused(name):
    with pytest.raises(ValueError, match="no name of an event"):
        type("Odd", (events.EventData,), {}, type=name)


def test_type_declared_twice_is_refused():
    with pytest.raises(ValueError, match="declared twice"):

        class CountedAgain(events.EventData, type="tests.counted"):
            pass


def test_subscription_name_is_taken_once():
    events.subscribe("tests.counted", name="tests.once")(lambda event: None)
    with pytest.raises(ValueError, match=r"tests\.once"):

        @events.subscribe("tests.counted", name="tests.once")
        def other(event: events.Event) -> None: ...

    registry.unsubscribe("tests.once")
