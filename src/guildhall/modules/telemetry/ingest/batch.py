"""Stores one batch of messages in one transaction: samples, dead letters, counts and the watermark, or nothing."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from guildhall.modules.telemetry import mapping, payload, policy
from guildhall.modules.telemetry.ingest.floods import Floods
from guildhall.modules.telemetry.ingest.pull import Message
from guildhall.modules.telemetry.ingest.watching import Watching
from guildhall.modules.telemetry.payload import Columns, RejectedError, RejectReason
from guildhall.modules.telemetry.store import journal, rights, series, watermark
from guildhall.modules.telemetry.store.connection import Connection
from guildhall.modules.telemetry.store.journal import UnknownDatapointError, Written
from guildhall.modules.telemetry.store.layout import ALL_AFTER, ALL_BEFORE, moment
from guildhall.modules.telemetry.store.merging import Batch, NotFiniteError
from guildhall.modules.telemetry.store.pieces import Floats, Ints
from guildhall.modules.telemetry.store.plan import run_async
from guildhall.modules.telemetry.store.series import Address, Known, Rejected, Tally, Target
from guildhall.modules.telemetry.store.watermark import Watermark

#: So long it may take until a datapoint that was moved or renamed gets its messages.
TARGETS_TRUSTED_FOR_S: Final = 10.0
MAX_TARGETS: Final = 50_000
#: A datasource that sends nothing but garbage fills no more of a batch than this.
LETTERS_KEPT_OF_BATCH: Final = 100
KEY_MAX_LENGTH: Final = 200
#: Samples of larger batches are not handed to live streams one by one.
TOLD_AT_MOST: Final = 2000
#: What the store refuses, though the server is well.
_REFUSALS: Final = (psycopg.DataError, psycopg.IntegrityError, UnknownDatapointError, NotFiniteError)


def address_of(subject: str) -> Address | RejectReason:
    """Whose topic this is and which key stands at its end, or why it is nobody's."""
    topic = policy.topic_of_subject(subject)
    username = policy.owner_of(topic)
    if username is None:
        return RejectReason.NOT_A_TOPIC_OF_A_DATASOURCE
    return _address(username, topic[len(policy.topic_prefix(username)) + 1 :])


def _address(username: str, key: str) -> Address | RejectReason:
    if len(key) > KEY_MAX_LENGTH or policy.topic_problem(key) is not None:
        return RejectReason.BAD_KEY
    return username, key


@dataclass(frozen=True, slots=True)
class Stored:
    """What a committed batch brought: its position, and the samples of each datapoint as (time, value).

    Of a large batch nothing but the position is told: whoever waits for its samples reads them sooner than they could
    be handed over one by one.
    """

    position: int
    samples: dict[int, list[tuple[int, float]]] | None


class _Kept(NamedTuple):
    """A message that is to be stored, with its datapoint and datasource."""

    message: Message
    datapoint_id: int
    datasource_id: UUID
    times: list[int] | Ints
    values: list[float] | Floats


@dataclass(slots=True)
class _Sorted:
    kept: list[_Kept] = field(default_factory=list)
    letters: list[Rejected] = field(default_factory=list)
    tallies: dict[UUID, Tally] = field(default_factory=dict)


class _Read(NamedTuple):
    """A message as it was understood: whose it is, what of it belongs to which datapoint, or why nothing does."""

    message: Message
    source: Known | None
    parts: Sequence[tuple[Address, Columns]] = ()
    reason: RejectReason | None = None


