"""The whole stack with its real servers and processes, started and mishandled as people and machines do."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request

import psutil
import psycopg
import pytest
from dotenv import dotenv_values

from guildhall.stack.declared import declared_processes
from guildhall.stack.home import Home
from guildhall.stack.servers import PostgresServer, free_port
from tests.stack.stack import StackUnderTest, lives

pytestmark = pytest.mark.stack

MAX_PSS_BYTES = 600e6
MAX_STOP_S = 5


def names(stack):
    return {row["name"] for row in stack.status()["processes"]}


def written_environment(stack):
    return dotenv_values(stack.home / "stack.env")


def test_up_brings_every_process_and_answers_pages(running_stack):
    declared = {process.name for process in declared_processes()}
    assert names(running_stack) == {
        *("postgresql", "redis", "nats", "site", "worker", "mqtts", "guildhall"),
        *declared,
    }
    assert {row["state"] for row in running_stack.status()["processes"]} == {"running"}
    with urllib.request.urlopen(running_stack.status()["urls"]["site"], timeout=10) as answer:
        assert answer.status == 200


def test_up_at_rest_takes_at_most_600_megabytes(home):
    stack = StackUnderTest(home / "home")
    # Counting lines takes memory too, five megabytes a process.
    stack.environment.pop("COVERAGE_PROCESS_CONFIG", None)
    stack.up()
    try:
        stack.wait_ready()
        with urllib.request.urlopen(stack.status()["urls"]["site"], timeout=10) as answer:
            assert answer.status == 200
        time.sleep(3)
        status = stack.status()
        assert 50e6 < status["pss_bytes"] <= MAX_PSS_BYTES, status["processes"]
    finally:
        stack.end()


def test_up_listens_on_loopback_only(running_stack):
    listening = {
        connection.laddr.ip
        for process in [psutil.Process(running_stack.runner.pid), *running_stack.family()]
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_up_writes_secrets_for_its_owner_only(running_stack):
    for name in ("stack.env", "secrets.json", "servers/nats/nats.conf", "servers/valkey/valkey.conf"):
        assert stat.S_IMODE((running_stack.home / name).stat().st_mode) == 0o600
    environment = written_environment(running_stack)
    assert len(environment["SECRET_KEY"]) >= 32
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)


def test_second_up_says_that_one_is_running(running_stack):
    second = running_stack.run("up")
    assert second.returncode == 1
    assert f"a stack is already running in {running_stack.home} (pid {running_stack.runner.pid})" in second.stderr


def test_up_in_another_home_names_the_busy_port(running_stack, home):
    other = StackUnderTest(home / "other", GUILDHALL_PORT=str(running_stack.ports["site"]))
    refused = other.run("up")
    assert refused.returncode == 1
    assert f"port {running_stack.ports['site']} (site) is taken by" in refused.stderr
    assert "GUILDHALL_PORT=" in refused.stderr


def test_status_prints_a_table_with_total_and_addresses(running_stack):
    lines = running_stack.run("status").stdout.splitlines()
    assert lines[0].split() == ["process", "state", "pid", "uptime", "restarts", "PSS", "MB"]
    assert any(line.startswith("total") for line in lines)
    assert any(line.startswith("mqtts") and "ca.pem" in line for line in lines)


def test_logs_of_one_process_and_of_all(running_stack):
    one = running_stack.run("logs", "postgresql")
    assert "ready to accept connections" in one.stdout
    assert "Server is ready" in running_stack.run("logs", "nats").stdout
    everything = running_stack.run("logs", "-n", "500").stdout
    assert {"postgresql", "site"} <= {line.split(" ", 1)[0] for line in everything.splitlines()}
    unknown = running_stack.run("logs", "nothing")
    assert unknown.returncode == 1
    assert "there is no log of nothing; there is" in unknown.stderr


def test_logs_follow_shows_what_comes(running_stack):
    follower = subprocess.Popen(
        [sys.executable, "-m", "guildhall.stack.cli", "logs", "-f", "-n", "1", "postgresql"],
        env={**running_stack.environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert follower.stdout is not None
        follower.stdout.readline()
        with (
            psycopg.connect(written_environment(running_stack)["DATABASE_URL"], autocommit=True) as connection,
            pytest.raises(psycopg.errors.UndefinedTable),
        ):
            connection.execute("SELECT * FROM nowhere_to_be_found")
        assert any("nowhere_to_be_found" in follower.stdout.readline() for _ in range(5))
    finally:
        follower.send_signal(signal.SIGINT)
        assert follower.wait(5) == 0
        follower.stdout.close()


def test_doctor_of_running_stack_finds_nothing_to_mend(running_stack):
    report = running_stack.run("doctor")
    assert report.returncode == 0, report.stdout + report.stderr
    assert "MEND" not in report.stdout
    assert "speaks TLSv1.3" in report.stdout
    assert "none missing" in report.stdout


def test_reset_of_running_stack_is_refused(running_stack):
    assert running_stack.run("reset", "--yes").returncode == 2
    assert running_stack.home.exists()


def test_run_of_unknown_process_names_those_there_are(running_stack):
    refused = running_stack.run("run", "nothing")
    assert refused.returncode == 2
    assert "no module declares a process named nothing" in " ".join(refused.stderr.split())


def test_migrate_again_changes_nothing(running_stack):
    done = running_stack.run("migrate")
    assert done.returncode == 0, done.stderr
    assert "No migrations to apply" in done.stdout


@pytest.mark.parametrize("name", ["worker", "nats", "redis", "postgresql", "site"])
def test_killed_process_is_started_again(running_stack, name):
    before = running_stack.process(name)
    os.kill(before["pid"], signal.SIGKILL)
    after = running_stack.wait_restarted(name, before["pid"])
    assert after.restarts == before["restarts"] + 1


def test_ctrl_c_stops_everything_in_order_below_five_seconds(home):
    stack = StackUnderTest(home / "home")
    stack.up()
    try:
        stack.wait_ready()
        family = stack.family()
        # A browser that keeps a stream open must not hold the stop up.
        with socket.create_connection(("127.0.0.1", stack.ports["site"])) as browser:
            browser.sendall(b"GET / HTTP/1.1\r\n")
            begun = time.monotonic()
            stack.runner.send_signal(signal.SIGINT)
            assert stack.wait_end(10) == 0, stack.said()
            assert time.monotonic() - begun < MAX_STOP_S
        assert not [process for process in family if lives(process)]
        assert "database system is shut down" in stack.said()
        assert stack.run("status").returncode == 1
        assert stack.run("stop").stdout == f"no stack is running in {stack.home}\n"
        kept = stack.run("reset", text="n\n")
        assert kept.returncode == 1
        assert stack.home.exists()
        assert stack.run("reset", text="y\n").returncode == 0
        assert not stack.home.exists()
        assert "nothing to remove" in stack.run("reset", "--yes").stdout
    finally:
        stack.end()


def test_outside_database_is_used_and_none_is_started(home):
    with PostgresServer(home / "outside", fsync=False) as outside:
        stack = StackUnderTest(home / "home", DATABASE_URL=outside.url)
        stack.up()
        try:
            stack.wait_ready()
            assert "postgresql" not in names(stack)
            with psycopg.connect(outside.url) as connection:
                assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)
            assert not (stack.home / "servers" / "postgresql").exists()
            report = stack.run("doctor").stdout
            assert f"{outside.home}/.s.PGSQL.{outside.port} answers" in report
        finally:
            stack.end()


def test_up_with_wrong_database_password_stops_with_the_reason(home):
    with PostgresServer(home / "outside", fsync=False) as outside:
        wrong = outside.url.replace(outside.secret("guildhall"), "wrong")
        stack = StackUnderTest(home / "home", DATABASE_URL=wrong)
        stack.up()
        try:
            assert stack.wait_end(60) == 1
            assert "password authentication failed" in stack.said()
            assert "`guildhall migrate` failed with code 1" in stack.said()
            assert not Home(stack.home).locked()
        finally:
            stack.end()


def test_doctor_without_stack_looks_at_ports_and_outside_servers(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        stack = StackUnderTest(
            home / "home",
            GUILDHALL_PORT=str(taken.getsockname()[1]),
            REDIS_URL=f"redis://127.0.0.1:{free_port()}/0",
        )
        report = stack.run("doctor")
    assert report.returncode == 1
    assert "does not answer" in report.stdout
    assert "held by" in report.stdout
    assert "-> start it, or correct REDIS_URL" in report.stdout
    assert "not made yet" in report.stdout
    assert "not looked at" in report.stdout


def test_status_without_stack_exits_with_1(home):
    stack = StackUnderTest(home / "home")
    done = stack.run("status")
    assert (done.returncode, done.stdout) == (
        1,
        f"no stack is running in {stack.home}; `guildhall up` starts one\n",
    )
    assert json.loads(stack.run("status", "--json").stdout) == {}


def test_help_loads_nothing_heavy():
    program = (
        "import sys; from guildhall.stack import cli\n"
        "try: cli.app(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*sorted({'django', 'pydantic', 'psycopg', 'asyncio', 'rich', 'psutil'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "simulate" in done.stdout
    assert done.stderr == "\n"
