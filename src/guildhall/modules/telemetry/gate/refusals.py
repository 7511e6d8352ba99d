"""Finds in the broker's log what it refused to datasources, and counts it in the database.

MQTT 3.1.1 acknowledges a forbidden publish like any other and NATS has no advisory for it, so the log is the only place
that tells. A line names the connection by number; whose it is, the gate knows, as it let it in.
"""

import asyncio
import logging
import os
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from psycopg import Error

from guildhall.modules.telemetry.policy import topic_of_subject
from guildhall.modules.telemetry.store import rights
from guildhall.modules.telemetry.store.connection import Session, StoreUnavailableError
from guildhall.modules.telemetry.store.rights import Refusal

logger = logging.getLogger(__name__)

INTERVAL_S: Final = 0.25
RETRY_S: Final = 1.0
TIMEOUT_S: Final = 5.0
CHUNK_BYTES: Final = 256 * 1024
#: What can't be written down while the database is away is kept up to so many topics.
MAX_WAITING: Final = 10_000
MAX_TOPIC_CHARACTERS: Final = 512

_QUOTED = rb'"((?:[^"\\]|\\.)*)"'
#: Client ids and subjects are quoted by the server, so nothing in them can look like another line.
_VIOLATION: Final = re.compile(
    rb"\[\d+\] (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6}) \[ERR\] \S+ - mid:(\d+) - "
    + _QUOTED
    + rb" - (Publish|Subscription) Violation - .*?Subject "
    + _QUOTED
)
_SERVER_STARTED: Final = b"[INF] Starting nats-server"
_ACTIONS: Final = {b"Publish": "publish", b"Subscription": "read"}

Owner = Callable[[int], str | None]


def parse_violation(line: bytes) -> tuple[datetime, int, str, str] | None:
    """Time, number of the connection, action and topic of a line that tells of a refusal; None for other lines."""
    found = _VIOLATION.match(line)
    if found is None:
        return None
    at, connection_id, _, action, subject = found.groups()
    moment = datetime.strptime(at.decode(), "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC)
    # A filter of a subscription comes as the broker's `x.>`, which a person wrote as `x/#`.
    topic = topic_of_subject(subject.decode(errors="replace")).replace("*", "+")
    topic = topic.removesuffix(">") + "#" if topic.endswith(">") else topic
    return moment, int(connection_id), _ACTIONS[action], topic[:MAX_TOPIC_CHARACTERS]


class Tail:
    """Reads the whole lines that come to a file, also when the server replaces it by a new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._rest = b""

    def lines(self) -> Iterator[bytes]:
        """What came since the last call; at the first call everything that is there."""
        yield from self._read()
        if self._is_replaced():
            # What was written to the old file between reading and replacing is read first.
            yield from self._read()
            self.close()
            yield from self._read()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._rest = None, b""

    def _read(self) -> Iterator[bytes]:
        if self._file is None:
            try:
                self._file = self._path.open("rb")
            except FileNotFoundError:
                return
        while chunk := self._file.read(CHUNK_BYTES):
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            yield from lines

    def _is_replaced(self) -> bool:
        if self._file is None:
            return False
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(self._file.fileno())
        return (found.st_dev, found.st_ino) != (mine.st_dev, mine.st_ino) or found.st_size < self._file.tell()


class RefusalWatch:
    """Carries refusals from the log to the database. Of several gates on one machine only one does it."""

    def __init__(self, path: Path, owner_of: Owner) -> None:
        self._tail = Tail(path)
        self._owner_of = owner_of
        self._session = Session("mqtt-auth refusals", timeout_s=TIMEOUT_S)
        self._lock_name = f"{socket.gethostname()}:{path}"
        self._waiting: dict[tuple[str, str, str], Refusal] = {}
        self._written_until: datetime | None = None
        self._catching_up = True

    async def run(self) -> None:
        """Watch until cancelled."""
        try:
            while True:
                try:
                    if self._written_until is None:
                        async with self._session.use() as connection:
                            self._written_until = await rights.refused_until(connection)
                    self._collect(self._written_until)
                    if self._waiting:
                        await self._write()
                except (StoreUnavailableError, Error, OSError) as error:
                    logger.warning("Refused publishes can't be written down, trying again: %s", error)
                    await asyncio.sleep(RETRY_S)
                await asyncio.sleep(INTERVAL_S)
        finally:
            self._tail.close()
            await self._session.close()

    def _collect(self, since: datetime) -> None:
        for line in self._tail.lines():
            if self._catching_up and _SERVER_STARTED in line:
                # The numbers of earlier connections were given again since.
                self._waiting.clear()
                continue
            violation = parse_violation(line)
            if violation is None or violation[0] <= since:
                continue
            at, connection_id, action, topic = violation
            username = self._owner_of(connection_id)
            if username is None:
                continue
            key = username, action, topic
            earlier = self._waiting.get(key)
            if earlier is not None or len(self._waiting) < MAX_WAITING:
                count = 1 if earlier is None else earlier.count + 1
                self._waiting[key] = Refusal(username, action, topic, at, count)
        self._catching_up = False

    async def _write(self) -> None:
        async with self._session.use() as connection:
            if await rights.take_lock(connection, self._lock_name):
                await rights.note_refused(connection, list(self._waiting.values()))
        self._waiting.clear()
