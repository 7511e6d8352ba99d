"""Keeping one process running, with small programs in the place of real ones."""

import asyncio
import io
import os
import signal
import sys
import time

import psutil
import pytest

from guildhall.stack import child as child_module
from guildhall.stack.child import Child
from guildhall.stack.children import dies_with_parent
from guildhall.stack.errors import StackError
from guildhall.stack.jobs import Job, State
from guildhall.stack.logs import LogFile, Terminal


@pytest.fixture
def make(tmp_path):
    """Makes a child that runs a Python program; its screen is `child.terminal.stream`."""
    lock = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    logs = []

    def make_child(program, **job):
        log = LogFile(tmp_path / "toy.log")
        logs.append(log)
        command = [sys.executable, "-u", "-c", program]
        options = {"preexec_fn": dies_with_parent(signal.SIGKILL)}
        job = Job(name="toy", command=lambda: command, options=lambda: options, **job)
        return Child(job, lock=lock, terminal=Terminal(io.StringIO()), log=log, changed=lambda: None)

    yield make_child
    for log in logs:
        log.close()
    os.close(lock)


async def until(condition, timeout_s=15):
    async with asyncio.timeout(timeout_s):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


async def end(child, task, timeout_s=2):
    await child.stop(timeout_s)
    await asyncio.wait_for(task, 5)


async def test_child_killed_starts_again_and_counts(make):
    child = make("import time; print('up'); time.sleep(60)")
    task = asyncio.create_task(child.keep_running())
    await until(lambda: child.state is State.RUNNING)
    first = child.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: child.state is State.RUNNING and child.pid not in {first, None})
    assert child.restarts == 1
    assert "toy ended with signal SIGKILL" in child.terminal.stream.getvalue()
    await end(child, task)
    assert child.state is State.STOPPED
    assert child.pid is None


async def test_child_ending_again_and_again_waits_longer_each_time(make, monkeypatch):
    monkeypatch.setattr(child_module, "FIRST_BACKOFF_S", 0.05)
    child = make("raise SystemExit(3)")
    task = asyncio.create_task(child.keep_running())
    await until(lambda: child.restarts == 3)
    said = child.terminal.stream.getvalue()
    assert [f"starts again in {wait} s" in said for wait in ("0.05", "0.1", "0.2")] == [True] * 3
    assert "ended with code 3" in said
    await end(child, task)


async def test_child_never_ready_gives_up_with_a_sentence(make, monkeypatch):
    monkeypatch.setattr(child_module, "FIRST_BACKOFF_S", 0.01)
    child = make("raise SystemExit(7)", ready=lambda: False)
    with pytest.raises(StackError, match=r"toy does not start \(it ended with code 7\)"):
        await asyncio.wait_for(child.keep_running(), 20)


async def test_child_not_ready_in_time_is_killed(make, monkeypatch):
    monkeypatch.setattr(child_module, "READY_TIMEOUT_S", 0.3)
    child = make("import time; time.sleep(60)", ready=lambda: False)
    task = asyncio.create_task(child.keep_running())
    await until(lambda: child.restarts == 1)
    assert "did not answer within 0.3 s; killed" in child.terminal.stream.getvalue()
    await end(child, task)


async def test_child_is_running_only_once_it_answers(make):
    answers = []
    child = make("import time; time.sleep(60)", ready=lambda: bool(answers))
    task = asyncio.create_task(child.keep_running())
    await until(lambda: child.pid is not None)
    await asyncio.sleep(0.2)
    assert child.state is State.STARTING
    answers.append(True)
    await asyncio.wait_for(child.up.wait(), 5)
    assert child.state is State.RUNNING
    await end(child, task)


async def test_child_deaf_to_its_signal_is_killed_with_its_group(make):
    program = (
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pid = os.fork()\nif pid: print('grandchild', pid)\ntime.sleep(60)"
    )
    child = make(program)
    task = asyncio.create_task(child.keep_running())
    await until(lambda: "grandchild" in child.terminal.stream.getvalue())
    grandchild = int(child.terminal.stream.getvalue().split("grandchild ")[1].split()[0])
    begun = time.monotonic()
    await end(child, task, timeout_s=0.5)
    assert time.monotonic() - begun < 4
    assert "did not end within 0.5 s; killed" in child.terminal.stream.getvalue()
    await until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == "zombie")


async def test_child_prepares_before_every_start(make):
    prepared = []
    child = make("import time; time.sleep(60)", prepare=lambda: prepared.append(True))
    task = asyncio.create_task(child.keep_running())
    await until(lambda: child.state is State.RUNNING)
    os.kill(child.pid, signal.SIGKILL)
    await until(lambda: child.restarts == 1 and child.state is State.RUNNING)
    assert len(prepared) == 2
    await end(child, task)


async def test_child_stopped_while_it_prepares_never_starts(make):
    child = make("print('started')", prepare=lambda: time.sleep(0.3))
    task = asyncio.create_task(child.keep_running())
    await asyncio.sleep(0.1)
    await end(child, task)
    assert child.process is None
