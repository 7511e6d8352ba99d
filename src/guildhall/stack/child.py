"""Keeps one process running: starts it, waits until it is ready, starts it again when it ends, and stops it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable

from guildhall.stack.errors import StackError
from guildhall.stack.jobs import Job, State
from guildhall.stack.logs import LogFile, Terminal, pump

PROBE_INTERVAL_S = 0.05
READY_TIMEOUT_S = 60
FIRST_BACKOFF_S = 0.25
MAX_BACKOFF_S = 30
#: A process that ran this long starts again without a wait.
STEADY_AFTER_S = 20
#: A process that never was ready and ended this often will not come up.
HOPELESS_AFTER = 4


class Child:
    """A job and the process that does it now. The runner owns one task per child, `keep_running`."""

    def __init__(self, job: Job, *, lock: int, terminal: Terminal, log: LogFile, changed: Callable[[], None]) -> None:
        self.job = job
        self.lock = lock
        self.terminal = terminal
        self.log = log
        self.changed = changed
        self.state = State.WAITING
        self.restarts = 0
        self.started_at: float | None = None
        self.process: asyncio.subprocess.Process | None = None
        self.up = asyncio.Event()
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None and self.process.returncode is None else None

    async def keep_running(self) -> None:
        """Run until `stop` is called. Raise StackError where the process never comes up at all."""
        backoff = 0.0
        while not self._stopping.is_set():
            code, seconds = await self._run_once()
            if self._stopping.is_set():
                break
            if not self.up.is_set() and self.restarts + 1 >= HOPELESS_AFTER:
                raise StackError(f"{self.job.name} does not start (it ended with {code}); its last lines are above")
            backoff = FIRST_BACKOFF_S if seconds > STEADY_AFTER_S or not backoff else min(backoff * 2, MAX_BACKOFF_S)
            self.restarts += 1
            self._say(f"ended with {code} after {seconds:.1f} s; starts again in {backoff:g} s")
            self._become(State.RESTARTING)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), backoff)
        self._become(State.STOPPED)

    async def stop(self, timeout_s: float) -> None:
        """Ask the process to end and wait; kill it after the timeout. Does nothing where it is not running."""
        self._stopping.set()
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self.job.stop_signal)
        try:
            async with asyncio.timeout(timeout_s):
                await process.wait()
        except TimeoutError:
            self._say(f"did not end within {timeout_s:g} s; killed")
            with contextlib.suppress(ProcessLookupError):
                # The whole group, so that a process that forked leaves nothing behind.
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def _run_once(self) -> tuple[str, float]:
        """Start, wait for the end; returns how it ended and how many seconds it ran."""
        self._become(State.STARTING)
        if self.job.prepare is not None:
            await asyncio.to_thread(self.job.prepare)
        if self._stopping.is_set():
            return "a stop", 0
        begun = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *self.job.command(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **{"stdin": subprocess.DEVNULL, **self.job.options()},
            pass_fds=(self.lock,),
        )
        self.process = process
        self.started_at = time.time()
        self._become(State.STARTING)
        if process.stdout is None:
            raise TypeError("a pipe was asked for")
        lines = asyncio.create_task(pump(self.job.name, process.stdout, self.terminal, self.log))
        probe = asyncio.create_task(self._wait_until_ready(process))
        try:
            await process.wait()
        finally:
            probe.cancel()
        # A grandchild may hold the pipe open; nobody waits for it.
        await asyncio.wait([lines, probe], timeout=1)
        lines.cancel()
        return _ending(process.returncode), time.monotonic() - begun

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while self.job.ready is not None and not await asyncio.to_thread(self.job.ready):
            if time.monotonic() > deadline:
                self._say(f"did not answer within {READY_TIMEOUT_S} s; killed")
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                return
            await asyncio.sleep(PROBE_INTERVAL_S)
        self.up.set()
        self._become(State.RUNNING)

    def _become(self, state: State) -> None:
        self.state = state
        self.changed()

    def _say(self, text: str) -> None:
        self.log.write(f"[guildhall] {text}".encode())
        self.terminal.line("guildhall", f"{self.job.name} {text}")


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"code {code}"
