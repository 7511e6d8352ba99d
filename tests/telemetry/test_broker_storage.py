"""How full the broker's storage is, and that those who look after the site are told."""

import asyncio
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from guildhall.core.accounts.mail import queue_mail
from guildhall.core.accounts.models import AccountMail, MailPurpose
from guildhall.core.shell import attention_for
from guildhall.modules.telemetry import jobs
from guildhall.modules.telemetry.broker import storage
from guildhall.modules.telemetry.broker.storage import Storage


def titles(user, house):
    return [str(item.title) for item in attention_for(user, house.organization)]


@pytest.mark.usefixtures("empty_stream")
def test_broker_tells_its_storage(nats_server):
    found = asyncio.run(storage.ask())
    assert found.limit_bytes == nats_server.max_file_bytes
    assert not found.is_nearly_full
    assert Storage(5, 0).share == 0


@pytest.mark.django_db
def test_full_broker_is_shown_to_superusers(house, nats_server):
    jobs.look_at_broker()
    assert cache.get(storage.CACHE_KEY)[1] == nats_server.max_file_bytes
    assert titles(house.superuser, house) == []
    cache.set(storage.CACHE_KEY, (85, 100))
    assert titles(house.superuser, house) == ["The broker's storage is 85 % full"]
    assert titles(house.admin, house) == []


@pytest.mark.django_db
def test_mail_that_is_stuck_is_shown_to_superusers(house):
    queue_mail(MailPurpose.RESET, email="somebody@example.org")
    assert titles(house.superuser, house) == []
    AccountMail.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert titles(house.superuser, house) == ["Mails are not delivered"]
    assert titles(house.admin, house) == []
    AccountMail.objects.update(expires_at=timezone.now() - timedelta(days=8))
    assert titles(house.superuser, house) == []