class Storing:
    """Stores batches over one connection, with a mark as the leader. After an error, only a new object may go on."""

    def __init__(
        self,
        connection: Connection,
        mark: Watermark | None,
        floods: Floods | None = None,
        watching: Watching | None = None,
    ) -> None:
        self._connection = connection
        self._watching = watching
        self._mark = mark
        self._floods = floods
        self._addresses: dict[str, Address | RejectReason] = {}
        self._sources: dict[str, Known | None] = {}
        self._targets: dict[Address, Target] = {}
        self._known_from = float("-inf")

    async def store(self, messages: list[Message]) -> list[Stored]:
        """Store what is not stored yet; after the return it is committed.

        What the database refuses is narrowed down by halving, until the one message that is at fault is a dead letter.

        Raises:
            SupersededError: another consumer leads.
            psycopg.OperationalError: the database went away; nothing or everything of the last transaction is stored.
        """
        mark = self._mark
        new = messages if mark is None else [message for message in messages if message.sequence > mark.sequence]
        if not new:
            return []
        try:
            return await self._store(new)
        except _REFUSALS:
            # It may be only that a datapoint was deleted a moment ago.
            self._forget()
        try:
            return await self._store(new)
        except _REFUSALS:
            self._forget()
            if len(new) == 1:
                return await self._store(new, refuse=True)
        middle = len(new) // 2
        return [*await self.store(new[:middle]), *await self.store(new[middle:])]

    async def _store(self, messages: list[Message], *, refuse: bool = False) -> list[Stored]:
        last = messages[-1]
        received = moment(last.received_at)
        connection = self._connection
        await self._find_sources(messages)
        reads = [self._read(message, refuse=refuse) for message in messages]
        stored: list[Stored] = []
        written: Written | None = None
        async with connection.transaction():
            if self._mark is not None:
                await watermark.advance(connection, self._mark, sequence=last.sequence, message_at=received)
            await self._find_targets(reads)
            found = _sort(reads, self._targets)
            # Before the counts, as in every other transaction that needs both.
            numbers = await self._sources_of(found.kept)
            if found.letters:
                await series.reject(connection, found.letters)
            if found.tallies:
                await series.count_messages(connection, found.tallies)
                pauses = self._floods.note(found.tallies) if self._floods is not None else {}
                if pauses:
                    await series.pause(connection, pauses)
            if found.kept:
                # Last, as every other writer waits from here on until the commit.
                batch = _batch(found.kept, numbers)
                written = await run_async(journal.write(batch), connection)
                if written.refused:
                    await self._refuse(found.kept, written)
                stored.append(_stored(batch, written))
        if self._mark is not None:
            self._mark.sequence, self._mark.message_at = last.sequence, received
        if self._watching is not None and self._watching.watched:
            self._show(self._watching, reads, written.floors if written is not None else {})
        return stored

    def _show(self, watching: Watching, reads: Iterable[_Read], floors: Mapping[int, int]) -> None:
        """Let those who watch a datasource see what came from it, and what became of it."""
        for message, source, parts, refused in reads:
            if source is None or source.datasource_id not in watching.watched:
                continue
            reason, kept = refused, False
            for address, (times, _) in parts:
                target = self._targets[address]
                if target.datapoint_id is None:
                    reason = target.reason
                    continue
                kept = True
                if min(times) < floors.get(target.datapoint_id, ALL_BEFORE):
                    reason = RejectReason.OLDER_THAN_KEPT
            watching.note(source.datasource_id, message, reason, stored=kept)

    async def _sources_of(self, kept: Iterable[_Kept]) -> dict[UUID, int]:
        return await run_async(journal.sources_of(list({one.datasource_id for one in kept})), self._connection)

    async def _refuse(self, kept: Iterable[_Kept], written: Written) -> None:
        """Tell of messages with values that are too old to be kept; one without any other value is not stored."""
        letters: list[Rejected] = []
        tallies: dict[UUID, Tally] = {}
        for one in kept:
            floor = written.floors.get(one.datapoint_id, ALL_BEFORE)
            old = sum(at < floor for at in one.times)
            if not old:
                continue
            if old == len(one.times):
                tally = tallies.setdefault(one.datasource_id, Tally())
                tally.stored, tally.rejected = tally.stored - 1, tally.rejected + 1
            letters.append(_letter(one.message, one.datasource_id, RejectReason.OLDER_THAN_KEPT))
        await series.reject(self._connection, _at_most(letters))
        if tallies:
            await series.count_messages(self._connection, tallies)

    def _forget(self) -> None:
        self._known_from = float("-inf")

    async def _find_sources(self, messages: list[Message]) -> None:
        now = time.monotonic()
        if now - self._known_from > TARGETS_TRUSTED_FOR_S or len(self._targets) + len(self._addresses) > MAX_TARGETS:
            self._addresses.clear()
            self._sources.clear()
            self._targets.clear()
            self._known_from = now
        subjects = {message.subject for message in messages}
        for subject in subjects - self._addresses.keys():
            self._addresses[subject] = address_of(subject)
        await self._find_publishers(subjects)
        named = (self._addresses[message.subject] for message in messages)
        unknown = {address[0] for address in named if isinstance(address, tuple)} - self._sources.keys()
        if unknown:
            found = await series.find_sources(self._connection, unknown)
            self._sources |= {username: found.get(username) for username in unknown}

    async def _find_publishers(self, subjects: Iterable[str]) -> None:
        """Find whose the topics are that bear no user name; such topics are asked for again until they are granted."""
        reason = RejectReason.NOT_A_TOPIC_OF_A_DATASOURCE
        topics = {one: policy.topic_of_subject(one) for one in subjects if self._addresses[one] is reason}
        foreign = [topic for topic in topics.values() if policy.is_foreign(topic)]
        if not foreign:
            return
        publishers = await rights.publishers_of(self._connection, foreign)
        for subject, topic in topics.items():
            if topic in publishers:
                self._addresses[subject] = _address(publishers[topic], topic)

    def _read(self, message: Message, *, refuse: bool) -> _Read:
        address = self._addresses[message.subject]
        if isinstance(address, RejectReason):
            return _Read(message, None, reason=address)
        username, key = address
        source = self._sources[username]
        if source is None:
            return _Read(message, None, reason=RejectReason.UNKNOWN_DATASOURCE)
        if refuse:
            return _Read(message, source, reason=RejectReason.NOT_STORABLE)
        try:
            if not source.rules or not mapping.applies(source.rules, key):
                columns = message.columns or payload.columns(message.payload, message.received_at)
                return _Read(message, source, [(address, columns)])
            samples = mapping.read(source.rules, key, message.payload, message.received_at)
            return _Read(message, source, [((username, name), ([at], [value])) for name, at, value in samples])
        except RejectedError as error:
            return _Read(message, source, reason=None if _is_idle_talk(message, source, key) else error.reason)

    async def _find_targets(self, reads: Iterable[_Read]) -> None:
        wanted = dict.fromkeys(address for read in reads for address, _ in read.parts)
        asked = [address for address in wanted if address not in self._targets]
        if asked:
            self._targets |= await series.find_targets(self._connection, asked)


