"""The documents say what is so: generated parts are current, names that they use exist, links lead somewhere."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from pydantic import SecretStr
from typer.main import get_command

from docs import generate
from guildhall.settings.environment import PROJECT_ROOT, Settings
from guildhall.stack.cli import app as command_line
from guildhall.stack.options import OUTSIDE, PORTS

DOCUMENTS = sorted([PROJECT_ROOT / "README.md", *(PROJECT_ROOT / "docs").rglob("*.md")])
ADRS = sorted((PROJECT_ROOT / "docs" / "adr").glob("[0-9]*.md"))
SAMPLE = (PROJECT_ROOT / ".env.sample").read_text()
OF_THE_STACK = {"GUILDHALL_HOME", "GUILDHALL_HOST", "NATS_SYNC_INTERVAL", *OUTSIDE.values()} | {
    variable for variable, _ in PORTS.values()
}
OF_CONTAINERS = {
    *("HTTP_PORT", "DEMO_DATA", "SUPERUSER_EMAIL", "SUPERUSER_PASSWORD", "POSTGRES_PASSWORD", "WEB_CONCURRENCY"),
    *("RABBITMQ_PASSWORD", "OUTER_PROXIES", "HTTPS_PORT", "BACKUP_HOURS", "BACKUPS_KEPT", "SECRETS_FOLDER"),
    *("RABBITMQ_PORT", "RABBITMQ_PAGES_PORT", "MAIL_PORT", "MAIL_PAGES_PORT"),
}

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))


def sample_values() -> dict[str, str]:
    return dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", SAMPLE, re.MULTILINE))


def code_of(document: Path) -> str:
    """The document's code: what stands in fences and between back-ticks."""
    text = document.read_text()
    return "\n".join(
        [*re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE), *re.findall(r"`([^`\n]+)`", text)]
    )


def anchors_of(document: Path) -> set[str]:
    """The anchors that GitHub gives to the document's headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_generated_parts_code_as_it_is_are_current():
    # In a process of its own, as `make docs` does: other tests' rows, languages and settings have no say in it.
    check = subprocess.run(
        [sys.executable, PROJECT_ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stderr) == (0, "")


def test_blocks_every_one_is_used_in_a_document():
    used = {
        name for document in DOCUMENTS for name in re.findall(r"<!-- generated: ([a-z-]+) -->", document.read_text())
    }
    assert used == set(generate.BLOCKS)


@each_document
def test_links_relative_ones_lead_to_files_and_headings(document):
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in anchors_of(file)):
            dead.append(target)
    assert dead == []


@each_document
def test_make_targets_named_ones_exist(document):
    makefile = (PROJECT_ROOT / "Makefile").read_text()
    known = set(re.findall(r"^([a-z%-]+):", makefile, re.MULTILINE))
    named = {
        word
        for line in code_of(document).splitlines()
        for command in re.findall(r"(?:^|&& )(?:[A-Z_]+=\S+ )*make ([^&;|#]+)", line)
        for word in shlex.split(command)
        if re.fullmatch(r"[a-z]+(-[a-zA-Z]+)*", word)
    }
    assert {name for name in named if name not in known and f"{name.split('-')[0]}-%" not in known} == set()


@each_document
def test_commands_named_ones_exist(document):
    known = set(get_command(command_line).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"(?:^|/|&& |; )guildhall ([a-z]+)", code_of(document), re.MULTILINE))
    assert named - known == set()


def test_sample_of_environment_every_variable_of_the_code_and_no_other():
    of_the_site = {field.validation_alias for field in Settings.model_fields.values()}
    assert set(sample_values()) == of_the_site | OF_THE_STACK | OF_CONTAINERS


def test_sample_of_environment_values_are_the_defaults():
    values = sample_values()
    wrong = {}
    for field in Settings.model_fields.values():
        default, shown = field.default, values[str(field.validation_alias)]
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        if field.validation_alias == "SECRET_KEY" or default is None:
            default = ""
        elif isinstance(default, bool):
            default = str(default).lower()
        elif isinstance(default, tuple):
            default = ",".join(default)
        elif isinstance(default, Path):
            default = str(default.relative_to(PROJECT_ROOT))
        if shown != str(default):
            wrong[field.validation_alias] = (shown, str(default))
    wrong |= {variable: (values[variable], port) for variable, port in PORTS.values() if values[variable] != str(port)}
    assert wrong == {}


def test_sample_of_environment_copied_unchanged_sets_nothing():
    assert [line for line in SAMPLE.splitlines() if line and not line.startswith("#")] == []


def test_decisions_every_dependency_is_justified():
    requirements = [PROJECT_ROOT / "requirements" / f"{name}.in" for name in ("base", "stack")]
    lines = [line for path in requirements for line in path.read_text().splitlines() if line and line[0] != "#"]
    python = {re.split(r"[\[<>=]", line)[0] for line in lines}
    browser = json.loads((PROJECT_ROOT / "frontend" / "package.json").read_text())["dependencies"].keys()
    text = (PROJECT_ROOT / "docs" / "DECISIONS.md").read_text()
    named = set(re.findall(r"`([^`\n]+)`", "\n".join(line for line in text.splitlines() if line.startswith("|"))))
    assert (python | browser) - named == set()


@pytest.mark.django_db
def test_database_every_trigger_of_ours_is_documented():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace"
        )
        triggers = {name for (name,) in cursor.fetchall()}
    text = (PROJECT_ROOT / "docs" / "DATABASE.md").read_text()
    assert triggers
    assert {name for name in triggers if f"`{name}`" not in text} == set()


def test_decision_records_index_names_each_with_its_title():
    index = (PROJECT_ROOT / "docs" / "adr" / "README.md").read_text()
    lines = [re.search(r"^# (\d+)\. (.+)$", path.read_text(), re.MULTILINE) for path in ADRS]
    assert [int(found[1]) for found in lines if found] == list(range(1, len(ADRS) + 1))
    missing = [
        path.name
        for path, found in zip(ADRS, lines, strict=True)
        if found and f"[{found[2]}]({path.name})" not in index
    ]
    assert missing == []


@pytest.mark.parametrize("record", ADRS, ids=lambda path: path.name)
def test_decision_record_parts_are_all_there(record):
    parts = re.findall(r"^## (.+)$", record.read_text(), re.MULTILINE)
    assert parts == ["Status", "Context", "Decision", "Consequences"]
