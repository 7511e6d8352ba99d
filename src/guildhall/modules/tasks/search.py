"""Full-text search of tasks."""

from typing import Final

from django.contrib.postgres.search import SearchQuery

#: PostgreSQL's configuration for an organization's language; the triggers that write the documents know the same.
CONFIGS: Final = {"en": "english", "ru": "russian"}


def config_of(language: str) -> str:
    """The configuration for this language; words are taken as they are in languages that we know nothing of."""
    return CONFIGS.get(language, "simple")


def query_of(text: str, language: str) -> SearchQuery:
    """What people write to search engines, as a query: words, "phrases", or, -not."""
    return SearchQuery(text, config=config_of(language), search_type="websearch")
