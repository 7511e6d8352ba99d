"""Topics and filters by the letter of MQTT 3.1.1, section 4.7, and what stands for them in NATS."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guildhall.modules.telemetry import policy


@pytest.mark.parametrize(
    ("filter_", "topic", "expected"),
    [
        # 4.7.1.2
        ("sport/tennis/player1/#", "sport/tennis/player1", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/ranking", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", True),
        ("sport/#", "sport", True),
        ("#", "any/thing", True),
        # 4.7.1.3
        ("sport/tennis/+", "sport/tennis/player1", True),
        ("sport/tennis/+", "sport/tennis/player1/ranking", False),
        ("sport/+", "sport", False),
        ("+", "sport", True),
        ("+/tennis/#", "sport/tennis/x", True),
        # 4.7.2
        ("#", "$SYS/monitor", False),
        ("+/monitor/Clients", "$SYS/monitor/Clients", False),
        ("$SYS/#", "$SYS/monitor", True),
        # 4.7.3
        ("ACCOUNTS", "Accounts", False),
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/b/c", "a/b", False),
    ],
)
def test_filter_matches_as_the_specification_says(filter_, topic, expected):
    assert policy.matches(filter_, topic) is expected


@pytest.mark.parametrize(
    "text",
    [
        "sport/tennis#",
        "sport/#/x",
        "sport+",
        "a/+b",
        "",
        "a//b",
        "/a",
        "a/",
        "a b",
        "$SYS/x",
        "a>",
        "*",
        "x" * 513,
        "a\0b",
    ],
)
def test_malformed_filter_is_named(text):
    assert policy.filter_problem(text)


@pytest.mark.parametrize("text", ["a", "a/b.c", "+", "a/+/b", "a/#", "#", "температура/1"])
def test_wellformed_filter_has_no_problem(text):
    assert policy.filter_problem(text) is None


def test_topic_with_wildcards_can_not_be_published_to():
    assert policy.topic_problem("a/+")
    assert policy.topic_problem("a/#")
    assert policy.topic_problem("a/b.c") is None


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("guildhall/d/abcdefgh/t", "abcdefgh"),
        ("guildhall/d/abcdefgh", "abcdefgh"),
        ("guildhall/d/+/t", None),
        ("guildhall/d/#", None),
        ("guildhall/x/abcdefgh/t", None),
        ("other", None),
    ],
)
def test_owner_is_the_one_name_that_stands_in_the_topic(text, owner):
    assert policy.owner_of(text) == owner


def test_hash_stands_for_the_level_itself_and_all_below():
    assert policy.subjects_of("a/b/#") == ("a.b", "a.b.>")
    assert policy.subjects_of("a/+/c.d") == ("a.*.c//d",)
    assert policy.subjects_of("#") == (">",)


def test_no_right_means_nothing_and_not_everything():
    claims = policy.permissions([], []).as_claims()
    assert claims == {"pub": {"deny": [">"]}, "sub": {"deny": [">"]}}


def test_reader_gets_the_inbox_of_quality_one():
    claims = policy.permissions(["a/#"], ["b/+"]).as_claims()
    assert claims == {"pub": {"allow": ["a", "a.>"]}, "sub": {"allow": ["b.*", "$MQTT.sub.>"]}}


LEVEL = st.text(
    st.characters(
        codec="utf-8",
        exclude_characters="/+#*> \t\n\r\x0b\x0c\x85\xa0.",
        exclude_categories=("Cc", "Zs", "Zl", "Zp", "Cs"),
    ),
    min_size=1,
    max_size=5,
)
LEVELS = st.lists(LEVEL, min_size=1, max_size=4)


def subject_matches(pattern: str, subject: str) -> bool:
    """Matching as NATS does it, written down a second time."""
    wanted, given_ = pattern.split("."), subject.split(".")
    for index, token in enumerate(wanted):
        if token == ">":
            return len(given_) > index
        if index >= len(given_) or (token != "*" and token != given_[index]):
            return False
    return len(wanted) == len(given_)


@given(
    st.lists(st.sampled_from(["a", "b", "+"]), min_size=1, max_size=4),
    st.booleans(),
    st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=5),
)
def test_subjects_match_what_the_filter_matches(levels, below, topic):
    filter_ = "/".join([*levels, "#"] if below else levels)
    subject = ".".join(topic)
    assert any(subject_matches(one, subject) for one in policy.subjects_of(filter_)) is policy.matches(
        filter_, "/".join(topic)
    )


@given(LEVELS, st.integers(0, 3))
def test_topic_comes_back_from_its_subject(levels, dots):
    topic = "/".join(levels) + ".x" * dots
    (subject,) = policy.subjects_of(topic)
    assert policy.topic_of_subject(subject) == topic


def matches_by_the_letter(filter_: str, topic: str) -> bool:
    """Section 4.7 as a regular expression, empty levels and all."""
    if topic.startswith("$") and filter_[0] in "+#":
        return False
    below = filter_ == "#" or filter_.endswith("/#")
    levels = [] if filter_ == "#" else filter_.removesuffix("/#").split("/")
    pattern = "/".join("[^/]*" if level == "+" else re.escape(level) for level in levels)
    if below:
        pattern = f"{pattern}(/.*)?" if levels else ".*"
    return re.fullmatch(pattern, topic, re.DOTALL) is not None


SOME_LEVELS = ["a", "b", "", "$a", "a.b", "ä"]
FILTERS = st.builds(
    lambda levels, below: "/".join([*levels, "#"] if below else levels),
    st.lists(st.sampled_from([*SOME_LEVELS, "+", "+"]), min_size=1, max_size=4),
    st.booleans(),
).filter(bool)


@given(FILTERS, st.lists(st.sampled_from(SOME_LEVELS), min_size=1, max_size=5).map("/".join).filter(bool))
def test_filter_matches_what_a_naive_model_says(filter_, topic):
    assert policy.matches(filter_, topic) is matches_by_the_letter(filter_, topic)


GRANTABLE = st.builds(
    lambda root, levels, below: "/".join([root, *levels, "#"] if below else [root, *levels]),
    st.sampled_from(["a", "b"]),
    st.lists(st.sampled_from(["a", "b", "+"]), max_size=3),
    st.booleans(),
)
#: No filter above tells more letters, or more levels, apart.
ALL_TOPICS = ["/".join(levels) for length in range(1, 6) for levels in product("abc", repeat=length)]


@given(GRANTABLE, GRANTABLE)
def test_filters_overlap_where_a_topic_matches_both(one, other):
    shared = any(matches_by_the_letter(one, topic) and matches_by_the_letter(other, topic) for topic in ALL_TOPICS)
    assert policy.overlap(one, other) is policy.overlap(other, one) is shared


@pytest.mark.parametrize("filter_", ["tele/kettle/#", "kitchen/+/x", "guildhalls/x", "a.b"])
def test_foreign_filter_with_a_name_at_its_beginning_can_be_granted(filter_):
    assert policy.is_foreign(filter_)
    assert policy.foreign_problem(filter_) is None


@pytest.mark.parametrize("filter_", ["#", "+/x", "_INBOX/x", "$JS/x"])
def test_filter_of_everything_or_of_the_brokers_own_can_not_be_granted(filter_):
    assert policy.foreign_problem(filter_)
