"""Fixtures for every test: people and places, and a way to speak to the API as one of them."""

from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from guildhall.core.accounts.models import User
from guildhall.stack.servers import NatsServer
from tests.support.broker import start_nats
from tests.support.people import House, build_house

# How quick the machine is says nothing about the code.
hypothesis.settings.register_profile(
    "guildhall", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("guildhall")


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["tests.support.hashers.QuickArgon2"]
    # Else each test client begins with a walk through all static files.
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let the tests that commit clean up behind themselves; those of the guards switch them on again."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_refuses_truncate")
        cursor.execute("ALTER TABLE tasks_taskhistory DISABLE TRIGGER history_refuses_truncate")


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def house(db: None) -> House:
    """Two organizations with people in every role; see `tests.support.people`."""
    return build_house()


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("ada@example.org", "correct horse battery", name="Ada")


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture(scope="session")
def nats_server() -> Iterator[NatsServer]:
    """This worker's broker, where the settings look for it; MQTT takes plain and TLS clients on the same port."""
    with start_nats() as server:
        yield server
