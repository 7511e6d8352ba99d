"""Writes what the documents say of the code from the code itself: `make docs`. With `--check` it only compares.

A document holds pairs of marks, `<!-- generated: NAME -->` and `<!-- end -->`; what stands between them is replaced by
what the function of that name returns. Nothing here connects to a server.
"""

# A script beside the documents, part of no package; `_meta` is Django's documented way to ask a model of itself.
# ruff: noqa: INP001, SLF001

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildhall.settings.django")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db import connection, models
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import APIException

from guildhall.core import events
from guildhall.core.accounts.scopes import known_scopes
from guildhall.core.errors import GuildhallError
from guildhall.core.organizations import policy
from guildhall.modules.telemetry.models import REASON_CHOICES
from guildhall.services.compute.app import app as compute
from guildhall.stack.declared import declared_processes
from guildhall.stack.options import PORTS

Field: TypeAlias = "models.Field[Any, Any]"

DOCS = Path(__file__).resolve().parent
BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
SHORT_TYPES = {"timestamp with time zone": "timestamptz", "double precision": "double"}
METHODS = ("get", "post", "put", "patch", "delete")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


# --- the database ---------------------------------------------------------------------------------------------------


def own_models(app: str | None = None) -> list[type[models.Model]]:
    """Our models, by table name; those of one app where it is named."""
    configs = [config for config in apps.get_app_configs() if config.name.startswith("guildhall.")]
    found = [model for config in configs if app in {None, config.label} for model in config.get_models()]
    return sorted(found, key=lambda model: model._meta.db_table)


def name_of(model: type[models.Model]) -> str:
    return str(model._meta.object_name)


def columns(model: type[models.Model]) -> Iterator[Field]:
    """The fields that have a column."""
    return (field for field in model._meta.local_fields if field.column is not None)


def type_of(field: Field) -> str:
    kind = field.db_type(connection) or ""
    return SHORT_TYPES.get(kind, kind)


def references(model: type[models.Model]) -> Iterator[tuple[Field, type[models.Model]]]:
    """The fields that lead to another of our models, with that model."""
    ours = set(own_models())
    fields = [*model._meta.local_fields, *model._meta.local_many_to_many]
    for field in fields:
        if field.is_relation and field.related_model in ours:
            yield field, field.related_model


def edge(model: type[models.Model], field: Field, target: type[models.Model]) -> str:
    """A line of the diagram: how many of the one belong to how many of the other."""
    here = "|o" if field.one_to_one else "}o"
    there = "o{" if field.many_to_many else "o|" if field.null else "||"
    return f"    {name_of(model)} {here}--{there} {name_of(target)} : {field.name}"


def entity(model: type[models.Model]) -> str:
    keys = {field.attname for field in model._meta.pk_fields}
    lines = []
    for field in columns(model):
        marks = [
            mark
            for mark, applies in (
                ("PK", field.attname in keys),
                ("FK", field.is_relation),
                ("UK", field.unique and not field.primary_key),
            )
            if applies
        ]
        lines.append(f"        {type_of(field)} {field.column} {', '.join(marks)}".rstrip())
    return "\n".join([f"    {name_of(model)} {{", *lines, "    }"])


def mermaid(lines: Iterable[str]) -> str:
    return "\n".join(["```mermaid", "erDiagram", *lines, "```"])


def database_overview() -> str:
    """All our tables and what refers to what."""
    found = own_models()
    edges = [edge(model, field, target) for model in found for field, target in references(model)]
    drawn = " ".join(edges).split()
    return mermaid([*edges, *(f"    {name_of(model)}" for model in found if name_of(model) not in drawn)])


def unique_groups(model: type[models.Model]) -> Iterator[str]:
    for constraint in model._meta.constraints:
        kind = "unique" if isinstance(constraint, models.UniqueConstraint) else "check"
        yield f"`{constraint.name}` ({kind})"
    for index in model._meta.indexes:
        yield f"`{index.name}` (index)"


def database_tables() -> str:
    """For each of our apps: the diagram with columns, and the names of what the models let the database refuse."""
    parts = []
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        found = own_models(config.label) if config.name.startswith("guildhall.") else []
        if not found:
            continue
        edges = [edge(model, field, target) for model in found for field, target in references(model)]
        parts += [f"### {config.label}", mermaid([*edges, *map(entity, found)])]
        rows = [(f"`{model._meta.db_table}`", ", ".join(unique_groups(model)) or "–") for model in found]
        parts.append(table(["table", "constraints and indexes beyond keys"], rows))
    return "\n\n".join(parts)


# --- the API --------------------------------------------------------------------------------------------------------


