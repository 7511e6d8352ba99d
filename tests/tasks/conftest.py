"""Browsers of the people who use the tracker."""

import pytest
from django.test import Client

from tests.support.people import House
from tests.tasks.browsers import browser_of


@pytest.fixture
def page(house: House) -> Client:
    """The admin's browser."""
    return browser_of(house.admin, house.organization)


@pytest.fixture
def members_page(house: House) -> Client:
    """The browser of somebody with the least role."""
    return browser_of(house.user, house.organization)
