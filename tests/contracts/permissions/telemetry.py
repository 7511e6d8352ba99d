"""Who gets which answer from the telemetry module."""

from tests.contracts.permissions import Table

TABLE: Table = {}
