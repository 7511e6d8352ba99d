"""The whole demo: people and places, and what each module adds to them."""

import pytest

from guildhall.config import seed
from guildhall.core.accounts.models import User
from guildhall.core.accounts.sign_in import sign_in
from guildhall.core.organizations.models import ProjectObject
from guildhall.modules.telemetry import seed as telemetry
from guildhall.modules.telemetry.models import Datapoint

pytestmark = pytest.mark.django_db


def test_demo_has_people_and_what_every_module_adds_and_is_put_in_once(monkeypatch):
    monkeypatch.setattr(telemetry, "DAYS", 2)
    accounts = seed.run()
    assert all(sign_in(email=account.email, password=account.password) for account in accounts)
    rooms = ProjectObject.objects.filter(project__organization__personal_owner=None)
    assert {datapoint.object_id for datapoint in Datapoint.objects.all()} == {room.pk for room in rooms}

    def counted() -> list[int]:
        return [model.objects.count() for model in (User, ProjectObject, Datapoint)]

    first = counted()
    assert min(first) > 0
    assert seed.run() == accounts
    assert counted() == first
