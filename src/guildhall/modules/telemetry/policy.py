"""Pure rules of MQTT topics: which texts are topics and filters, what a filter matches, and which subjects and
permissions of NATS stand for it. No Django, no database.

The matching rules are those of MQTT 3.1.1, section 4.7. NATS writes `.` for `/`, `//` for `.`, `*` for `+`, and `x.>`
for what is below `x`, but not for `x` itself, which `x/#` includes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

ROOT: Final = "guildhall/d"
#: What every topic of a datasource's own matches.
EVERY_TOPIC: Final = f"{ROOT}/+/#"
TOPIC_MAX_BYTES: Final = 512
#: What stands before every topic of the house; topics elsewhere are foreign.
HOUSE: Final = "guildhall"
USERNAME: Final = re.compile(r"[a-z0-9]{8,16}")

#: What devices publish to topics of the house stands below this subject.
HOUSE_SUBJECTS: Final = f"{HOUSE}.>"

#: Redis' channels that tell of new samples: one a datapoint, and one that says that some were not told.
LIVE_CHANNEL_PREFIX: Final = "live:telemetry:"
LIVE_MISSED_CHANNEL: Final = "live:telemetry:missed"

#: What a subscriber of QoS 1 or 2 needs besides its topics: the inbox in which the broker keeps its messages.
_QOS_INBOX: Final = "$MQTT.sub.>"
#: With these begin subjects of NATS' own, its mailboxes for answers among them.
_RESERVED: Final = ("$", "_")
_FORBIDDEN: Final = re.compile(r"[\s*>\x00-\x1f\x7f]")


class Right(StrEnum):
    """What a topic right lets a datasource do."""

    PUBLISH = "publish"
    READ = "read"


class Refused(StrEnum):
    """What a datasource was refused: a use of topics without the right, or to connect with another's client id."""

    PUBLISH = "publish"
    READ = "read"
    CONNECT = "connect"


class Change(StrEnum):
    """What somebody did to a configuration document."""

    WHOLE = "whole"
    SECTION = "section"
    REMOVAL = "removal"
    RESTORE = "restore"


def may_connect(now: datetime, *, enabled: bool, expires_at: datetime | None, paused_until: datetime | None) -> bool:
    """Whether a datasource of this state may be used at this time."""
    return enabled and (expires_at is None or now < expires_at) and (paused_until is None or now >= paused_until)


def topic_prefix(username: str) -> str:
    """Where everything that a datasource publishes stands."""
    return f"{ROOT}/{username}"


def default_filter(username: str) -> str:
    """The right that every datasource begins with."""
    return f"{topic_prefix(username)}/#"


def _common_problem(text: str) -> str | None:
    if not text:
        return "it is empty"
    if len(text.encode(errors="surrogatepass")) > TOPIC_MAX_BYTES:
        return f"it is longer than {TOPIC_MAX_BYTES} bytes"
    if _FORBIDDEN.search(text):
        return "the broker carries no spaces, asterisks, “>” or control characters in topics"
    if text.startswith("$"):
        return "topics that begin with “$” are the broker's own"
    if "" in text.split("/"):
        return "it has an empty level"
    return None


def topic_problem(text: str) -> str | None:
    """What keeps this text from being a topic to publish to, or a part of one; None where nothing does."""
    if "+" in text or "#" in text:
        return "“+” and “#” stand for other topics and can't be published to"
    return _common_problem(text)


def filter_problem(text: str) -> str | None:
    """What keeps this text from being a topic filter that we can carry; None where nothing does."""
    problem = _common_problem(text)
    if problem is not None:
        return problem
    levels = text.split("/")
    if any("#" in level for level in levels[:-1]) or ("#" in levels[-1] and levels[-1] != "#"):
        return "“#” stands alone and at the end"
    if any("+" in level and level != "+" for level in levels):
        return "“+” stands alone in its level"
    return None


def is_foreign(text: str) -> bool:
    """Whether this topic or filter is none of the house: a device's own, fixed one."""
    return root_of(text) != HOUSE


def root_of(text: str) -> str:
    """The first level of a topic or filter."""
    return text.partition("/")[0]


def foreign_problem(filter_: str) -> str | None:
    """What keeps this well-formed filter of foreign topics from being granted; None where nothing does."""
    root = root_of(filter_)
    if root in {"+", "#"}:
        return "its first level has to be a name"
    if root.startswith(_RESERVED):
        return "topics that begin with “$” or “_” are the broker's own"
    return None


def overlap(one: str, other: str) -> bool:
    """Whether there is a topic that both filters match, neither of which begins with a wildcard."""
    first, second = one.split("/"), other.split("/")
    for a, b in zip(first, second, strict=False):
        if "#" in {a, b}:
            return True
        if a != b and "+" not in {a, b}:
            return False
    longer = max(first, second, key=len)
    shared = min(len(first), len(second))
    return longer[shared:] in ([], ["#"])


def owner_of(text: str) -> str | None:
    """The user name of the datasource whose topics these are, None for topics of nobody or of several."""
    levels = text.split("/")
    if len(levels) <= 2 or "/".join(levels[:2]) != ROOT or not USERNAME.fullmatch(levels[2]):  # noqa: PLR2004
        return None
    return levels[2]


def matches(filter_: str, topic: str) -> bool:
    """Whether the filter matches the topic, by MQTT 3.1.1, section 4.7; both are taken as well formed."""
    wanted, given = filter_.split("/"), topic.split("/")
    if given[0].startswith("$") and wanted[0] in {"+", "#"}:
        return False  # 4.7.2: wildcards at the beginning do not match topics that begin with `$`.
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(given) or (level != "+" and level != given[index]):
            return False
    return len(wanted) == len(given)


def subjects_of(filter_: str) -> tuple[str, ...]:
    """The subjects of NATS that together stand for a topic filter."""
    levels = ["*" if level == "+" else level.replace(".", "//") for level in filter_.split("/")]
    if levels[-1] != "#":
        return (".".join(levels),)
    parent = ".".join(levels[:-1])
    return (parent, f"{parent}.>") if parent else (">",)


_OF_SUBJECT: Final = {"//": ".", "/.": "/", ".": "/", "/": ""}


def topic_of_subject(subject: str) -> str:
    """The topic of MQTT that NATS carries under this subject."""
    return re.sub(r"//|/\.|\.|/", lambda found: _OF_SUBJECT[found.group()], subject)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a connection may do, in subjects. An empty list means nothing at all, unlike in NATS' own words."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]

    def as_claims(self) -> dict[str, dict[str, list[str]]]:
        """As the user claims of NATS say it, where an empty list would allow everything."""
        return {
            name: {"allow": list(subjects)} if subjects else {"deny": [">"]}
            for name, subjects in (("pub", self.publish), ("sub", self.subscribe))
        }


def permissions(publish: Iterable[str], read: Iterable[str]) -> Permissions:
    """The permissions that stand for these topic filters."""
    subscribe = [subject for filter_ in read for subject in subjects_of(filter_)]
    return Permissions(
        publish=tuple(subject for filter_ in publish for subject in subjects_of(filter_)),
        subscribe=(*subscribe, _QOS_INBOX) if subscribe else (),
    )
