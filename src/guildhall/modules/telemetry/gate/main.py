"""The process `mqtt-auth`. Stateless but for its caches: several may run side by side and share the questions."""

import asyncio
import hashlib
import hmac
import logging
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from psycopg import Error

from guildhall.core.processes import announce_ready
from guildhall.modules.telemetry import policy
from guildhall.modules.telemetry.broker.connection import BrokerUser, connect
from guildhall.modules.telemetry.broker.stream import BrokerError, ensure_streams, ensure_subjects
from guildhall.modules.telemetry.gate.claims import Question, Signer, read_question
from guildhall.modules.telemetry.gate.client_ids import ClientIds
from guildhall.modules.telemetry.gate.connections import Connections, connection_name
from guildhall.modules.telemetry.gate.credentials import Credentials
from guildhall.modules.telemetry.gate.refusals import RefusalWatch
from guildhall.modules.telemetry.policy import Refused
from guildhall.modules.telemetry.running import run_until_stopped
from guildhall.modules.telemetry.store import rights
from guildhall.modules.telemetry.store.connection import Session, StoreUnavailableError
from guildhall.modules.telemetry.store.rights import Credential, Refusal, counted
from guildhall.settings import settings

logger = logging.getLogger(__name__)

QUESTIONS: Final = "$SYS.REQ.USER.AUTH"
QUEUE: Final = "guildhall-mqtt-auth"
STREAM_CHECK_INTERVAL_S: Final = 1.0
STREAM_TRUSTED_FOR_S: Final = 3.0
SEEN_INTERVAL_S: Final = 1.0
TIMEOUT_S: Final = 5.0
#: So many refusals wait at most to be written down; a device that tries on and on adds to a count anyway.
MAX_REFUSED: Final = 1000
SHOWN_ID_LENGTH: Final = 256


def check_secret(credential: Credential, secret: str) -> bool:
    """Whether this is the datasource's secret. A fast hash is enough, as the secret is random and long."""
    return hmac.compare_digest(hashlib.sha256(secret.encode(errors="replace")).digest(), credential.secret_hash)


