"""Finds the datapoint behind a topic, creating it on first sight where the datasource may, and keeps the counts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from guildhall.modules.telemetry.mapping import Rule, rules_of
from guildhall.modules.telemetry.payload import RejectReason
from guildhall.modules.telemetry.store.connection import Connection
from guildhall.modules.telemetry.store.plan import Plan, run_async

#: A device that makes up topics must not fill the project; people can still create more.
MAX_CREATED_IN_PROJECT: Final = 10_000
DEAD_LETTERS_KEPT: Final = 1000
PAYLOAD_BYTES_KEPT: Final = 1024
TOPIC_CHARACTERS_KEPT: Final = 512
NAME_LENGTH: Final = 200

_FIND = """
SELECT g.username, g.key, s.id, s.may_create_datapoints, p.id, s.project_id, s.object_id, s.organization_id
FROM (SELECT unnest(%s::text[]) AS username, unnest(%s::text[]) AS key) g
LEFT JOIN telemetry_datasource s ON s.username = g.username
LEFT JOIN telemetry_datapoint p
    ON p.project_id = s.project_id AND p.object_id IS NOT DISTINCT FROM s.object_id AND p.key = g.key
"""
_SOURCES = "SELECT username, id, mapping FROM telemetry_datasource WHERE username = ANY(%s::text[])"
_COUNT = "SELECT project_id, count(*) FROM telemetry_datapoint WHERE project_id = ANY(%s) GROUP BY project_id"
_CREATE = """
INSERT INTO telemetry_datapoint (organization_id, project_id, object_id, key, name)
SELECT unnest(%s::uuid[]), unnest(%s::uuid[]), unnest(%s::uuid[]), unnest(%s::text[]), unnest(%s::text[])
ON CONFLICT DO NOTHING
"""
_COUNT_MESSAGES = """
UPDATE telemetry_datasource d
SET messages_stored = messages_stored + g.stored, messages_rejected = messages_rejected + g.rejected,
    last_seen_at = greatest(d.last_seen_at, g.at)
FROM (
    SELECT unnest(%s::uuid[]) AS id, unnest(%s::bigint[]) AS stored, unnest(%s::bigint[]) AS rejected,
           unnest(%s::timestamptz[]) AS at
) g WHERE d.id = g.id
"""
_PAUSE = """
UPDATE telemetry_datasource d SET paused_until = clock_timestamp() + make_interval(secs => g.seconds)
FROM (SELECT unnest(%s::uuid[]) AS id, unnest(%s::float8[]) AS seconds) g WHERE d.id = g.id
"""
_REJECT = """
INSERT INTO telemetry_deadletter (datasource_id, topic, payload, payload_size, reason, at)
SELECT s.id, g.topic, g.payload, g.size, g.reason, g.at
FROM unnest(%s::uuid[], %s::text[], %s::bytea[], %s::int[], %s::text[], %s::timestamptz[])
    WITH ORDINALITY g (datasource_id, topic, payload, size, reason, at, place)
LEFT JOIN telemetry_datasource s ON s.id = g.datasource_id
ORDER BY g.place
"""
_FORGET_OLDEST = """
DELETE FROM telemetry_deadletter WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY datasource_id ORDER BY id DESC) AS age FROM telemetry_deadletter
    ) ranked WHERE age > %s
)
"""

#: User name and key, as they stand in a topic.
Address = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """Where the messages of a topic go: the datapoint, or the reason why to none. The datasource where it is known."""

    datasource_id: UUID | None
    datapoint_id: int | None = None
    reason: RejectReason | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A datasource, and the rules by which its messages are read, if it has some."""

    datasource_id: UUID
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is not stored."""

    datasource_id: UUID | None
    topic: str
    payload: bytes
    reason: RejectReason
    at: datetime


@dataclass(slots=True)
class Tally:
    """What a batch brought from one datasource."""

    stored: int = 0
    rejected: int = 0
    #: Those that a device with topics of its own sends and nobody wants, which are neither.
    passed_over: int = 0
    at: datetime | None = None


async def find_sources(connection: Connection, usernames: Collection[str]) -> dict[str, Known]:
    """The datasources of these user names; those that there are not are missing."""
    rows = await (await connection.execute(_SOURCES, [list(usernames)])).fetchall()
    return {username: Known(datasource, rules_of(mapping)) for username, datasource, mapping in rows}


async def find_targets(connection: Connection, addresses: Sequence[Address]) -> dict[Address, Target]:
    """`targets_of`, on this connection."""
    return await run_async(targets_of(addresses), connection)


def targets_of(addresses: Sequence[Address]) -> Plan[dict[Address, Target]]:
    """Where these topics lead. Creates missing datapoints, inside the caller's transaction."""
    found, missing = yield from _find(addresses)
    # A name may be taken by a datapoint with another key, so a second try says whose it is.
    for name in ("{key}", "{key} ({username})"):
        if not missing:
            break
        yield from _create(missing, name)
        more, missing = yield from _find(list(missing))
        found |= more
    for address, (datasource_id, *_) in missing.items():
        found[address] = Target(datasource_id, reason=RejectReason.TOO_MANY_DATAPOINTS)
    return found


