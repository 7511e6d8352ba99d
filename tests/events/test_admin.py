"""The admin site shows events and mends held subjects, and lets nobody change what happened."""

import pytest

from guildhall.core import events
from guildhall.core.events import relay
from guildhall.core.events.models import EventRow, HeldSubject
from tests.events.conftest import append

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(handled, caplog) -> HeldSubject:
    def fail(event: events.Event) -> None:
        raise ZeroDivisionError

    events.subscribe("tests.counted", name="tests.fail")(fail)
    append(0)
    relay.drain()
    return HeldSubject.objects.get()


@pytest.mark.parametrize(("action", "left"), [("replay", 1), ("skip", 0)])
def test_held_subject_can_be_mended(admin_client, held, action, left):
    answer = admin_client.post(
        "/admin/events/heldsubject/", {"action": action, "_selected_action": [held.pk]}, follow=True
    )
    assert answer.status_code == 200
    assert HeldSubject.objects.count() == left


def test_event_can_be_read_and_not_changed(admin_client):
    append(1)
    row = EventRow.objects.get()
    assert admin_client.get("/admin/events/eventrow/?q=thing").status_code == 200
    assert admin_client.get(f"/admin/events/eventrow/{row.pk}/change/").status_code == 200
    assert admin_client.post(f"/admin/events/eventrow/{row.pk}/change/", {"subject": "x"}).status_code == 403
    assert admin_client.get("/admin/events/eventrow/add/").status_code == 403
