"""Browsers of the people in the house, without a browser."""

from collections.abc import Callable

import pytest
from django.test import Client

from guildhall.core import shell
from guildhall.core.accounts.models import User
from guildhall.core.organizations.models import Organization
from guildhall.core.organizations.services import choose_active_organization
from tests.support.people import House


@pytest.fixture(autouse=True)
def _no_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell alone: what modules registered in it is their own tests' business."""
    monkeypatch.setattr(shell, "_navigation", {})
    monkeypatch.setattr(shell, "_providers", [])


@pytest.fixture
def visit() -> Callable[..., Client]:
    """A client that is signed in as this user, looking at this organization."""

    def open_browser(user: User, organization: Organization | None = None) -> Client:
        if organization is not None:
            choose_active_organization(actor=user, organization=organization)
        client = Client()
        client.force_login(user)
        return client

    return open_browser


@pytest.fixture
def admin(visit, house: House) -> Client:
    return visit(house.admin, house.organization)


@pytest.fixture
def moderator(visit, house: House) -> Client:
    return visit(house.moderator, house.organization)


@pytest.fixture
def member(visit, house: House) -> Client:
    return visit(house.user, house.organization)
