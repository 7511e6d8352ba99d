"""The catalogues of sentences are complete and fit what the code says."""

import gettext
import io
import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from guildhall.web import catalogues

NAMED = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


@pytest.fixture(scope="module")
def gathered() -> Catalog:
    """Read once, for it takes seconds."""
    return catalogues.gather()


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_catalogue_holds_every_sentence_of_code_and_templates(gathered: Catalog, language: str):
    def sentences(catalogue):
        return {(str(message.id), message.context) for message in catalogue if message.id}

    # What the code no longer says may stay for a while; nobody reads it, and branches merge in peace.
    left_out = sentences(gathered) - sentences(catalogues.load(language))
    assert left_out == set(), "run python -m guildhall.web.catalogues and translate what it lists"


def test_russian_catalogue_translates_every_sentence():
    assert catalogues.missing(catalogues.load("ru")) == []


def test_missing_translation_is_found():
    catalogue = Catalog(locale="ru")
    catalogue.add("Save", "Сохранить")
    catalogue.add("A new sentence")
    catalogue.add(("one thing", "%(counter)s things"), ("одна вещь", "", ""))
    assert catalogues.missing(catalogue) == ["A new sentence", "('one thing', '%(counter)s things')"]


def test_translations_name_the_same_values():
    for message in catalogues.load("ru"):
        if message.id and message.string:
            ids = [message.id] if isinstance(message.id, str) else message.id
            strings = [message.string] if isinstance(message.string, str) else message.string
            wanted = set(NAMED.findall(" ".join(ids)))
            assert [set(NAMED.findall(string)) for string in strings] == [wanted] * len(strings), message.id


def test_compiled_catalogue_speaks_russian():
    compiled = io.BytesIO()
    write_mo(compiled, catalogues.load("ru"))
    compiled.seek(0)
    russian = gettext.GNUTranslations(compiled)
    assert russian.gettext("Members") == "Участники"
    assert [russian.ngettext("%(counter)s member", "%(counter)s members", n) for n in (1, 2, 5)] == [
        "%(counter)s участник",
        "%(counter)s участника",
        "%(counter)s участников",
    ]


def test_titles_of_errors_are_gathered(gathered: Catalog):
    assert "This name is taken" in gathered


def test_update_keeps_translations_and_drops_what_is_gone(
    gathered: Catalog, tmp_path, monkeypatch: pytest.MonkeyPatch, capsys
):
    original = {message.id: message.string for message in catalogues.load("ru") if isinstance(message.id, str)}
    path = catalogues.path_of("ru")
    text = path.read_text().replace('msgid "Members"', 'msgid "Long gone"', 1)
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    monkeypatch.setattr(catalogues, "gather", lambda: gathered)
    copy = catalogues.path_of("ru")
    copy.parent.mkdir(parents=True)
    copy.write_text(text)
    catalogues.main()
    assert "  Members\n" in capsys.readouterr().out
    updated = catalogues.load("ru")
    assert "Long gone" not in updated
    assert updated.get("Save").string == original["Save"]
    before = copy.read_bytes()
    catalogues.main()
    assert copy.read_bytes() == before
