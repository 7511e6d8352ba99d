"""Processes that modules declare: found without Django, unique by name, run by their entry."""

import subprocess
import sys

import pytest

from guildhall.core.processes import Process
from guildhall.stack import declared, entry
from guildhall.stack.errors import StackError


def test_declared_processes_are_found_without_loading_django():
    program = (
        "import sys; from guildhall.stack.declared import declared_processes; found = declared_processes(); "
        "assert 'django' not in sys.modules; print(*(process.name for process in found))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [process.name for process in declared.declared_processes()]


def test_declared_processes_have_an_entry_that_can_be_called():
    for process in declared.declared_processes():
        module, _, function = process.entry.partition(":")
        assert callable(getattr(__import__(module, fromlist=[function]), function))


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A folder of packages outside the project, each with one process."""
    for package in ("one", "two"):
        folder = tmp_path / "declaring" / package
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "processes.py").write_text(
            "from guildhall.core.processes import Process\nPROCESSES = (Process(name='same', entry='a.b:c'),)\n"
        )
    (tmp_path / "declaring" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(declared, "PARENTS", ("declaring",))
    yield tmp_path / "declaring"
    for name in [name for name in sys.modules if name.startswith("declaring")]:
        del sys.modules[name]


def test_declared_process_is_found_by_its_file(packages):
    (packages / "two" / "processes.py").unlink()
    assert declared.declared_processes() == (Process(name="same", entry="a.b:c"),)


def test_declared_processes_of_one_name_are_refused(packages):
    with pytest.raises(StackError, match="two processes are named same"):
        declared.declared_processes()


def test_entry_calls_the_named_function(monkeypatch):
    called = []
    monkeypatch.setattr(declared, "ring", lambda: called.append(True), raising=False)
    entry.main("guildhall.stack.declared:ring")
    assert called == [True]
