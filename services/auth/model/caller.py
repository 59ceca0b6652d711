"""Where a request comes from, as the gateway says it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

IPV6_SITE = 64
LONGEST_BROWSER = 256
NOWHERE = "0.0.0.0"  # noqa: S104 said of an address that is not known, not bound to


@dataclass(frozen=True)
class Caller:
    """`address`: an IP address. `browser`: the User-Agent, short and printable. `device`: what it shows to be known."""

    address: str
    browser: str = ""
    device: str = field(default="", repr=False, compare=False)

    @property
    def network(self) -> str:
        """What attempts are counted by: an IPv4 address, or the /64 that one IPv6 customer has to himself."""
        address = ip_address(self.address)
        if not isinstance(address, IPv6Address):
            return str(address)
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), IPV6_SITE), strict=False))


def caller(addresses: Iterable[str], browser: str, device: str = "") -> Caller:
    """From the first of `addresses` that is one, and a header that may hold bytes that are no text."""
    first = next(filter(None, map(_address, addresses)), NOWHERE)
    return Caller(first, "".join(sign if sign.isprintable() else "?" for sign in browser[:LONGEST_BROWSER]), device)


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip().partition("%")[0]))
    except ValueError:
        return ""
