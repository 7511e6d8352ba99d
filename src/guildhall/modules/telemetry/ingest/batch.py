"""Stores one batch of messages in one transaction: samples, dead letters, counts and the watermark, or nothing."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg

from guildhall.modules.telemetry import payload, policy
from guildhall.modules.telemetry.ingest.pull import Message
from guildhall.modules.telemetry.payload import RejectedError, RejectReason
from guildhall.modules.telemetry.store import samples, series, watermark
from guildhall.modules.telemetry.store.connection import Connection
from guildhall.modules.telemetry.store.samples import Month, Row
from guildhall.modules.telemetry.store.series import Address, Rejected, Tally, Target
from guildhall.modules.telemetry.store.watermark import Watermark

#: So long it may take until a datapoint that was moved or renamed gets its messages.
TARGETS_TRUSTED_FOR_S: Final = 10.0
MAX_TARGETS: Final = 50_000
#: A datasource that sends nothing but garbage fills no more of a batch than this.
LETTERS_KEPT_OF_BATCH: Final = 100
KEY_MAX_LENGTH: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(at: int) -> datetime:
    """A time in microseconds since 1970 as a datetime."""
    return _EPOCH + timedelta(microseconds=at)


def address_of(subject: str) -> Address | RejectReason:
    """Whose topic this is and which key stands at its end, or why it is nobody's."""
    topic = policy.topic_of_subject(subject)
    username = policy.owner_of(topic)
    if username is None:
        return RejectReason.NOT_A_TOPIC_OF_A_DATASOURCE
    key = topic[len(policy.topic_prefix(username)) + 1 :]
    if len(key) > KEY_MAX_LENGTH or policy.topic_problem(key) is not None:
        return RejectReason.BAD_KEY
    return username, key


@dataclass(frozen=True, slots=True)
class Stored:
    """What a committed batch brought: its position, and the samples of each datapoint as (time, value)."""

    position: int
    samples: dict[int, list[tuple[int, float]]]


@dataclass(slots=True)
class _Sorted:
    rows: dict[tuple[int, int], tuple[float, UUID | None]] = field(default_factory=dict)
    letters: list[Rejected] = field(default_factory=list)
    tallies: dict[UUID, Tally] = field(default_factory=dict)


class Storing:
    """Stores batches over one connection as the leader. After an error, only a new object may go on."""

    def __init__(self, connection: Connection, mark: Watermark) -> None:
        self._connection = connection
        self._mark = mark
        self._targets: dict[str, Target] = {}
        self._targets_from = 0.0
        self._months: set[Month] = set()

    async def store(self, messages: list[Message]) -> list[Stored]:
        """Store what is not stored yet; after the return it is committed.

        What the database refuses is narrowed down by halving, until the one message that is at fault is a dead letter.

        Raises:
            SupersededError: another consumer leads.
            psycopg.OperationalError: the database went away; nothing or everything of the last transaction is stored.
        """
        new = [message for message in messages if message.sequence > self._mark.sequence]
        if not new:
            return []
        try:
            return [await self._store(new)]
        except (psycopg.DataError, psycopg.IntegrityError):
            # It may be only that a datapoint was deleted a moment ago.
            self._targets.clear()
        try:
            return [await self._store(new)]
        except (psycopg.DataError, psycopg.IntegrityError):
            if len(new) == 1:
                return [await self._store(new, refuse=True)]
        middle = len(new) // 2
        return [*await self.store(new[:middle]), *await self.store(new[middle:])]

    async def _store(self, messages: list[Message], *, refuse: bool = False) -> Stored:
        last = messages[-1]
        connection = self._connection
        parsed = [(message, _parse(message, refuse=refuse)) for message in messages]
        await self._create_partitions(parsed)
        async with connection.transaction():
            position = await watermark.advance(
                connection, self._mark, sequence=last.sequence, message_at=moment(last.received_at)
            )
            await self._find_targets(messages)
            found = self._sort(parsed)
            if found.rows:
                rows: list[Row] = [(*key, *value) for key, value in found.rows.items()]
                await samples.merge(connection, rows, position=position)
            if found.letters:
                await series.reject(connection, found.letters)
            if found.tallies:
                await series.count_messages(connection, found.tallies)
        self._mark.sequence, self._mark.message_at, self._mark.position = (
            last.sequence,
            moment(last.received_at),
            position,
        )
        announced: dict[int, list[tuple[int, float]]] = {}
        for (datapoint, at), (value, _) in found.rows.items():
            announced.setdefault(datapoint, []).append((at, value))
        return Stored(position, announced)

    async def _create_partitions(
        self, parsed: "list[tuple[Message, list[payload.Measurement] | RejectReason]]"
    ) -> None:
        times = (at for _, result in parsed if isinstance(result, list) for at, _ in result)
        months = payload.months_of(times) - self._months
        if months:
            await samples.create_partitions(self._connection, months)
            self._months |= months

    async def _find_targets(self, messages: list[Message]) -> None:
        now = time.monotonic()
        if now - self._targets_from > TARGETS_TRUSTED_FOR_S or len(self._targets) > MAX_TARGETS:
            self._targets.clear()
            self._targets_from = now
        asked: dict[str, Address] = {}
        for subject in {message.subject for message in messages} - self._targets.keys():
            address = address_of(subject)
            if isinstance(address, RejectReason):
                self._targets[subject] = Target(None, reason=address)
            else:
                asked[subject] = address
        if asked:
            found = await series.find_targets(self._connection, list(dict.fromkeys(asked.values())))
            self._targets |= {subject: found[address] for subject, address in asked.items()}

    def _sort(self, parsed: "list[tuple[Message, list[payload.Measurement] | RejectReason]]") -> _Sorted:
        found = _Sorted()
        letters_of: dict[UUID | None, int] = {}
        for message, result in parsed:
            target = self._targets[message.subject]
            reason = target.reason or (result if isinstance(result, RejectReason) else None)
            received = moment(message.received_at)
            if target.datasource_id is not None:
                tally = found.tallies.setdefault(target.datasource_id, Tally())
                tally.at = received
                if reason is None:
                    tally.stored += 1
                else:
                    tally.rejected += 1
            if reason is not None:
                letters_of[target.datasource_id] = letters_of.get(target.datasource_id, 0) + 1
                if letters_of[target.datasource_id] <= LETTERS_KEPT_OF_BATCH:
                    topic = policy.topic_of_subject(message.subject)
                    found.letters.append(Rejected(target.datasource_id, topic, message.payload, reason, received))
                continue
            assert isinstance(result, list)
            assert target.datapoint_id is not None
            for at, value in result:
                found.rows[target.datapoint_id, at] = value, target.datasource_id
        return found


def _parse(message: Message, *, refuse: bool) -> list[payload.Measurement] | RejectReason:
    if refuse:
        return RejectReason.NOT_STORABLE
    try:
        return payload.parse(message.payload, message.received_at)
    except RejectedError as error:
        return error.reason
