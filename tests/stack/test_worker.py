"""The worker with its clock: a job at a set time is sent and done by one process."""

import os
import subprocess
import sys
import time

import pytest

from guildhall.stack.servers import ValkeyServer

PROGRAM = r"""
import os, sys
from guildhall.celery import app
from guildhall.stack import worker

@app.task(name="test.tick")
def tick():
    os.write(1, b"ticked\n")


app.conf.beat_schedule = {"tick": {"task": "test.tick", "schedule": 1.0}}
if len(sys.argv) > 2:
    def start(self): raise OSError("the schedule cannot be read")
    worker.Service.start = start
worker.main()
"""


pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def environment(home):
    with ValkeyServer(home / "valkey", persist=False) as server:
        yield {**os.environ, "REDIS_URL": server.url, "CELERY_SKIP_CHECKS": "1"}


def test_worker_sends_and_does_jobs_at_their_times_and_stops_on_sigterm(home, environment):
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(home / "schedule")],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ticked\n"
        assert process.stdout.readline() == "ticked\n"
        begun = time.monotonic()
        process.terminate()
        assert process.wait(10) == 0
        assert time.monotonic() - begun < 5
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_worker_whose_clock_breaks_ends_so_that_it_is_started_again(home, environment):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(home / "schedule"), "break"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "The clock broke; the worker ends with it." in done.stderr
