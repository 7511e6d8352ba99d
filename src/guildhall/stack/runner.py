"""Starts the stack in order, keeps it running and takes it down in the opposite order."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable

from guildhall.stack.child import Child
from guildhall.stack.errors import StackError
from guildhall.stack.home import Home
from guildhall.stack.jobs import Job, Tier
from guildhall.stack.logs import LogFile, Terminal, pump
from guildhall.stack.options import Options
from guildhall.stack.plan import Plan
from guildhall.stack.ports import require_free
from guildhall.stack.state import ProcessState, StackState

#: Together below the five seconds in which Ctrl-C must have ended everything.
APPLICATION_STOP_TIMEOUT_S = 2.5
SERVER_STOP_TIMEOUT_S = 1.5
STATE_INTERVAL_S = 0.1


class Runner:
    """One run of the stack; `run` returns when a signal has ended it."""

    def __init__(self, home: Home, options: Options, *, seed: bool = False, terminal: Terminal | None = None) -> None:
        self.home = home
        self.options = options
        self.seed = seed
        self.terminal = terminal or Terminal()
        self.children: list[Child] = []
        self.started_at = time.time()
        self.ready = False
        self._lock = -1
        self._tasks: list[asyncio.Task[None]] = []
        self._logs: dict[str, LogFile] = {}
        self._dirty = asyncio.Event()

    async def run(self) -> None:
        """Take the lock, start everything and wait. Raise StackError where the stack cannot come up or stay up."""
        self.home.make()
        self._lock = self.home.lock()
        try:
            # What a killed runner said of itself is true no more.
            self.home.state.unlink(missing_ok=True)
            plan = Plan(self.home, self.options)
            require_free(plan.ports)
            await self._supervise(plan)
        finally:
            self.home.state.unlink(missing_ok=True)
            for log in self._logs.values():
                log.close()
            self.home.unlock()

    async def _supervise(self, plan: Plan) -> None:
        interrupted = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, interrupted.set)
        writer = asyncio.create_task(self._write_state(plan))
        work = asyncio.create_task(self._start_and_watch(plan))
        wait = asyncio.create_task(interrupted.wait())
        try:
            await asyncio.wait([work, wait], return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            if interrupted.is_set():
                self._tell("stopping")
            for task in (work, wait):
                task.cancel()
            await asyncio.gather(work, wait, return_exceptions=True)
            await self._stop()
            writer.cancel()

    async def _start_and_watch(self, plan: Plan) -> None:
        """Start everything in order, then wait for a child that gives up."""
        begun = time.monotonic()
        if self.home.servers_are_elsewhere:
            self._tell(f"the servers' account cannot reach {self.home.path}, so their data are in {self.home.servers}")
        await asyncio.to_thread(plan.prepare)
        applications = plan.application_jobs()
        self._add(plan.server_jobs())
        servers = list(self.children)
        self._add(applications)
        await self._start(servers)
        await self._one_off(plan, "migrate", "migrate")
        site, *others = self.children[len(servers) :]
        # The others come a moment later, so that the first page need not share the processor with them.
        await self._start([site])
        await self._start(others)
        if self.seed:
            await self._bring_demo(plan)
        self.ready = True
        self._dirty.set()
        self._tell(f"ready after {time.monotonic() - begun:.1f} s")
        self.terminal.plain(self._banner(plan))
        await self._first_failure()

    async def _bring_demo(self, plan: Plan) -> None:
        """Put in the demo's data where that was never done, and let its devices publish."""
        if not self.home.seeded.exists():
            await self._one_off(plan, "seed", "seed")
            self.home.seeded.touch()
        if plan.starts_nats:
            known = len(self.children)
            self._add([plan.demo_job()])
            await self._start(self.children[known:])

    def _add(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            log = self._log(job.name)
            child = Child(job, lock=self._lock, terminal=self.terminal, log=log, changed=self._dirty.set)
            self.children.append(child)

    async def _start(self, children: list[Child]) -> None:
        """Start together and wait until all are up, or one gives up."""
        if not children:
            return
        self._tasks += [asyncio.create_task(child.keep_running()) for child in children]
        all_up = asyncio.create_task(_all_up(children))
        failure = asyncio.create_task(self._first_failure())
        try:
            await asyncio.wait([all_up, failure], return_when=asyncio.FIRST_COMPLETED)
            if failure.done():
                failure.result()
        finally:
            failure.cancel()
            all_up.cancel()
            await asyncio.gather(failure, all_up, return_exceptions=True)

    async def _first_failure(self) -> None:
        """Wait until the task of a child ends, which it does by itself only when it gives up."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()

    async def _one_off(self, plan: Plan, name: str, *arguments: str) -> None:
        """Run a command of the command line to its end. Raise StackError where it fails."""
        process = await asyncio.create_subprocess_exec(
            *plan.one_off(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **plan.options_for_children(),
            pass_fds=(self._lock,),
        )
        if process.stdout is None:
            raise TypeError("a pipe was asked for")
        try:
            await pump(name, process.stdout, self.terminal, self._log(name))
            code = await process.wait()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if code:
            raise StackError(f"`guildhall {' '.join(arguments)}` failed with code {code}; its last lines are above")

    async def _stop(self) -> None:
        """Stop the applications together, then the servers together."""
        for tier, timeout_s in ((Tier.APPLICATION, APPLICATION_STOP_TIMEOUT_S), (Tier.SERVER, SERVER_STOP_TIMEOUT_S)):
            await asyncio.gather(*(child.stop(timeout_s) for child in self.children if child.job.tier is tier))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _write_state(self, plan: Plan) -> None:
        while True:
            self._dirty.clear()
            self._state(plan).write(self.home.state)
            await self._dirty.wait()
            await asyncio.sleep(STATE_INTERVAL_S)

    def _state(self, plan: Plan) -> StackState:
        return StackState(
            pid=os.getpid(),
            started_at=self.started_at,
            ready=self.ready,
            urls=plan.urls,
            processes=tuple(
                ProcessState(
                    name=child.job.name,
                    state=child.state,
                    pid=child.pid,
                    started_at=child.started_at,
                    restarts=child.restarts,
                    summary=child.job.summary,
                )
                for child in self.children
            ),
        )

    def _banner(self, plan: Plan) -> str:
        lines = [f"  {name:<10} {url}" for name, url in plan.urls.items()]
        if self.home.demo_accounts.exists():
            lines += ["", *(f"  {line}" for line in self.home.demo_accounts.read_text().splitlines())]
        return "\n".join(
            ["", *lines, "", "  Ctrl-C stops it; `guildhall status` in another terminal looks inside.", ""]
        )

    def _log(self, name: str) -> LogFile:
        if name not in self._logs:
            self._logs[name] = LogFile(self.home.logs / f"{name}.log")
        return self._logs[name]

    def _tell(self, text: str) -> None:
        self.terminal.line("guildhall", text)


async def _all_up(children: list[Child]) -> None:
    for child in children:
        await child.up.wait()