def _is_idle_talk(message: Message, source: Known, topic: str) -> bool:
    """Whether no rule wants this message of a device with words or topics of its own, which says much beside values."""
    is_foreign = not message.subject.startswith(f"{policy.HOUSE}.")
    return (is_foreign or bool(source.rules)) and not mapping.applies(source.rules, topic)


def _sort(reads: Iterable[_Read], targets: dict[Address, Target]) -> _Sorted:
    found = _Sorted()
    letters: list[Rejected] = []
    seen_at: dict[UUID, int] = {}
    for message, source, parts, refused in reads:
        reason, kept = refused, False
        datasource_id = source.datasource_id if source is not None else None
        for address, (times, values) in parts:
            target = targets[address]
            if target.datapoint_id is None or target.datasource_id is None:
                reason = target.reason
                continue
            kept = True
            found.kept.append(_Kept(message, target.datapoint_id, target.datasource_id, times, values))
        if datasource_id is not None:
            tally = found.tallies.get(datasource_id)
            if tally is None:
                tally = found.tallies[datasource_id] = Tally()
            seen_at[datasource_id] = message.received_at
            if kept:
                tally.stored += 1
            elif reason is not None:
                tally.rejected += 1
            else:
                tally.passed_over += 1
        if reason is not None:
            letters.append(_letter(message, datasource_id, reason))
    for datasource_id, at in seen_at.items():
        found.tallies[datasource_id].at = moment(at)
    found.letters = _at_most(letters)
    return found


def _letter(message: Message, datasource_id: UUID | None, reason: RejectReason) -> Rejected:
    topic = policy.topic_of_subject(message.subject)
    return Rejected(datasource_id, topic, message.payload, reason, moment(message.received_at))


def _at_most(letters: Iterable[Rejected]) -> list[Rejected]:
    """As many of each datasource as are kept of a batch."""
    of_source: dict[UUID | None, int] = {}
    kept = []
    for letter in letters:
        of_source[letter.datasource_id] = of_source.get(letter.datasource_id, 0) + 1
        if of_source[letter.datasource_id] <= LETTERS_KEPT_OF_BATCH:
            kept.append(letter)
    return kept


def _batch(kept: list[_Kept], numbers: dict[UUID, int]) -> Batch:
    # Messages are sorted sooner than their samples, which then stand as they shall stand in the journal.
    kept = sorted(kept, key=attrgetter("datapoint_id"))
    counts = [len(one.times) for one in kept]
    return Batch.of(
        np.repeat(np.array([one.datapoint_id for one in kept], np.int64), counts),
        _joined([one.times for one in kept], np.int64),
        _joined([one.values for one in kept], np.float64),
        np.repeat(np.array([numbers[one.datasource_id] for one in kept], np.int32), counts),
    )


def _joined(parts: Iterable[Any], kind: type) -> NDArray[Any]:
    """Lists and arrays, one behind the other."""
    found: list[NDArray[Any]] = []
    for are_lists, some in groupby(parts, lambda part: type(part) is list):
        if are_lists:
            found.append(np.array(list(chain.from_iterable(some)), kind))
        else:
            found.extend(some)
    return np.concatenate(found)


def _stored(batch: Batch, written: Written) -> Stored:
    if len(batch) > TOLD_AT_MOST:
        return Stored(written.position, None)
    found: dict[int, list[tuple[int, float]]] = {}
    for datapoint, samples in batch.each():
        left = samples.within(written.floors.get(datapoint, ALL_BEFORE), ALL_AFTER)
        if len(left):
            found[datapoint] = list(zip(left.times.tolist(), left.values.tolist(), strict=True))
    return Stored(written.position, found)
