"""What is known of the request that is being handled, wherever in the code one stands."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

MAX_USER_AGENT: Final = 300

#: What was found out ahead for somebody else who handles the same request; None outside of requests.
current_findings: ContextVar[dict[str, Any] | None] = ContextVar("guildhall_findings", default=None)
current_request_id: ContextVar[str] = ContextVar("guildhall_request_id", default="")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the peer's IP address and what it calls itself; both empty outside of requests."""

    address: str = ""
    user_agent: str = ""


NOWHERE: Final = Origin()
current_origin: ContextVar[Origin] = ContextVar("guildhall_origin", default=NOWHERE)


def _ip_address(text: str) -> str:
    """The address in its one canonical form; nothing where the peer has none, as on a Unix socket."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


@contextmanager
def handling(*, request_id: str, address: str, user_agent: str) -> Iterator[None]:
    """Make a request's id and origin known to everything that is called inside."""
    printable = "".join(character for character in user_agent if character.isprintable())
    id_token = current_request_id.set(request_id)
    origin_token = current_origin.set(Origin(_ip_address(address), printable[:MAX_USER_AGENT]))
    findings_token = current_findings.set({})
    try:
        yield
    finally:
        current_findings.reset(findings_token)
        current_origin.reset(origin_token)
        current_request_id.reset(id_token)
