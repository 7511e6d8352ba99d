"""Other stores of measurements, started on the loopback address with a folder of their own, where they are installed.

Both come from Debian (`apt-get install influxdb victoria-metrics`). They are written to by the line protocol over two
connections, as many requests of a size that their documentation advises, and asked over HTTP; what they answer is not
parsed.
"""

import http.client
import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlencode

from guildhall.stack.children import dies_with_parent
from guildhall.stack.servers.base import HOST, free_port

CONNECTIONS = 2
START_S = 60.0
ANSWER_S = 300.0
MEASUREMENT = "sensor"
HOUR_S = 3600
DAY_S = 86_400
_OK = 300


class PeerError(Exception):
    """The peer does not do what it is asked."""


class Peer(ABC):
    """A server that takes the line protocol."""

    name: ClassVar[str]
    program: ClassVar[str]
    write_path: ClassVar[str]
    health_path: ClassVar[str]
    note: ClassVar[str] = ""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()

    @abstractmethod
    def command(self) -> Sequence[str]:
        """What starts it, after its configuration is written."""

    @abstractmethod
    def prepare(self) -> None:
        """What is to be done once it answers."""

    @abstractmethod
    def raw(self, series: int, start_us: int, end_us: int) -> str:
        """The path that asks for the single values of a series."""

    @abstractmethod
    def hourly(self, series: int, start_us: int, end_us: int) -> str:
        """The path that asks for the hourly averages of a series."""

    @abstractmethod
    def daily(self, series: Sequence[int], start_us: int, end_us: int, zone: str) -> str:
        """The path that asks for the daily averages of some series."""

    @abstractmethod
    def bytes_on_disk(self) -> int:
        """What its data take."""

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self.port, timeout=ANSWER_S)

    def get(self, path: str, connection: http.client.HTTPConnection | None = None) -> bytes:
        """The answer as it comes."""
        used = connection or self.connection()
        used.request("GET", path)
        answer = used.getresponse()
        body = answer.read()
        if answer.status >= _OK:
            raise PeerError(f"{self.name}: {answer.status} {body[:200]!r}")
        return body

    def write(self, requests: Sequence[bytes]) -> float:
        """Send the requests over both connections; how many seconds it took until all were answered."""
        started = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            list(threads.map(self._send, [requests[number::CONNECTIONS] for number in range(CONNECTIONS)]))
        return time.perf_counter() - started

    def _send(self, requests: Sequence[bytes]) -> None:
        connection = self.connection()
        for body in requests:
            connection.request("POST", self.write_path, body)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status >= _OK:
                raise PeerError(f"{self.name}: {answer.status} {text[:200]!r}")

    def wait(self, process: "subprocess.Popen[bytes]") -> None:
        """Until it answers."""
        deadline = time.monotonic() + START_S
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise PeerError("it does not start")
            with suppress(OSError):
                self.get(self.health_path)
                return
            time.sleep(0.1)


class Influx(Peer):
    name = "InfluxDB"
    program = "influxd"
    write_path = "/write?db=benchmark&precision=u"
    health_path = "/ping"

    def command(self) -> Sequence[str]:
        settings = self.home / "influxdb.conf"
        settings.write_text(
            f"""
reporting-disabled = true
bind-address = "{HOST}:{free_port()}"
[meta]
  dir = "{self.home}/meta"
[data]
  dir = "{self.home}/data"
  wal-dir = "{self.home}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "{HOST}:{self.port}"
  log-enabled = false
  max-body-size = 0
"""
        )
        return [self.program, "-config", str(settings)]

    def prepare(self) -> None:
        connection = self.connection()
        connection.request("POST", f"/query?{urlencode({'q': 'CREATE DATABASE benchmark'})}")
        connection.getresponse().read()

    def _ask(self, query: str) -> str:
        return f"/query?{urlencode({'db': 'benchmark', 'epoch': 'u', 'q': query})}"

    def raw(self, series: int, start_us: int, end_us: int) -> str:
        return self._ask(
            f"SELECT value FROM {MEASUREMENT} WHERE id='{series}' AND time >= {start_us}u AND time < {end_us}u"
        )

    def hourly(self, series: int, start_us: int, end_us: int) -> str:
        return self._ask(
            f"SELECT mean(value) FROM {MEASUREMENT} WHERE id='{series}' AND time >= {start_us}u AND time < {end_us}u "
            "GROUP BY time(1h) fill(none)"
        )

    def daily(self, series: Sequence[int], start_us: int, end_us: int, zone: str) -> str:
        some = "|".join(map(str, series))
        return self._ask(
            f"SELECT mean(value) FROM {MEASUREMENT} WHERE id =~ /^({some})$/ AND time >= {start_us}u "
            f"AND time < {end_us}u GROUP BY time(1d), id fill(none) tz('{zone}')"
        )

    def bytes_on_disk(self) -> int:
        return _bytes_of(self.home / "data") + _bytes_of(self.home / "wal")


class Victoria(Peer):
    name = "VictoriaMetrics"
    program = "victoria-metrics"
    write_path = "/write?precision=u"
    health_path = "/health"
    note = "does not wait for the disk and keeps milliseconds only; its days are those of UTC"

    def command(self) -> Sequence[str]:
        return [
            self.program,
            f"-storageDataPath={self.home}/data",
            f"-httpListenAddr={HOST}:{self.port}",
            "-retentionPeriod=100y",
            "-loggerLevel=ERROR",
            "-search.maxPointsPerTimeseries=1000000",
        ]

    def prepare(self) -> None:
        """Nothing."""

    def raw(self, series: int, start_us: int, end_us: int) -> str:
        query = {
            "match[]": f'{MEASUREMENT}_value{{id="{series}"}}',
            "start": start_us / 1e6,
            "end": end_us / 1e6,
        }
        return f"/api/v1/export?{urlencode(query)}"

    def hourly(self, series: int, start_us: int, end_us: int) -> str:
        return self._range(f'avg_over_time({MEASUREMENT}_value{{id="{series}"}}[1h])', start_us, end_us, HOUR_S)

    def daily(self, series: Sequence[int], start_us: int, end_us: int, zone: str) -> str:
        some = "|".join(map(str, series))
        return self._range(f'avg_over_time({MEASUREMENT}_value{{id=~"{some}"}}[1d])', start_us, end_us, DAY_S)

    def _range(self, query: str, start_us: int, end_us: int, step_s: int) -> str:
        bounds = {"start": start_us / 1e6, "end": end_us / 1e6, "step": step_s, "nocache": 1}
        return f"/api/v1/query_range?{urlencode({'query': query, **bounds})}"

    def bytes_on_disk(self) -> int:
        return _bytes_of(self.home / "data")


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def running(kind: type[Peer], home: Path) -> Iterator[Peer | None]:
    """The peer at work; None, after a sentence, where it is not installed or does not start."""
    if shutil.which(kind.program) is None:
        print(f"{kind.name} is left out, as `{kind.program}` is not installed.")
        yield None
        return
    folder = home / kind.program
    folder.mkdir(parents=True)
    peer = kind(folder)
    process = subprocess.Popen(
        [*peer.command()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "GOMAXPROCS": str(os.cpu_count())},
        preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 — one system call.  # noqa: PLW1509 — no thread runs yet.
    )
    try:
        try:
            peer.wait(process)
            peer.prepare()
        except (PeerError, OSError) as error:
            print(f"{kind.name} is left out: {error}.")
            yield None
            return
        yield peer
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
