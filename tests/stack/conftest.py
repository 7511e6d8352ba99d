"""A home that servers can reach, and a whole stack in it on ports of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from guildhall.stack.servers import temporary_home
from tests.stack.stack import StackUnderTest, running


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as folder:
        yield folder


@pytest.fixture(scope="module")
def running_stack() -> Iterator[StackUnderTest]:
    """One stack for the tests of a module that leave it running."""
    with running() as stack:
        yield stack
