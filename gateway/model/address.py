"""Which address a request comes from, when proxies stand in front."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


class Networks:
    """Networks that a setting names. Hashed by what it is, not by what it holds: it is asked with every request."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self.networks = tuple(networks)

    def __contains__(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self.networks)


@lru_cache(maxsize=4096)
def client_address(peer: str, forwarded_for: tuple[str, ...], trusted: Networks) -> str:
    """The client's IP, "" if unknown.

    `peer` is the other end of the connection, `forwarded_for` the values of X-Forwarded-For. They are read from the
    right, each believed only while the one who said it is a proxy of ours: what a stranger wrote is never reached.
    """
    believed = _parse(peer)
    if believed is None:
        return ""
    claims = [part.strip() for value in forwarded_for for part in value.split(",")]
    while claims and believed in trusted:
        claimed = _parse(claims.pop())
        if claimed is None:
            break
        believed = claimed
    return str(believed)


@lru_cache(maxsize=4096)
def is_within(peer: str, networks: Networks) -> bool:
    """Whether the other end of a connection is in one of the networks."""
    found = _parse(peer)
    return found is not None and found in networks


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
