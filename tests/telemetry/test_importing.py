"""`guildhall import`: files of several shapes, what is said about mistakes, and that a second time changes nothing."""

import gzip
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from typer.testing import CliRunner, Result

from guildhall.modules.telemetry import importing, services
from guildhall.modules.telemetry.database import carry_out, raw_connection
from guildhall.modules.telemetry.intake import announcing
from guildhall.modules.telemetry.models import Datapoint
from guildhall.modules.telemetry.store import journal, reading, sealing
from guildhall.modules.telemetry.store.layout import SECOND, microseconds
from guildhall.modules.telemetry.stored import JournalRow, RawFloor
from guildhall.stack.cli import app
from tests.telemetry.conftest import Source, make_source

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
AT_US = microseconds(AT)


@pytest.fixture
def source(house) -> Source:
    return make_source(house, thing=house.thing)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "samples"


@pytest.fixture(autouse=True)
def missed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From which positions on streams were told to read."""
    told: list[int] = []
    monkeypatch.setattr(announcing, "tell_missed", told.append)
    return told


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["import", *map(str, arguments)])


def stored() -> dict[str, list[tuple[int, float]]]:
    found = {}
    for datapoint in Datapoint.objects.order_by("key"):
        samples = carry_out(reading.samples_in(datapoint.pk))
        found[datapoint.key] = list(zip(samples.times.tolist(), samples.values.tolist(), strict=True))
    return found


@pytest.mark.parametrize(
    "content",
    [
        "ts,key,value\n1777888800,a,1\n1777888800,b/c,2\n1777888801,a,3\n",
        "time,a,b/c\n2026-05-04T10:00:00Z,1,2\n2026-05-04 10:00:01+00:00,3,\n",
        "\ufeffa , timestamp,b/c\r\n1,1777888800000,2\r\n3,1777888801000\r\n",
    ],
)
def test_csv_of_several_datapoints(source, file, content, missed):
    file.write_bytes(content.encode())
    done = run("csv", file, "--datasource", source.datasource.username)
    assert (done.exit_code, done.stdout) == (0, "3 samples stored.\n"), done.output
    expected = {"a": [(AT_US, 1.0), (AT_US + SECOND, 3.0)], "b/c": [(AT_US, 2.0)]}
    assert stored() == expected
    assert missed == [JournalRow.objects.get().position]
    assert run("csv", file, "--datasource", source.datasource.username).exit_code == 0
    assert stored() == expected


def test_csv_of_one_datapoint_with_another_delimiter_packed(house, file):
    datapoint = services.create_datapoint(actor=house.admin, project=house.project, key="t")
    file.write_bytes(gzip.compress(b"_time;temperature\n\n1777888800;1\n1777888801;2\n"))
    done = run("csv", file, "--datapoint", datapoint.pk, "--delimiter", ";")
    assert done.exit_code == 0, done.output
    assert stored() == {"t": [(AT_US, 1.0), (AT_US + SECOND, 2.0)]}


def test_influx_export_is_stored(source, file):
    file.write_text(
        "# DDL\nCREATE DATABASE sensors WITH NAME autogen\n# DML\n# CONTEXT-DATABASE:sensors\n"
        'weather,room=3 t=21.5,note="two\nlines" 1777888800000000000\nweather,room=3 t=22 1777888801000000000\n'
    )
    done = run("influx", file, "--datasource", source.datasource.username)
    assert done.exit_code == 0, done.output
    assert stored() == {"weather/room=3/t": [(AT_US, 21.5), (AT_US + SECOND, 22.0)]}
    source.datasource.refresh_from_db()
    assert source.datasource.messages_stored == 1


@pytest.mark.parametrize("kind", ["csv", "influx"])
def test_import_stops_at_a_mistake_and_goes_on_from_there(source, file, monkeypatch, kind):
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    name = source.datasource.username
    good = [f"{at},{at}" if kind == "csv" else f"t value={at} {at}000000000" for at in range(7)]
    head = ["ts,t"] if kind == "csv" else ["# samples"]
    lines = [*head, *good]
    file.write_text("\n".join([*lines[:6], "1,warm" if kind == "csv" else "t value=warm", *lines[7:]]))
    failed = run(kind, file, "--datasource", name)
    assert failed.exit_code == 1
    assert f"{file}, line 7: " in failed.output
    assert "Everything up to line 5 is stored; when it is mended, --from-line 6 goes on." in failed.output
    assert stored() == {"t": [(at * SECOND, at) for at in range(4)]}
    file.write_text("\n".join(lines))
    assert run(kind, file, "--datasource", name, "--from-line", 6).exit_code == 0
    assert stored() == {"t": [(at * SECOND, at) for at in range(7)]}
    assert JournalRow.objects.count() == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: the first row has to name the columns, one of them ts or time or timestamp or _time"),
        ("ts\n", "line 1: there is no column of values"),
        ("ts,a,a\n", "line 1: two columns have the same name"),
        ("ts,a b\n", "line 1: 'a b' can't be the key of a datapoint"),
        ("ts,key,value\n1,,2\n", "line 2: '' can't be the key of a datapoint"),
        ("ts,a\n1,2,3\n", "line 2: there are more cells than names in the first row"),
        ("ts,a\n,3\n", "line 2: ts: bad time"),
        ("ts,a\n1,nan\n", "line 2: a: not finite"),
        ("ts,key,value\n1,a,\n", "line 2: a: not a number"),
        ('ts,a\n1,"2"3\n', "line 2: this is not CSV"),
        (b"ts,a\n1,\xff\n", "is damaged, or not UTF-8, behind line 0"),
        (gzip.compress(b"ts,a\n1,2\n", mtime=0)[:-4], "is damaged, or not UTF-8, behind line 0"),
    ],
)
def test_mistakes_in_csv_are_named(source, file, content, said):
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    failed = run("csv", file, "--datasource", source.datasource.username)
    assert failed.exit_code == 1
    assert said in failed.output
    assert JournalRow.objects.count() == 0


def test_what_is_asked_has_to_exist(source, file, db):
    file.write_text("ts,a,b\n1,2,3\n")
    for arguments, said in (
        (("csv", file), "Say either --datapoint or --datasource."),
        (("csv", file, "--datapoint", 2**70), "There is no datapoint"),
        (("csv", file, "--datasource", "nobody"), "There is no datasource with the user name nobody."),
        (("csv", file.with_name("no"), "--datasource", source.datasource.username), "can't be read: No such file"),
        (("influx", file, "--datasource", "nobody", "--precision", "day"), "There is no precision day"),
    ):
        failed = run(*arguments)
        assert failed.exit_code == 1
        assert said in failed.output


def test_several_columns_are_not_of_one_datapoint(house, file):
    datapoint = services.create_datapoint(actor=house.admin, project=house.project, key="t")
    file.write_text("ts,a,b\n1,2,3\n")
    assert "there has to be one column of values, not 2" in run("csv", file, "--datapoint", datapoint.pk).output


def test_what_is_not_stored_is_counted(house, source, file, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 12)
    services.update_datasource(actor=house.admin, datasource=source.datasource, may_create_datapoints=False)
    old = services.create_datapoint(actor=house.admin, project=house.project, thing=house.thing, key="old")
    RawFloor.objects.create(datapoint=old, raw_from=AT_US)
    names = [f"k{number}" for number in range(11)]
    rows = [f"{at},1,{','.join('2' for _ in names)}" for at in (0, 1, 1777888800)]
    file.write_text("\n".join([f"ts,old,{','.join(names)}", *rows]))
    failed = run("csv", file, "--datasource", source.datasource.username)
    assert failed.exit_code == 1
    assert "1 samples stored." in failed.output
    assert "3 of k0: unknown datapoint" in failed.output
    assert "and those of 1 other keys" in failed.output
    assert "2 that are older than what is kept" in failed.output


def test_import_waits_for_sealing(source, file, monkeypatch):
    file.write_text("ts,t\n1,2\n")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO telemetry_journal (position, datapoints, deleted_from, deleted_until, written_at) "
                       "VALUES (9, '{1}', 0, 1, %s)",
                       [datetime.now(UTC) - timedelta(seconds=2 * journal.TAIL_S)])  # fmt: skip
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        JournalRow.objects.all().delete()

    monkeypatch.setattr(time, "sleep", sleep)
    assert run("csv", file, "--datasource", source.datasource.username).exit_code == 0
    assert waited[0] == pytest.approx(2, abs=0.2)


def test_import_over_sealed_samples_changes_nothing(source, file, transactional_db):
    file.write_text("ts,t\n" + "".join(f"{at},{at / 4}\n" for at in range(1000)))
    for _ in range(2):
        assert run("csv", file, "--datasource", source.datasource.username).exit_code == 0
        with raw_connection() as raw:
            sealing.seal_all(raw)
        assert stored() == {"t": [(at * SECOND, at / 4) for at in range(1000)]}
