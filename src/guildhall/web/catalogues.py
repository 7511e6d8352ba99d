"""Keeps the catalogues of sentences: `python -m guildhall.web.catalogues` gathers them from code and templates.

Needs Babel, which is there for building and testing; the running site reads the compiled catalogues only.
"""

import ast
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).parents[1]
LOCALE = PACKAGE / "locale"
LANGUAGES = ("en", "ru")
# The history says when something changed; a date in the file would only make merges fail.
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def _error_titles(source: str) -> Iterator[str]:
    """The sentences of an `errors.py`: `title = "…"` in its classes, which pages translate as they show them."""
    for statement in ast.walk(ast.parse(source)):
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id="title")], value=ast.Constant(value=str(sentence)))
                | ast.AnnAssign(target=ast.Name(id="title"), value=ast.Constant(value=str(sentence)))
            ):
                yield sentence


def _sentences(file: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Each sentence of a file (with its plural, if it has one) and its context."""
    source = file.read_text()
    if file.name == "errors.py":
        yield from ((sentence, None) for sentence in _error_titles(source))
    if file.suffix in {".html", ".txt"}:
        # Django turns a template into calls of gettext among noise, whose indentation would be an error in Python.
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(file)).splitlines())
    for _, found, _, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        yield found, context


def _empty(language: str | None = None) -> Catalog:
    return Catalog(
        locale=language,
        header_comment="# Sentences of Guildhall; kept up to date by `python -m guildhall.web.catalogues`.",
        project="guildhall",
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        revision_date=FIRST_DAY,
        creation_date=FIRST_DAY,
        charset="utf-8",
        # A catalogue marked as fuzzy would not be compiled.
        fuzzy=False,
    )


def gather() -> Catalog:
    """All sentences of the package, without translations."""
    catalogue = _empty()
    templates = [*PACKAGE.rglob("templates/**/*.html"), *PACKAGE.rglob("templates/**/*.txt")]
    for file in sorted([*PACKAGE.rglob("*.py"), *templates]):
        for found, context in _sentences(file):
            place = file.relative_to(PACKAGE).as_posix()
            catalogue.add(found, context=context, locations=[(place, 0)])
    return catalogue


def path_of(language: str) -> Path:
    """Where the sentences of a language are kept."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def load(language: str) -> Catalog:
    """The catalogue of a language; an empty one if there is none yet."""
    path = path_of(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> list[str]:
    """Bring the catalogue of a language up to date and return what is still to be translated. Safe to repeat."""
    catalogue = load(language)
    catalogue.update(gather(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return missing(catalogue)


def missing(catalogue: Catalog) -> list[str]:
    """The sentences without a translation."""

    def is_missing(string: str | tuple[str, ...] | list[str] | None) -> bool:
        return not string or (not isinstance(string, str) and not all(string))

    return [str(message.id) for message in catalogue if message.id and is_missing(message.string)]


def main() -> None:
    """Update every catalogue; English is the language of the sentences themselves and needs no translation."""
    for language in LANGUAGES:
        untranslated = update(language)
        if language != "en":
            print(f"{language}: {len(untranslated)} to translate", *untranslated, sep="\n  ")


if __name__ == "__main__":
    main()
