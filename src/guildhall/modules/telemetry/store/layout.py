"""The store's arithmetic of time, and the names of its partitions. Pure.

All times of the store are whole microseconds since 1970 in UTC, ranges are half open.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
#: The smallest bucket that is kept summed up. Every zone's offset has been a multiple of it since 1980.
QUARTER: Final = 900 * SECOND
#: A row of rollups holds the buckets of so much time, counted from 1970-01-01.
WEEK: Final = 7 * DAY
QUARTERS_IN_WEEK: Final = WEEK // QUARTER
#: A chunk lies within one period; partitions hold one period each, and retention drops whole ones.
PERIOD: Final = 28 * DAY
#: What is older (2016) or younger (2100) shares one partition, so that a wrong clock can't make hundreds of tables.
FIRST_OWN_PERIOD: Final = 600
END_OF_OWN_PERIODS: Final = 1697

#: The years 1 to 9999, which is what a datetime can say.
FIRST_TIME: Final = -62_135_596_800 * SECOND
LAST_TIME: Final = 253_402_300_800 * SECOND - 1
#: Bounds of ranges that are open.
ALL_BEFORE: Final = -(2**62)
ALL_AFTER: Final = 2**62

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """An aware datetime as the store's time."""
    since = moment - _EPOCH
    return since.days * DAY + since.seconds * SECOND + since.microseconds


def moment(at: int) -> datetime:
    """A time of the store as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=at)


def floor(at: int, step: int) -> int:
    """The last multiple of the step that is not after this time."""
    return at // step * step


def partition_of(period: int) -> str:
    """The name of the partition of a period, whose number counts from 1970; it ends with the day it begins."""
    return f"telemetry_chunk_{moment(period * PERIOD):%Y%m%d}"
