"""What an API key is limited to: `read` and `write` everywhere, or in one area, such as `telemetry:read`.

An area is a module, a service, or `core` for people and places. Whoever may write may read.
"""

from collections.abc import Collection, Iterable
from typing import Final

from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

READ: Final = "read"
WRITE: Final = "write"
CORE: Final = "core"

_PACKAGE: Final = "guildhall"
_LAYERS_OF_AREAS: Final = frozenset({"modules", "services", "live"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def area_of(module: str) -> str:
    """The area to which a view belongs, by the Python module in which it is written."""
    parts = module.split(".")
    is_area = len(parts) > 2 and parts[0] == _PACKAGE and parts[1] in _LAYERS_OF_AREAS  # noqa: PLR2004 — package, layer, area.
    return parts[2] if is_area else CORE


def allows(scopes: Collection[str], *, area: str, method: str) -> bool:
    """Whether a key with these scopes may send a request of this method to the area."""
    enough = {WRITE, f"{area}:{WRITE}"}
    if method.upper() in SAFE_METHODS:
        enough |= {READ, f"{area}:{READ}"}
    return not enough.isdisjoint(scopes)


def areas() -> dict[str, str | Promise]:
    """Every area with its words: people and places, the installed modules, the services."""
    prefix = f"{_PACKAGE}.modules."
    modules = {config.label: config.verbose_name for config in apps.get_app_configs() if config.name.startswith(prefix)}
    return {CORE: _("People and places"), **modules, **settings.SERVICES}


def known_scopes() -> list[str]:
    """Every scope that a key can have, the widest first."""
    return [READ, WRITE, *(f"{area}:{access}" for area in areas() for access in (READ, WRITE))]


def unknown(scopes: Iterable[str]) -> list[str]:
    """Those of the scopes that there are not."""
    known = set(known_scopes())
    return [scope for scope in scopes if scope not in known]
