"""The explicit table of who gets which answer, one file a module; `test_permissions.py` walks it."""

from dataclasses import dataclass, field
from typing import Any

from tests.support.people import House

PEOPLE = ("anonymous", "stranger", "user", "moderator", "admin", "superuser")


@dataclass(frozen=True, slots=True)
class Case:
    """One request, and the status that each of PEOPLE gets, in their order.

    `params` fills the address; a value of either that is callable gets the house and the person's name. What is
    `for_persons` refuses API keys, whoever's they are.
    """

    statuses: str
    params: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    name: str = ""
    for_persons: bool = False

    def expected(self, way: str) -> dict[str, int]:
        statuses = [int(status) for status in self.statuses.split()]
        if self.for_persons and way == "api_key":
            statuses = [403] * len(PEOPLE)
        return dict(zip(PEOPLE, statuses, strict=True))


def resolve(value: Any, house: House, person: str) -> Any:
    """The value for this house and person, where it depends on them."""
    if callable(value):
        return value(house, person)
    if isinstance(value, dict):
        return {key: resolve(inner, house, person) for key, inner in value.items()}
    return value


#: Method and path template of the schema → cases.
Table = dict[tuple[str, str], list[Case]]

SIGNED_IN = "401 200 200 200 200 200"
MEMBERS = "401 404 200 200 200 200"
MODERATORS = "401 404 403 200 200 200"
ADMINS = "401 404 403 403 200 200"


def creating(statuses: str) -> str:
    return statuses.replace("200", "201")


def deleting(statuses: str) -> str:
    return statuses.replace("200", "204")
