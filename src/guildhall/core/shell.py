"""What modules put into the site's shell: entries of the navigation, and what needs attention on the home page.

Modules register in `AppConfig.ready()`; `guildhall.web` draws. Nothing here renders or reads a request.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    # Modules import this file before Django has loaded the models.
    from guildhall.core.accounts.models import User
    from guildhall.core.organizations.models import Organization


class Urgency(StrEnum):
    """How loudly the home page says it."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """An entry of the navigation.

    `url_name` is reversed without arguments; `icon` is a name of Lucide's set; entries stand by `order`, then label.
    `visible_to` decides per person and organization whether the entry is drawn; it guards nothing.
    """

    label: str | Promise
    url_name: str
    icon: str
    order: int = 100
    description: str | Promise = ""
    visible_to: "Callable[[User, Organization], bool] | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionItem:
    """One thing that somebody should look at. `url` is where it can be dealt with."""

    title: str | Promise
    url: str
    detail: str | Promise = ""
    urgency: Urgency = Urgency.INFO
    icon: str = "circle-alert"


_navigation: dict[str, NavItem] = {}
_providers: "list[Callable[[User, Organization], Iterable[AttentionItem]]]" = []

_LOUDEST_FIRST = (Urgency.ERROR, Urgency.WARNING, Urgency.INFO)


def register_navigation(item: NavItem) -> None:
    """Add an entry; a second one of the same `url_name` takes the place of the first."""
    _navigation[item.url_name] = item


def register_attention(provider: "Callable[[User, Organization], Iterable[AttentionItem]]") -> None:
    """Add a function that tells what a user should look at in an organization. Safe to repeat."""
    if provider not in _providers:
        _providers.append(provider)


def navigation_for(user: "User", organization: "Organization") -> list[NavItem]:
    """The entries that this user sees, in the order in which they are drawn."""
    shown = [item for item in _navigation.values() if item.visible_to is None or item.visible_to(user, organization)]
    return sorted(shown, key=lambda item: (item.order, str(item.label)))


def attention_for(user: "User", organization: "Organization") -> list[AttentionItem]:
    """What this user should look at, the most urgent first."""
    found = [item for provider in _providers for item in provider(user, organization)]
    return sorted(found, key=lambda item: _LOUDEST_FIRST.index(item.urgency))
