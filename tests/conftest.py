"""Fixtures for every test: people and places, and a way to speak to the API as one of them."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from rest_framework.test import APIClient

from guildhall.core.accounts.models import User
from tests.support.people import House, build_house


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["tests.support.hashers.QuickArgon2"]


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
