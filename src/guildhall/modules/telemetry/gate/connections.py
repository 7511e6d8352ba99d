"""The connections that were let in, each with the version of the rights it was given, and the cutting of outdated ones.

NATS fixes permissions at connect, so a change of rights ends the connection; the device connects again with new ones.
"""

import asyncio
import json
import logging
import time
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from psycopg import Error

from guildhall.modules.telemetry.gate.claims import DEVICES_ACCOUNT
from guildhall.modules.telemetry.store import rights
from guildhall.modules.telemetry.store.connection import Session, StoreUnavailableError

logger = logging.getLogger(__name__)

RECONCILE_INTERVAL_S: Final = 30.0
REQUEST_TIMEOUT_S: Final = 5.0
PAGE_SIZE: Final = 1024
#: So long a connection may take from our answer to being listed by the server.
SETTLING_S: Final = 10.0
#: Of so many connections the owner is known after they ended, for the log tells of refusals a moment later.
MAX_OWNERS: Final = 50_000

ConnectionKey = tuple[str, int]


def connection_name(username: str, version: int) -> str:
    """What a connection is called in NATS: whose it is, and which version of the rights it was given."""
    return f"{username}@{version}"


def parse_connection_name(name: str) -> tuple[str, int] | None:
    """User name and version in a connection's name, None for connections that are not of datasources."""
    username, _, version = name.partition("@")
    return (username, int(version)) if version.isdecimal() else None


@dataclass(frozen=True, slots=True)
class _Grant:
    username: str
    version: int
    at: float


class Connections:
    """Knows who is connected with which version. Several gates may work side by side: each cuts what it let in at once,
    and everything else at its next look at the server's own list.
    """

    def __init__(self, system: Client) -> None:
        self._system = system
        self._grants: dict[ConnectionKey, _Grant] = {}
        self._of_user: defaultdict[str, set[ConnectionKey]] = defaultdict(set)
        self._owners: OrderedDict[int, str] = OrderedDict()
        self._session = Session("mqtt-auth connections", timeout_s=REQUEST_TIMEOUT_S)
        self._wanted = asyncio.Event()
        self._wanted.set()

    def __len__(self) -> int:
        return len(self._grants)

    def granted(self, server_id: str, connection_id: int, username: str, version: int) -> None:
        """Remember that this connection was let in."""
        self._add((server_id, connection_id), _Grant(username, version, time.monotonic()))

    def owner_of(self, connection_id: int) -> str | None:
        """Whose connection last had this number, also when it is closed by now; None where that is not known."""
        return self._owners.get(connection_id)

    async def apply(self, changes: Mapping[str, int | None]) -> None:
        """Cut the connections of these datasources whose version is not the current one. Safe to repeat."""
        for username, version in changes.items():
            for key in list(self._of_user.get(username, ())):
                grant = self._grants[key]
                if grant.version != version:
                    await self._cut(key, grant)

    async def want_reconciliation(self) -> None:
        """Look through all connections soon."""
        self._wanted.set()

    async def run_reconciliation(self) -> None:
        """Compare all connections of the server with the database, now and then. Runs until cancelled."""
        while True:
            try:
                async with asyncio.timeout(RECONCILE_INTERVAL_S):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            self._wanted.clear()
            try:
                await self.reconcile()
            except (NatsError, StoreUnavailableError, Error, TimeoutError) as error:
                logger.warning("The connections can't be compared with the database: %s", error)
                await asyncio.sleep(1)
                self._wanted.set()

    async def reconcile(self) -> None:
        """Cut every connection of a datasource that may not connect any more, or had other rights when it did."""
        started = time.monotonic()
        listed = await self._listed()
        settling = {key: grant for key, grant in self._grants.items() if grant.at > started - SETTLING_S}
        self._grants.clear()
        self._of_user.clear()
        for key, grant in {**settling, **listed}.items():
            self._add(key, grant)
        async with self._session.use() as connection:
            versions = await rights.usable_versions(connection, list(self._of_user))
        for key, grant in list(listed.items()):
            if versions.get(grant.username) != grant.version:
                await self._cut(key, grant)

    async def close(self) -> None:
        await self._session.close()

    async def _listed(self) -> dict[ConnectionKey, _Grant]:
        found: dict[ConnectionKey, _Grant] = {}
        offset = 0
        now = time.monotonic()
        while True:
            query = {"auth": True, "acc": DEVICES_ACCOUNT, "offset": offset, "limit": PAGE_SIZE, "sort": "cid"}
            answer = await self._ask("$SYS.REQ.SERVER.PING.CONNZ", query)
            server_id, page = answer["server"]["id"], answer["data"]["connections"]
            for entry in page:
                named = parse_connection_name(entry.get("name_tag", ""))
                if named is not None:
                    found[server_id, entry["cid"]] = _Grant(*named, at=now)
            offset += PAGE_SIZE
            if len(page) < PAGE_SIZE:
                return found

    async def _cut(self, key: ConnectionKey, grant: _Grant) -> None:
        server_id, connection_id = key
        try:
            answer = await self._ask(f"$SYS.REQ.SERVER.{server_id}.KICK", {"cid": connection_id})
        except (NatsError, TimeoutError) as error:
            logger.warning("A connection of %s could not be cut, trying again: %s", grant.username, error)
            return
        # A connection that the server does not know yet is on its way in, and is tried again at the next poll.
        if "error" not in answer or grant.at < time.monotonic() - SETTLING_S:
            self._remove(key)
            logger.info("Cut a connection of %s, whose rights changed.", grant.username)

    async def _ask(self, subject: str, body: dict[str, Any]) -> dict[str, Any]:
        message = await self._system.request(subject, json.dumps(body).encode(), timeout=REQUEST_TIMEOUT_S)
        answer: dict[str, Any] = json.loads(message.data)
        return answer

    def _add(self, key: ConnectionKey, grant: _Grant) -> None:
        self._remove(key)
        self._grants[key] = grant
        self._of_user[grant.username].add(key)
        self._owners[key[1]] = grant.username
        self._owners.move_to_end(key[1])
        if len(self._owners) > MAX_OWNERS:
            self._owners.popitem(last=False)

    def _remove(self, key: ConnectionKey) -> None:
        grant = self._grants.pop(key, None)
        if grant is not None:
            keys = self._of_user[grant.username]
            keys.discard(key)
            if not keys:
                del self._of_user[grant.username]
