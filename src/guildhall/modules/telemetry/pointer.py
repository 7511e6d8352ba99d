"""Sections of JSON documents, named by the keys that lead to them. Pure: documents are never changed in place.

A path is written as in RFC 6901 without the slash at its beginning: keys divided by `/`, with `~1` for a slash in a
key and `~0` for a tilde; elements of lists are counted from 0, and `-` stands behind the last one.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

Keys = Sequence[str]

_BAD_ESCAPE: Final = re.compile(r"~(?![01])")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")
BEHIND_THE_LAST: Final = "-"


class BadPathError(ValueError):
    """The text is no path."""


class NoSectionError(LookupError):
    """Nothing is there; `depth` keys of the path still lead somewhere."""

    def __init__(self, depth: int) -> None:
        super().__init__(depth)
        self.depth = depth


def keys_of(path: str) -> tuple[str, ...]:
    """The keys of a written path.

    Raises:
        BadPathError: a tilde stands for nothing.
    """
    if _BAD_ESCAPE.search(path):
        raise BadPathError
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in path.split("/"))


def path_of(keys: Keys) -> str:
    """The written path of these keys."""
    return "/".join(key.replace("~", "~0").replace("/", "~1") for key in keys)


def section(document: Any, keys: Keys) -> Any:
    """What the keys lead to.

    Raises:
        NoSectionError: they lead to nothing.
    """
    for depth, key in enumerate(keys):
        document = document[_place(document, key, depth)]
    return document


def replaced(document: Any, keys: Keys, value: Any) -> Any:
    """The document with another value there. The last key may be new; all before it must lead somewhere.

    Raises:
        NoSectionError: they don't.
    """
    return _changed(document, keys, 0, value, remove=False)


def removed(document: Any, keys: Keys) -> Any:
    """The document without what the keys lead to.

    Raises:
        NoSectionError: they lead to nothing.
    """
    return _changed(document, keys, 0, None, remove=True)


def _changed(document: Any, keys: Keys, depth: int, value: Any, *, remove: bool) -> Any:
    key, is_last = keys[depth], depth == len(keys) - 1
    copy = document.copy() if isinstance(document, (dict, list)) else document
    if not is_last:
        place = _place(copy, key, depth)
        copy[place] = _changed(copy[place], keys, depth + 1, value, remove=remove)
    elif remove:
        del copy[_place(copy, key, depth)]
    elif isinstance(copy, dict):
        copy[key] = value
    elif isinstance(copy, list) and key in {BEHIND_THE_LAST, str(len(copy))}:
        copy.append(value)
    else:
        copy[_place(copy, key, depth)] = value
    return copy


def _place(document: Any, key: str, depth: int) -> Any:
    """The key or index under which something is there."""
    if isinstance(document, dict) and key in document:
        return key
    if isinstance(document, list) and _INDEX.fullmatch(key) and int(key) < len(document):
        return int(key)
    raise NoSectionError(depth)


def depth_of(document: Any) -> int:
    """How deep lists and objects are nested; 0 for a bare number, text, true, false or null."""
    depth, level = 0, [document]
    while level := [one for one in level if isinstance(one, (dict, list))]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth
