"""Reads credentials and rights of datasources, and writes when they were seen and what was refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.store.connection import Connection

REFUSED_TOPICS_KEPT = 100

_CREDENTIALS = """
SELECT d.id, d.username, d.secret_hash, d.enabled, d.expires_at, d.paused_until, d.rights_version,
       coalesce(array_agg(r.filter ORDER BY r.filter) FILTER (WHERE r.action = 'publish'), '{}'),
       coalesce(array_agg(r.filter ORDER BY r.filter) FILTER (WHERE r.action = 'read'), '{}')
FROM telemetry_datasource d LEFT JOIN telemetry_topicright r ON r.datasource_id = d.id
WHERE d.username = ANY(%s)
GROUP BY d.id
"""
_CHANGED = """
SELECT username, rights_version FROM telemetry_datasource WHERE rights_changed_at > now() - make_interval(secs => %(s)s)
UNION ALL
SELECT username, NULL FROM telemetry_retiredusername WHERE retired_at > now() - make_interval(secs => %(s)s)
"""
_VERSIONS = """
SELECT username, rights_version FROM telemetry_datasource
WHERE username = ANY(%s) AND enabled AND (expires_at IS NULL OR expires_at > now())
    AND (paused_until IS NULL OR paused_until <= now())
"""
# Foreign topics are those outside of `guildhall/…`.
_PUBLISHERS = """
SELECT r.filter, d.username FROM telemetry_topicright r JOIN telemetry_datasource d ON d.id = r.datasource_id
WHERE r.action = 'publish' AND split_part(r.filter, '/', 1) = ANY(%s)
"""
_FOREIGN = "SELECT filter FROM telemetry_topicright WHERE action = 'publish' AND split_part(filter, '/', 1) <> %s"
_SEEN = """
UPDATE telemetry_datasource d SET last_seen_at = greatest(d.last_seen_at, s.at)
FROM (SELECT unnest(%s::text[]) AS username, unnest(%s::timestamptz[]) AS at) s WHERE d.username = s.username
"""
_REFUSED_UNTIL = "SELECT coalesce(max(last_at), 'epoch') FROM telemetry_refusedpublish"
_REFUSED = """
WITH given AS (
    SELECT d.id AS datasource_id, g.action, g.topic, g.count, g.at
    FROM (
        SELECT unnest(%s::text[]) AS username, unnest(%s::text[]) AS action, unnest(%s::text[]) AS topic,
               unnest(%s::bigint[]) AS count, unnest(%s::timestamptz[]) AS at
    ) g JOIN telemetry_datasource d ON d.username = g.username
), counted AS (
    UPDATE telemetry_datasource d SET publishes_refused = publishes_refused + g.total
    FROM (SELECT datasource_id, sum(count) AS total FROM given GROUP BY datasource_id) g WHERE d.id = g.datasource_id
)
INSERT INTO telemetry_refusedpublish AS r (datasource_id, action, topic, count, first_at, last_at)
SELECT datasource_id, action, topic, count, at, at FROM given
ON CONFLICT (datasource_id, action, topic) DO UPDATE
    SET count = r.count + excluded.count, last_at = greatest(r.last_at, excluded.last_at)
RETURNING datasource_id
"""
_FORGET_OLDEST_REFUSED = """
DELETE FROM telemetry_refusedpublish WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY datasource_id ORDER BY last_at DESC, id DESC) AS age
        FROM telemetry_refusedpublish WHERE datasource_id = ANY(%s)
    ) ranked WHERE age > %s
)
"""


@dataclass(frozen=True, slots=True)
class Credential:
    """What is needed to answer a connecting datasource."""

    datasource_id: UUID
    username: str
    secret_hash: bytes
    enabled: bool
    expires_at: datetime | None
    paused_until: datetime | None
    rights_version: int
    publish: tuple[str, ...]
    read: tuple[str, ...]

    def is_usable(self, now: datetime) -> bool:
        """Whether it may connect at this time."""
        return policy.may_connect(now, enabled=self.enabled, expires_at=self.expires_at, paused_until=self.paused_until)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the broker refused to somebody, and how often."""

    username: str
    action: str
    topic: str
    at: datetime
    count: int = 1


def counted(refusals: Sequence[Refusal]) -> list[Refusal]:
    """The refusals with those of the same kind put together."""
    found: dict[tuple[str, str, str], Refusal] = {}
    for one in refusals:
        key = one.username, one.action, one.topic
        known = found.get(key)
        found[key] = one if known is None else replace(known, at=max(known.at, one.at), count=known.count + one.count)
    return list(found.values())


async def credentials_of(connection: Connection, usernames: Sequence[str]) -> dict[str, Credential]:
    """The credentials with these user names; unknown names are missing in the answer."""
    cursor = await connection.execute(_CREDENTIALS, [list(usernames)])
    found = {}
    async for id_, username, secret_hash, enabled, expires_at, paused_until, version, publish, read in cursor:
        found[username] = Credential(
            id_, username, bytes(secret_hash), enabled, expires_at, paused_until, version, tuple(publish), tuple(read)
        )
    return found


async def changed_rights(connection: Connection, *, within_s: float) -> dict[str, int | None]:
    """The versions of all rights that changed lately; None for datasources that are gone."""
    cursor = await connection.execute(_CHANGED, {"s": within_s})
    return {username: version async for username, version in cursor}


async def usable_versions(connection: Connection, usernames: Sequence[str]) -> dict[str, int]:
    """The version of the rights of each of these datasources that may be connected now."""
    cursor = await connection.execute(_VERSIONS, [list(usernames)])
    return {username: version async for username, version in cursor}


async def publishers_of(connection: Connection, topics: Collection[str]) -> dict[str, str]:
    """The user names of the datasources to which these foreign topics are granted; of others the topic is missing."""
    roots = {policy.root_of(topic) for topic in topics}
    granted: dict[str, list[tuple[str, str]]] = {root: [] for root in roots}
    async for filter_, username in await connection.execute(_PUBLISHERS, [list(roots)]):
        granted[policy.root_of(filter_)].append((filter_, username))
    found = {}
    for topic in topics:
        for filter_, username in granted[policy.root_of(topic)]:
            if policy.matches(filter_, topic):
                found[topic] = username
    return found


async def foreign_filters(connection: Connection) -> set[str]:
    """The filters of all foreign topics to which some datasource may publish."""
    return {row[0] async for row in await connection.execute(_FOREIGN, [policy.HOUSE])}


async def note_seen(connection: Connection, seen: Mapping[str, datetime]) -> None:
    """Remember when these datasources connected."""
    await connection.execute(_SEEN, [list(seen), list(seen.values())])


async def note_refused(connection: Connection, refusals: Sequence[Refusal]) -> None:
    """Count refusals, one row for each topic of a datasource; the oldest beyond a hundred topics are forgotten."""
    columns = [
        list(column) for column in zip(*((r.username, r.action, r.topic, r.count, r.at) for r in refusals), strict=True)
    ]
    async with connection.transaction():
        cursor = await connection.execute(_REFUSED, columns)
        touched = [row[0] for row in await cursor.fetchall()]
        await connection.execute(_FORGET_OLDEST_REFUSED, [touched, REFUSED_TOPICS_KEPT])


async def refused_until(connection: Connection) -> datetime:
    """The time of the latest refusal that was counted."""
    row = await (await connection.execute(_REFUSED_UNTIL)).fetchone()
    assert row is not None
    until: datetime = row[0]
    return until


async def take_lock(connection: Connection, name: str) -> bool:
    """Whether this session is the one that holds the lock of this name; it keeps it until it ends. Safe to repeat."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
    row = await cursor.fetchone()
    return row is not None and bool(row[0])