def permissions() -> str:
    """The policy table as it is when all modules have added their rows."""
    rows = [
        (
            f"`{resource}`",
            *(", ".join(role for role in policy.Role if role in actions.get(action, ())) for action in policy.Action),
        )
        for resource, actions in sorted(policy.rows().items())
    ]
    return table(["resource", *policy.Action], rows)


def _family(root: type[Any]) -> Iterator[type[Any]]:
    for child in root.__subclasses__():
        yield child
        yield from _family(child)


def error_codes() -> str:
    """Every code of our own error tree, and those that REST framework gives by itself."""
    get_resolver().url_patterns  # noqa: B018 — loads the views, and with them every module's errors.
    own = {
        error.code: (int(error.status), error.title)
        for error in _family(GuildhallError)
        if error.__module__.startswith("guildhall.")
    }
    foreign = {
        error.default_code: (int(error.status_code), str(error.default_detail).rstrip("."))
        for error in _family(APIException)
        if error.__module__ == "rest_framework.exceptions" and error.default_code not in own
    }
    extra = {
        "csrf_failed": (403, "An unsafe request by cookie that did not come from a page of this site"),
        "internal_error": (500, "Something went wrong here"),
    }
    known = sorted({**foreign, **extra, **own}.items(), key=lambda item: (item[1][0], item[0]))
    return table(["code", "status", "meaning"], [(f"`{code}`", *meaning) for code, meaning in known])


def reject_reasons() -> str:
    """Why a message may become a dead letter."""
    return table(["reason", "meaning"], [(f"`{reason}`", meaning) for reason, meaning in REASON_CHOICES])


def scopes() -> str:
    """Every scope that an API key can have."""
    return ", ".join(f"`{scope}`" for scope in known_scopes())


def routes() -> str:
    """Every operation of both schemas."""
    site = SchemaGenerator().get_schema(request=None, public=True)
    found = [(path, method, operation) for path, item in site["paths"].items() for method, operation in item.items()]
    for path, item in compute.openapi()["paths"].items():
        found += [(f"/api/v1{path}", method, operation) for method, operation in item.items()]
    rows = [
        (method.upper(), f"`{path}`", first_line(operation))
        for path, method, operation in sorted(found, key=lambda row: (row[0], METHODS.index(row[1])))
        if path != "/api/schema/"
    ]
    return table(["method", "path", "what it does"], rows)


def first_line(operation: dict[str, Any]) -> str:
    lines: list[str] = str(operation.get("description", "")).splitlines()
    return lines[0] if lines else ""


# --- running it -----------------------------------------------------------------------------------------------------


def processes() -> str:
    """What the modules declare."""
    rows = [
        (f"`{process.name}`", process.summary, ", ".join(process.needs), f"`{process.entry}`")
        for process in declared_processes()
    ]
    return table(["process", "what it does", "needs", "entry"], rows)


def ports() -> str:
    """The ports of the stack on one machine."""
    rows = [(name, port, f"`{variable}`") for name, (variable, port) in PORTS.items()]
    return table(["listens", "port", "variable"], rows)


def event_types() -> str:
    """Every event that the services tell, with the fields of its data."""
    rows = [
        (f"`{name}`", declared.version, ", ".join(_event_fields(declared.model_json_schema().get("properties", {}))))
        for name, declared in events.event_types().items()
        if declared.__module__.startswith("guildhall.")
    ]
    return table(["event", "version", "data"], rows)


def _event_fields(properties: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name, schema in properties.items():
        kinds = [str(kind.get("format", kind.get("type"))) for kind in schema.get("anyOf", [schema])]
        yield f"`{name}` ({' or '.join(kinds)})"


BLOCKS: dict[str, Callable[[], str]] = {
    "database-overview": database_overview,
    "database-tables": database_tables,
    "error-codes": error_codes,
    "events": event_types,
    "permissions": permissions,
    "ports": ports,
    "processes": processes,
    "reject-reasons": reject_reasons,
    "routes": routes,
    "scopes": scopes,
}


def renewed(text: str) -> str:
    """The document with every block made anew.

    Raises:
        KeyError: a mark names no block.
    """
    return BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found['name']]()}\n\n{found[3]}", text)


def main() -> int:
    """Write the documents, or with `--check` name those that are not current; returns the exit code."""
    stale = []
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text()
        current = renewed(text)
        if current == text:
            continue
        if "--check" in sys.argv[1:]:
            stale.append(str(path.relative_to(DOCS.parent)))
        else:
            path.write_text(current)
            print(f"wrote {path.relative_to(DOCS.parent)}")
    if stale:
        print(f"not current, `make docs` writes anew: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
