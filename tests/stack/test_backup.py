"""Backup and restore: a round trip brings everything back, and a backup that is not whole changes nothing."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import psycopg
import pytest

from guildhall.stack import backup as keeping
from guildhall.stack.errors import StackError
from guildhall.stack.home import Home
from guildhall.stack.options import PORTS, Options
from guildhall.stack.servers import temporary_home
from guildhall.stack.servers.base import free_port
from guildhall.stack.servers.postgresql import PostgresServer


@pytest.fixture
def options() -> Options:
    return Options(given={}, ports={name: free_port() for name in PORTS})


@contextmanager
def database(home: Home, options: Options) -> Iterator[psycopg.Connection]:
    server = PostgresServer(home.make_servers_folder() / "postgresql", options.ports["postgresql"])
    with server, psycopg.connect(server.url) as connection:
        yield connection


def fill(home: Home, options: Options, word: str) -> None:
    home.make()
    with database(home, options) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS compute")
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.execute(f"CREATE TABLE things_{word} (id int PRIMARY KEY, word text)")
        connection.execute(f"INSERT INTO things_{word} SELECT n, %s FROM generate_series(1, 1000) n", [word])
        connection.execute("CREATE TABLE compute.jobs (name text)")
        connection.execute("INSERT INTO compute.jobs VALUES (%s)", [word])
    home.secret("key", lambda: f"secret of {word}")
    (home.path / "media" / "pictures").mkdir(parents=True)
    (home.path / "media" / "pictures" / "a.txt").write_text(word)
    home.certificates.mkdir()
    (home.certificates / "ca.pem").write_text(word)


def content(home: Home, options: Options) -> dict[str, object]:
    with database(home, options) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema IN ('public', 'compute') ORDER BY 1, 2"
        ).fetchall()
        jobs = connection.execute("SELECT name FROM compute.jobs").fetchall()
    return {
        "tables": tables,
        "jobs": jobs,
        "secrets": json.loads((home.path / "secrets.json").read_text()),
        "media": {str(path.relative_to(home.path)): path.read_text() for path in home.media.rglob("*.txt")},
        "ca": (home.certificates / "ca.pem").read_text(),
    }


@pytest.fixture
def place() -> Path:
    with temporary_home() as folder:
        yield folder


def test_round_trip_brings_everything_back_in_another_home(place, options):
    old, new = Home(place / "old"), Home(place / "new")
    fill(old, options, "first")
    before = content(old, options)
    keeping.backup(old, options, place / "backup.tar")
    fill(new, options, "second")
    keeping.restore(new, options, place / "backup.tar")
    assert content(new, options) == before
    assert before["tables"] == [("compute", "jobs"), ("public", "things_first")]
    assert (place / "backup.tar").stat().st_mode & 0o077 == 0


def test_restored_home_can_be_backed_up_and_restored_again(place, options):
    home = Home(place / "home")
    fill(home, options, "first")
    before = content(home, options)
    for number in range(2):
        keeping.backup(home, options, place / f"{number}.tar")
        keeping.restore(home, options, place / f"{number}.tar")
    assert content(home, options) == before


@pytest.mark.parametrize("damage", ["cut", "changed", "not a tar", "newer"])
def test_backup_that_is_not_whole_changes_nothing(place, options, damage):
    home = Home(place / "home")
    fill(home, options, "first")
    before = content(home, options)
    good, bad = place / "good.tar", place / "bad.tar"
    keeping.backup(home, options, good)
    if damage == "cut":
        bad.write_bytes(good.read_bytes()[:-60_000])
    elif damage == "changed":
        data = bytearray(good.read_bytes())
        with tarfile.open(good) as archive:
            offset = archive.getmember("database.dump").offset_data
        data[offset + 100] ^= 0xFF
        bad.write_bytes(data)
    elif damage == "not a tar":
        bad.write_text("nothing")
    else:
        bad.write_bytes(good.read_bytes().replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(StackError, match=r"bad\.tar"):
        keeping.restore(home, options, bad)
    assert content(home, options) == before


def test_backup_that_reaches_out_of_its_folder_is_refused(place, options):
    home, bad = Home(place / "home"), place / "bad.tar"
    manifest = keeping.Manifest(made_at="", guildhall="0", postgresql="18")
    manifest.sha256["../../file"] = hashlib.sha256(b"evil").hexdigest()
    with tarfile.open(bad, "w") as archive:
        for name, text in (("manifest.json", json.dumps(asdict(manifest))), ("../../file", "evil")):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    with pytest.raises(StackError, match="no place for a file"):
        keeping.restore(home, options, bad)
    assert not home.path.exists() or not list(home.path.rglob("file"))


def test_dump_that_the_database_refuses_changes_nothing(place, options, monkeypatch):
    home = Home(place / "home")
    fill(home, options, "first")
    before = content(home, options)
    keeping.backup(home, options, place / "good.tar")
    run = keeping._program

    def spoil(name: str, *arguments: str, url: str | None = None) -> None:
        if name == "psql":
            script = Path(
                next(each for each in reversed(arguments) if each.startswith("--file=")).removeprefix("--file=")
            )
            script.write_text(script.read_text() + "\nSELECT 1/0;\n")
        run(name, *arguments, url=url)

    monkeypatch.setattr(keeping, "_program", spoil)
    with pytest.raises(StackError, match="division by zero"):
        keeping.restore(home, options, place / "good.tar")
    assert content(home, options) == before


def test_backup_overwrites_no_file(place, options):
    home = Home(place / "home")
    target = place / "there.tar"
    target.write_text("precious")
    with pytest.raises(StackError, match="exists"):
        keeping.backup(home, options, target)
    assert target.read_text() == "precious"


def test_restore_refuses_while_the_stack_runs(place, options):
    home = Home(place / "home")
    home.make()
    home.lock()
    try:
        with pytest.raises(StackError, match="running"):
            keeping.restore(home, options, place / "any.tar")
    finally:
        home.unlock()
