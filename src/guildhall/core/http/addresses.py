"""From which address a request comes: what the connection says, or what trusted proxies in front say of it. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

#: Whoever has one address of version 6 has at least so many bits of them.
_IPV6_PREFIX: Final = 64


def client_address(remote: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The address of the client.

    `X-Forwarded-For` counts only as far as it was written by trusted proxies: from its right end to the first address
    that is none of theirs. What stands left of it anybody could have written.
    """
    if not trusted:
        return remote
    found = remote
    for hop in [remote, *(part.strip() for part in reversed(forwarded_for.split(",")))]:
        parsed = _parse(hop)
        if parsed is None:
            return found
        found = str(parsed)
        if not any(parsed in network for network in trusted):
            return found
    return found


def limit_subject(address: str) -> str:
    """What one client can't choose freely: the address, or of version 6 its network."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, _IPV6_PREFIX), strict=False))
    return str(parsed or "unknown")


def _parse(text: str) -> Address | None:
    try:
        parsed = ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