_Place = tuple[UUID, UUID, UUID, UUID | None]


def _find(addresses: Sequence[Address]) -> Plan[tuple[dict[Address, Target], dict[Address, _Place]]]:
    rows = yield _FIND, [[a[0] for a in addresses], [a[1] for a in addresses]]
    found: dict[Address, Target] = {}
    missing: dict[Address, _Place] = {}
    for username, key, datasource, may_create, datapoint, project, thing, organization in rows:
        address = username, key
        if datasource is None:
            found[address] = Target(None, reason=RejectReason.UNKNOWN_DATASOURCE)
        elif datapoint is not None:
            found[address] = Target(datasource, datapoint)
        elif may_create:
            missing[address] = datasource, organization, project, thing
        else:
            found[address] = Target(datasource, reason=RejectReason.UNKNOWN_DATAPOINT)
    return found, missing


def _create(missing: Mapping[Address, _Place], name: str) -> Plan[None]:
    projects = {place[2] for place in missing.values()}
    counts: dict[UUID, int] = dict((yield _COUNT, [list(projects)]))
    rows: list[tuple[UUID, UUID, UUID | None, str, str]] = []
    # In one order, so that no two who create the same wait for each other.
    for (username, key), (_, organization, project, thing) in sorted(missing.items(), key=lambda item: item[0]):
        counts[project] = counts.get(project, 0) + 1
        if counts[project] <= MAX_CREATED_IN_PROJECT:
            rows.append((organization, project, thing, key, name.format(key=key, username=username)[:NAME_LENGTH]))
    if rows:
        yield _CREATE, [list(column) for column in zip(*rows, strict=True)]


async def count_messages(connection: Connection, tallies: Mapping[UUID, Tally]) -> None:
    """`counted`, on this connection."""
    await run_async(counted(tallies), connection)


def counted(tallies: Mapping[UUID, Tally]) -> Plan[None]:
    """Add to the counts of these datasources."""
    values = list(tallies.values())
    yield _COUNT_MESSAGES, [
        list(tallies), [t.stored for t in values], [t.rejected for t in values], [t.at for t in values]
    ]  # fmt: skip


async def pause(connection: Connection, pauses: Mapping[UUID, float]) -> None:
    """Let these datasources not connect for so many seconds; a trigger sees to it that they are cut."""
    await connection.execute(_PAUSE, [list(pauses), list(pauses.values())])


async def reject(connection: Connection, letters: Iterable[Rejected]) -> None:
    """Keep these messages with the reasons why they are not stored."""
    rows = [
        (
            letter.datasource_id,
            # PostgreSQL's text holds no zero bytes.
            letter.topic.replace("\0", "\N{REPLACEMENT CHARACTER}")[:TOPIC_CHARACTERS_KEPT],
            letter.payload[:PAYLOAD_BYTES_KEPT],
            len(letter.payload),
            letter.reason.value,
            letter.at,
        )
        for letter in letters
    ]
    await connection.execute(_REJECT, [list(column) for column in zip(*rows, strict=True)])


async def forget_oldest_dead_letters(connection: Connection) -> None:
    """Keep only the latest thousand of each datasource."""
    await connection.execute(_FORGET_OLDEST, [DEAD_LETTERS_KEPT])