class Gate:
    """Answers the server's questions about connecting datasources."""

    def __init__(
        self,
        *,
        signer: Signer,
        credentials: Credentials,
        client_ids: ClientIds,
        connections: Connections,
        devices: Client,
    ) -> None:
        self._signer = signer
        self._credentials = credentials
        self._client_ids = client_ids
        self._connections = connections
        self._devices = devices
        #: Those of foreign topics that the stream is known to take.
        self._subjects: set[str] = set()
        self._stream_seen_at = float("-inf")
        self._seen: dict[str, datetime] = {}
        self._refused: list[Refusal] = []
        self._session = Session("mqtt-auth seen", timeout_s=TIMEOUT_S)

    async def answer(self, message: Msg) -> None:
        """Answer one question; whoever can't be checked is refused."""
        try:
            question = read_question(message.data)
        except ValueError:
            logger.warning("A question of the broker was not understood.")
            return
        await message.respond(await self._decide(question))

    async def _decide(self, question: Question) -> bytes:
        now = datetime.now(UTC)
        try:
            credential = await self._credentials.get(question.username) if question.username else None
        except StoreUnavailableError:
            return self._signer.refuse(question)
        if credential is None or not check_secret(credential, question.password) or not credential.is_usable(now):
            return self._signer.refuse(question)
        if not await self._is_kept(credential):
            logger.warning("%s is refused, because nothing would keep its messages.", credential.username)
            return self._signer.refuse(question)
        try:
            has_id = await self._client_ids.claim(question.client_id, credential.datasource_id)
        except StoreUnavailableError:
            return self._signer.refuse(question)
        if not has_id:
            self._note_refused_id(credential.username, question.client_id, now)
            return self._signer.refuse(question)
        self._connections.granted(
            question.server_id, question.connection_id, credential.username, credential.rights_version
        )
        self._seen[credential.username] = now
        return self._signer.admit(
            question,
            name=connection_name(credential.username, credential.rights_version),
            permissions=policy.permissions(credential.publish, credential.read),
            expires_at=credential.expires_at,
        )

    def _note_refused_id(self, username: str, client_id: str, now: datetime) -> None:
        if len(self._refused) < MAX_REFUSED:
            shown = client_id.replace("\0", " ")[:SHOWN_ID_LENGTH]
            self._refused.append(Refusal(username, Refused.CONNECT.value, shown, now))

    async def _is_kept(self, credential: Credential) -> bool:
        """Whether the streams are there that keep what it may publish; they are led to take its foreign topics."""
        if asyncio.get_running_loop().time() - self._stream_seen_at > STREAM_TRUSTED_FOR_S:
            return False
        roots = {policy.root_of(filter_) for filter_ in credential.publish if policy.is_foreign(filter_)}
        subjects = {subject for root in roots for subject in policy.subjects_of(f"{root}/#")}
        if not subjects <= self._subjects:
            try:
                await ensure_subjects(self._devices, subjects)
            except (NatsError, BrokerError, TimeoutError) as error:
                logger.warning("The stream does not take foreign topics: %s", error)
                return False
            self._subjects |= subjects
        return True

    async def run_stream_check(self) -> None:
        """Keep the stream there, as without it a publish is acknowledged and lost. Runs until cancelled."""
        while True:
            try:
                await ensure_streams(self._devices)
                if self._subjects:
                    await ensure_subjects(self._devices, self._subjects)
                self._stream_seen_at = asyncio.get_running_loop().time()
            except (NatsError, BrokerError, TimeoutError) as error:
                logger.warning("The stream can't be seen: %s", error)
            await asyncio.sleep(STREAM_CHECK_INTERVAL_S)

    async def run_seen(self) -> None:
        """Write down who connected, and whose client id was another's. Runs until cancelled."""
        while True:
            await asyncio.sleep(SEEN_INTERVAL_S)
            (seen, self._seen), (refused, self._refused) = (self._seen, {}), (self._refused, [])
            if not seen and not refused:
                continue
            try:
                async with self._session.use() as connection:
                    await rights.note_seen(connection, seen)
                    if refused:
                        await rights.note_refused(connection, counted(refused))
            except (StoreUnavailableError, Error) as error:
                logger.warning("Who connected could not be written down, trying again: %s", error)
                self._seen, self._refused = seen | self._seen, refused + self._refused

    async def close(self) -> None:
        await self._session.close()


async def run() -> None:
    """Work until cancelled."""
    if settings.nats_callout_seed is None:
        raise SystemExit("NATS_CALLOUT_SEED is not set, so nobody could be let in.")
    async with AsyncExitStack() as closing, asyncio.TaskGroup() as tasks:
        system = await connect(BrokerUser.SYSTEM, name="mqtt-auth system")
        closing.push_async_callback(system.close)
        devices = await connect(BrokerUser.DEVICES, name="mqtt-auth stream")
        closing.push_async_callback(devices.close)
        connections = Connections(system)
        closing.push_async_callback(connections.close)
        credentials = Credentials(on_change=connections.apply, on_blind=connections.want_reconciliation)
        closing.push_async_callback(credentials.close)
        client_ids = ClientIds()
        closing.push_async_callback(client_ids.close)
        gate = Gate(
            signer=Signer(settings.nats_callout_seed.get_secret_value()),
            credentials=credentials,
            client_ids=client_ids,
            connections=connections,
            devices=devices,
        )
        closing.push_async_callback(gate.close)
        for work in (
            gate.run_stream_check(),
            gate.run_seen(),
            credentials.run_lookups(),
            client_ids.run(),
            credentials.run_poll(),
            connections.run_reconciliation(),
        ):
            tasks.create_task(work)
        if settings.nats_log_file is None:
            logger.warning("NATS_LOG_FILE is not set, so refused publishes will not show.")
        else:
            tasks.create_task(RefusalWatch(settings.nats_log_file, connections.owner_of).run())
        callout = await connect(BrokerUser.CALLOUT, name="mqtt-auth", on_reconnect=connections.want_reconciliation)
        closing.push_async_callback(callout.close)

        async def ask(message: Msg) -> None:
            # A task each, so that a question that waits for the database holds up nobody.
            tasks.create_task(gate.answer(message))

        await callout.subscribe(QUESTIONS, queue=QUEUE, cb=ask)
        logger.info("Letting datasources in.")
        announce_ready()


def main() -> None:
    """Entry of the process."""
    run_until_stopped(run)
