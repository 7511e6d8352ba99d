"""The home folder: its lock, its secrets, and where the servers' data go."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guildhall.stack import home as home_module
from guildhall.stack.account import Account
from guildhall.stack.errors import ServerError, StackError
from guildhall.stack.home import Home

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")

HOLDER = """
import os, sys, time
from pathlib import Path
from guildhall.stack.home import Home
home = Home(Path(sys.argv[1]))
home.make()
descriptor = home.lock()
if len(sys.argv) > 2 and os.fork():
    os._exit(0)  # The child lives on with the lock, as children of a killed runner do for a moment.
print("held", flush=True)
time.sleep(float(sys.argv[-1]))
"""


def hold_lock(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.stdout.close()
    return process


def test_lock_held_by_living_runner_refuses_and_names_its_pid(home):
    holder = hold_lock(home, "60")
    try:
        with pytest.raises(StackError, match=rf"already running .*pid {holder.pid}"):
            Home(home).lock()
        assert Home(home).runner_pid() == holder.pid
    finally:
        holder.kill()
        holder.wait()
    assert Home(home).runner_pid() is None


def test_lock_held_by_orphans_is_waited_for(home):
    holder = hold_lock(home, "orphan", "0.7")
    holder.wait()
    mine = Home(home)
    assert mine.locked()
    assert mine.runner_pid() is None
    assert mine.lock() > 0
    mine.unlock()
    assert not mine.locked()


def test_lock_held_by_orphans_too_long_refuses(home, monkeypatch):
    monkeypatch.setattr(home_module, "ORPHANS_TIMEOUT_S", 0.1)
    hold_lock(home, "orphan", "2").wait()
    with pytest.raises(StackError, match="processes of an earlier stack still run"):
        Home(home).lock()


def test_secret_is_made_once_and_readable_to_its_owner_only(home):
    first = Home(home).secret("SECRET_KEY")
    assert Home(home).secret("SECRET_KEY") == first
    assert len(first) >= 32
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_home_never_made_is_neither_locked_nor_running(home):
    missing = Home(home / "missing")
    assert not missing.locked()
    assert missing.runner_pid() is None


@only_root
def test_home_below_closed_folder_puts_data_in_shared_place_and_erases_both(home, monkeypatch):
    monkeypatch.setattr(home_module, "SHARED_FOLDER", home / "shared")
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    mine = Home(closed / ".guildhall")
    mine.make()
    folder = mine.make_servers_folder()
    assert folder.parent == home / "shared"
    assert mine.servers_are_elsewhere
    assert (mine.path / "servers").resolve() == folder
    assert closed.stat().st_mode & 0o777 == 0o700
    mine.erase()
    assert not folder.exists()
    assert not mine.path.exists()


@only_root
def test_account_for_data_of_unknown_owner_says_how_to_mend(home):
    data = home / "data"
    data.mkdir()
    os.chown(data, 54321, 54321)
    with pytest.raises(ServerError, match="uid 54321, which has no account"):
        Account.for_servers(data)


@only_root
def test_account_of_existing_data_is_kept(home):
    data = home / "data"
    data.mkdir()
    nobody = Account.for_servers(home / "missing")
    assert nobody is not None
    os.chown(data, 1, 1)  # The account `daemon`, which exists everywhere.
    found = Account.for_servers(data)
    assert found is not None
    assert (found.uid, nobody.uid) != (nobody.uid, 1)
    assert found.uid == 1


@only_root
def test_account_missing_everywhere_is_named(home, monkeypatch):
    monkeypatch.setattr("guildhall.stack.account.CANDIDATES", ("no-such-account",))
    with pytest.raises(ServerError, match="root needs one of the accounts no-such-account"):
        Account.for_servers(home / "missing")


def test_account_unprivileged_already_drops_to_none(home, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert Account.for_servers(home) is None


def test_account_reaches_only_through_open_folders(home):
    account = Account("someone", 12345, 12345)
    inner = home / "a" / "b"
    inner.mkdir(parents=True)
    assert account.reaches(inner / "file")
    (home / "a").chmod(0o700)
    assert not account.reaches(inner / "file")
    os.chown(home / "a", os.geteuid(), os.getegid())
    assert Account("owner", os.geteuid(), os.getegid()).reaches(inner / "file")
