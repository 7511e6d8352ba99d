"""The gate and the consumer at work in this process, on the test's own database and a stream that begins empty."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from guildhall.core.organizations.models import Project, ProjectObject
from guildhall.modules.telemetry import services
from guildhall.modules.telemetry.broker.connection import BrokerUser, connect
from guildhall.modules.telemetry.broker.stream import SOURCES, UNACKNOWLEDGED, api, delete_consumers, ensure_stream
from guildhall.modules.telemetry.gate import main as gate
from guildhall.modules.telemetry.ingest import main as ingest
from guildhall.modules.telemetry.models import Datasource
from guildhall.modules.telemetry.store import connection as store_connection
from guildhall.stack.servers import NatsServer
from tests.support.broker import Background, database_url, wait_for
from tests.support.people import House, build_house


@dataclass
class Source:
    """A datasource with its secret."""

    datasource: Datasource
    secret: str

    @property
    def login(self) -> tuple[str, str]:
        return self.datasource.username, self.secret

    def topic(self, key: str) -> str:
        return f"{self.datasource.topic_prefix}/{key}"


@pytest.fixture
def committed_house(transactional_db: None) -> House:
    """The house, visible to other connections."""
    return build_house()


def make_source(
    house: House, *, thing: ProjectObject | None = None, project: Project | None = None, **options
) -> Source:
    options.setdefault("name", "Sensor")
    made = services.create_datasource(actor=house.admin, project=project or house.project, thing=thing, **options)
    return Source(made.datasource, made.secret)


@pytest.fixture
def source(committed_house: House) -> Source:
    """A datasource of the house's first object."""
    return make_source(committed_house, thing=committed_house.thing)


@pytest.fixture
def store(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Leads the processes' own connections to the test's database."""
    url = database_url()
    monkeypatch.setattr(store_connection, "settings", SimpleNamespace(database_url=SecretStr(url)))
    return url


@pytest.fixture
def empty_stream(nats_server: NatsServer) -> None:
    async def delete() -> None:
        client = await connect(BrokerUser.DEVICES, name="test")
        try:
            for source in SOURCES:
                await ensure_stream(client, source)
                await delete_consumers(client, source, keep="")
                await api(client, f"STREAM.PURGE.{source.stream}")
            # It begins to count anew; NATS would not take that from the stream of its own.
            await api(client, f"STREAM.DELETE.{UNACKNOWLEDGED.stream}")
        finally:
            await client.close()

    asyncio.run(delete())


@pytest.fixture
def gate_running(store: str, empty_stream: None, nats_server: NatsServer) -> Iterator[None]:
    with said(gate.logger, "Letting datasources in.") as ready, Background(gate.run) as background:
        wait_for(lambda: background.error or ready(), what="the gate")
        yield


@pytest.fixture
def consumer_running(store: str, empty_stream: None) -> Iterator[None]:
    with Background(ingest.run):
        yield


@contextmanager
def said(logger: logging.Logger, sentence: str) -> Iterator[Callable[[], bool]]:
    """A function that tells whether the logger said this meanwhile."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    ear, level = Ear(), logger.level
    logger.addHandler(ear)
    logger.setLevel(logging.INFO)
    try:
        yield lambda: any(sentence in line for line in heard)
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
