"""Looking at a running stack from another terminal: its state, its logs, and asking it to stop."""

import contextlib
import heapq
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from guildhall.stack.errors import StackError
from guildhall.stack.home import Home
from guildhall.stack.logs import Terminal
from guildhall.stack.state import ProcessState, StackState, memory_of

STOP_TIMEOUT_S = 10
POLL_INTERVAL_S = 0.1
FOLLOW_INTERVAL_S = 0.3
TAIL_BYTES = 256 * 1024
MEGABYTE = 1e6


def print_status(home: Home, *, as_json: bool = False) -> int:
    """Print a line for each process and the sum of memory; returns the exit code, 1 where nothing runs."""
    state = StackState.read(home.state) if home.runner_pid() is not None else None
    if state is None:
        print("{}" if as_json else f"no stack is running in {home.path}; `guildhall up` starts one")
        return 1
    rows = [_row(process) for process in state.processes]
    runner: dict[str, object] = {
        "name": "guildhall",
        "state": "running" if state.ready else "starting",
        "pid": state.pid,
        "uptime_s": round(time.time() - state.started_at, 1),
        "restarts": 0,
        "pss_bytes": memory_of(state.pid, with_children=False),
        "summary": "keeps the others running",
    }
    rows.append(runner)
    total = sum(int(str(row["pss_bytes"])) for row in rows)
    if as_json:
        print(json.dumps({"ready": state.ready, "processes": rows, "pss_bytes": total, "urls": dict(state.urls)}))
        return 0
    print(f"{'process':<22}{'state':<12}{'pid':>8}{'uptime':>10}{'restarts':>10}{'PSS MB':>9}  ")
    for row in rows:
        uptime = _duration(float(str(row["uptime_s"]))) if row["pid"] else "-"
        megabytes = int(str(row["pss_bytes"])) / MEGABYTE
        line = f"{row['name']:<22}{row['state']:<12}{row['pid'] or '-':>8}{uptime:>10}{row['restarts']:>10}"
        print(f"{line}{megabytes:>9.1f}  {row['summary']}".rstrip())
    print(f"{'total':<62}{total / MEGABYTE:>9.1f}")
    for name, url in state.urls.items():
        print(f"{name:<10}{url}")
    return 0


def stop(home: Home) -> None:
    """Ask the runner to stop and wait until all its processes are gone. Raise StackError where they do not go."""
    pid = home.runner_pid()
    if pid is None and not home.locked():
        print(f"no stack is running in {home.path}")
        return
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while home.locked():
        if time.monotonic() > deadline:
            raise StackError(
                f"the stack did not stop within {STOP_TIMEOUT_S} s; `kill -9 {pid}` ends it with its children"
            )
        time.sleep(POLL_INTERVAL_S)
    print("stopped")


def print_logs(home: Home, name: str | None, *, lines: int, follow: bool) -> None:
    """Print the last lines of one process or, merged by time, of all; then, when asked, what comes."""
    files = _log_files(home)
    if name is not None:
        if name not in files:
            raise StackError(f"there is no log of {name}; there is {', '.join(sorted(files)) or 'none yet'}")
        files = {name: files[name]}
    terminal = Terminal()
    ends = {each: path.stat().st_size for each, path in files.items()}
    tails = [[(line, each) for line in _tail(path, ends[each], lines)] for each, path in files.items()]
    for line, each in list(heapq.merge(*tails))[-lines:]:
        terminal.line(each, line)
    if follow:
        # A flag, for an exception that is raised anywhere may also be swallowed anywhere.
        interrupts: list[int] = []
        signal.signal(signal.SIGINT, lambda number, _frame: interrupts.append(number))
        for each, line in _follow(files, ends, until=interrupts):
            terminal.line(each, line)


def _row(process: ProcessState) -> dict[str, object]:
    return {
        "name": process.name,
        "state": process.state,
        "pid": process.pid,
        "uptime_s": round(time.time() - process.started_at, 1) if process.pid and process.started_at else 0,
        "restarts": process.restarts,
        "pss_bytes": memory_of(process.pid) if process.pid else 0,
        "summary": process.summary,
    }


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _log_files(home: Home) -> dict[str, Path]:
    files = {path.stem: path for path in sorted(home.logs.glob("*.log"))}
    own_log_of_nats = home.servers / "nats" / "nats.log"
    if own_log_of_nats.exists():
        # NATS writes and rotates its log by itself; the piped one only holds what it says before that.
        files["nats"] = own_log_of_nats
    return files


def _tail(path: Path, end: int, lines: int) -> list[str]:
    with path.open("rb") as file:
        file.seek(max(0, end - TAIL_BYTES))
        return file.read().decode(errors="replace").splitlines()[-lines:]


def _follow(files: dict[str, Path], ends: dict[str, int], *, until: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Lines as they are written, until something is in `until`; of a rotated file, which is shorter, from its start."""
    while not until:
        for name, path in files.items():
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                size = path.stat().st_size
                file.seek(ends[name] if size >= ends[name] else 0)
                new = file.read()
                whole = new[: new.rfind(b"\n") + 1]
                ends[name] = file.tell() - len(new) + len(whole)
                for line in whole.decode(errors="replace").splitlines():
                    yield name, line
        sys.stdout.flush()
        time.sleep(FOLLOW_INTERVAL_S)
