"""`guildhall backup` and `restore`: everything that can't be made anew, in one file.

The file is a tar of `manifest.json` (first, with the SHA-256 of every other member), `database.dump` (pg_dump's custom
format, one consistent snapshot), `secrets.json`, the certificates that devices trust, and the uploaded files. What
waits in the message streams is not in it: it is in the database a moment later, or still with the broker.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from guildhall.stack.errors import StackError
from guildhall.stack.home import Home, write_private
from guildhall.stack.options import Options
from guildhall.stack.servers.binaries import postgresql_program
from guildhall.stack.servers.postgresql import PostgresServer

FORMAT = 1
MANIFEST, DUMP, SECRETS = "manifest.json", "database.dump", "secrets.json"
CERTIFICATES, MEDIA = "certificates", "media"
BLOCK_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. Sizes are bytes."""

    made_at: str
    guildhall: str
    postgresql: str
    sha256: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


def backup(home: Home, options: Options, target: Path) -> Manifest:
    """Write a backup beside `target` and rename it when it is whole. The stack may run meanwhile.

    Raises:
        StackError: the target exists, or the database can't be read.
    """
    if target.exists():
        raise StackError(f"{target} exists; name another file")
    if not target.parent.is_dir():
        raise StackError(f"there is no folder {target.parent}")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name, _database(home, options) as url:
        folder = Path(name)
        _program("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={folder / DUMP}", url=url)
        members = {DUMP: folder / DUMP, **_files(home, options)}
        manifest = Manifest(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            guildhall=own_version(),
            postgresql=_server_version(url),
            sha256={member: _sha256(path) for member, path in members.items()},
        )
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2))
        draft = folder / "whole.tar"
        with tarfile.open(draft, "w") as archive:
            archive.add(folder / MANIFEST, MANIFEST)
            for member, path in members.items():
                archive.add(path, member, recursive=False)
        draft.chmod(0o600)
        draft.rename(target)
    return manifest


def read_manifest(source: Path) -> Manifest:
    """Check every member of a backup against its manifest.

    Raises:
        StackError: the file is no backup, is damaged, or was made by a newer Guildhall.
    """
    try:
        with tarfile.open(source) as archive:
            manifest = Manifest(**json.loads(_member(archive, MANIFEST).read()))
            if manifest.format > FORMAT:
                raise StackError(f"{source} was made by Guildhall {manifest.guildhall}; this one is older")
            for name, digest in manifest.sha256.items():
                if _digest(_member(archive, name)) != digest:
                    raise StackError(f"{source} is damaged: {name} is not what the manifest says")
    except (tarfile.TarError, KeyError, TypeError, ValueError, OSError) as error:
        raise StackError(f"{source} is no backup of Guildhall, or is damaged: {error}") from error
    return manifest


def restore(home: Home, options: Options, source: Path) -> Manifest:
    """Put everything back as it was. Until the database has taken all of it in one transaction, nothing is changed.

    Raises:
        StackError: the stack runs, the backup is not whole, or the database refused it.
    """
    if home.locked():
        raise StackError("the stack is running; `guildhall stop` stops it")
    manifest = read_manifest(source)
    home.make()
    with tempfile.TemporaryDirectory(dir=home.path, prefix=".restore-") as name:
        folder = Path(name)
        with tarfile.open(source) as archive:
            for each in manifest.sha256:
                _unpack(archive, each, folder)
        with _database(home, options) as url:
            _replace_database(url, folder / DUMP)
        if (folder / SECRETS).exists():
            write_private(home.path / SECRETS, (folder / SECRETS).read_text())
        for each, place in _folders(home, options).items():
            if (folder / each).exists():
                _replace_content(place, folder / each)
    return manifest


def own_version() -> str:
    """The version of Guildhall; a container runs the code without having it installed."""
    try:
        return version("guildhall")
    except PackageNotFoundError:
        return "unpackaged"


def _folders(home: Home, options: Options) -> dict[str, Path]:
    """Name in the backup → folder, of the folders whose files can't be made anew."""
    return {CERTIFICATES: home.certificates, MEDIA: Path(options.given.get("MEDIA_ROOT", home.media))}


def _files(home: Home, options: Options) -> dict[str, Path]:
    """Member name → file, of all that can't be made anew."""
    secrets = home.path / SECRETS
    found = {SECRETS: secrets} if secrets.exists() else {}
    for name, folder in _folders(home, options).items():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found[f"{name}/{path.relative_to(folder)}"] = path
    return found


def _replace_content(folder: Path, new: Path) -> None:
    """Make the folder hold what the other one holds. The folder itself stays, as it may be a volume of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    for each in new.iterdir():
        shutil.move(each, folder / each.name)


@contextmanager
def _database(home: Home, options: Options) -> Iterator[str]:
    """The address of the database; the embedded server is started for the time if the stack does not run."""
    outside = options.outside("postgresql")
    if outside is not None:
        yield outside
        return
    server = PostgresServer(home.make_servers_folder() / "postgresql", options.ports["postgresql"])
    if home.locked():
        yield server.url
        return
    home.lock()
    try:
        with server:
            yield server.url
    finally:
        home.unlock()


def _replace_database(url: str, dump: Path) -> None:
    """Drop everything and read the dump, in one transaction: if it fails, all is as before."""
    with psycopg.connect(url) as connection:
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        ).fetchall()
        drops = [sql.SQL("DROP SCHEMA {} CASCADE;").format(sql.Identifier(name)) for (name,) in schemas]
        opening = sql.SQL("\n").join([*drops, sql.SQL("CREATE SCHEMA public;")]).as_string(connection)
    first = dump.with_suffix(".first.sql")
    first.write_text(opening)
    script = dump.with_suffix(".sql")
    _program("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump))
    _program(
        "psql",
        *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"),
        *(f"--file={first}", f"--file={script}"),
        url=url,
    )


def _program(name: str, *arguments: str, url: str | None = None) -> None:
    """Run one of PostgreSQL's programs, the password kept out of the process list."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    command = [str(postgresql_program(name)), *arguments]
    if url is not None:
        given = {key: str(value) for key, value in psycopg.conninfo.conninfo_to_dict(url).items()}
        environment["PGPASSWORD"] = given.pop("password", "")
        command.append("--dbname=" + psycopg.conninfo.make_conninfo("", **given))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"{name} failed; nothing was changed:\n{done.stderr.strip()[-2000:]}")


def _server_version(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]) if row else ""


def _unpack(archive: tarfile.TarFile, name: str, folder: Path) -> None:
    """Write one member below the folder. `extractall` knows a safe filter only from Python 3.11.4 on."""
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise StackError(f"the backup holds {name}, which is no place for a file")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _member(archive, name) as content, target.open("xb") as file:
        shutil.copyfileobj(content, file, BLOCK_BYTES)
    # What only its owner could read stays so; nothing gets rights that no file of ours has.
    target.chmod(archive.getmember(name).mode & 0o755)


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := file.read(BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()
