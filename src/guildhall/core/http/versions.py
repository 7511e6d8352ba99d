"""Versions of shared records over the wire: `ETag`, `If-None-Match`, `If-Match` (RFC 9110, 8.8.3 and 13). Pure.

A record's tag is its version number. Tags count as the same whether they are marked weak or not, since proxies mark
them so when they compress, while the number still names one state of the record.
"""

import re
from typing import Final

from guildhall.core.errors import InvalidInputError

_TAGS: Final = re.compile(r'\s*(?:W/)?"[!#-~\x80-\xff]*"(?:\s*,\s*(?:W/)?"[!#-~\x80-\xff]*")*\s*')
_TAG: Final = re.compile(r'"([^"]*)"')
_ANY: Final = "*"
_LONGEST_NUMBER: Final = 18


def etag(version: int) -> str:
    """The tag of a record in this version."""
    return f'"{version}"'


def expected_versions(if_match: str | None) -> frozenset[int] | None:
    """The versions that a change may start from by its `If-Match`; None where any may.

    Raises:
        InvalidInputError: the header is no list of tags.
    """
    if not if_match or if_match.strip() == _ANY:
        return None
    return _versions(if_match, "If-Match")


def is_known(version: int, if_none_match: str | None) -> bool:
    """Whether the client has this version already by its `If-None-Match`, so that 304 is enough.

    Raises:
        InvalidInputError: the header is no list of tags.
    """
    if not if_none_match:
        return False
    return if_none_match.strip() == _ANY or version in _versions(if_none_match, "If-None-Match")


def _versions(header: str, name: str) -> frozenset[int]:
    if not _TAGS.fullmatch(header):
        raise InvalidInputError(fields={name: ['Send entity tags in double quotes, such as "7", or *.']})
    tags = _TAG.findall(header)
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) <= _LONGEST_NUMBER)
